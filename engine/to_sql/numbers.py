"""Arithmetic in SQL: exact, and unknown where the result does not fit 64 bits without its decimals.

SQLite's integers turn to REAL where they overflow and stay so through `+ - *`: such a value is `loose`, and is
looked at once, where it is used for something else. PostgreSQL raises an error instead, so what may overflow is
computed in NUMERIC and compared with the limits at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expressions.kinds import (
    DATE,
    DATETIME,
    INT,
    LARGEST_INT,
    DecimalKind,
    Kind,
    MoneyKind,
)
from engine.sql.phrase import (
    BIGINT,
    NUMERIC,
    SMALLEST,
    TEXT,
    Clause,
    condition,
    let_all,
    light,
    phrase,
    text,
)
from engine.sql.storage import MOMENT, Dialect, Value, Wide, scale_of
from engine.sql.time import DAY, DAYS
from engine.sql.words import fill
from engine.to_sql.sqlite_calls import (
    DIVIDE,
    FIRST_MOMENT,
    LAST_MOMENT,
    MOMENT_OR_NULL,
    MOVED_DAY,
    MULTIPLY,
    QUOTIENT,
    REMAINDER,
    WHOLE,
)
from engine.types.currency import OTHER_DIGITS

DAY_MICROSECONDS = 86_400_000_000
FARTHEST_MOMENT = LAST_MOMENT - FIRST_MOMENT
FARTHEST_DAYS = 3_652_059


def exact(number: Decimal) -> Clause:
    """A number of ours as PostgreSQL's exact decimal."""
    return phrase(f"CAST('{number:f}' AS NUMERIC)", NUMERIC)


def power(exponent: int) -> Clause:
    return exact(Decimal(1).scaleb(exponent))


# ---- fitting 64 bits


def settle(value: Value, dialect: Dialect) -> Value:
    """A value that is a whole number or null, whatever happened on the way."""
    if dialect != "sqlite" or not value.loose:
        return value
    # A heavy clause is handed to Python: naming it takes a SELECT, of which SQLite can't nest many.
    guard = "(CASE WHEN typeof({0}) = 'integer' THEN {0} END)" if light(value.clause) else f"{WHOLE}({{0}})"
    return Value(phrase(guard, BIGINT, value.clause), value.currency)


def fit(clause: Clause, kind: Kind, most: int, shift: int = 0) -> Value:
    """PostgreSQL's result of a kind, null where it does not fit.

    It is `clause`, which is computed in NUMERIC, times ten to the power of `shift`.
    """
    scale = kind.scale if isinstance(kind, DecimalKind) else 0
    if most <= LARGEST_INT:
        made = phrase(_moved_by(shift), NUMERIC, clause) if shift else clause
        return Value(made if isinstance(kind, DecimalKind) else _big(made), most=most)
    low, high = (Decimal(limit).scaleb(-scale - shift) for limit in (-LARGEST_INT - 1, LARGEST_INT))
    # Both limits at once, as a rule: a product that is long to compute is written once less.
    fits = f"abs({{0}}) <= {high:f} OR {{0}} = {low:f}"
    return replace(_guarded(clause, fits, _moved_by(shift), kind), wide=Wide(clause, shift, fits))


def _moved_by(shift: int) -> str:
    return f"({{0}} * CAST('{Decimal(1).scaleb(shift):f}' AS NUMERIC))" if shift else "{0}"


def _guarded(clause: Clause, fits: str, shown: str, kind: Kind) -> Value:
    """What is shown of a clause, where that fits."""
    decimal = isinstance(kind, DecimalKind)
    made = shown if decimal else f"CAST({shown} AS BIGINT)"
    template = f"(CASE WHEN {fits} THEN {made} END)"
    return Value(fill("postgresql", template, NUMERIC if decimal else BIGINT, (clause,)))


def _big(clause: Clause) -> Clause:
    return phrase("CAST({0} AS BIGINT)", BIGINT, clause)


