"""The page of the language's functions, written from its registry; and of those that the language itself knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.expressions.registry import Function
from engine.functions.standard import standard_functions

GROUPS = {
    "text": ("Texts", "Characters are Unicode's code points; indexes count from 0."),
    "number": ("Numbers and amounts", "Exact, and rounded half away from zero."),
    "time": (
        "Dates and moments",
        """A moment's days and hours are those of the reader's time zone; of the application's in computed
properties, which are the same for everybody. `getMonth()` and its kin are CEL's: in UTC, or a zone that is
written out, and some of them count from 0.""",
    ),
    "conversion": ("Conversions", "What can't be read as the kind asked for is unknown."),
}


@dataclass(frozen=True)
class Own:
    """A function of the language itself: how it is called, what it gives, and an example with its value."""

    call: str
    summary: str
    example: str = ""
    value: str = ""


OWN: tuple[Own, ...] = (
    Own("has(x)", "Whether there is a value: it is not null, and known.", "has(null)", "false"),
    Own("empty(x)", "Whether it is null, unknown, `''` or `[]`.", "empty('')", "true"),
    Own("truthy(x)", "Whether it is neither null, unknown, false, 0, `''` nor `[]`.", "truthy(0)", "false"),
    Own("coalesce(a, b, …)", "The first that is not null or unknown.", "coalesce(null, 3)", "3"),
    Own("now()", "This moment, the same throughout one request."),
    Own("today()", "The day it is."),
    Own("is_new()", "Whether the record is being created. Where a change is judged."),
    Own("changed(record.x)", "Whether this change gives `x` another value; a new record's was null before."),
    Own("changed_to(record.x, v)", "The same, and that it is `v` now."),
    Own("feature('x')", "Whether a feature is switched on."),
    Own("date('…')", "A date that is written out.", "date('2026-01-31') < date('2026-02-01')", "true"),
    Own("timestamp('…')", "A moment that is written out, with its offset.",
        "timestamp('2026-01-31T12:00:00+02:00')", "timestamp('2026-01-31T10:00:00Z')"),
    Own("duration('…')", "A length of time: days `d`, hours `h`, minutes `m`, seconds `s`, `ms`, `us`.",
        "duration('90m')", "duration('1h30m')"),
    Own("time('…')", "A time of day that is written out.", "time('08:30') < time('09:00')", "true"),
    Own("decimal('…')", "An exact number, with as many decimals as are written.", "decimal('10.50')", "10.5"),
    Own("money('…', 'EUR')", "An amount of a currency.", "money('10.50', 'EUR') > money('10', 'EUR')", "true"),
)  # fmt: skip

LISTS: tuple[Own, ...] = (
    Own("list.exists(x, condition)", "Whether some item meets a condition.", "[1, 2, 3].exists(x, x > 2)", "true"),
    Own("list.all(x, condition)", "Whether all do; of no items, they do.", "[1, 2, 3].all(x, x > 2)", "false"),
    Own("list.exists_one(x, condition)", "Whether exactly one does; `existsOne` too.",
        "[1, 2, 3].exists_one(x, x > 2)", "true"),
    Own("list.filter(x, condition)", "The items that do.", "[1, 2, 3].filter(x, x > 1)", "[2, 3]"),
    Own("list.map(x, value)", "A value of each item.", "[1, 2].map(x, x * 10)", "[10, 20]"),
    Own("list.size()", "How many items there are.", "[1, 2].size()", "2"),
    Own("list.count()", "How many of them are not null.", "[1, null].count()", "1"),
    Own("list.sum()", "All added up; of no items 0.", "[1, 2, 3].sum()", "6"),
    Own("list.avg()", "Their mean; of no items null.", "[1.0, 2.0].avg()", "1.5"),
    Own("list.min()", "The smallest; of no items null.", "[2, 1].min()", "1"),
    Own("list.max()", "The largest; of no items null.", "[2, 1].max()", "2"),
    Own("list.first()", "The first item; of no items null.", "['a', 'b'].first()", "'a'"),
    Own("list.join(', ')", "All texts in one, with a separator between them.", "['a', 'b'].join(', ')", "'a, b'"),
)  # fmt: skip


def functions_page() -> Iterator[str]:
    """The parts of the page."""
    yield (
        "What [expressions](expressions.md) may call. Each example is carried out by a test, in Python and, where it "
        "has SQL, on both databases. A function is not asked when one of its arguments is null: the result is then "
        "unknown. *SQL* tells where it works in filters, grids and computed properties that are not `stored`: "
        "what has none works in the other keys. Plugins add "
        "[functions of their own](../how-to/expression-function.md)."
    )
    yield "## Of the language itself"
    yield _own_table(OWN)
    yield "## Lists"
    yield (
        "Of related records, of a choice with several values, of what `split` gives. `min`, `max`, `sum`, `avg`, "
        "`count` and `join` leave out items that are null."
    )
    yield _own_table(LISTS)
    functions = standard_functions().all
    for group, (title, said) in GROUPS.items():
        yield f"## {title}"
        yield said
        yield _table([function for function in functions if function.group == group])


def _own_table(functions: Sequence[Own]) -> str:
    lines = ["| call | gives | example |", "|---|---|---|"]
    for each in functions:
        example = f"`{each.example}` is `{each.value}`" if each.example else ""
        lines.append(f"| `{each.call}` | {_cell(each.summary)} | {_cell(example)} |")
    return "\n".join(lines)


def _table(functions: Sequence[Function]) -> str:
    lines = ["| call | takes | gives | example | SQL |", "|---|---|---|---|---|"]
    for function in functions:
        text, value = function.example
        example = f"`{text}` is `{value}`" if text else ""
        sql = "yes" if function.in_sql else "no"
        takes = ", ".join(dict.fromkeys(_word(each.takes.word, each.literal) for each in function.parameters))
        cells = (f"`{_signature(function)}`", takes, function.summary, example, sql)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def _word(word: str, literal: bool) -> str:
    return f"{word} (written out)" if literal else word


def _signature(function: Function) -> str:
    """As messages show it, with what may be left out marked."""
    names = [parameter.name for parameter in function.parameters]
    optional = names[len(names) - function.optional :] if function.optional else []
    shown = function.signature
    for name in optional:
        shown = shown.replace(f"{name})", f"{name}?)").replace(f"{name},", f"{name}?,")
    return shown


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
