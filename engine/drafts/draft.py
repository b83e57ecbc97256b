"""What somebody wants a record to be: values coerced, defaults filled, every complaint collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.access import access
from engine.errors import FieldError
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.suggest import did_you_mean
from engine.types.base import UNCHANGED, Refused
from engine.work.context import Context
from engine.work.pairs import owner_key
from engine.work.stored import Key, Stored, load


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value that its type has already taken (a form's input): it is not parsed again.

    `by_engine` marks what the engine itself writes (a password's hash): read-only does not bind it.
    """

    value: Any
    by_engine: bool = False


@dataclass
class Draft:
    """A record to be written. Only what is named in `values`, `keys`, `many` and `children` is written.

    `old` is the stored record of an update, None of a create; `at` the prefix of its error places
    (`lines.0.` for a child row). `children` are the drafts of composition rows; `removed` the ids of
    rows to be deleted, both by relation; `given` the keys that the engine itself gave.
    """

    entity: Entity
    old: Stored | None = None
    at: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Key | None] = field(default_factory=dict)
    many: dict[str, tuple[int, ...]] = field(default_factory=dict)
    children: dict[str, list[Draft]] = field(default_factory=dict)
    removed: dict[str, list[int]] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    number: int | None = None  # the id of a new record, once it is written
    moving: bool = False  # whether a transition writes it: what its old state freezes does not bind that

    def refuse(self, name: str, code: str, message: str, part: str = "") -> None:
        """Collect a complaint about a member (or "" for the record)."""
        place = f"{self.at}{name}" + (f".{part}" if part else "")
        self.errors.append(FieldError(place.rstrip("."), code, message))

    def value(self, name: str) -> Any:
        """The value a property will have."""
        if name in self.values:
            return self.values[name]
        return self.old.values.get(name) if self.old else None

    def key(self, name: str) -> Key | None:
        """The record a key relation will point to."""
        if name in self.keys:
            return self.keys[name]
        return self.old.keys.get(name) if self.old else None

    @property
    def differs(self) -> bool:
        """Whether it changes anything of its stored record, its links or its rows; a new record does."""
        old = self.old
        if old is None:
            return True
        return (
            any(old.values.get(name) != value for name, value in self.values.items())
            or any(old.keys.get(name) != key for name, key in self.keys.items())
            or bool(self.many)
            or any(self.removed.values())
            or any(row.differs for rows in self.children.values() for row in rows)
        )

    def all_errors(self) -> list[FieldError]:
        """The complaints of the record and of its child rows."""
        found = list(self.errors)
        for rows in self.children.values():
            for row in rows:
                found += row.all_errors()
        return found


def coerce(
    context: Context, entity: Entity, values: Mapping[str, Any], old: Stored | None, at: str = ""
) -> Draft:
    """The draft of some values; unknown, read-only and unwritable names are complaints too."""
    draft = Draft(entity, old, at)
    writable = access.writable(context, entity.name, creating=old is None)
    readable = access.readable(context, entity.name)
    for name, raw in values.items():
        member = entity.properties.get(name) or entity.relations.get(name)
        if member is None or name not in readable:
            draft.refuse(name, "unknown-property", _unknown(entity, name, readable))
        elif name not in writable:
            draft.refuse(name, "not-allowed", f"You may not change {member.label}.")
        elif isinstance(member, Property):
            _take_property(draft, member, raw)
        else:
            _take_relation(context, draft, member, raw)
    return draft


def _unknown(entity: Entity, name: str, readable: frozenset[str]) -> str:
    meant = did_you_mean(name, sorted(readable))
    hint = f" Did you mean {meant!r}?" if meant else ""
    return f"There is no property {name!r} on {entity.label.lower()}.{hint}"