def numeric(clause: Clause) -> Clause:
    return phrase("CAST({0} AS NUMERIC)", NUMERIC, clause)


# ---- + - * / % of numbers


def negative(value: Value, kind: Kind, dialect: Dialect) -> Value:
    """Unary minus."""
    if dialect == "sqlite":
        return Value(phrase("(-{0})", BIGINT, value.clause), value.currency, most=value.most, loose=True)
    if isinstance(kind, DecimalKind):
        return fit(phrase("(-{0})", NUMERIC, value.clause), kind, value.most)
    made = phrase(f"(-nullif({{0}}, CAST({SMALLEST} AS BIGINT)))", BIGINT, value.clause)
    return Value(made, value.currency, most=value.most)


def added(operator: str, left: Value, right: Value, kind: Kind, dialect: Dialect) -> Value:
    """`+` and `-` of two values of one kind."""
    most = left.most + right.most
    clauses = (left.clause, right.clause)
    if dialect == "sqlite":
        return Value(
            phrase(f"({{0}} {operator} {{1}})", BIGINT, *clauses), most=most, loose=most > LARGEST_INT
        )
    if isinstance(kind, DecimalKind):
        return fit(phrase(f"({{0}} {operator} {{1}})", NUMERIC, *clauses), kind, most)
    return fit(phrase(f"(CAST({{0}} AS NUMERIC) {operator} {{1}})", NUMERIC, *clauses), kind, most)


def multiplied(left: Value, right: Value, scales: tuple[int, int], kind: Kind, dialect: Dialect) -> Value:
    """A product of factors with decimals of their own, rounded to those of `kind`."""
    drop = sum(scales) - scale_of(kind)
    most = left.most * right.most // 10 ** max(drop, 0) + 1
    if dialect == "sqlite":
        if drop > 0:
            one, two = settle(left, dialect), settle(right, dialect)
            return Value(_product_rounded(one.clause, two.clause, drop))
        factor = "" if drop == 0 else f" * {10**-drop}"
        made = phrase(f"({{0}} * {{1}}{factor})", BIGINT, left.clause, right.clause)
        return Value(made, most=most * 10 ** max(-drop, 0), loose=most > LARGEST_INT)
    product = phrase("(CAST({0} AS NUMERIC) * {1})", NUMERIC, left.clause, right.clause)
    if isinstance(kind, DecimalKind):
        return fit(
            phrase(f"round({{0}}, {kind.scale})", NUMERIC, product) if drop > 0 else product, kind, most
        )
    # An amount's units are those of its kind, its factor is a plain number.
    shift = kind.extra - scales[0] if isinstance(kind, MoneyKind) else 0
    if drop <= 0:
        return fit(product, kind, most, shift)
    return fit(phrase(f"round({_moved_by(shift)}, 0)", NUMERIC, product), kind, most)


def _product_rounded(left: Clause, right: Clause, drop: int) -> Clause:
    """SQLite's product without its last decimals; Python computes what is beyond 64 bits before it is rounded."""
    exactly = f"{MULTIPLY}({{0}}, {{1}}, {drop})"
    product = phrase("({0} * {1})", BIGINT, left, right)
    if not light(product):
        return phrase(exactly, BIGINT, left, right)
    template = f"({_cases(drop, 2)} WHEN typeof({{2}}) = 'real' THEN {exactly} END)"
    return phrase(template, BIGINT, left, right, product, without_decimals(product, drop))


def _cases(drop: int, at: int) -> str:
    """The start of a CASE that leaves off last digits: the clause stands at one place, and without them at the next.

    A row whose number is not negative, and not within half a step of the limit, is done with the first; SQLite computes
    a clause anew at each place.
    """
    half = 10**drop // 2
    usual = f"WHEN {{{at}}} BETWEEN 0 AND {LARGEST_INT - half} THEN ({{{at}}} + {half}) / {10**drop}"
    return f"CASE {usual} WHEN typeof({{{at}}}) = 'integer' THEN {{{at + 1}}}"


