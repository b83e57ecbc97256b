"""From the checked tree to SQLAlchemy clauses, on SQLite and on PostgreSQL, in the form that is asked for.

Parts that read no scanned record are computed in Python and bound, so that a statement stays the same for every
user and moment. Paths are LEFT JOINs of the scope, lists are correlated subqueries, values are never written into
SQL. Conditions ask *true* (is it true) or *false*; see conditions.py for why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    STRING,
    DecimalKind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
    is_text,
)
from engine.expressions.nodes import (
    Aggregate,
    Apply,
    Arithmetic,
    Choose,
    Coalesce,
    Const,
    Convert,
    Index,
    Member,
    Node,
    Null,
    Part,
    Root,
    Variable,
)
from engine.sql.phrase import BIGINT, NOTHING, NUMERIC, TEXT, Clause, is_not_null, phrase, text
from engine.sql.storage import Dialect, Value, read, scale_of, storage
from engine.to_sql.aggregates import Aggregates
from engine.to_sql.base import ZONE, Bound, Row, row_of
from engine.to_sql.calls import call_of
from engine.to_sql.limits import NotInSql, sql_problem
from engine.to_sql.numbers import (
    added,
    agree,
    by_digits,
    by_power_of_ten,
    concatenated,
    divided,
    divided_whole,
    fit,
    moved,
    multiplied,
    negative,
    power,
    remainder,
    rescaled,
    settle,
    shared,
    span,
    time_apart,
)
from engine.to_sql.parameters import cell
from engine.to_sql.source import Scope
from engine.types.columns import MinorUnits, ScaledDecimal
from engine.types.currency import digits

Mode = Literal["true", "false", "value"]

MOST_PLACES = 4
"""Decimals of the currency with most."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled expression. `currency` is that of an amount whose kind does not say it.

    `ambient` are the parameters whose values are computed for each request; `zone` is the name of the one that
    takes the name of the zone days begin in.
    """

    kind: Any
    dialect: Dialect
    clause: Clause
    currency: Clause | None
    ambient: Mapping[str, Bound]
    zone: str

    @property
    def columns(self) -> tuple[Clause, ...]:
        """What to select for a value."""
        return (self.clause,) if self.currency is None else (self.clause, self.currency)

    def parameters(self, compute: Callable[[Node], Any], zone: str = "UTC") -> dict[str, Any]:
        """The values of the parameters, for a request: `compute` answers what a node is in Python."""
        found = {name: cell(bound, compute(bound.node), self.dialect) for name, bound in self.ambient.items()}
        return {**found, self.zone: zone}

    def read(self, *cells: Any) -> Any:
        """The value of Python that the selected columns hold."""
        return read(self.kind, cells, self.dialect)


@dataclass(frozen=True, slots=True)
class Over:
    """What an expression is asked of: the records of a scope's table.

    `entity` is theirs, `root` the root of the expression that they are; `prefix` begins the names of parameters,
    and has to differ between the expressions of one statement.
    """

    scope: Scope
    entity: str
    root: str = "record"
    prefix: str = "e"


def to_sql(node: Node, mode: Mode, over: Over, dialect: Dialect) -> Compiled:
    """Compile a checked tree over some records. Raises NotInSql."""
    problem = sql_problem(node, (over.root,))
    if problem is not None:
        raise problem
    scope, prefix = over.scope, over.prefix
    rows = {over.root: row_of(scope, scope.base, over.entity)}
    compiler = SqlCompiler(dialect, scope.tables, scope, rows, prefix=prefix)
    if mode == "value":
        value = compiler.finished(node)
    else:
        value = Value(compiler.true(node) if mode == "true" else compiler.false(node))
    return Compiled(node.kind, dialect, value.clause, value.currency, compiler.bound, f"{prefix}_{ZONE}")


def _zeros(divisor: Node) -> int | None:
    """How many zeros a literal power of ten has; None for any other divisor."""
    if not isinstance(divisor, Const) or divisor.value is None:
        return None
    written = str(divisor.value)
    return len(written) - 1 if set(written[1:]) <= {"0"} and written[0] == "1" else None


class SqlCompiler(Aggregates):
    """Compiles nodes of any kind."""

    def finished(self, node: Node) -> Value:
        """A value as it is selected."""
        if isinstance(node.kind, RecordKind):
            row = self.row(node)
            return Value(next(iter(row.keys.values())), keys=row.keys)
        value = settle(self.value(node), self.dialect)
        return Value(sa.type_coerce(value.clause, storage(node.kind, self.dialect)), value.currency)

    def value(self, node: Node) -> Value:
        """What a node is, null where it is null or unknown."""
        if isinstance(node, Const) or self.is_bound(node):
            return self.parameter(node)
        if node.kind is BOOL:
            made = self.condition_value(node)
            if made is not None:
                return Value(made)
        if isinstance(node.kind, RecordKind):
            keys = self.row(node).keys
            return Value(next(iter(keys.values())), keys=keys)
        match node:
            case Variable():
                return self._variable(node)
            case Member():
                return self._member(node)
            case Part():
                return self._part(node)
            case Convert():
                return self._convert(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Apply():
                return call_of(self, node)
            case Choose():
                return self._choose(node)
            case Coalesce():
                return self._coalesce(node)
            case Aggregate():
                return self.aggregate(node)
            case Index():
                return self.at(node)
        raise NotInSql(node.span, f"{node.kind.word} is computed in Python only")

    # ---- names

    def _variable(self, node: Variable) -> Value:
        meaning = self.meanings[node.name]
        if isinstance(meaning, Node):
            return self.value(meaning)
        assert isinstance(meaning, Value)
        return meaning

    def row(self, node: Node) -> Row:
        """A record."""
        match node:
            case Root() if node.name in self.rows:
                return self.rows[node.name]
            case Variable() if node.name in self.meanings:
                meaning = self.meanings[node.name]
                if isinstance(meaning, Node):
                    return self.row(meaning)
                assert isinstance(meaning, Row)
                return meaning
            case Member() if not self.is_bound(node):
                return self._related_one(node)
            case Aggregate() | Index() if not self.is_bound(node):
                return self.first_row(node)
            case Choose() | Coalesce() if not self.is_bound(node):
                return self._chosen_row(node)
            case _:
                return self.row_of_keys(self.parameter(node))

    def _related_one(self, node: Member) -> Row:
        """The record that a to-one relation leads to; one that may not be seen is none."""
        scope, alias = self.row(node.operand).reach(node.entity)
        ways = {way.target: way for way in self.tables.ways(node.entity, node.name)}

        def reach(entity: str) -> tuple[Scope, sa.FromClause]:
            return scope, scope.follow(alias, node.entity, node.name, ways[entity])

        keys: dict[str, Clause] = {}
        for target, way in ways.items():
            if way.key and self.tables.visible(target, self.tables.table(target)) is None:
                keys[target] = alias.c[way.key]
            else:
                keys[target] = reach(target)[1].c.id
        return Row(keys, reach)

    def row_of_keys(self, value: Value) -> Row:
        """A record that is known by its id only."""
        attached: dict[str, sa.FromClause] = {}

        def reach(entity: str) -> tuple[Scope, sa.FromClause]:
            if entity not in attached:
                attached[entity] = self.scope.attach(entity, value.keys[entity])
            return self.scope, attached[entity]

        return Row(value.keys, reach)

    def row_by_key(self, scope: Scope, entity: str, key: Clause) -> Row:
        return self.inside(scope).row_of_keys(Value(key, keys={entity: key}))

    def _chosen_row(self, node: Choose | Coalesce) -> Row:
        assert isinstance(node.kind, RecordKind)
        branches = (node.yes, node.no) if isinstance(node, Choose) else node.operands
        rows = [self._keys(branch) for branch in branches]
        keys: dict[str, Clause] = {}
        for entity in node.kind.entities:
            parts = [row.get(entity, NOTHING) for row in rows]
            if isinstance(node, Choose):
                keys[entity] = self._case(node, parts[0], parts[1])
            else:
                keys[entity] = self._first_there(rows, parts)
        return self.row_of_keys(Value(next(iter(keys.values())), keys=keys))

    def _keys(self, node: Node) -> Mapping[str, Clause]:
        return self.row(node).keys if isinstance(node.kind, RecordKind) else {}

    def _member(self, node: Member) -> Value:
        if isinstance(node.kind, StructKind | ListKind):
            return self._column(node, "")
        value = self._column(node, "")
        if isinstance(node.kind, MoneyKind) and not node.kind.currency:
            return Value(value.clause, self._column(node, "currency").clause, most=value.most)
        return value

    def _column(self, node: Member, part: str) -> Value:
        _, alias = self.row(node.operand).reach(node.entity)
        column = alias.c[self.tables.columns(node.entity, node.name)[part]]
        most = 2**63
        match column.type:
            case ScaledDecimal(precision=precision):
                most = 10**precision - 1
            case MinorUnits():
                most = 10**18
            case sa.SmallInteger():
                most = 2**15
                if not self.sqlite:
                    return Value(phrase("CAST({0} AS BIGINT)", BIGINT, column), most=most)
        return Value(column, most=most)

    def _part(self, node: Part) -> Value:
        if isinstance(node.operand.kind, MoneyKind):
            return self._part_of_money(node, node.operand.kind)
        if not isinstance(node.operand, Member):
            raise NotInSql(node.span, "a part of a value that is chosen is computed in Python only")
        value = self._column(node.operand, node.name)
        if is_text(node.kind):
            return Value(phrase("nullif({0}, '')", TEXT, value.clause))
        return value

    def _part_of_money(self, node: Part, kind: MoneyKind) -> Value:
        value = settle(self.value(node.operand), self.dialect)
        if node.name == "currency":
            if value.currency is not None:
                return Value(value.currency)
            there = "(CASE WHEN {0} IS NOT NULL THEN {1} END)"
            return Value(phrase(there, TEXT, value.clause, text(kind.currency)))
        if value.currency is None:
            return Value(self._unscaled(value.clause, digits(kind.currency) + kind.extra), most=value.most)
        choices = {places: self._scaled_up(value.clause, places, kind) for places in (0, 2, 3, 4)}
        made = by_digits(value.currency, choices)
        if self.sqlite or isinstance(node.operand, Member):
            return Value(made, loose=self.sqlite)
        return fit(made, node.kind, 2**63)

    def _unscaled(self, clause: Clause, places: int) -> Clause:
        if self.sqlite:
            return clause
        return phrase("(CAST({0} AS NUMERIC) * {1})", NUMERIC, clause, power(-places))

    def _scaled_up(self, clause: Clause, places: int, kind: MoneyKind) -> Clause:
        if self.sqlite:
            return phrase(f"({{0}} * {10 ** (MOST_PLACES - places)})", BIGINT, clause)
        return self._unscaled(clause, places + kind.extra)

    # ---- operations

    def _convert(self, node: Convert) -> Value:
        value, source, kind = self.value(node.operand), node.operand.kind, node.kind
        if isinstance(kind, MoneyKind) and isinstance(source, MoneyKind):
            value = self.with_currency(settle(value, self.dialect), source, kind)
        if isinstance(kind, DecimalKind | MoneyKind):
            return rescaled(value, source, kind, self.dialect)
        raise NotInSql(node.span, f"{kind.word} is computed in Python only")

    def _arithmetic(self, node: Arithmetic) -> Value:
        left, kind = self.value(node.left), node.kind
        if node.right is None:
            made = negative(left, kind, self.dialect)
            return span(made, self.dialect) if kind is DURATION else made
        right = self.value(node.right)
        if isinstance(kind, MoneyKind) or isinstance(node.left.kind, MoneyKind):
            return self._of_money(node, left, right)
        if kind is STRING:
            return concatenated(left.clause, right.clause)
        if node.left.kind in (DATE, DATETIME):
            clauses = settle(left, self.dialect).clause, settle(right, self.dialect).clause
            if kind is DURATION:
                return time_apart(*clauses, node.left.kind, self.dialect)
            return moved(node.operator, *clauses, kind, self.dialect)
        if kind is DURATION:
            return span(added(node.operator, left, right, kind, self.dialect), self.dialect)
        return self._of_numbers(node, left, right)

    def _of_numbers(self, node: Arithmetic, left: Value, right: Value) -> Value:
        assert node.right is not None
        kind = node.kind
        scales = (scale_of(node.left.kind), scale_of(node.right.kind))
        zeros = _zeros(node.right)
        match node.operator:
            case "+" | "-":
                return added(node.operator, left, right, kind, self.dialect)
            case "*":
                if zeros is not None and isinstance(kind, DecimalKind):
                    return by_power_of_ten(left, self._places(kind, scales[0]) + zeros, kind, self.dialect)
                return multiplied(left, right, scales, kind, self.dialect)
            case "%" if isinstance(kind, DecimalKind):
                return remainder(left, right, self.dialect)
            case "/" if isinstance(kind, DecimalKind):
                if zeros is not None:
                    return by_power_of_ten(left, self._places(kind, scales[0]) - zeros, kind, self.dialect)
                return divided(left, right, scales, kind.scale, kind, self.dialect)
            case _:
                plain = isinstance(node.right, Const) and node.right.value not in (0, -1)
                return divided_whole(node.operator, left, right, plain, self.dialect)

    def _places(self, kind: DecimalKind, scale: int) -> int:
        """Places that a number's digits stand apart in the result; PostgreSQL's numbers know their decimals."""
        return kind.scale - scale if self.sqlite else 0

    def _of_money(self, node: Arithmetic, left: Value, right: Value) -> Value:
        assert node.right is not None
        kind = node.kind
        if node.operator in ("+", "-"):
            return self._agreed(left, right, added(node.operator, left, right, kind, self.dialect), kind)
        if isinstance(kind, DecimalKind):
            made = divided(left, right, (0, 0), kind.scale, kind, self.dialect)
            return Value(self._agreed(left, right, made, kind).clause)
        if isinstance(node.right.kind, MoneyKind):
            left, right = right, left
            scales = (node.right.kind.extra, scale_of(node.left.kind))
        else:
            scales = (scale_of(node.left.kind), scale_of(node.right.kind))
        zeros = _zeros(node.right)
        if zeros is not None and isinstance(kind, MoneyKind):
            moved_by = zeros if node.operator == "*" else -zeros
            made = by_power_of_ten(left, kind.extra - scales[0] + moved_by, kind, self.dialect)
        elif node.operator == "*":
            made = multiplied(left, right, scales, kind, self.dialect)
        else:
            made = self._divided_amount(left, right, scales, kind)
        return replace(made, currency=left.currency)

    def _divided_amount(self, left: Value, right: Value, scales: tuple[int, int], kind: Any) -> Value:
        """An amount by a number: in units of the result, on PostgreSQL the number is what it is."""
        scale = kind.extra if self.sqlite else kind.extra - scales[0]
        return divided(left, right, scales, scale, kind, self.dialect)

    def _agreed(self, left: Value, right: Value, made: Value, kind: Any) -> Value:
        """A result, where two amounts have one currency."""
        agreed = agree(left.currency, right.currency)
        if agreed is None:
            return made
        clause = settle(made, self.dialect).clause
        shown = phrase("(CASE WHEN {0} THEN {1} END)", clause.type, agreed, clause)
        return Value(shown, shared(left.currency, right.currency))

    def _choose(self, node: Choose) -> Value:
        yes, no = (settle(self.value(branch), self.dialect) for branch in (node.yes, node.no))
        currency = None
        if isinstance(node.kind, MoneyKind) and not node.kind.currency:
            currency = self._case(node, yes.currency, no.currency)
        return Value(self._case(node, yes.clause, no.clause), currency, most=max(yes.most, no.most))

    def _case(self, node: Choose, yes: Clause | None, no: Clause | None) -> Clause:
        yes, no = NOTHING if yes is None else yes, NOTHING if no is None else no
        kind = no.type if yes is NOTHING else yes.type
        if node.condition.null is Null.NEVER:
            return phrase("(CASE WHEN {0} THEN {1} ELSE {2} END)", kind, self.true(node.condition), yes, no)
        condition = self.value(node.condition).clause
        return phrase("(CASE {0} WHEN true THEN {1} WHEN false THEN {2} END)", kind, condition, yes, no)

    def _coalesce(self, node: Coalesce) -> Value:
        values = [settle(self.value(operand), self.dialect) for operand in node.operands]
        places = ", ".join(f"{{{position}}}" for position in range(len(values)))
        clauses = [value.clause for value in values]
        made = phrase(f"coalesce({places})", clauses[0].type, *clauses)
        currency = None
        if isinstance(node.kind, MoneyKind) and not node.kind.currency:
            rows = [{"": clause} for clause in clauses]
            currency = self._first_there(
                rows, [NOTHING if v.currency is None else v.currency for v in values]
            )
        return Value(made, currency, most=max(value.most for value in values))

    def _first_there(self, rows: list[Any], parts: list[Clause]) -> Clause:
        """Of several, the part of the first that is there."""
        tests = [sa.or_(sa.false(), *(is_not_null(key) for key in row.values())) for row in rows]
        words = " ".join(
            f"WHEN {{{2 * position}}} THEN {{{2 * position + 1}}}" for position in range(len(rows))
        )
        clauses = [clause for pair in zip(tests, parts, strict=True) for clause in pair]
        kind = next((part.type for part in parts if part is not NOTHING), TEXT)
        return phrase(f"(CASE {words} END)", kind, *clauses)
