"""Functions of numbers and amounts, exact and rounded half away from zero; and the least and most of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from math import ceil as up
from math import floor as down
from math import isfinite, trunc
from typing import Any

from engine.expressions.kinds import (
    ANY,
    DOUBLE,
    INT,
    MOST_SCALE,
    DecimalKind,
    Kind,
    MoneyKind,
    is_ordered,
    is_text,
)
from engine.expressions.nodes import Node
from engine.expressions.registry import (
    AMOUNT,
    WHOLE,
    Function,
    Parameter,
    Sql,
    SqlCall,
    Takes,
    like_first,
    literal,
)
from engine.functions import arithmetic
from engine.functions.lists import shared_currency
from engine.sql.phrase import BIGINT, NUMERIC, SMALLEST, TEXT, Clause, let_all, phrase, whole
from engine.sql.words import fill
from engine.types.currency import digits
from engine.types.money import Money

EXACT = Context(prec=80, rounding=ROUND_HALF_UP)

DECIMAL = Takes("a decimal number", lambda kind: isinstance(kind, DecimalKind) or kind is ANY)
FLOATING = Takes("a floating number", lambda kind: kind is DOUBLE or kind is ANY)
COMPARABLE = Takes("a value that is less or more than others", lambda kind: is_ordered(kind) or kind is ANY)


# ---- kinds


def _whole_decimal(arguments: Sequence[Node]) -> Kind:
    return DecimalKind(0)


def _always(kind: Kind) -> Callable[[Sequence[Node]], Kind]:
    return lambda arguments: kind


def _rounded_kind(arguments: Sequence[Node]) -> Kind:
    """As many decimals as asked for, no more than there were. Raises ValueError for a number out of reach."""
    places = literal(arguments[1])
    if not 0 <= places <= MOST_SCALE:
        raise ValueError(f"round takes 0 to {MOST_SCALE} decimals, not {places}")
    kind = arguments[0].kind
    return DecimalKind(min(places, kind.scale)) if isinstance(kind, DecimalKind) else kind


def _plain_money(arguments: Sequence[Node]) -> Kind:
    kind = arguments[0].kind
    return MoneyKind(kind.currency) if isinstance(kind, MoneyKind) else kind


# ---- Python


def absolute(value: Any, kinds: tuple[Kind, ...]) -> Any:
    kind = kinds[-1]
    if isinstance(value, Money):
        return arithmetic.negate_money(value, _extra(kind)) if value.amount < 0 else value
    if isinstance(kind, DecimalKind):
        return arithmetic.fits(abs(value), kind.scale)
    return arithmetic.whole(abs(value)) if kind is INT else abs(value)


def _extra(kind: Kind) -> int:
    return kind.extra if isinstance(kind, MoneyKind) else 0


def _quantized(value: Decimal, places: int, rounding: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding, EXACT)


def rounded(value: Any, places: int = 0, *, kinds: tuple[Kind, ...]) -> Any:
    """Half away from zero."""
    kind = kinds[-1]
    if isinstance(value, Money):
        amount = _quantized(value.amount, digits(value.currency) if value.currency else 0, ROUND_HALF_UP)
        return Money(amount, value.currency)
    if isinstance(kind, DecimalKind):
        return arithmetic.fits(_quantized(value, min(places, kind.scale), ROUND_HALF_UP), kind.scale)
    return value


def rounded_double(value: float, places: int = 0) -> float | None:
    if not isfinite(value):
        return None
    return float(_quantized(Decimal(value), places, ROUND_HALF_UP)) if abs(value) < 1e50 else value


def _floating(rounding: Callable[[Any], int]) -> Callable[[float], float | None]:
    return lambda value: float(rounding(value)) if isfinite(value) else None


def _toward(rounding: str) -> Callable[[Decimal], Decimal]:
    return lambda value: _quantized(value, 0, rounding)


def sign(value: Any) -> Any:
    return (value > 0) - (value < 0)


def sign_decimal(value: Decimal) -> Decimal:
    return Decimal(sign(value))


def least(*values: Any) -> Any:
    """The smallest; unknown for amounts of different currencies."""
    return _chosen(min, values)


def most(*values: Any) -> Any:
    """The largest; unknown for amounts of different currencies."""
    return _chosen(max, values)


def _chosen(choose: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    if not isinstance(values[0], Money):
        return choose(values)
    currency = shared_currency(values)
    return None if currency is None else Money(choose(value.amount for value in values), currency)


# ---- SQL


def _exactly(sqlite: bool, template: str) -> Sql:
    """SQL on the unscaled value: SQLite's form as it is, PostgreSQL's brought to it and back."""

    def made(call: SqlCall) -> Clause:
        kind = call.kinds[0]
        if sqlite or not isinstance(kind, DecimalKind):
            return fill("sqlite" if sqlite else "postgresql", template, BIGINT, call.arguments)
        smallest = phrase("CAST({0} AS NUMERIC)", NUMERIC, text_of(Decimal(-(2**63)).scaleb(-kind.scale)))
        return phrase("abs(nullif({0}, {1}))", NUMERIC, call.arguments[0], smallest)

    return made


def text_of(number: Decimal) -> Clause:
    """A number of ours as PostgreSQL's exact decimal."""
    return phrase(f"'{number:f}'", TEXT)


