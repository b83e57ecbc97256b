"""What expressions at random may name: the members of each entity by the kind of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    STRING,
    TIME,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
)
from engine.functions.standard import standard_functions
from engine.typecheck.check import check
from engine.typecheck.schema import MemberShape, Roots, Schema

PLAIN: Mapping[Kind, str] = {
    BOOL: "bool",
    INT: "int",
    STRING: "text",
    DATE: "date",
    DATETIME: "moment",
    DURATION: "length",
    TIME: "clock",
}
WORDS_OF_SYNTAX = ("in", "true", "false", "null")


@dataclass
class Fields:
    """The members of one entity: names by kind, and what relations lead to."""

    by_kind: dict[str, list[str]] = field(default_factory=dict)
    one: list[tuple[str, str]] = field(default_factory=list)
    many: list[tuple[str, str]] = field(default_factory=list)
    several: list[str] = field(default_factory=list)

    def add(self, kind: str, name: str) -> None:
        self.by_kind.setdefault(kind, []).append(name)


@dataclass(frozen=True)
class Vocabulary:
    """Everything there is to name. `record` is of the entity `base`.

    The kinds are words: `int`, `text`, `eur` (amounts of the one `currency`), `money` (of any), one for each list of
    options (`options` has their names), `list` (several options), `whole` (what has parts), `other`.
    """

    base: str
    fields: Mapping[str, Fields]
    options: Mapping[str, Sequence[str]]
    currency: str = "EUR"

    def lists(self) -> list[tuple[str, Sequence[str]]]:
        """The lists of options that the record has."""
        own = self.fields[self.base].by_kind
        return [
            (name, options)
            for kind, options in self.options.items()
            for name in own.get(f"list of {kind}", ())
        ]


def vocabulary_of(schema: Schema, entities: Sequence[str], currency: str = "EUR") -> Vocabulary:
    """The vocabulary of some entities; the first is that of `record`."""
    options: dict[str, Sequence[str]] = {}
    fields = {}
    for entity in entities:
        fields[entity] = made = Fields()
        for name in sorted(schema.names(entity)):
            shape = schema.member(entity, name)
            assert shape is not None
            _sort(made, shape, options, entities)
        _add_attributes(made, schema, entity, options)
    return Vocabulary(entities[0], fields, options, currency)


def _sort(
    made: Fields, shape: MemberShape, options: dict[str, Sequence[str]], entities: Sequence[str]
) -> None:
    name = f"`{shape.name}`" if shape.name in WORDS_OF_SYNTAX else shape.name
    kind = shape.kind.item if isinstance(shape.kind, ListKind) else shape.kind
    if isinstance(kind, RecordKind):
        if len(kind.entities) > 1:
            made.several.append(name)
        elif kind.entities[0] in entities:
            (made.many if shape.many else made.one).append((name, kind.entities[0]))
    elif isinstance(shape.kind, ListKind):
        assert isinstance(kind, EnumKind)
        made.add(f"list of {_options(options, kind)}", name)
    else:
        _value(made, name, kind, options)


def _value(made: Fields, name: str, kind: Kind, options: dict[str, Sequence[str]]) -> None:
    match kind:
        case DecimalKind():
            made.add("decimal", name)
        case MoneyKind():
            made.add("eur" if kind.currency else "money", name)
            made.add("decimal", f"{name}.amount")
            made.add("text", f"{name}.currency")
        case EnumKind():
            made.add(_options(options, kind), name)
        case StructKind():
            made.add("whole", name)
            for part, inner in kind.parts.items():
                _value(made, f"{name}.{part}", inner, options)
        case _:
            made.add(PLAIN.get(kind, "other"), name)


def _options(options: dict[str, Sequence[str]], kind: EnumKind) -> str:
    """The word for a choice among these names."""
    for word, names in options.items():
        if tuple(names) == kind.names:
            return word
    word = f"stage{len(options)}"
    options[word] = kind.names
    return word


def _add_attributes(made: Fields, schema: Schema, entity: str, options: Mapping[str, Sequence[str]]) -> None:
    """What the options of choices say of themselves."""
    roots, functions = Roots(records={"record": (entity,)}), standard_functions()
    for name in sorted(schema.names(entity)):
        shape = schema.member(entity, name)
        if shape is None or not isinstance(shape.kind, EnumKind):
            continue
        for attribute in shape.kind.attributes:
            path = f"{name}.{attribute}"
            try:
                kind = check(f"record.{path}", roots, schema, functions).kind
            except ExpressionError:
                continue
            _value(made, path, kind, dict(options))
