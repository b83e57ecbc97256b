"""What proving has found, as problems with the line they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from engine.build.access import Access, EntityAccess, build_access
from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.errors import Level, Place, Problem
from engine.metamodel.expression import Expression


@dataclass
class Findings:
    """The problems found in one application, and what proofs ask about it."""

    application: Application
    problems: list[Problem] = field(default_factory=list)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def access(self) -> Access:
        return build_access(self.application)

    @cached_property
    def rule_of(self) -> Mapping[Expression, Rule]:
        return {rule.expression: rule for rule in self.application.rules}

    def granted(self, entity: str, action: str) -> frozenset[str]:
        """The roles that may do something to any record of an entity."""
        access: EntityAccess = self.access.entities[entity]
        return frozenset(role for role in self.application.roles if any(access.grants([role], action)))

    def decided(self, entity: str) -> bool:
        """Whether an entity's own grants decide about its records, and there are any."""
        access = self.access.entities[entity]
        return not access.parents and bool(access.roles)

    def warn(self, place: Place, code: str, message: str, hint: str) -> None:
        self._add(place, code, message, hint, "warning")

    def error(self, place: Place, code: str, message: str, hint: str) -> None:
        self._add(place, code, message, hint, "error")

    def _add(self, place: Place, code: str, message: str, hint: str, level: Level) -> None:
        lines = self._of(place.file)
        text = lines[place.line - 1] if place.line <= len(lines) else ""
        self.problems.append(Problem(code, message, place, hint, level, source=text))

    def _of(self, file: str) -> list[str]:
        if file not in self._lines:
            path = Path(self.application.folder) / file
            self._lines[file] = path.read_text("utf-8-sig").splitlines() if path.is_file() else []
        return self._lines[file]


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names as a sentence lists them: `'a', 'b' and 'c'`."""
    quoted = [repr(name) for name in names]
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)
