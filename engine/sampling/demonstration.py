"""What a first look at an application shows: a user for each role, and records that belong to them."""

from __future__ import annotations

from contextlib import nullcontext
from secrets import choice

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.identity.identity import hashed
from engine.sampling.order import portions
from engine.sampling.sampler import Report, Sampler
from engine.store.system import meta
from engine.work.context import ADMINISTRATOR, SYSTEM, Context
from engine.work.gateway import Gateway

PASSWORD = "demo_password"
"""Where the demonstration's password stands in the engine's own table: a start shows it again."""

RECORDS = 200
UNITS = 3
SEED = 1
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def prepare(gateway: Gateway, report: Report) -> str | None:
    """Fill an application that has no users yet, whole or not at all; answers the demonstration's password.

    None where there are users and no demonstration was made: the application is somebody's own.
    """
    with gateway.read(SYSTEM, "sample") as context:
        found = _password(context)
        if found is not None or _has_users(context):
            return found
    password = "-".join("".join(choice(READABLE) for _ in range(4)) for _ in range(3))
    secret = hashed(gateway.runtime, password)

    def fill(context: Context) -> str | None:
        if _has_users(context):  # another process was quicker
            return _password(context)
        _fill(context, secret, report)
        context.connection.execute(sa.insert(meta).values(key=PASSWORD, value=password))
        return password

    return gateway.writing(SYSTEM, "sample", fill)


def logins(gateway: Gateway) -> list[str]:
    """The names the demonstration's users sign in with: one administrator, then two of each role."""
    return [login for login, _ in _people(gateway.runtime)]


def _people(runtime: Runtime) -> list[tuple[str, str]]:
    """Sign-in name and role of each user: the first of every role, then the second ones, who belong elsewhere."""
    roles = sorted(runtime.application.roles, key=lambda name: name != ADMINISTRATOR)
    second = [(f"{name}_2", name) for name in roles if name != ADMINISTRATOR]
    return [*((name, name) for name in roles), *second]


def _fill(context: Context, secret: str, report: Report) -> None:
    runtime = context.runtime
    sampler = Sampler(runtime, lambda: nullcontext(context), SEED, context.now, report)
    users = [
        {"login": login, "roles": (role,), "active": True, "password": secret}
        for login, role in _people(runtime)
    ]
    for portion in portions(runtime, RECORDS):
        if portion.entity.name == "user":
            sampler.fill(portion.entity, len(users), users)
        else:
            sampler.fill(portion.entity, UNITS if portion.entity.name == "unit" else portion.count)


def _password(context: Context) -> str | None:
    statement = sa.select(meta.c.value).where(meta.c.key == PASSWORD)
    found: str | None = context.connection.execute(statement).scalar()
    return found


def _has_users(context: Context) -> bool:
    table = context.runtime.table("user").table
    return context.connection.execute(sa.select(table.c.id).limit(1)).first() is not None