def without_decimals(clause: Clause, drop: int) -> Clause:
    """SQLite's whole number without its last digits, rounded half away from zero: halves are counted first."""
    half = 10**drop // 2
    return phrase(f"(({{0}} / {half} + CASE WHEN {{0}} < 0 THEN -1 ELSE 1 END) / 2)", BIGINT, clause)


def by_power_of_ten(value: Value, shift: int, kind: Kind, dialect: Dialect) -> Value:
    """A number with its digits moved by `shift` places to the left; to the right, rounded half away from zero.

    So a factor or divisor that is written as a power of ten is computed, and what a property of fewer decimals keeps.
    """
    if shift == 0:
        return value
    most = value.most * 10**shift if shift > 0 else value.most // 10**-shift + 1
    if dialect == "postgresql":
        scale = kind.scale if isinstance(kind, DecimalKind) else 0
        if value.wide is not None and shift < 0 and most <= LARGEST_INT:
            shown = f"round({_moved_by(value.wide.shift + shift)}, {scale})"
            return replace(_guarded(value.wide.clause, value.wide.fits, shown, kind), most=most)
        made = phrase("(CAST({0} AS NUMERIC) * {1})", NUMERIC, value.clause, power(shift))
        return fit(phrase(f"round({{0}}, {scale})", NUMERIC, made) if shift < 0 else made, kind, most)
    if shift > 0:
        made = phrase(f"({{0}} * {10**shift})", BIGINT, value.clause)
        return Value(made, value.currency, most=most, loose=value.loose or most > LARGEST_INT)
    if not light(value.clause):
        settled = settle(value, dialect).clause
        return Value(phrase(f"{MULTIPLY}({{0}}, 1, {-shift})", BIGINT, settled), value.currency, most=most)
    shorter = without_decimals(value.clause, -shift)
    if value.loose:
        shorter = phrase(f"({_cases(-shift, 0)} END)", BIGINT, value.clause, shorter)
    return Value(shorter, value.currency, most=most)


def divided(
    left: Value, right: Value, scales: tuple[int, int], scale: int, kind: Kind, dialect: Dialect
) -> Value:
    """A quotient rounded half away from zero to `scale` decimals; by zero unknown.

    `scales` are the decimals of dividend and divisor as whole numbers; on PostgreSQL a decimal is none.
    """
    if dialect == "sqlite":
        one, two = settle(left, dialect), settle(right, dialect)
        shift = scale + scales[1] - scales[0]
        return Value(phrase(f"{DIVIDE}({{0}}, {{1}}, {shift})", BIGINT, one.clause, two.clause))
    top = phrase("(CAST({0} AS NUMERIC) * {1})", NUMERIC, left.clause, power(scale))
    made = rounded_quotient(top, numeric(right.clause))
    if isinstance(kind, DecimalKind):
        made = phrase("({0} * {1})", NUMERIC, made, power(-scale))
    return fit(made, kind, LARGEST_INT + 1)


def rounded_quotient(top: Clause, bottom: Clause) -> Clause:
    """PostgreSQL's `/` chooses its own decimals; this is exact before it is rounded."""
    template = (
        "(CASE WHEN {1} <> 0 THEN div({0}, {1}) + CASE WHEN 2 * abs(mod({0}, {1})) >= abs({1})"
        " THEN sign({0}) * sign({1}) ELSE 0 END END)"
    )
    return fill("postgresql", template, NUMERIC, (top, bottom))


