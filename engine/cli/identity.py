"""Commands for users."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.app import Engine, open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import HERE, AppFolder
from engine.errors import UsageError
from engine.identity import identity, links, second_factor
from engine.mailing.sending import deliver
from engine.reading.query import Filter, Query
from engine.service import records
from engine.work.context import SYSTEM, Context

Login = Annotated[str, typer.Argument(help="The name one signs in with.")]

user = typer.Typer(help="Users: create, list, disable, set a password, roles.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(user, name="user")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password: use --password-stdin")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise UsageError("the two passwords differ")
    return first


@user.command("create")
def create(
    login: Login,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role; may be given several times.")
    ] = None,
    name: Annotated[str, typer.Option(help="The name that is shown.")] = "",
    email: Annotated[str | None, typer.Option(help="The e-mail address.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Create a user."""
    roles = role or []
    password = _password(password_stdin)
    engine = open_for(folder, "user", database=database)
    more = {"email": email} if email else {}
    engine.gateway.writing(
        SYSTEM, "cli", lambda context: identity.create_user(context, login, password, roles, name, **more)
    )
    print(f"user {login} created{', with ' + ', '.join(roles) if roles else ', without any role'}")
    engine.close()


@user.command("list")
def list_users(
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the users."""
    engine = open_for(folder, "user", database=database)
    with engine.gateway.read(SYSTEM, "cli") as context:
        page = records.find(
            context, "user", Query(fields=("login", "name", "roles", "active"), sort=("login",), limit=500)
        )
    rows = [dict(zip(page.fields, row.cells, strict=True)) for row in page.rows]
    if as_json:
        print(
            json.dumps(
                {"users": [{**row, "roles": list(row["roles"] or ())} for row in rows]}, ensure_ascii=False
            )
        )
    for row in [] if as_json else rows:
        state = "" if row["active"] else "  (disabled)"
        print(f"{row['login']:<24} {row['name']:<28} {', '.join(row['roles'] or ())}{state}")
    engine.close()


def _number(engine: Engine, context: Context, login: str) -> int:
    page = records.find(context, "user", Query(filters=(Filter("login", "eq", login),), limit=1))
    if not page.rows:
        engine.close()
        raise UsageError(f"there is no user {login!r}: `engine user list` shows those there are")
    return page.rows[0].id


@user.command("disable")
def disable(login: Login, folder: AppFolder = HERE, database: DatabaseUrl = None) -> None:
    """Switch a user off: they can't sign in, and their tokens stop working."""
    _update(folder, database, login, {"active": False})
    print(f"user {login} disabled")


@user.command("enable")
def enable(login: Login, folder: AppFolder = HERE, database: DatabaseUrl = None) -> None:
    """Switch a user on again."""
    _update(folder, database, login, {"active": True})
    print(f"user {login} enabled")


@user.command("roles")
def roles(
    login: Login,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role; may be given several times.")
    ] = None,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Give a user exactly these roles."""
    _update(folder, database, login, {"roles": role or []})
    print(f"user {login} has {', '.join(role) if role else 'no role'}")


def _update(folder: Path, database: str | None, login: str, values: dict[str, object]) -> None:
    engine = open_for(folder, "user", database=database)
    engine.gateway.writing(
        SYSTEM,
        "cli",
        lambda context: records.update(context, "user", _number(engine, context, login), values),
    )
    engine.close()


@user.command("password")
def password(
    login: Login,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Set a user's password, and end their sessions."""
    new = _password(password_stdin)
    engine = open_for(folder, "user", database=database)
    engine.gateway.writing(
        SYSTEM, "cli", lambda context: identity.set_password(context, _number(engine, context, login), new)
    )
    print(f"user {login} has a new password; their sessions are over")
    engine.close()


@user.command("invite")
def invite(
    login: Login,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role; may be given several times.")
    ] = None,
    name: Annotated[str, typer.Option(help="The name that is shown.")] = "",
    email: Annotated[str | None, typer.Option(help="The e-mail address.")] = None,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Make a link to choose a password with: for a new user, or for one there is. It is mailed where it can be."""
    engine = open_for(folder, "user", database=database)
    gateway = engine.gateway
    more = {"email": email} if email else {}

    def work(context: Context) -> tuple[links.Kind, str, bool]:
        number = identity.number_of(context, login)
        kind: links.Kind = "invitation" if number is None else "reset"
        if number is None:
            number = identity.create_user(context, login, None, role or [], name, **more)
        return kind, *links.invite(gateway, context, number, kind)

    try:
        kind, secret, mailed = gateway.writing(SYSTEM, "cli", work)
        sent = deliver(gateway, gateway.mail_server) if mailed else 0
        base = "http://127.0.0.1:8000"
        print(f"mailed to {login}" if sent else links.address(gateway, kind, secret, base))
    finally:
        engine.close()


@user.command("second-factor")
def second_factor_off(
    login: Login,
    off: Annotated[
        bool, typer.Option("--off", help="Switch it off: for somebody who lost the telephone.")
    ] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Say whether a user has a second factor, or switch it off."""
    engine = open_for(folder, "user", database=database)

    def work(context: Context) -> tuple[bool, bool]:
        number = _number(engine, context, login)
        had = second_factor.is_on(context, number)
        return had, off and second_factor.switch_off(context, number, login)

    had, gone = engine.gateway.writing(SYSTEM, "cli", work)
    engine.close()
    state = "no second factor any more" if gone else "a second factor" if had else "no second factor"
    print(f"user {login} has {state}")
