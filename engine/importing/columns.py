"""Columns of a file as members of an entity: by name or label, by path through a relation, or left out.

All complaints about the columns come at once, and before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.access import access
from engine.drafts.draft import READ_ONLY
from engine.errors import BadQuery, FieldError, Invalid
from engine.importing.table import Table
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.reading.selection import Selection, members
from engine.text.suggest import did_you_mean
from engine.work.context import Context

Mode = Literal["create", "update", "upsert", "skip"]
MODES: tuple[Mode, ...] = ("create", "update", "upsert", "skip")

TITLE = ""
"""The part of a relation that is the related record's title, or its unique key."""


@dataclass(frozen=True, slots=True)
class Options:
    """What an import is to do.

    `key` names the columns by which a row's record is found; `mode` what becomes of rows with one and without;
    `columns` says of a head which member it is, "" for none; `skip` refused rows and do the others, or nothing.
    """

    mode: Mode = "create"
    key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    skip: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Plan:
    """Where each member of the rows stands. `relations` hold the positions of their parts: title, `id`, paths."""

    entity: Entity
    options: Options
    heads: tuple[str, ...]
    members: tuple[str, ...]  # by head; "" for what is left out
    properties: Mapping[str, int]
    relations: Mapping[str, Mapping[str, int]]
    ignored: tuple[str, ...]
    typed: bool = False  # the cells are values as the API takes them (JSON), not texts

    def head(self, member: str) -> str:
        """The head under which a member stands, for complaints."""
        first = member.partition(".")[0]
        for wanted in (member, first):
            for head, path in zip(self.heads, self.members, strict=True):
                if path and (path == wanted or path.startswith(f"{wanted}.")):
                    return head
        return member

    @property
    def looks_into(self) -> frozenset[str]:
        """The entities whose records are looked for by anything but their id."""
        found: set[str] = set()
        for name, parts in self.relations.items():
            if set(parts) - {"id", "entity"}:
                found |= set(self.entity.relations[name].targets)
        return frozenset(found)


def plan(context: Context, entity: str, table: Table, options: Options) -> Plan:
    """How the rows are read; raises Forbidden without the grants, Invalid with every complaint about columns."""
    access.require(context, entity, "import")
    for action in _needed(options.mode):
        access.require(context, entity, action)
    declared, heads = context.runtime.entities[entity], table.heads
    columns = Columns(context, declared)
    paths = columns.match(heads, options.columns)
    errors = columns.errors + _key_errors(declared, paths, options)
    if not errors and not any(columns.written(each) for each in paths):
        errors.append(FieldError("", "no-columns", "No column of the file can be imported."))
    if errors:
        raise Invalid(errors)
    ignored = [head for head, path in zip(heads, paths, strict=True) if not columns.written(path)]
    properties = {path: at for at, path in enumerate(paths) if path in declared.properties}
    relations: dict[str, dict[str, int]] = {}
    for at, path in enumerate(paths):
        name, _, part = path.partition(".")
        if name in declared.relations:
            relations.setdefault(name, {})[part] = at
    typed = table.form == "jsonl"
    return Plan(declared, options, heads, paths, properties, relations, tuple(ignored), typed)


def _needed(mode: Mode) -> tuple[str, ...]:
    return {
        "create": ("create",),
        "skip": ("create",),
        "update": ("update",),
        "upsert": ("create", "update"),
    }[mode]


def _key_errors(entity: Entity, members: Sequence[str], options: Options) -> list[FieldError]:
    """What is wrong with the key."""
    if not options.key:
        if options.mode == "create":
            return []
        message = f"To {options.mode}, say by which column a row's record is found, as the key."
        return [FieldError("", "no-key", message)]
    if options.mode == "create":
        return [FieldError("", "no-key", "To create records no key is needed: name another mode, or no key.")]
    errors = []
    for name in options.key:
        if not any(path == name or path.startswith(f"{name}.") for path in members):
            errors.append(FieldError(name, "no-key", f"The key {name!r} is not among the columns."))
        elif name in entity.properties and not _findable(entity.properties[name]):
            errors.append(FieldError(name, "no-key", f"Records can't be found by {name!r}."))
    return errors


