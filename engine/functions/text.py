"""Functions of texts. Texts are sequences of Unicode code points, on both databases and in Python."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.expressions.kinds import BOOL, INT, STRING, Kind, ListKind
from engine.expressions.nodes import Node
from engine.expressions.registry import TEXT as TEXTS
from engine.expressions.registry import WHOLE, Function, Parameter, SqlCall, gives, literal, takes
from engine.functions.budget import check_length
from engine.functions.pattern_match import matches, rewritten
from engine.functions.patterns import pattern_problem
from engine.sql.phrase import BIGINT, BOOLEAN, TEXT, Clause, condition, let, phrase, text
from engine.sql.words import fill, integer, postgresql, sqlite
from engine.types.folding import Folded, fold

SPACES = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Unicode calls white space (PropList.txt, White_Space)."""

TO_LOWER = {upper: upper + 32 for upper in range(65, 91)}
TO_UPPER = {lower: lower - 32 for lower in range(97, 123)}


# ---- Python


def substring(value: str, start: int, end: int | None = None) -> str | None:
    """From `start` to before `end`; unknown where these are not in the text."""
    last = len(value) if end is None else end
    return value[start:last] if 0 <= start <= last <= len(value) else None


def character(value: str, index: int) -> str | None:
    """The character at an index; behind the last, nothing."""
    return value[index : index + 1] if 0 <= index <= len(value) else None


def index_of(value: str, part: str, start: int = 0) -> int | None:
    return value.find(part, start) if 0 <= start <= len(value) else None


def last_index_of(value: str, part: str, start: int | None = None) -> int | None:
    """Where a part is found last, beginning no later than at `start`."""
    if start is None:
        return value.rfind(part)
    return value.rfind(part, 0, start + len(part)) if 0 <= start <= len(value) else None


def replace(value: str, old: str, new: str) -> str:
    check_length(len(value) + value.count(old) * max(len(new) - len(old), 0))
    return value.replace(old, new)


def split(value: str, separator: str) -> tuple[str, ...]:
    """The parts between separators; without one, the characters."""
    return tuple(value.split(separator)) if separator else tuple(value)


def lower(value: str) -> str:
    """In small letters, as texts are compared without regard to case."""
    return fold(value) or ""


def upper(value: str) -> str:
    """In capitals, letter by letter; a German ß is SS. PostgreSQL knows no other letter that becomes two."""
    whole = value.replace("ß", "SS")
    made = whole.upper()
    if len(made) == len(whole):
        return made
    return "".join(map(_capital, whole))


def _capital(sign: str) -> str:
    """The one capital of a letter (Unicode's simple mapping); Greek ones with an iota below have a title form only."""
    for made in (sign.upper(), sign.title()):
        if len(made) == 1:
            return made
    return sign


# ---- SQL


def _starts_with(dialect: str) -> str:
    return "(substr({0}, 1, length({1})) = {1})" if dialect == "sqlite" else "starts_with({0}, {1})"


def _prefix(dialect: str, call: SqlCall) -> Clause:
    """Whether a text starts with another; with a literal also as a range, which an index answers."""
    plain = fill(dialect, _starts_with(dialect), BOOLEAN, call.arguments)
    prefix = call.values[1]
    behind = _following(prefix) if isinstance(prefix, str) else None
    if behind is None:
        return plain
    collate = ' COLLATE "C"' if dialect == "postgresql" else ""
    ranged = f"({{0}}{collate} >= {{1}} AND {{0}}{collate} < {{2}})"
    arguments = (*call.arguments, text(behind))
    return fill(dialect, ranged, BOOLEAN, arguments)


def _following(prefix: str) -> str | None:
    """The first text after all those that begin with a prefix; None where there is none."""
    last = ord(prefix[-1]) + 1 if prefix else LAST + 1
    if last > LAST:
        return None
    return prefix[:-1] + chr(0xE000 if last == SURROGATES else last)


LAST = 0x10FFFF
SURROGATES = 0xD800


def _substring(call: SqlCall) -> Clause:
    """PostgreSQL's; the tests come before, since a cast of a constant may be made in advance."""
    value, start = call.arguments[:2]
    last = call.arguments[2] if len(call.arguments) > 2 else None
    if last is None:
        template = "(CASE WHEN {1} BETWEEN 0 AND length({0}) THEN substr({0}, {2} + 1) END)"
        return _repeated(template, TEXT, value, start, integer(start))
    template = (
        "(CASE WHEN {1} >= 0 AND {2} BETWEEN {1} AND length({0}) THEN substr({0}, {3} + 1, {4} - {3}) END)"
    )
    return let(
        start,
        lambda one: let(
            last,
            lambda two: _repeated(template, TEXT, value, one, two, integer(one), integer(two)),
            "postgresql",
        ),
        "postgresql",
    )