def divided_whole(operator: str, left: Value, right: Value, plain: bool, dialect: Dialect) -> Value:
    """`/` and `%` of whole numbers, toward zero. `plain`: the divisor is known to be neither 0 nor -1."""
    one, two = settle(left, dialect).clause, settle(right, dialect).clause
    if dialect == "postgresql":
        operation = "{0} / {1}" if operator == "/" else "mod({0}, {1})"
        one, two = _big(one), _big(two)
    else:
        operation = f"{{0}} {operator} {{1}}"
    if plain:
        return Value(phrase(f"({operation})", BIGINT, one, two))
    if dialect == "sqlite" and not (light(one) and light(two)):
        return Value(phrase(f"{WHOLE_OPERATIONS[operator]}({{0}}, {{1}})", BIGINT, one, two))
    of_minus_one = "-{0}" if operator == "/" else "0"
    template = (
        f"(CASE {{1}} WHEN 0 THEN NULL WHEN -1 THEN CASE WHEN {{0}} > {SMALLEST} THEN {of_minus_one} END"
        f" ELSE {operation} END)"
    )
    return Value(fill(dialect, template, BIGINT, (one, two)))


WHOLE_OPERATIONS = {"/": QUOTIENT, "%": REMAINDER}


def remainder(left: Value, right: Value, dialect: Dialect) -> Value:
    """`%` of two decimals of one scale."""
    one, two = settle(left, dialect).clause, settle(right, dialect).clause
    if dialect == "sqlite":
        return Value(phrase("({0} % {1})", BIGINT, one, two), most=left.most)
    return Value(phrase("mod({0}, nullif({1}, 0))", NUMERIC, one, two), most=left.most)


def rescaled(value: Value, source: Kind, kind: Kind, dialect: Dialect, limited: bool = True) -> Value:
    """A number in more decimals. Not `limited` it is only good for comparing: it may be beyond 64 bits."""
    more = scale_of(kind) - scale_of(source)
    most = value.most * 10**more
    if dialect == "sqlite":
        if not more:
            return value
        one = value if limited else settle(value, dialect)
        made = phrase(f"({{0}} * {10**more})", BIGINT, one.clause)
        return Value(made, value.currency, most=most, loose=limited and most > LARGEST_INT)
    if isinstance(kind, MoneyKind):
        if not more:
            return value
        product = phrase(f"(CAST({{0}} AS NUMERIC) * {10**more})", NUMERIC, value.clause)
        made = fit(product, kind, most).clause if limited else product
        return Value(made, value.currency, most=most)
    if not limited:
        return value
    return fit(numeric(value.clause) if source is INT else value.clause, kind, most)


# ---- currencies


def agree(left: Clause | None, right: Clause | None) -> Clause | None:
    """Whether two currencies are one; none agrees with any. None where there is nothing to ask."""
    if left is None or right is None:
        return None
    return condition("({0} = {1} OR {0} IS NULL OR {1} IS NULL)", left, right)


def shared(left: Clause | None, right: Clause | None) -> Clause | None:
    """The currency of two that agree."""
    if left is None or right is None:
        return left if right is None else right
    return phrase("coalesce({0}, {1})", TEXT, left, right)


def by_digits(currency: Clause, choose: dict[int, Clause]) -> Clause:
    """A clause that depends on how many decimals a currency has; without a currency, none."""
    groups: dict[int, list[str]] = {}
    for code, places in OTHER_DIGITS.items():
        groups.setdefault(places, []).append(code)
    parts, clauses = ["WHEN {0} IS NULL THEN {1}"], [currency, choose[0]]
    for places, codes in groups.items():
        names = ", ".join(f"{{{len(clauses) + position}}}" for position in range(len(codes)))
        clauses += [text(code) for code in codes]
        parts.append(f"WHEN {{0}} IN ({names}) THEN {{{len(clauses)}}}")
        clauses.append(choose[places])
    template = f"(CASE {' '.join(parts)} ELSE {{{len(clauses)}}} END)"
    return phrase(template, choose[2].type, *clauses, choose[2])


# ---- time


def time_apart(left: Clause, right: Clause, kind: Kind, dialect: Dialect) -> Value:
    """The length of time from one date or moment to another."""
    if kind is DATE:
        days = "CAST(julianday({0}) - julianday({1}) AS INTEGER)"
        if dialect == "postgresql":
            days = "CAST({0} - {1} AS BIGINT)"
        return Value(phrase(f"({days} * {DAY_MICROSECONDS})", BIGINT, left, right))
    if dialect == "sqlite":
        return Value(phrase("({0} - {1})", BIGINT, left, right))
    return Value(phrase("({0} - {1})", BIGINT, microseconds(left), microseconds(right)))


