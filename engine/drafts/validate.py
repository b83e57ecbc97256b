"""What a draft must meet before it is written; every complaint is collected, none raises by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.build.uniques import unique_condition
from engine.drafts.draft import Draft
from engine.drafts.facts import draft_facts
from engine.expressions.reads import Need, reads
from engine.metamodel.entity import Entity, RecordType
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.sql.aliased import aliased
from engine.to_python.compile import to_python
from engine.work.conditions import alive, among_keys, keys_of
from engine.work.context import Context
from engine.work.plans import kept
from engine.work.surroundings import surroundings


def validate(context: Context, draft: Draft, above: Draft | None = None) -> None:
    """Check a draft and its child rows against the metadata and the records there are.

    `above` is the draft that a row is written with.
    """
    _required(draft)
    _one_parent(draft, above)
    for name, key in draft.keys.items():
        if key is not None and name not in draft.given and not _same_key(draft, name):
            _exists(context, draft, draft.entity.relations[name], key[0], (key[1],))
    for name, numbers in draft.many.items():
        relation = draft.entity.relations[name]
        _exists(context, draft, relation, relation.target, numbers)
    for relation in draft.entity.relations.values():
        if relation.kind == "tree":
            _no_cycle(context, draft, relation)
    for unique in unique_keys(draft.entity):
        _unique(context, draft, unique)
    for rows in draft.children.values():
        for row in rows:
            validate(context, row, draft)


def _same_key(draft: Draft, name: str) -> bool:
    return draft.old is not None and draft.old.keys.get(name) == draft.keys[name]


# ---- required


def _required(draft: Draft) -> None:
    """Every required member has a value: on create all of them, on update those that are touched."""
    variant = record_type(draft)
    also = variant.required if variant else frozenset()
    hidden = variant.hidden if variant else frozenset()
    switched = draft.old is not None and "record_type" in draft.values
    for prop in draft.entity.properties.values():
        if prop.system or not prop.type.writable or prop.name in hidden:
            continue
        wanted = prop.required or prop.name in also
        touched = draft.old is None or switched or prop.name in draft.values
        if wanted and touched and draft.value(prop.name) is None and not _refused(draft, prop.name):
            draft.refuse(prop.name, "required", f"{prop.label} must be filled in.")
    for relation in draft.entity.relations.values():
        if not relation.holds_key or relation.owner_of_row or relation.name in hidden:
            continue
        wanted = (relation.required and not _given_by_engine(relation)) or relation.name in also
        touched = draft.old is None or switched or relation.name in draft.keys
        if wanted and touched and draft.key(relation.name) is None and not _refused(draft, relation.name):
            draft.refuse(relation.name, "required", f"{relation.label} must be chosen.")


def _one_parent(draft: Draft, above: Draft | None) -> None:
    """A new row of a composition belongs to exactly one record: the one it is written with, or the one it names."""
    owners = [relation for relation in draft.entity.relations.values() if relation.owner_of_row]
    if draft.old is not None or not owners:
        return
    named = [relation for relation in owners if draft.keys.get(relation.name) is not None]
    if above is None and not named and not any(_refused(draft, relation.name) for relation in owners):
        labels = " or ".join(relation.label for relation in owners)
        draft.refuse(owners[0].name, "required", f"{labels} must be chosen.")
    own = (above.entity.name, above.old.id) if above is not None and above.old is not None else None
    for relation in named if above is not None else named[1:]:
        if draft.keys[relation.name] == own:
            continue  # the row names the record that it is written with
        message = "It belongs to another record already: leave this out."
        draft.refuse(relation.name, "several-parents", message)


def _given_by_engine(relation: Relation) -> bool:
    return relation.system and relation.name in ("created_by", "updated_by")


def record_type(draft: Draft) -> RecordType | None:
    """The variant a draft belongs to, where its entity has variants."""
    if not draft.entity.record_types:
        return None
    return draft.entity.record_types.get(draft.value("record_type") or "")


def _refused(draft: Draft, name: str) -> bool:
    place = f"{draft.at}{name}"
    return any(error.at == place or error.at.startswith(f"{place}.") for error in draft.errors)


# ---- relations


def _exists(
    context: Context, draft: Draft, relation: Relation, target: str, numbers: tuple[int, ...]
) -> None:
    """The records exist, are not in the trash, and the actor may read them; and stay so until the commit."""
    if not numbers:
        return
    key = ("exists", target, len(numbers) == 1, access.key(context))
    statement = kept(context.runtime, key, lambda: _existing(context, target, one=len(numbers) == 1))
    operands = {**access.operands(context), **keys_of(numbers)}
    found = set(context.connection.execute(statement, operands).scalars())
    missing = [number for number in numbers if number not in found]
    if missing:
        label = context.runtime.entities[target].label.lower()
        which = ", ".join(map(str, missing))
        draft.refuse(relation.name, "unknown-record", f"{relation.label}: there is no {label} {which}.")


def _existing(context: Context, target: str, *, one: bool) -> sa.Select[Any]:
    """The ids of those of some records that the actor may read, held until the transaction ends."""
    table = context.runtime.table(target).table
    statement = sa.select(table.c.id).where(among_keys(table.c.id, one=one), *alive(table))
    seen = access.predicate(context, target, "read", table)
    if seen is not None:
        statement = statement.where(seen)
    if context.runtime.dialect == "postgresql":
        # As a foreign key holds them: a delete, which locks for update, waits; who counts these rows does not.
        statement = statement.with_for_update(read=True, key_share=True)
    return statement


def _no_cycle(context: Context, draft: Draft, relation: Relation) -> None:
    """A record does not come to stand below itself. Changes of one tree wait for each other."""
    key = draft.keys.get(relation.name)
    if draft.old is None or key is None or _same_key(draft, relation.name):
        return
    table = context.runtime.table(draft.entity.name).table
    _lock_tree(context, draft.entity, relation)
    above = (
        sa.select(table.c.id, table.c[relation.name]).where(table.c.id == key[1]).cte("above", recursive=True)
    )
    step = aliased(table)
    above = above.union(
        sa.select(step.c.id, step.c[relation.name]).where(step.c.id == above.c[relation.name])
    )
    inside = sa.select(above.c.id).where(above.c.id == draft.old.id)
    if context.connection.execute(inside).first() is not None:
        draft.refuse(relation.name, "cycle", f"{relation.label}: a record can't stand below itself.")


def lock_trees(context: Context, entity: Entity, names: Iterable[str]) -> None:
    """Lock the trees that setting these members may change, before any record: else two moves deadlock."""
    for relation in map(entity.relations.get, names):
        if relation is not None and relation.kind == "tree":
            _lock_tree(context, entity, relation)


def _lock_tree(context: Context, entity: Entity, relation: Relation) -> None:
    if context.runtime.dialect == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"tree:{entity.name}.{relation.name}"))
        context.connection.execute(sa.select(lock))


# ---- unique


@dataclass(frozen=True, slots=True)
class Key:
    """Names that must be unique together, the message the metadata gives for it, and among which records."""

    names: tuple[str, ...]
    message: str = ""
    where: Expression | None = None


def unique_keys(entity: Entity) -> Iterator[Key]:
    """Every unique key of an entity."""
    for prop in entity.properties.values():
        if prop.unique and prop.type.writable:
            yield Key((prop.name,))
    for relation in entity.relations.values():
        if relation.kind == "one_to_one":
            yield Key((relation.name,))
    for key in entity.unique:
        yield Key(key.names, key.message, key.where)


def _unique(context: Context, draft: Draft, key: Key) -> None:
    """No other living record has the same values; null equals nothing."""
    names = key.names
    touched = key.where is not None or any(name in draft.values or name in draft.keys for name in names)
    if not touched or not _among(context, draft, key):
        return
    made = context.runtime.table(draft.entity.name)
    conditions: list[sa.ColumnElement[bool]] = alive(made.table)
    if key.where is not None:
        rule = context.runtime.rule_of[key.where]
        conditions.append(unique_condition(context.runtime.tables, rule, context.runtime.dialect))
    for name in names:
        cells = _wanted(draft, name)
        if cells is None:
            return
        conditions += [
            column == cell for column, cell in zip(made.cells[name], cells, strict=True) if cell is not None
        ]
    if draft.old is not None:
        conditions.append(made.table.c.id != draft.old.id)
    taken = context.connection.execute(sa.select(made.table.c.id).where(*conditions).limit(1)).first()
    if taken is not None:
        draft.refuse(names[0], "unique", key.message or unique_message(draft.entity, names))


def _among(context: Context, draft: Draft, key: Key) -> bool:
    """Whether the draft is among the records that a unique key is about."""
    if key.where is None:
        return True
    rule = context.runtime.rule_of[key.where]
    function = kept(context.runtime, ("unique", rule.expression), lambda: to_python(rule.loose.node, "true"))
    need = reads(rule.loose.node).get("record", Need())
    return bool(function.evaluate(draft_facts(context, draft, need), surroundings(context, {})))


def _wanted(draft: Draft, name: str) -> tuple[Any, ...] | None:
    """The cells a member will have, or None where it will be null."""
    prop: Property | None = draft.entity.properties.get(name)
    if prop is not None:
        value = draft.value(name)
        return None if value is None else prop.type.store(value)
    key = draft.key(name)
    if key is None:
        return None
    relation = draft.entity.relations[name]
    return tuple(key[1] if target == key[0] else None for target in relation.targets)


def unique_message(entity: Entity, names: tuple[str, ...]) -> str:
    """What is said when a unique key is taken."""
    labels = [(entity.properties.get(name) or entity.relations[name]).label for name in names]
    what = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]} together"
    return f"{what}: another {entity.label.lower()} has the same."
