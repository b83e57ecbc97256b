"""Why a record is, or is not, in a list: each filter, condition and word, with the values that decided.

The conditions are those that the list is selected by (`engine.reading.filters.parts`), asked one by one on the record.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery, NotFound
from engine.expressions.written import constant, written
from engine.metamodel.property import Property
from engine.reading import filters
from engine.reading.links import many_links
from engine.reading.query import Filter, Link, Query
from engine.reading.quick import searched
from engine.reading.selection import Selection
from engine.service.explaining import on_record
from engine.service.reasons import Reason
from engine.to_python.trace import Step
from engine.typecheck.check import Checked
from engine.work.context import Context
from engine.work.expressions import parameters

WORDS = {
    "eq": "is",
    "ne": "is not",
    "in": "is one of",
    "lt": "is less than",
    "le": "is at most",
    "gt": "is more than",
    "ge": "is at least",
    "contains": "holds",
    "starts": "begins with",
    "empty": "is empty",
    "not_empty": "is not empty",
}
NOT_THEIRS = "what it reads of other records is not all theirs to see"


def narrowing(context: Context, entity: str, number: int, query: Query) -> tuple[Reason, ...]:
    """What the query asks, part by part, and whether the record is such; as the context's actor asks it.

    Raises NotFound for a record that is not there at all, BadQuery for what the list itself would refuse.
    """
    selection = Selection(context, entity)
    bound = filters.bind(context, entity, query)
    found = list(filters.parts(context, selection, query, bound))
    for position, (_, clause) in enumerate(found):
        selection.columns.append(sa.case((clause, 1), else_=0).label(f"part_{position}"))
    statement = selection.statement().where(selection.base.table.c.id == number)
    operands = {
        **access.operands(context),
        **bound.operands,
        **parameters(context, selection.expressions, None),
    }
    row = context.connection.execute(statement, operands).first() if found else ()
    if row is None:
        raise NotFound(entity, number)
    told = [
        _told(context, entity, number, query, part, bool(holds))
        for (part, _), holds in zip(found, row, strict=False)
    ]
    return tuple(reason for reason in told if reason is not None)


def _told(
    context: Context, entity: str, number: int, query: Query, part: filters.Part, holds: bool
) -> Reason | None:
    if part is None:
        return Reason("it is in the trash", holds) if query.trash else None
    if isinstance(part, Filter):
        value = Step(0, part.path, _value(context, entity, number, part.path))
        return Reason(_filter_in_words(part), holds, steps=(value,))
    if isinstance(part, Checked):
        return _of_condition(context, entity, number, query, part, holds)
    steps = tuple(_searched(context, entity, number))
    return Reason(f"every word of {constant(part)} stands in what is searched", holds, steps=steps)


def _filter_in_words(part: Filter) -> str:
    several = part.operand if isinstance(part.operand, list | tuple) else [part.operand]
    operand = "" if part.operator in ("empty", "not_empty") else f" {', '.join(map(str, several))}"
    return f"the filter: {part.path} {WORDS[part.operator]}{operand}"


def _of_condition(
    context: Context, entity: str, number: int, query: Query, checked: Checked, holds: bool
) -> Reason:
    """A condition with its values. They are the stored ones: where the reader sees less, this is said."""
    rule = next((each for each in query.rules if each.checked is checked), None)
    steps = tuple(on_record(context, checked, entity, number))
    whose = "the view's condition" if rule is not None else "the condition"
    unseen = bool(steps) and steps[0].value is True and not holds
    words = f"{whose}: {written(checked.node)}" + (f" ({NOT_THEIRS})" if unseen else "")
    if rule is None:
        return Reason(words, holds, None, steps)
    return Reason(words, holds, rule.expression.place, steps, brief=whose)


# ---- values


def _searched(context: Context, entity: str, number: int) -> Iterator[Step]:
    """The texts that the quick filter looks into."""
    declared = context.runtime.entities[entity]
    readable = access.readable(context, entity)
    for prop in searched(declared):
        if prop.name in readable and not prop.virtual:
            yield Step(0, prop.name, _value(context, entity, number, prop.name))


def _value(context: Context, entity: str, number: int, path: str) -> object:
    """What stands at a path, as text; null where there is nothing that the actor may see."""
    relation = context.runtime.entities[entity].relations.get(path)
    if relation is not None and relation.kind == "many_to_many":
        links = many_links(context, entity, path, [number]).get(number, ())
        return ", ".join(map(_named, links)) or None
    selection = Selection(context, entity)
    try:
        read = selection.reader(path)
        spot = selection.spot(path)
    except BadQuery:  # a path that has many ends: there is no single value to tell
        return None
    operands = {**access.operands(context), **parameters(context, selection.expressions, None)}
    found = selection.statement().where(selection.base.table.c.id == number)
    row = context.connection.execute(found, operands).one()
    value = read(row)
    if value is None or isinstance(value, Link):
        return None if value is None else _named(value)
    assert isinstance(spot.member, Property)
    return spot.member.type.to_text(value, context.actor.display)


def _named(link: Link) -> str:
    return f"{link.title} (#{link.id})"
