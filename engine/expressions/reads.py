"""What an expression reads: which members of which records, so that they are loaded before it is evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.expressions.nodes import (
    Aggregate,
    Ambient,
    Choose,
    Coalesce,
    Filter,
    Index,
    ListOf,
    Many,
    Map,
    Member,
    Node,
    Root,
    Test,
    Variable,
    children,
)

PARAMETERS = "parameters."
"""How the names of a workflow's parameters begin among what surrounds the record."""


@dataclass
class Need:
    """The members of a record that have to be there; what relations lead to has needs of its own."""

    members: dict[str, Need] = field(default_factory=dict)

    def member(self, name: str) -> Need:
        return self.members.setdefault(name, Need())

    def add(self, other: Need) -> None:
        """Take over what another need has."""
        for name, below in other.members.items():
            self.member(name).add(below)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Every path, longest ones only: `account.owner.name`."""
        for name, below in self.members.items():
            path = f"{prefix}{name}"
            if below.members:
                yield from below.paths(f"{path}.")
            else:
                yield path


def reads(*nodes: Node) -> dict[str, Need]:
    """What expressions read, by root."""
    roots: dict[str, Need] = {}
    for node in nodes:
        _Reading(roots).visit(node)
    return roots


class _Reading:
    """Walks a tree, knowing which needs stand behind each variable."""

    def __init__(self, roots: dict[str, Need]) -> None:
        self.roots = roots
        self.variables: dict[str, list[Need]] = {}

    def visit(self, node: Node) -> list[Need]:
        """Note everything a node reads; answers the needs of the record (or records) it is."""
        match node:
            case Root():
                return [self.roots.setdefault(node.name, Need())]
            case Ambient() if node.name.startswith(PARAMETERS):
                self.roots.setdefault(PARAMETERS.rstrip("."), Need()).member(
                    node.name.removeprefix(PARAMETERS)
                )
                return []
            case Variable():
                return self.variables.get(node.name, [])
            case Member() | Many():
                return [need.member(node.name) for need in self.visit(node.operand)]
            case Test() | Filter():
                found = self.visit(node.items)
                self.variables[node.variable] = found
                self.visit(node.condition)
                return found if isinstance(node, Filter) else []
            case Map():
                self.variables[node.variable] = self.visit(node.items)
                return self.visit(node.body)
            case Choose():
                self.visit(node.condition)
                return [*self.visit(node.yes), *self.visit(node.no)]
            case Coalesce() | ListOf():
                return [need for child in children(node) for need in self.visit(child)]
            case Index():
                self.visit(node.index)
                return self.visit(node.operand)
            case Aggregate():
                if node.separator is not None:
                    self.visit(node.separator)
                return self.visit(node.items)
            case _:
                for child in children(node):
                    self.visit(child)
                return []
