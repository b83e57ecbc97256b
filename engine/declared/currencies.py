"""The properties that amounts take their currencies from: found by path, and checked to be able to hold one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.declared.paths import Fault, resolve
from engine.documents.complaints import Complaints
from engine.documents.documents import document_of
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.text.labels import with_article
from engine.text.yaml_tree import Map
from engine.types.base import Choice
from engine.types.currency import currency_of

KEY = "currency"
CURE = "name a text or a choice that holds codes such as EUR"


def check_currencies(entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """Complain of every path that does not lead to a property that can say a currency."""
    for entity in entities.values():
        for prop in entity.properties.values():
            if prop.type.follows and not prop.system:
                declared = document_of(entity)["properties"][prop.name]
                _check(prop, entity, entities, declared, complaints)


def _check(
    prop: Property, entity: Entity, entities: Mapping[str, Entity], declared: Map, complaints: Complaints
) -> None:
    path = prop.type.follows
    found = resolve(path, entity, entities)
    if isinstance(found, Fault):
        if found.code:
            code = currency_of(path)
            hint = f"a currency is written in capitals: {code}" if code else found.hint
            complaints.at_word(declared, KEY, found.offset, found.word, found.code, found.message, hint)
        return
    last = path.rpartition(".")[2]
    offset = len(path) - len(last)
    if isinstance(found, Inverse) or _told_by_others(path, entity, entities):
        message = f"{path!r} goes by the other side of a relation, whose records come and go by themselves"
        complaints.at_word(declared, KEY, 0, path, "bad-path", message, CURE)
    elif isinstance(found, Relation):
        message = (
            f"{path!r} leads to {found.target if found.holds_key else 'many records'}, not to a currency"
        )
        hint = f"go on to a property, as in {path}.currency" if found.holds_key else CURE
        complaints.at_word(declared, KEY, offset, last, "bad-path", message, hint)
    elif not found.type.tells_currency:
        message = f"{path!r} is {with_article(found.type.name)}, which holds no currency"
        complaints.at_word(declared, KEY, offset, last, "bad-path", message, CURE)
    else:
        _check_options(found, path, declared, complaints)


def _told_by_others(path: str, entity: Entity, entities: Mapping[str, Entity]) -> bool:
    """Whether a step of a path is held by the record it leads to: an amount would lose its currency with that."""
    for step in path.split(".")[:-1]:
        if step in entity.inverses:
            return True
        entity = entities[entity.relations[step].target]
    return False


def _check_options(source: Property, path: str, declared: Map, complaints: Complaints) -> None:
    """Every option of a choice is a currency."""
    options: tuple[Choice, ...] = getattr(source.type, "options", ())
    wrong = next((choice.name for choice in options if currency_of(choice.name) is None), None)
    if wrong is not None:
        message = f"{wrong!r}, an option of {path!r}, is no currency"
        hint = "options that say a currency are codes such as EUR"
        complaints.at_value(declared, KEY, "unknown-currency", message, hint)


def currency_sources(entities: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    """The (entity, property) that amounts take their currency from, wherever it is known."""
    for entity in entities.values():
        for prop in entity.properties.values():
            way, _, last = prop.type.follows.rpartition(".")
            through = resolve(way, entity, entities) if way else None
            if last and through is None:
                yield entity.name, last
            elif isinstance(through, Relation):
                yield through.target, last