def _take_property(draft: Draft, prop: Property, raw: Any) -> None:
    """Coerce one property's value, or complain."""
    if prop.system and prop.name in READ_ONLY:
        draft.refuse(prop.name, "read-only", f"{prop.label} is set by the system.")
        return
    if isinstance(raw, Parsed) and raw.value is UNCHANGED:
        return
    if not prop.type.writable:
        _only_as_it_is(draft, prop, raw)
        return
    try:
        value = _parsed(prop, raw)
    except Refused as refused:
        draft.refuse(prop.name, refused.code, str(refused), refused.part)
        return
    if _closed(draft, prop, raw) and not _unchanged(draft, prop.name, value):
        draft.refuse(prop.name, "read-only", f"{prop.label} can't be changed.")
    else:
        draft.values[prop.name] = value


def _only_as_it_is(draft: Draft, prop: Property, raw: Any) -> None:
    """What the engine sets itself may be sent back as it was answered, and is refused otherwise."""
    old = draft.old.values.get(prop.name) if draft.old else None
    same = raw is None if old is None else raw in (old, prop.type.to_json(old))
    if draft.old is None or not same:
        usual = ("read-only", f"{prop.label} is set by the system.")
        draft.refuse(prop.name, *getattr(prop.type, "not_writable", usual))


READ_ONLY = frozenset({"id", "version", "created_at", "updated_at", "created_by", "updated_by"})


def _parsed(prop: Property, raw: Any) -> Any:
    if raw is None:
        return None
    if isinstance(raw, Refused):  # a form's text that could not be read: complained of with all the others
        raise raw
    value = raw.value if isinstance(raw, Parsed) else prop.type.parse(raw)
    return None if value is None or prop.type.empty(value) else value


def _closed(draft: Draft, member: Property | Relation, raw: Any) -> bool:
    if isinstance(raw, Parsed) and raw.by_engine:
        return False
    return member.readonly == "always" or (member.readonly == "after_create" and draft.old is not None)


def _unchanged(draft: Draft, name: str, value: Any) -> bool:
    return draft.old is not None and bool(draft.old.values.get(name) == value)


def _take_relation(context: Context, draft: Draft, relation: Relation, raw: Any) -> None:
    """Coerce what a relation is set to, or complain."""
    if relation.name in READ_ONLY:
        draft.refuse(relation.name, "read-only", f"{relation.label} is set by the system.")
    elif relation.holds_key:
        key = _key(draft, relation, raw)
        moved = draft.old is None or key != draft.old.keys[relation.name]
        bound = _closed(draft, relation, raw) or (relation.owner_of_row and draft.old is not None)
        if bound and moved:
            draft.refuse(relation.name, "read-only", f"{relation.label} can't be changed.")
        elif key is not False:
            draft.keys[relation.name] = key
    elif relation.kind == "many_to_many":
        _take_many(draft, relation, raw)
    else:
        _take_children(context, draft, relation, raw)


def _key(draft: Draft, relation: Relation, raw: Any) -> Any:
    """The key a relation is set to: (entity, id), None for none, False where it was refused."""
    if isinstance(raw, Parsed):
        raw = raw.value
    if raw is None or raw == "":
        return None
    target: Any = relation.targets[0] if not relation.polymorphic else None
    if isinstance(raw, Mapping):
        target = raw.get("entity", target)
        raw = raw.get("id")
    elif isinstance(raw, str) and ":" in raw:
        target, _, raw = raw.partition(":")
    number = _number(raw)
    if target not in relation.targets:
        allowed = ", ".join(relation.targets)
        draft.refuse(
            relation.name, "bad-reference", f"{relation.label} takes a record of {allowed}, with its id."
        )
        return False
    if number is None:
        draft.refuse(
            relation.name, "bad-reference", f"{relation.label} takes the id of a record, a whole number."
        )
        return False
    return target, number


def _number(raw: Any) -> int | None:
    """An id: a positive number of 64 bits, as a number or its digits."""
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 20:
        raw = int(raw)
    valid = isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**63
    return raw if valid else None