ABSOLUTE = f"abs(nullif({{0}}, {SMALLEST}))"
ABSOLUTE_BIGINT = f"abs(nullif({{0}}, CAST({SMALLEST} AS BIGINT)))"


def _places(call: SqlCall) -> int:
    places = call.values[1] if len(call.values) > 1 else 0
    assert isinstance(places, int)
    return places


def _round_sqlite(call: SqlCall) -> Clause:
    """Integer arithmetic on the unscaled value: the quotient, and one more where the rest is half or above."""
    kind = call.kinds[0]
    dropped = kind.extra if isinstance(kind, MoneyKind) else 0
    if isinstance(kind, DecimalKind):
        dropped = max(kind.scale - _places(call), 0)
    if not dropped:
        return call.arguments[0]
    step = 10**dropped
    template = (
        f"({{0}} / {step} + CASE WHEN {{0}} % {step} >= {step - step // 2} THEN 1"
        f" WHEN {{0}} % {step} <= -{step - step // 2} THEN -1 ELSE 0 END)"
    )
    return fill("sqlite", template, BIGINT, call.arguments[:1])


def _round_postgresql(call: SqlCall) -> Clause:
    kind = call.kinds[0]
    if isinstance(kind, MoneyKind):
        # Multiplied, not divided: PostgreSQL's quotients are rounded already.
        step = text_of(Decimal(1).scaleb(-kind.extra))
        template = "CAST(round(CAST({0} AS NUMERIC) * CAST({1} AS NUMERIC), 0) AS BIGINT)"
        return phrase(template, BIGINT, call.arguments[0], step)
    if not isinstance(kind, DecimalKind):
        return call.arguments[0]
    return phrase("round({0}, {1})", NUMERIC, call.arguments[0], whole(min(_places(call), kind.scale)))


SQLITE_TOWARD = {
    "ceil": "({0} / {1} + ({0} % {1} > 0))",
    "floor": "({0} / {1} - ({0} % {1} < 0))",
    "trunc": "({0} / {1})",
}


def _toward_sqlite(name: str) -> Sql:
    def made(call: SqlCall) -> Clause:
        kind = call.kinds[0]
        if not isinstance(kind, DecimalKind) or not kind.scale:
            return call.arguments[0]
        template = SQLITE_TOWARD[name].replace("{1}", str(10**kind.scale))
        return fill("sqlite", template, BIGINT, call.arguments)

    return made


def _toward_postgresql(name: str) -> Sql:
    def made(call: SqlCall) -> Clause:
        if not isinstance(call.kinds[0], DecimalKind):
            return call.arguments[0]
        return phrase(f"{name}({{0}})", NUMERIC, *call.arguments)

    return made


SIGNS = {True: "CAST(sign(CAST({0} AS NUMERIC)) AS BIGINT)", False: "sign({0})"}


def _sign(dialect: str) -> Sql:
    if dialect == "sqlite":
        return lambda call: fill(dialect, "(({0} > 0) - ({0} < 0))", BIGINT, call.arguments)
    return lambda call: fill(dialect, SIGNS[call.result is INT], BIGINT, call.arguments)


def _chosen_sql(dialect: str, name: str) -> Sql:
    """SQLite's min and max of several are null where one is; PostgreSQL's leave null out."""

    def made(call: SqlCall) -> Clause:
        arguments = call.arguments
        kind = arguments[0].type
        places = ", ".join(f"{{{position}}}" for position in range(len(arguments)))
        if dialect == "sqlite":
            return phrase(f"{name}({places})", kind, *arguments)
        if is_text(call.kinds[0]):
            places = ", ".join(f'{{{position}}} COLLATE "C"' for position in range(len(arguments)))
        there = " AND ".join(f"{{{position}}} IS NOT NULL" for position in range(len(arguments)))
        word = "least" if name == "min" else "greatest"
        template = f"(CASE WHEN {there} THEN {word}({places}) END)"
        return let_all(arguments, lambda named: phrase(template, kind, *named), dialect)

    return made


# ---- the catalogue


def _number_functions(name: str, summary: str, example: tuple[str, str], prefix: str = "") -> list[Function]:
    """One of ceil, floor, trunc: of decimals, of whole numbers (which stay), of floating numbers."""
    roundings = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR, "trunc": ROUND_DOWN}
    floating: dict[str, Callable[[Any], int]] = {"ceil": up, "floor": down, "trunc": trunc}
    shown = prefix + name
    return [
        Function(
            shown, (Parameter("x", DECIMAL),), _whole_decimal, _toward(roundings[name]), summary,
            example=example, group="number", usage="free", total=True,
            sqlite=_toward_sqlite(name), postgresql=_toward_postgresql(name),
        ),
        Function(
            shown, (Parameter("x", WHOLE),), like_first, lambda x: x, summary,
            example=(f"{shown}(3)", "3"), group="number", usage="free", total=True,
            sqlite=_toward_sqlite(name), postgresql=_toward_postgresql(name),
        ),
        Function(
            shown, (Parameter("x", FLOATING),), like_first, _floating(floating[name]), summary,
            example=(f"{shown}(double('2.0'))", "2.0"), group="number", usage="free",
        ),
    ]  # fmt: skip


