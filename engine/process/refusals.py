"""What a process is refused, as it is told to the person who led to it: with nothing in it that they may not read.

A process may what the configurator wrote, so it meets records and members that the person does not. What is said
of those stays in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from engine.access import access
from engine.access.reaching import may_do
from engine.errors import FieldError, Invalid, NotFound
from engine.metamodel.entity import Entity
from engine.work.context import Context
from engine.work.stored import Key

log = logging.getLogger("engine.process")

REFUSED = "Nothing was saved: what this leads to was refused. An administrator can help."
GONE = "Nothing was saved: a record that this leads to is gone meanwhile."


@contextmanager
def told(context: Context, about: Key) -> Iterator[None]:
    """Do something to a record in somebody's name; raises Invalid with what they may know of why it is refused.

    The number of a record that is going to be made is 0.
    """
    try:
        yield
    except NotFound as error:
        log.info("%s of %s %d: %s", context.cause, *about, error)
        raise Invalid([FieldError("", "gone", GONE)]) from error
    except Invalid as error:
        person = context.in_own_name()
        if _reads(person, about, error.errors):
            raise
        log.info("%s of %s %d is refused: %s", context.cause, *about, error)
        raise Invalid([FieldError("", "process-refused", REFUSED)]) from error


def _reads(person: Context, about: Key, errors: tuple[FieldError, ...]) -> bool:
    """Whether somebody may read a record, and every member of it that is complained of."""
    entity, number = about
    reaches = may_do(person, entity, number, "read") if number else access.may(person, entity, "read")
    declared = person.runtime.entities[entity]
    return reaches and all(_reads_member(person, declared, each.at.split(".")) for each in errors)


def _reads_member(person: Context, entity: Entity, way: list[str]) -> bool:
    """The same of a place: a member, or one of a row of a composition (`lines.0.amount`)."""
    name = way[0]
    relation = entity.relations.get(name)
    if relation is None and name not in entity.properties:
        return True
    if name not in access.readable(person, entity.name):
        return False
    if relation is None or relation.kind != "composition" or len(way) < 3:
        return True
    return _reads_member(person, person.runtime.entities[relation.target], way[2:])
