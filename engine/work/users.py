"""Users by the roles they have, as statements ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.build.runtime import Runtime
from engine.sql.aliased import aliased


class HoldsRole(FunctionElement[bool]):
    """Whether a user's roles hold one: by the list's text, for JSON writes a role's name as it is.

    Many users are asked at once, and taking each list apart would cost ten times as much.
    """

    name = "engine_holds_role"
    inherit_cache = True
    type = sa.Boolean()


@compiles(HoldsRole)
def _in_text(element: HoldsRole, compiler: SQLCompiler, **options: Any) -> str:
    column, role = [compiler.process(clause, **options) for clause in element.clauses]
    return f"(instr({column}, '\"' || {role} || '\"') > 0)"


@compiles(HoldsRole, "postgresql")
def _contained(element: HoldsRole, compiler: SQLCompiler, **options: Any) -> str:
    column, role = [compiler.process(clause, **options) for clause in element.clauses]
    return f"({column} @> jsonb_build_array(CAST({role} AS TEXT)))"


class Unindexed(FunctionElement[Any]):
    """A column that SQLite looks at row by row: it would rather gather and sort every record of many users.

    Lists are read in their order and stop when a page is full, which among many users' records is soon.
    """

    name = "engine_unindexed"
    inherit_cache = True


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(Unindexed, "sqlite")
def _by_row(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(next(iter(element.clauses)), **options)}"


def among(runtime: Runtime, column: sa.ColumnElement[Any], keys: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether a column is one of some keys, which are few beside the rows asked about.

    PostgreSQL can't tell how few units there are below one, and would look through all users: as an array,
    the keys are looked up in the column's index.
    """
    if runtime.dialect != "postgresql":
        return column.in_(keys)
    array = sa.func.array(keys.scalar_subquery(), type_=sa.ARRAY(column.type))
    return column == sa.any_(array)


def of_users(owner: sa.ColumnElement[Any], users: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether an owner is among many users."""
    return sa.type_coerce(Unindexed(owner), owner.type).in_(users)


def holds_role(column: sa.ColumnElement[Any], role: str) -> sa.ColumnElement[bool]:
    """Whether a user's roles hold one."""
    return HoldsRole(column, sa.literal(role, sa.Text()))


def has_any(user: sa.FromClause, roles: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a user has any of some roles."""
    return sa.or_(sa.false(), *(holds_role(user.c.roles, role) for role in sorted(roles)))


def users_with(runtime: Runtime, roles: Iterable[str]) -> sa.Select[Any]:
    """The users that have any of some roles."""
    user = aliased(runtime.table("user").table)
    return sa.select(user.c.id).where(has_any(user, roles))
