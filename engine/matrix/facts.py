"""The lines of the access matrix: each one thing that some people may do, as a sentence that can be read back.

A line knows whether another one allows at least as much (`within`); that is all a comparison needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from engine.access.wording import LEVELS as LEVEL_WORDS
from engine.access.wording import party_in_words
from engine.errors import Place
from engine.metamodel.access import LEVELS, SHARED_ACTIONS, Level, Party, PartyKind, SharedLevel

NAME = r"[a-z][a-z0-9_]*"
LEVEL_OF: Mapping[str, Level] = {words: level for level, words in LEVEL_WORDS.items()}
CLOSED_WORDS: Mapping[str, str] = {
    "hidden": "may not see it",
    "read": "may only see it",
    "create": "may see it and give it to new records only",
    "update": "may see it and change it later only",
}
"""What field access leaves of a member, in words; `write` leaves everything, and is no line."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line. `place` is where the metadata says so, and is no part of what is compared."""

    place: Place | None = field(default=None, compare=False)
    pattern: ClassVar[re.Pattern[str]]

    @property
    def text(self) -> str:
        raise NotImplementedError

    @property
    def whom(self) -> str:
        """Who gains or loses by the line, as a heading."""
        raise NotImplementedError

    @property
    def about(self) -> str | None:
        """The entity it is about; None where it may concern every one."""
        return None

    @property
    def topic(self) -> tuple[str, ...]:
        """What lines have in common that a reader compares: who, what, whose."""
        raise NotImplementedError

    def within(self, other: Fact) -> bool:
        """Whether `other` allows at least what this line does."""
        return self == other

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """The line that a text of its pattern stands for."""
        said: dict[str, Any] = match.groupdict()
        return cls(**said)


@dataclass(frozen=True, kw_only=True)
class Above(Fact):
    """Who has one role sees what those of another own."""

    superior: str
    role: str
    pattern = re.compile(rf"role (?P<superior>{NAME}) stands above (?P<role>{NAME})")

    @property
    def text(self) -> str:
        return f"role {self.superior} stands above {self.role}"

    @property
    def whom(self) -> str:
        return f"role {self.superior}"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("above", self.superior, self.role)


@dataclass(frozen=True, kw_only=True)
class Capable(Fact):
    """A role may do something that belongs to no record."""

    role: str
    name: str
    pattern = re.compile(rf"role (?P<role>{NAME}) has the capability (?P<name>{NAME})")

    @property
    def text(self) -> str:
        return f"role {self.role} has the capability {self.name}"

    @property
    def whom(self) -> str:
        return f"role {self.role}"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("capability", self.role, self.name)


@dataclass(frozen=True, kw_only=True)
class Holds(Fact):
    """A group holds somebody."""

    group: str
    member: str
    pattern = re.compile(rf"group (?P<group>{NAME}) holds (?P<member>.+)")

    @property
    def text(self) -> str:
        return f"group {self.group} holds {self.member}"

    @property
    def whom(self) -> str:
        return self.member

    @property
    def topic(self) -> tuple[str, ...]:
        return ("group", self.group, self.member)

    def within(self, other: Fact) -> bool:
        below = f"{self.member}{BELOW}"
        return isinstance(other, Holds) and other.group == self.group and other.member in (self.member, below)


BELOW = " and those below it"
PARTY = rf"(?:group {NAME}|role {NAME}(?:{BELOW})?)"


def party_of(words: str) -> Party:
    """The people that words like `role manager and those below it` name."""
    kind, _, name = words.removesuffix(BELOW).partition(" ")
    found: PartyKind = "group" if kind == "group" else "roles_below" if words.endswith(BELOW) else "role"
    return Party(kind=found, name=name)


@dataclass(frozen=True, kw_only=True)
class OfEntity(Fact):
    """A line about the records of one entity."""

    entity: str

    @property
    def about(self) -> str | None:
        return self.entity


@dataclass(frozen=True, kw_only=True)
class Owned(OfEntity):
    """Whom records belong to: what levels like `own` and `unit` mean."""

    owner: str
    pattern = re.compile(
        rf"(?P<entity>{NAME}): records belong to (?P<owner>a user|a group|a unit|an organization|nobody)"
    )

    @property
    def text(self) -> str:
        return f"{self.entity}: records belong to {self.owner}"

    @property
    def whom(self) -> str:
        return "everybody"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("owned", self.entity)

    def within(self, other: Fact) -> bool:
        """Records of nobody are reached by the level `all` only."""
        return isinstance(other, Owned) and (self.owner in (other.owner, "nobody"))


@dataclass(frozen=True, kw_only=True)
class Follows(OfEntity):
    """Who may do something to a record may do it to those that hang on it."""

    parent: str
    relation: str
    pattern = re.compile(rf"(?P<entity>{NAME}): the (?P<parent>{NAME}) decides, by (?P<relation>{NAME})")

    @property
    def text(self) -> str:
        return f"{self.entity}: the {self.parent} decides, by {self.relation}"

    @property
    def whom(self) -> str:
        return "everybody"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("follows", self.entity)