def _findable(prop: Property) -> bool:
    return "eq" in prop.type.operators and not prop.type.secret and not prop.virtual


class Columns:
    """Matches heads with the members that the actor may see and import; collects complaints."""

    def __init__(self, context: Context, entity: Entity) -> None:
        self._context, self.entity = context, entity
        self.errors: list[FieldError] = []
        readable = access.readable(context, entity.name)
        self._writable = access.writable(context, entity.name)
        self.known = {
            name: member.label
            for name, member in members(entity).items()
            if name in readable and _takes(member)
        }
        self._named = self._names()

    def _names(self) -> dict[str, str]:
        """Members by what a head may call them; a label that several have is nobody's."""
        labels = [_folded(label) for label in self.known.values()]
        named = {
            _folded(label): name for name, label in self.known.items() if labels.count(_folded(label)) == 1
        }
        return named | {_folded(name): name for name in self.known}

    def written(self, path: str) -> bool:
        """Whether a column's cells are written; the engine sets some members itself."""
        name = path.partition(".")[0]
        return bool(name) and not _by_engine(self.entity, name)

    def writes(self, name: str) -> bool:
        """Whether the actor may write a member, of new records or of others."""
        return name in self._writable

    def match(self, heads: Sequence[str], given: Mapping[str, str]) -> tuple[str, ...]:
        """The path of each head; complains of what can't be one."""
        for head in given.keys() - set(heads):
            self.errors.append(FieldError(head, "unknown-column", f"The file has no column {head!r}."))
        found, seen = [], set[str]()
        for head in heads:
            path = self._one(head, given.get(head, head)) if given.get(head, head).strip() else ""
            if path and path in seen:
                self._refuse(head, "same-column", f"Two columns are {path!r}: leave one out.")
            seen.add(path)
            found.append(path)
        return tuple(found)

    def guess(self, head: str) -> str:
        """The path that a head means, or "": for who is asked about it."""
        before = len(self.errors)
        path = self._one(head, head)
        del self.errors[before:]
        return path

    def _one(self, head: str, wanted: str) -> str:
        whole = self._named.get(_folded(wanted))
        first, _, rest = wanted.partition(".")
        name = whole or (self._named.get(_folded(first)) if rest else None)
        if name is None:
            return self._unknown(head, wanted)
        if self.written(name) and not self.writes(name):
            self._refuse(head, "not-allowed", f"You may not change {self.known[name]}.")
        return name if whole else self._part(head, name, rest.strip())

    def _part(self, head: str, name: str, rest: str) -> str:
        """A path through a relation to one record: its id, its entity, or what it is found by."""
        relation = self.entity.relations.get(name)
        if relation is None or not relation.holds_key:
            return self._unknown(head, f"{name}.{rest}")
        if rest.lower() in ("id", "entity"):
            return f"{name}.{rest.lower()}"
        for target in relation.targets:
            try:
                member = Selection(self._context, target).spot(rest).member
            except BadQuery as error:
                self._refuse(head, "unknown-column", f"{str(error)[:1].upper()}{str(error)[1:]}.")
                return ""
            if not isinstance(member, Property) or not _findable(member):
                self._refuse(head, "unknown-column", f"{relation.label} can't be found by {rest!r}.")
                return ""
        return f"{name}.{rest}"

    def _unknown(self, head: str, wanted: str) -> str:
        meant = did_you_mean(wanted, [*self.known, *self.known.values()])
        hint = f" Did you mean {meant!r}?" if meant else ""
        label = self.entity.label.lower()
        self._refuse(head, "unknown-column", f"There is no property {wanted!r} on {label} to import.{hint}")
        return ""

    def _refuse(self, head: str, code: str, message: str) -> None:
        self.errors.append(FieldError(head, code, message))


def _takes(member: Property | Relation) -> bool:
    """Whether a member can stand in a file at all."""
    if isinstance(member, Property):
        return member.importable and not member.type.secret
    return member.kind != "composition"


def _by_engine(entity: Entity, name: str) -> bool:
    """Whether the engine sets a member itself; a state is moved by transitions, as its cell says."""
    prop = entity.properties.get(name)
    if prop is None:
        return name in READ_ONLY
    return name in READ_ONLY or bool(prop.computed) or not (prop.type.writable or prop.type.moved)


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