def _repeated(template: str, kind: sa.types.TypeEngine[Any], value: Clause, *more: Clause) -> Clause:
    return let(value, lambda named: phrase(template, kind, named, *more), "postgresql")


def _character(call: SqlCall) -> Clause:
    value, index = call.arguments
    template = "(CASE WHEN {1} BETWEEN 0 AND length({0}) THEN substr({0}, {2} + 1, 1) END)"
    return let(index, lambda one: _repeated(template, TEXT, value, one, integer(one)), "postgresql")


def _index_of(call: SqlCall) -> Clause:
    if len(call.arguments) == 2:
        return phrase("CAST(strpos({0}, {1}) - 1 AS BIGINT)", BIGINT, *call.arguments)
    value, part, start = call.arguments
    template = (
        "(CASE WHEN {2} BETWEEN 0 AND length({0})"
        " THEN CASE WHEN strpos(substr({0}, {3} + 1), {1}) = 0 THEN -1"
        " ELSE strpos(substr({0}, {3} + 1), {1}) - 1 + {2} END END)"
    )

    def use(named: Clause, one: Clause, sought: Clause) -> Clause:
        return phrase(template, BIGINT, named, sought, one, integer(one))

    return _three(value, part, start, use)


def _last_index_of(call: SqlCall) -> Clause:
    value, part = call.arguments[:2]
    if len(call.arguments) == 2:
        template = (
            "(CASE WHEN strpos(reverse({0}), reverse({1})) = 0 THEN -1"
            " ELSE CAST(length({0}) - length({1}) - strpos(reverse({0}), reverse({1})) + 1 AS BIGINT) END)"
        )
        return fill("postgresql", template, BIGINT, (value, part))
    start = call.arguments[2]
    within = "reverse(left({0}, {3} + length({1})))"
    template = (
        "(CASE WHEN {2} BETWEEN 0 AND length({0})"
        f" THEN CASE WHEN strpos({within}, reverse({{1}})) = 0 THEN -1"
        f" ELSE CAST(length(left({{0}}, {{3}} + length({{1}}))) - length({{1}}) - strpos({within}, reverse({{1}}))"
        " + 1 AS BIGINT) END END)"
    )

    def use(named: Clause, one: Clause, sought: Clause) -> Clause:
        small = phrase("least(greatest({0}, 0), length({1}))", sa.Integer(), integer(one), named)
        return phrase(template, BIGINT, named, sought, one, small)

    return _three(value, part, start, use)


def _three(value: Clause, part: Clause, start: Clause, use: object) -> Clause:
    assert callable(use)
    return let(
        value,
        lambda named: let(
            part,
            lambda sought: let(start, lambda one: use(named, one, sought), "postgresql"),
            "postgresql",
        ),
        "postgresql",
    )


def _matches(call: SqlCall) -> Clause:
    # PostgreSQL plans with the pattern at hand: as a bound value it is compiled once per session.
    return condition("({0} ~ {1})", call.arguments[0], text(rewritten(call.values[1])))


def _pattern_result(arguments: object) -> Kind:
    """Whether a pattern is found is a condition. Raises ValueError for a pattern that is not portable."""
    assert isinstance(arguments, list | tuple)
    node: Node = arguments[1]
    problem = pattern_problem(literal(node))
    if problem:
        raise ValueError(problem)
    return BOOL


REPLACED = (
    "(CASE WHEN {1} = '' THEN {2} || regexp_replace({0}, '(.)', '\\1' || replace({2}, '\\', '\\\\'), 'g')"
    " ELSE replace({0}, {1}, {2}) END)"
)

