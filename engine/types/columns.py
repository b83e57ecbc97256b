"""Column types that mean the same on SQLite and PostgreSQL: decimals, moments, texts and JSON.

On SQLite, where every integer column looks alike, the declared type says how a cell is to be read
(`BIGINT_DECIMAL(18, 2)`, `BIGINT_UTC_MICROSECONDS`): a changed scale is then a changed column type,
seen by the comparison of schemas, and never a silent hundredfold. SQLite gives any name with INT in
it integer affinity (sqlite.org/datatype3.html, 3.1).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class SQLiteDecimal(sa.BigInteger):
    """SQLite's column of a decimal: the number times ten to the power of `scale`."""

    def __init__(self, precision: int = 18, scale: int = 0) -> None:
        self.precision, self.scale = precision, scale
        super().__init__()


class SQLiteMoment(sa.BigInteger):
    """SQLite's column of a moment: microseconds since 1970 in UTC."""


class Microseconds(sa.BigInteger):
    """A length of time in microseconds, on both databases."""


class MinorUnits(sa.BigInteger):
    """An amount of money in its currency's smallest unit, on both databases."""


class SQLiteJson(sa.Text):
    """SQLite's column of JSON. Its name has TEXT in it: as plain JSON it would turn the text 1e5 into a number."""


@compiles(SQLiteDecimal, "sqlite")
def _decimal(kind: SQLiteDecimal, compiler: SQLCompiler, **options: Any) -> str:
    return f"BIGINT_DECIMAL({kind.precision}, {kind.scale})"


@compiles(SQLiteMoment, "sqlite")
def _moment(kind: SQLiteMoment, compiler: SQLCompiler, **options: Any) -> str:
    return "BIGINT_UTC_MICROSECONDS"


@compiles(Microseconds, "sqlite")
def _microseconds(kind: Microseconds, compiler: SQLCompiler, **options: Any) -> str:
    return "BIGINT_MICROSECONDS"


@compiles(MinorUnits, "sqlite")
def _minor_units(kind: MinorUnits, compiler: SQLCompiler, **options: Any) -> str:
    return "BIGINT_MINOR_UNITS"


@compiles(SQLiteJson, "sqlite")
def _json(kind: SQLiteJson, compiler: SQLCompiler, **options: Any) -> str:
    return "JSON_TEXT"


SQLiteDialect.ischema_names.update(
    {
        "BIGINT_DECIMAL": SQLiteDecimal,
        "BIGINT_UTC_MICROSECONDS": SQLiteMoment,
        "BIGINT_MICROSECONDS": Microseconds,
        "BIGINT_MINOR_UNITS": MinorUnits,
        "JSON_TEXT": SQLiteJson,
    }
)


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal of at most 18 digits: NUMERIC on PostgreSQL, a scaled integer on SQLite."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision: int = 18, scale: int = 2) -> None:
        assert 0 <= scale <= precision <= 18, f"{precision} digits, {scale} of them decimals"
        self.precision, self.scale = precision, scale
        super().__init__(precision, scale)

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(SQLiteDecimal(self.precision, self.scale))
        return dialect.type_descriptor(sa.Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        scaled = Decimal(value).scaleb(self.scale)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        number = Decimal(value)
        return number.scaleb(-self.scale) if dialect.name == "sqlite" else number


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC: timestamptz on PostgreSQL, integer microseconds on SQLite."""

    impl = sa.DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(SQLiteMoment())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        moment: datetime = value
        return moment.astimezone(UTC)


class CodePointText(TypeDecorator[str]):
    """A text compared and sorted by code point on both databases (`C` on PostgreSQL, BINARY on SQLite)."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Text(collation="C"))
        return dialect.type_descriptor(sa.Text())


class Json(TypeDecorator[Any]):
    """A JSON value: JSONB on PostgreSQL, text with sorted keys on SQLite (equal values, equal texts)."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(SQLiteJson())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else dump_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else json.loads(value)


def dump_json(value: Any) -> str:
    """JSON text of a value, one text per value: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