def _take_many(draft: Draft, relation: Relation, raw: Any) -> None:
    if isinstance(raw, Parsed):
        raw = raw.value
    items = [] if raw is None else raw
    if isinstance(items, str) or not isinstance(items, Sequence):
        draft.refuse(relation.name, "bad-reference", f"{relation.label} takes a list of ids.")
        return
    numbers = [_number(item.get("id") if isinstance(item, Mapping) else item) for item in items]
    if None in numbers:
        draft.refuse(relation.name, "bad-reference", f"{relation.label} takes a list of ids, whole numbers.")
        return
    draft.many[relation.name] = tuple(dict.fromkeys(number for number in numbers if number is not None))


def _take_children(context: Context, draft: Draft, relation: Relation, raw: Any) -> None:
    """The rows of a composition: new ones, changed ones by id, and ones marked deleted."""
    rows = [] if raw is None else raw
    if (
        isinstance(rows, str)
        or not isinstance(rows, Sequence)
        or not all(isinstance(row, Mapping) for row in rows)
    ):
        draft.refuse(relation.name, "bad-rows", f"{relation.label} takes a list of rows.")
        return
    child = context.runtime.entities[relation.target]
    present = _present(context, draft, relation, rows)
    drafts, removed = [], []
    for position, row in enumerate(rows):
        given = dict(row)
        gone = given.pop("deleted", False)
        number = given.pop("id", None)
        known = present.get(_number(number) or 0) if number is not None else None
        at = f"{draft.at}{relation.name}.{position}."
        if number is not None and known is None:
            message = f"There is no row {number} in {relation.label.lower()}."
            draft.errors.append(FieldError(at.rstrip("."), "unknown-row", message))
        elif gone:
            removed += [known.id] if known else []
        else:
            drafts.append(coerce(context, child, given, known, at))
    draft.children[relation.name] = drafts
    draft.removed[relation.name] = removed


def _present(
    context: Context, draft: Draft, relation: Relation, rows: Sequence[Mapping[str, Any]]
) -> dict[int, Stored]:
    """The rows named by id that are this record's own and alive."""
    from_ids = [number for row in rows if (number := _number(row.get("id"))) is not None]
    if draft.old is None or not from_ids:
        return {}
    owner = owner_key(context.runtime.entities[relation.target], draft.entity.name, relation.name)
    found = load(context, relation.target, from_ids, lock=True)
    mine = (draft.entity.name, draft.old.id)
    return {
        number: row
        for number, row in found.items()
        if row.keys[owner.name] == mine and row.deleted_at is None
    }


def take_over(draft: Draft, given: Draft) -> None:
    """Add what the engine itself gives a record to what somebody wants it to be."""
    draft.values |= given.values
    draft.keys |= given.keys
    draft.many |= given.many
    draft.given |= given.keys.keys()
    draft.errors += given.errors


def owner_of(draft: Draft, row: Draft) -> Relation:
    """The relation by which a row of a draft will know it."""
    name = next((name for name, rows in draft.children.items() if any(each is row for each in rows)), "")
    return owner_key(row.entity, draft.entity.name, name)


def fill_defaults(context: Context, draft: Draft) -> None:
    """Give a new record what was not said: declared defaults, and its owner, unit, organization."""
    if draft.old is None:
        for prop in draft.entity.properties.values():
            if prop.name not in draft.values and prop.default is not None:
                draft.values[prop.name] = prop.default
        actor = context.actor
        own = {
            "owner": ("user", actor.id),
            "unit": ("unit", actor.unit),
            "organization": ("organization", actor.organization),
        }
        for name, (target, number) in own.items():
            relation = draft.entity.relations.get(name)
            if relation is not None and relation.system and name not in draft.keys and number is not None:
                draft.keys[name] = (target, number)
                draft.given.add(name)
    for rows in draft.children.values():
        for row in rows:
            fill_defaults(context, row)