def microseconds(moment: Clause) -> Clause:
    """PostgreSQL's moment as microseconds since 1970; before version 14 its epoch is no exact number."""
    template = (
        "(CAST(extract(epoch FROM date_trunc('second', {0})) AS BIGINT) * 1000000"
        " + mod(CAST(extract(microseconds FROM {0}) AS BIGINT), 1000000))"
    )
    return fill("postgresql", template, BIGINT, (moment,))


def moved(operator: str, value: Clause, length: Clause, kind: Kind, dialect: Dialect) -> Value:
    """A date or moment some time later or earlier."""
    if kind is DATE:
        return Value(_moved_day(operator, value, length, dialect))
    assert kind is DATETIME
    if dialect == "sqlite":
        made = phrase(f"({{0}} {operator} {{1}})", BIGINT, value, length)
        if not light(made):
            return Value(phrase(f"{MOMENT_OR_NULL}({{0}})", MOMENT, made))
        template = f"(CASE WHEN {{0}} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {{0}} END)"
        return Value(fill(dialect, template, MOMENT, (made,)))
    return Value(_moved_moment(operator, value, length))


def _moved_day(operator: str, value: Clause, length: Clause, dialect: Dialect) -> Clause:
    days = f"({{1}} / {DAY_MICROSECONDS})"
    if dialect == "sqlite" and not (light(value) and light(length)):
        return phrase(f"{MOVED_DAY}({{0}}, {operator}({{1}}))", DAY, value, length)
    if dialect == "sqlite":
        sign = "-" if operator == "-" else ""
        made = phrase(f"date({{0}}, ({sign}{days}) || ' days')", DAY, value, length)
        range_ = "BETWEEN '0001-01-01' AND '9999-12-31'"
        return fill(dialect, f"(CASE WHEN {{0}} {range_} THEN {{0}} END)", DAY, (made,))
    near = f"(CASE WHEN {days} BETWEEN -{FARTHEST_DAYS} AND {FARTHEST_DAYS}"
    template = f"{near} THEN {{0}} {operator} CAST({days} AS INTEGER) END)"
    made = fill(dialect, template, DAY, (value, length))
    return fill(dialect, f"(CASE WHEN {{0}} {DAYS} THEN {{0}} END)", DAY, (made,))


def _moved_moment(operator: str, value: Clause, length: Clause) -> Clause:
    """Whole seconds and the rest apart: an interval of days would be longer or shorter where clocks change."""

    def use(clauses: Sequence[Clause]) -> Clause:
        moment, span = clauses
        at = phrase(f"({{0}} {operator} {{1}})", BIGINT, microseconds(moment), span)
        interval = "({1} / 1000000 * INTERVAL '1 second' + mod({1}, 1000000) * INTERVAL '1 microsecond')"
        template = (
            f"(CASE WHEN {{1}} BETWEEN -{FARTHEST_MOMENT} AND {FARTHEST_MOMENT}"
            f" THEN CASE WHEN {{2}} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {{0}} {operator} {interval} END END)"
        )
        return phrase(template, MOMENT, moment, span, at)

    return let_all((value, length), use, "postgresql")


def span(value: Value, dialect: Dialect) -> Value:
    """A length of time: Python's has no counterpart to the smallest 64-bit number."""
    clause = settle(value, dialect).clause
    smallest = SMALLEST if dialect == "sqlite" else f"CAST({SMALLEST} AS BIGINT)"
    return Value(phrase(f"nullif({{0}}, {smallest})", BIGINT, clause))


def concatenated(left: Clause, right: Clause) -> Value:
    return Value(phrase("({0} || {1})", TEXT, left, right))
