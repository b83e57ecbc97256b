"""The quick filter of a list: every word typed stands somewhere in what a record is known by.

That is its own searchable texts, its title as it is shown, and what a list shows of related records besides: their
titles, and the texts of columns that lead on. Of a related record that the reader may not see, nothing is looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.query import Query
from engine.reading.selection import Selection
from engine.reading.title_text import Clause, Text, pieces, shown, whole
from engine.text.template import Field, Template
from engine.types.folding import contains, fold
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.pairs import link_columns

Place = Callable[[str], sa.ColumnElement[bool]]
"""Where a word may stand: the condition that it does."""

MOST_TITLES = 8
"""Relations whose records are looked into, the first of a list: each is a subquery for each word."""

MOST_WORDS = 12
"""Words that are looked for in related records; further ones stand in the record itself."""


def text_condition(context: Context, selection: Selection, query: Query) -> sa.ColumnElement[bool]:
    """The condition that every word of the quick filter is found."""
    entity = selection.base.entity
    said = _said_by_titles(entity)
    words = [word for word in query.text.split() if not any((fold(word) or "") in each for each in said)]
    own, related = _own(context, selection), _related(context, selection, query.looks)
    found = (
        sa.or_(*(place(word) for place in (*own, *(related if position < MOST_WORDS else ()))))
        for position, word in enumerate(dict.fromkeys(words))
    )
    return sa.and_(sa.true(), *found)


def searched(entity: Entity) -> list[Property]:
    """What the quick filter looks into: properties with `search`, else those of the title and short texts."""
    declared = [
        prop for prop in entity.properties.values() if prop.search and "contains" in prop.type.operators
    ]
    if declared:
        return declared
    candidates = [
        prop
        for prop in entity.properties.values()
        if prop.type.searchable and "contains" in prop.type.operators and not prop.system
    ]
    titled = [prop for prop in candidates if prop.name in entity.title.paths]
    return titled or candidates[:6]


def has_texts(entity: Entity) -> bool:
    """Whether there is more to look for than the numbers of records."""
    return bool(searched(entity)) or any(path in entity.relations for path in entity.title.paths)


# ---- the record's own


def _own(context: Context, selection: Selection) -> list[Place]:
    """Its searchable texts and its title; of a record without any text its number."""
    entity, made = selection.base.entity, selection.base
    readable = access.readable(context, entity.name)
    looked = [prop for prop in searched(entity) if prop.name in readable and not prop.virtual]
    places = [_texts(prop, made.cells[prop.name]) for prop in looked]
    if not places:
        places.append(lambda word: _has_number(made.table.c.id, word))
    if not _said_in_parts(entity, {prop.name for prop in looked}):
        places += _title(selection, entity, ())
    return places


def _texts(prop: Property, columns: Sequence[Clause]) -> Place:
    return lambda word: prop.type.condition("contains", columns, word)


def _has_number(column: Clause, word: str) -> sa.ColumnElement[bool]:
    """Records without a text go by their number, which stands in their title: `12` or `#12`."""
    digits = word.removeprefix("#")
    known = digits.isascii() and digits.isdigit() and len(digits) < len(str(2**63))
    return column == int(digits) if known else sa.false()


def _said_by_titles(entity: Entity) -> list[str]:
    """The words that every title of an entity has, the `·` of "{number} · {subject}".

    They are left out of what is looked for, rather than every title put together, which costs more.
    """
    literals = (part for part in entity.title.parts if isinstance(part, str))
    return [fold(word) or "" for literal in literals for word in literal.split()]


def _said_in_parts(entity: Entity, looked: set[str]) -> bool:
    """Whether no word of a title is missed where its parts are looked into, and not the title itself."""
    title = entity.title
    own = [entity.properties[path] for path in title.paths if path in entity.properties]
    unnamed = not any(prop.required for prop in own) and not any(
        path in entity.relations and entity.relations[path].required for path in title.paths
    )
    texts = {prop.name for prop in own if prop.type.searchable or prop.type.expression_type == "enum"}
    return not unnamed and texts <= looked and not _glued(title)


def _glued(title: Template) -> bool:
    """Whether a word of a title is made of more than one part: "{last_name}, {first_name}"."""
    text = "".join("\0" if isinstance(part, Field) else part for part in title.parts)
    return any("\0" in word and word != "\0" for word in text.split())


def _title(selection: Selection, entity: Entity, step: tuple[str, ...]) -> list[Place]:
    """The title of a joined record, as far as it is text."""
    found = pieces(selection, entity, step)
    texts = [piece for piece in found if isinstance(piece, Text)]
    if all(piece.constant for piece in texts):
        return []
    text = whole(selection, entity, step) if len(texts) == len(found) else shown(texts)
    return [lambda word: contains(text, word)]


# ---- related records


def _related(context: Context, selection: Selection, looks: Sequence[str]) -> list[Place]:
    """The records that the title is made of, and those that a list shows."""
    entity = selection.base.entity
    further: dict[str, list[str]] = {}
    for path in (*entity.title.paths, *looks):
        first, _, rest = path.partition(".")
        try:
            member = selection.member(entity, first, path)
        except BadQuery:
            continue
        if not isinstance(member, Property) and rest not in further.setdefault(first, []):
            further[first].append(rest)
    places: list[Place] = []
    for first, rests in list(further.items())[:MOST_TITLES]:
        places += _led_to(context, selection, selection.member(entity, first, first), rests)
    return places


def _led_to(
    context: Context, selection: Selection, member: Property | Relation | Inverse, rests: list[str]
) -> list[Place]:
    """One place for each entity that a relation leads to."""
    assert not isinstance(member, Property)
    base = selection.base
    if isinstance(member, Relation) and member.kind == "many_to_many":
        here, there, table = link_columns(context, base.entity.name, member)
        return [
            lambda word, found=found: base.table.c.id.in_(  # type: ignore[misc]
                sa.select(here).where(there.in_(found(word)), *alive(table)).correlate(None)
            )
            for found in _among(context, selection, member.target, rests)
        ]
    if not member.to_one:
        return []
    columns = selection.columns_of(selection.spot(member.name))
    return [
        lambda word, column=column, found=found: column.in_(found(word))  # type: ignore[misc]
        for column, target in zip(columns, member.targets, strict=True)
        for found in _among(context, selection, target, rests)
    ]


def _among(
    context: Context, selection: Selection, target: str, rests: list[str]
) -> list[Callable[[str], sa.Select[tuple[int]]]]:
    """The ids of the records of an entity that a word is found in: read once, not for each row of the list."""
    inner = Selection(context, target, f"q{len(selection.expressions)}x")
    places = [place for rest in rests for place in _shown(inner, rest)]
    seen = access.predicate(context, target, "read", inner.base.table, inner.attach)
    selection.expressions += inner.expressions
    conditions = [] if seen is None else [seen]
    if not places:
        return []

    def found(word: str) -> sa.Select[tuple[int]]:
        wanted = sa.or_(*(place(word) for place in places))
        ids = sa.select(inner.base.table.c.id).select_from(inner.source).where(*conditions, wanted)
        return ids.correlate(None)

    return [found]


def _shown(inner: Selection, path: str) -> list[Place]:
    """What a column shows of a related record: its title, the text of a property, a title further on."""
    if not path:
        return _title(inner, inner.base.entity, ())
    try:
        spot = inner.spot(path)
    except BadQuery:
        return []
    if isinstance(spot.member, Property):
        prop = spot.member
        texts = prop.type.searchable and "contains" in prop.type.operators
        return [_texts(prop, inner.columns_of(spot))] if texts else []
    if not spot.member.to_one:
        return []
    places: list[Place] = []
    for position, target in enumerate(spot.member.targets):
        step = inner.join(spot.entity, spot.member, position, spot.step)
        there = inner.source_of(step).c["id"].is_not(None)
        places += [
            lambda word, here=here, there=there: sa.and_(there, here(word))  # type: ignore[misc]
            for here in _title(inner, inner.runtime.entities[target], step)
        ]
    return places