TEXT_FUNCTIONS = (
    Function(
        "size", takes(x=TEXTS), gives(INT), len,
        "How many characters a text has.",
        example=("size('Größe')", "5"), total=True,
        sqlite=sqlite("length({0})", BIGINT), postgresql=postgresql("CAST(length({0}) AS BIGINT)", BIGINT),
    ),
    Function(
        "contains", takes(x=TEXTS, part=TEXTS), gives(BOOL), lambda x, part: part in x,
        "Whether a text has another in it.",
        example=("'Sales order'.contains('order')", "true"), usage="method", total=True,
        sqlite=sqlite("(instr({0}, {1}) > 0)", BOOLEAN), postgresql=postgresql("(strpos({0}, {1}) > 0)", BOOLEAN),
    ),
    Function(
        "startsWith", takes(x=TEXTS, prefix=TEXTS), gives(BOOL), str.startswith,
        "Whether a text begins with another.",
        example=("'RO-17'.startsWith('RO')", "true"), usage="method", total=True,
        sqlite=lambda call: _prefix("sqlite", call), postgresql=lambda call: _prefix("postgresql", call),
    ),
    Function(
        "endsWith", takes(x=TEXTS, suffix=TEXTS), gives(BOOL), str.endswith,
        "Whether a text ends with another.",
        example=("'report.pdf'.endsWith('.pdf')", "true"), usage="method", total=True,
        sqlite=sqlite("(CASE WHEN length({1}) = 0 THEN {0} = {0} ELSE substr({0}, -length({1})) = {1} END)", BOOLEAN),
        postgresql=postgresql("(right({0}, length({1})) = {1})", BOOLEAN),
    ),
    Function(
        "matches", (Parameter("x", TEXTS), Parameter("pattern", TEXTS, literal=True)), _pattern_result, matches,
        "Whether a pattern is found anywhere in a text: RE2's syntax, without flags, \\b and classes by name.",
        example=("'AB-123'.matches('^[A-Z]+-[0-9]+$')", "true"), total=True,
        postgresql=_matches,
    ),
    Function(
        "lower", takes(x=TEXTS), gives(STRING), lower,
        "A text in small letters.",
        example=("lower('ÉCOLE')", "'école'"), total=True,
        sqlite=lambda call: Folded(call.arguments[0]),
        postgresql=lambda call: phrase('({0} COLLATE "C")', TEXT, Folded(call.arguments[0])),
    ),
    Function(
        "upper", takes(x=TEXTS), gives(STRING), upper,
        "A text in capitals.",
        example=("upper('straße')", "'STRASSE'"), total=True,
        postgresql=postgresql("""(upper(replace({0}, 'ß', 'SS') COLLATE "default") COLLATE "C")""", TEXT),
    ),
    Function(
        "lowerAscii", takes(x=TEXTS), gives(STRING), lambda x: x.translate(TO_LOWER),
        "A text with A to Z in small letters; all others stay.",
        example=("'ÄB'.lowerAscii()", "'Äb'"), total=True,
        sqlite=sqlite("lower({0})", TEXT), postgresql=postgresql('lower({0} COLLATE "C")', TEXT),
    ),
    Function(
        "upperAscii", takes(x=TEXTS), gives(STRING), lambda x: x.translate(TO_UPPER),
        "A text with a to z in capitals; all others stay.",
        example=("'äb'.upperAscii()", "'äB'"), total=True,
        sqlite=sqlite("upper({0})", TEXT), postgresql=postgresql('upper({0} COLLATE "C")', TEXT),
    ),
    Function(
        "trim", takes(x=TEXTS), gives(STRING), lambda x: x.strip(SPACES),
        "A text without white space at its ends.",
        example=("'  a b '.trim()", "'a b'"), total=True,
        sqlite=lambda call: phrase("trim({0}, {1})", TEXT, call.arguments[0], text(SPACES)),
        postgresql=lambda call: phrase("btrim({0}, {1})", TEXT, call.arguments[0], text(SPACES)),
    ),
    Function(
        "substring", takes(x=TEXTS, start=WHOLE, end=WHOLE), gives(STRING), substring,
        "The part of a text from one index to before another, counted from 0; unknown outside the text.",
        example=("'tacocat'.substring(0, 4)", "'taco'"), optional=1, postgresql=_substring,
    ),
    Function(
        "charAt", takes(x=TEXTS, index=WHOLE), gives(STRING), character,
        "The character at an index from 0; behind the last it is empty.",
        example=("'hello'.charAt(4)", "'o'"), postgresql=_character,
    ),
    Function(
        "indexOf", takes(x=TEXTS, part=TEXTS, start=WHOLE), gives(INT), index_of,
        "Where a text first has another in it, from 0; -1 where it has not.",
        example=("'hello mellow'.indexOf('ello')", "1"), optional=1, postgresql=_index_of,
    ),
    Function(
        "lastIndexOf", takes(x=TEXTS, part=TEXTS, start=WHOLE), gives(INT), last_index_of,
        "Where a text last has another in it, from 0; -1 where it has not.",
        example=("'hello mellow'.lastIndexOf('ello')", "7"), optional=1, postgresql=_last_index_of,
    ),
    Function(
        "replace", takes(x=TEXTS, old=TEXTS, new=TEXTS), gives(STRING), replace,
        "A text with each occurrence of a part replaced.",
        example=("'a.b.c'.replace('.', '/')", "'a/b/c'"), total=True,
        postgresql=postgresql(REPLACED, TEXT),
    ),
    Function(
        "split", takes(x=TEXTS, separator=TEXTS), gives(ListKind(STRING)), split,
        "The parts of a text between separators, as a list. Python only: a list has no place in SQL.",
        example=("'a,b'.split(',')", "['a', 'b']"), total=True,
    ),
)  # fmt: skip
