"""Commands for API tokens."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import HERE, AppFolder
from engine.errors import UsageError
from engine.identity import account, identity
from engine.identity.account import Token
from engine.work.context import SYSTEM, Scope

token = typer.Typer(help="API tokens: create, list, revoke.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(token, name="token")


@token.command("create")
def create(
    login: Annotated[str, typer.Argument(help="The name one signs in with.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "token",
    days: Annotated[int | None, typer.Option(help="Days until it expires; never without.", min=1)] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="It changes nothing.")] = False,
    entity: Annotated[
        list[str] | None, typer.Option("--entity", help="Only for this entity; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Create an API token for a user; it is shown once."""
    engine = open_for(folder, "user", database=database)
    expires = engine.gateway.clock() + timedelta(days=days) if days else None
    try:
        for each in entity or ():
            known_entity(engine.gateway.runtime.application, each)
        scope = Scope(read_only, frozenset(entity or ()))
        secret = identity.create_token(engine.gateway, login, name, expires, scope)
    finally:
        engine.close()
    if as_json:
        print(json.dumps({"token": secret, "id": account.handle_of(secret)}))
    else:
        print(secret)
        print("(shown once: keep it)", file=sys.stderr)  # so that TOKEN=$(engine token create …) is it alone


@token.command("list")
def list_tokens(
    login: Annotated[str | None, typer.Argument(help="Whose; everybody's without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """List the API tokens: whose and what for, the last use, until when they are good. Never the tokens themselves."""
    engine = open_for(folder, "user", database=database)
    with engine.gateway.read(SYSTEM, "cli") as context:
        now = context.now
        found = [each for each in account.tokens(context) if login in (None, each.login)]
    if login is not None and not found:
        identity.actor_named(engine.gateway, login)  # to say that there is no such user
    engine.close()
    if as_json:
        print(json.dumps({"tokens": [_as_json(each, now) for each in found]}, ensure_ascii=False))
        return
    for each in found:
        print(_line(each, now))
    if not found:
        print("no tokens")


@token.command("revoke")
def revoke(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Tokens, as `list` shows them.")
    ] = None,
    all_of: Annotated[str | None, typer.Option("--all-of", help="Every token of this user.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Revoke API tokens: programs that use them are refused from now on."""
    if bool(which) == bool(all_of):
        raise UsageError("say which tokens by their ids (`engine token list`), or --all-of LOGIN")
    engine = open_for(folder, "user", database=database)
    try:
        with engine.gateway.read(SYSTEM, "cli") as context:
            known = account.tokens(context)
        wanted = {each.id for each in known if each.login == all_of} if all_of else set(which or ())
        unknown = sorted(wanted - {each.id for each in known})
        if unknown:
            raise UsageError(f"there is no token {unknown[0]!r}: `engine token list` shows those there are")
        if all_of and not wanted:
            identity.actor_named(engine.gateway, all_of)
        revoked = engine.gateway.writing(SYSTEM, "cli", lambda context: account.revoke(context, wanted))
        now = engine.gateway.clock()
    finally:
        engine.close()
    if as_json:
        print(json.dumps({"revoked": [_as_json(each, now) for each in revoked]}, ensure_ascii=False))
        return
    for each in revoked:
        print(f"revoked {each.id}: {each.name}, of {_owner(each)}")
    if not revoked:
        print("no tokens")


def _line(token: Token, now: datetime) -> str:
    used = f"last used {_day(token.used)}" if token.used else "never used"
    expired = " (expired)" if token.expired(now) else ""
    good = f"good until {_day(token.expires)}{expired}" if token.expires else "does not expire"
    limits = f"; {token.limits}" if token.limits else ""
    return f"{token.id}  {_owner(token):<20}  {token.name:<24}  created {_day(token.created)}, {used}, {good}{limits}"


def _owner(token: Token) -> str:
    return token.login or "(nobody)"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _as_json(token: Token, now: datetime) -> dict[str, Any]:
    moments = {"created_at": token.created, "last_used_at": token.used, "expires_at": token.expires}
    stamps = {name: at.isoformat().replace("+00:00", "Z") if at else None for name, at in moments.items()}
    return {
        "id": token.id,
        "login": token.login,
        "name": token.name,
        **stamps,
        "expired": token.expired(now),
        "read_only": token.scope is not None and token.scope.read_only,
        "entities": sorted(token.scope.entities) if token.scope else [],
    }
