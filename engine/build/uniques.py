"""Unique keys that hold among the records which meet a condition: partial indexes, as the database keeps them."""

from __future__ import annotations

import sqlalchemy as sa

from engine.build.naming import database_name
from engine.build.sources import StoredTables
from engine.build.table import Dialect, Tables, alive_only, unique_columns
from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.to_sql.compile import Over, to_sql
from engine.to_sql.source import Scope


def add_conditional_uniques(application: Application, tables: Tables, dialect: Dialect) -> None:
    """Add an index for each unique key with `where`; the tables have to be there, for the condition names them."""
    for rule in application.rules:
        if rule.key == "unique":
            _add(tables, rule, dialect)


def _add(tables: Tables, rule: Rule, dialect: Dialect) -> None:
    made = tables.entities[rule.entity]
    key = next(key for key in made.entity.unique if key.where == rule.expression)
    condition = unique_condition(tables, rule, dialect)
    alive = next(iter(alive_only(made).values()), None)
    where = condition if alive is None else sa.and_(alive, condition)
    position = str(made.entity.unique.index(key))
    for suffix, columns in unique_columns(made, key.names):
        name = database_name("uq", made.entity.name, *key.names, "where", position, *suffix)
        sa.Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


def unique_condition(tables: Tables, rule: Rule, dialect: Dialect) -> sa.ColumnElement[bool]:
    """The condition of a unique key over its entity's own table."""
    scope = Scope(StoredTables(tables), tables.entities[rule.entity].table)
    made = to_sql(rule.checked.node, "true", Over(scope, rule.entity, prefix="u"), dialect)
    condition: sa.ColumnElement[bool] = made.clause
    return condition