@dataclass(frozen=True, kw_only=True)
class SharedByDefault(OfEntity):
    """Records are shared with everybody who may do something to any of them."""

    level: SharedLevel
    pattern = re.compile(
        rf"(?P<entity>{NAME}): shared with everybody who may do this at all, to (?P<level>\w+)"
    )

    @property
    def text(self) -> str:
        return f"{self.entity}: shared with everybody who may do this at all, to {self.level}"

    @property
    def whom(self) -> str:
        return "everybody"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("default", self.entity)

    def within(self, other: Fact) -> bool:
        return (
            isinstance(other, SharedByDefault)
            and other.entity == self.entity
            and _no_wider(self.level, other.level)
        )


def _no_wider(level: SharedLevel, other: SharedLevel) -> bool:
    return set(SHARED_ACTIONS[level]) <= set(SHARED_ACTIONS.get(other, ()))


@dataclass(frozen=True, kw_only=True)
class SharedWith(OfEntity):
    """A sharing rule."""

    target: Party
    level: SharedLevel
    source: Party | None = None
    where: str = ""
    pattern = re.compile(
        rf"(?P<entity>{NAME}): shared with (?P<target>{PARTY}), to (?P<level>\w+)"
        rf"(?:, owned by (?P<source>{PARTY}))?(?:, where (?P<where>.+))?"
    )

    @property
    def text(self) -> str:
        source = f", owned by {party_in_words(self.source)}" if self.source is not None else ""
        return (
            f"{self.entity}: shared with {party_in_words(self.target)}, to {self.level}{source}"
            f"{_where(self.where)}"
        )

    @property
    def whom(self) -> str:
        return party_in_words(self.target)

    @property
    def topic(self) -> tuple[str, ...]:
        return ("shared", self.entity, self.target.name)

    def within(self, other: Fact) -> bool:
        if isinstance(other, SharedByDefault):
            return other.entity == self.entity and _no_wider(self.level, other.level)
        return (
            isinstance(other, SharedWith)
            and other.entity == self.entity
            and _among(self.target, other.target)
            and _no_wider(self.level, other.level)
            and (other.source is None or (self.source is not None and _among(self.source, other.source)))
            and other.where in ("", self.where)
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        source = party_of(match["source"]) if match["source"] else None
        level: SharedLevel = match["level"]  # type: ignore[assignment]  # an unknown word is within nothing
        return cls(
            entity=match["entity"],
            target=party_of(match["target"]),
            level=level,
            source=source,
            where=match["where"] or "",
        )


def _among(people: Party, others: Party) -> bool:
    """Whether all of some people are of the others, as far as their names tell."""
    return people == others or (people.kind, others.kind, people.name) == ("role", "roles_below", others.name)


def _where(condition: str) -> str:
    return f", where {condition}" if condition else ""


@dataclass(frozen=True, kw_only=True)
class May(OfEntity):
    """A grant: what one role may do to which records."""

    role: str
    action: str
    level: Level
    types: frozenset[str] | None = None
    where: str = ""
    history: bool = False  # only as it is written: `read` and `audit` in one line
    pattern = re.compile(
        rf"(?P<entity>{NAME}): (?P<role>{NAME}) may (?P<action>{NAME})(?P<history> with history)?: "
        rf"(?P<level>{'|'.join(sorted(map(re.escape, LEVEL_OF), key=len, reverse=True))})"
        rf"(?: of type (?P<types>{NAME}(?:, {NAME})*))?(?:, where (?P<where>.+))?"
    )

    @property
    def text(self) -> str:
        types = f" of type {', '.join(sorted(self.types))}" if self.types is not None else ""
        history = " with history" if self.history else ""
        level = LEVEL_WORDS[self.level]
        return f"{self.entity}: {self.role} may {self.action}{history}: {level}{types}{_where(self.where)}"

    @property
    def whom(self) -> str:
        return f"role {self.role}"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("may", self.entity, self.role, self.action)

    def within(self, other: Fact) -> bool:
        return (
            isinstance(other, May)
            and (other.entity, other.role, other.action) == (self.entity, self.role, self.action)
            and LEVELS.index(self.level) <= LEVELS.index(other.level)
            and (other.types is None or (self.types is not None and self.types <= other.types))
            and other.where in ("", self.where)
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(
            entity=match["entity"],
            role=match["role"],
            action=match["action"],
            level=LEVEL_OF[match["level"]],
            types=frozenset(match["types"].split(", ")) if match["types"] else None,
            where=match["where"] or "",
            history=bool(match["history"]),
        )


@dataclass(frozen=True, kw_only=True)
class Closed(OfEntity):
    """A member that a role may use less than the record: the one kind of line that takes away."""

    member: str
    role: str
    access: str
    pattern = re.compile(
        rf"(?P<entity>{NAME})\.(?P<member>{NAME}): (?P<role>{NAME}) "
        rf"(?P<access>{'|'.join(sorted(CLOSED_WORDS.values(), key=len, reverse=True))})"
    )

    @property
    def text(self) -> str:
        return f"{self.entity}.{self.member}: {self.role} {CLOSED_WORDS[self.access]}"

    @property
    def whom(self) -> str:
        return f"role {self.role}"

    @property
    def topic(self) -> tuple[str, ...]:
        return ("closed", self.entity, self.member, self.role)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        access = next(name for name, words in CLOSED_WORDS.items() if words == match["access"])
        return cls(entity=match["entity"], member=match["member"], role=match["role"], access=access)


KINDS: tuple[type[Fact], ...] = (
    Above,
    Capable,
    Holds,
    Owned,
    Follows,
    SharedByDefault,
    SharedWith,
    May,
    Closed,
)
"""Every kind of line, in the order in which an entity's are written."""