def _absolute_functions(prefix: str = "") -> list[Function]:
    name = f"{prefix}abs"
    summary = "A number without its sign; unknown for the one whole number that has no counterpart."
    exact = Takes("a number", lambda kind: kind in (INT, ANY) or isinstance(kind, DecimalKind | MoneyKind))
    return [
        Function(
            name, (Parameter("x", exact),), like_first, absolute, summary,
            example=(f"{name}(-2.5)", "2.5"), group="number", usage="free", kinded=True,
            sqlite=_exactly(True, ABSOLUTE), postgresql=_exactly(False, ABSOLUTE_BIGINT),
        ),
        Function(
            name, (Parameter("x", FLOATING),), like_first, abs, summary,
            example=(f"{name}(double('-2'))", "2.0"), group="number", usage="free", total=True,
        ),
    ]  # fmt: skip


def _round_functions(prefix: str = "") -> list[Function]:
    name = f"{prefix}round"
    exact = Takes(
        "a whole or decimal number", lambda kind: kind in (INT, ANY) or isinstance(kind, DecimalKind)
    )
    summary = "A number rounded half away from zero, to a number of decimals written out, or to none."
    places = Parameter("n", WHOLE, literal=True)

    def kind_of(arguments: Sequence[Node]) -> Kind:
        if len(arguments) > 1:
            return _rounded_kind(arguments)
        return DecimalKind(0) if isinstance(arguments[0].kind, DecimalKind) else arguments[0].kind

    return [
        Function(
            name, (Parameter("x", exact), places), kind_of, rounded, summary,
            example=(f"{name}(2.345, 2)", "2.35"), group="number", usage="free", optional=1,
            kinded=True, total=True, sqlite=_round_sqlite, postgresql=_round_postgresql,
        ),
        Function(
            name, (Parameter("x", AMOUNT),), _plain_money, rounded,
            "An amount rounded half away from zero to its currency's smallest unit.",
            example=(f"{name}(money('10.00', 'EUR') / 3)", "money('3.33', 'EUR')"), group="number", usage="free",
            kinded=True, total=True, sqlite=_round_sqlite, postgresql=_round_postgresql,
        ),
        Function(
            name, (Parameter("x", FLOATING), places), like_first, rounded_double, summary,
            example=(f"{name}(double('2.5'))", "3.0"), group="number", usage="free", optional=1,
        ),
    ]  # fmt: skip


def _chosen_function(name: str, word: str) -> Function:
    python = least if word == "min" else most
    which = "smallest" if word == "min" else "largest"
    return Function(
        name, (Parameter("x", COMPARABLE), Parameter("y", COMPARABLE)), like_first, python,
        f"The {which} of two or more values; unknown where one is null.",
        example=(f"{name}(3, 1, 2)", "1" if word == "min" else "3"), group="number", usage="free", repeated=True,
        sqlite=_chosen_sql("sqlite", word), postgresql=_chosen_sql("postgresql", word),
    )  # fmt: skip


NUMBER_FUNCTIONS: tuple[Function, ...] = (
    *_absolute_functions(),
    *_absolute_functions("math."),
    *_round_functions(),
    *_round_functions("math."),
    *_number_functions("ceil", "The next whole number up.", ("ceil(2.1)", "decimal('3')")),
    *_number_functions("ceil", "The next whole number up.", ("math.ceil(2.1)", "decimal('3')"), "math."),
    *_number_functions("floor", "The next whole number down.", ("floor(-2.1)", "decimal('-3')")),
    *_number_functions("floor", "The next whole number down.", ("math.floor(-2.1)", "decimal('-3')"), "math."),
    *_number_functions("trunc", "A number without its decimals.", ("math.trunc(-2.9)", "decimal('-2')"), "math."),
    Function(
        "math.sign", (Parameter("x", WHOLE),), _always(INT), sign,
        "-1, 0 or 1 as a number is negative, zero or positive.",
        example=("math.sign(-5)", "-1"), group="number", usage="free", total=True,
        sqlite=_sign("sqlite"), postgresql=_sign("postgresql"),
    ),
    Function(
        "math.sign", (Parameter("x", DECIMAL),), _always(DecimalKind(0)), sign_decimal,
        "-1, 0 or 1 as a number is negative, zero or positive.",
        example=("math.sign(-0.5)", "decimal('-1')"), group="number", usage="free", total=True,
        sqlite=_sign("sqlite"), postgresql=_sign("postgresql"),
    ),
    _chosen_function("min", "min"),
    _chosen_function("max", "max"),
    _chosen_function("math.least", "min"),
    _chosen_function("math.greatest", "max"),
)  # fmt: skip
