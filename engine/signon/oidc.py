"""Signing on at an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0)."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from engine.declared.settings import OidcSettings
from engine.errors import OperatorError
from engine.identity import events, identity, tickets
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.signon.person import Person, user_of
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

log = logging.getLogger("engine.signon")

VARIABLE = "ENGINE_OIDC_CLIENT_SECRET"
WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that are accepted; never `none`, and none that shares a secret."""

HOW = "OpenID Connect"
LEEWAY = 60
SECONDS = 10
NOT_NOW = "Signing on did not work. Please try once more, or tell an administrator: the log says why."


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the secret it keeps until it is back."""

    address: str
    ticket: str


def begin(gateway: Gateway, settings: OidcSettings, back: str, next_path: str) -> Begun:
    """Begin to sign on; `back` is where the provider sends the browser afterwards. Raises SignInRefused."""
    state, nonce, verifier = token_urlsafe(32), token_urlsafe(32), token_urlsafe(48)
    with _client(settings, back) as client:
        endpoint = _discovered(client, settings)["authorization_endpoint"]
        address, _ = client.create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier
        )
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "back": back, "next": next_path}
    ticket = gateway.writing(
        SYSTEM, "page", lambda context: tickets.issue(context, "sign-on", alone=False, details=kept)
    )
    return Begun(address, ticket)


def finish(
    gateway: Gateway, settings: OidcSettings, ticket: str, answer: Mapping[str, str], origin: Origin
) -> tuple[str | AnotherStep, str]:
    """The browser is back: answers the secret of a new session, and where it wanted to go. Raises SignInRefused.

    Where the settings want the second factor of here, and somebody has or needs one, that step is answered instead.
    """
    kept = gateway.writing(SYSTEM, "page", lambda context: tickets.use(context, "sign-on", ticket))
    if kept is None or not hmac.compare_digest(kept.details["state"], answer.get("state", "")):
        raise SignInRefused("Signing on took too long, or was begun elsewhere. Please try once more.")
    if "error" in answer or not answer.get("code"):
        log.warning("the OpenID provider refused: %r", answer.get("error", "no code")[:200])
        raise SignInRefused(NOT_NOW)
    person = _person(settings, _claims(gateway, settings, kept.details, answer["code"]))

    def enter(context: Context) -> str | AnotherStep:
        row = user_of(context, person, settings, origin)
        begin = identity.go_on if settings.second_factor else identity.begin_session
        return begin(context, row, origin, how=HOW)

    try:
        return gateway.writing(SYSTEM, "page", enter), str(kept.details["next"])
    except SignInRefused as refused:
        _note_refusal(gateway, person, origin, str(refused))
        raise


def _note_refusal(gateway: Gateway, person: Person, origin: Origin, reason: str) -> None:
    def work(context: Context) -> None:
        events.note(context, "sign-in-failed", None, person.login, origin, how=f"{HOW}: {reason}")

    gateway.writing(SYSTEM, "page", work)


def _claims(gateway: Gateway, settings: OidcSettings, kept: Mapping[str, Any], code: str) -> dict[str, Any]:
    """What the provider says of somebody, once its signature and everything it is bound to are checked."""
    from authlib.integrations.base_client import OAuthError  # lazy: an extra, needed here only
    from httpx2 import HTTPError  # lazy: as above
    from joserfc.errors import JoseError  # lazy: as above

    try:
        with _client(settings, kept["back"]) as client:
            known = _discovered(client, settings)
            token = client.fetch_token(known["token_endpoint"], code=code, code_verifier=kept["verifier"])
            keys = client.request("GET", known["jwks_uri"], withhold_token=True).raise_for_status().json()
            claims = _verified(gateway, settings, str(token.get("id_token", "")), keys, kept["nonce"])
            if "userinfo_endpoint" in known:
                more = client.request("GET", known["userinfo_endpoint"]).raise_for_status().json()
                claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
            return claims
    except (OAuthError, HTTPError, JoseError, ValueError, KeyError) as error:
        log.warning("signing on at %s failed: %s: %s", settings.issuer, type(error).__name__, error)
        raise SignInRefused(NOT_NOW) from error


def _verified(
    gateway: Gateway, settings: OidcSettings, id_token: str, keys: Any, nonce: str
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
    from joserfc import jwt  # lazy: an extra, needed here only
    from joserfc.jwk import KeySet  # lazy: as above

    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    jwt.JWTClaimsRegistry(
        now=int(gateway.clock().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    ).validate(token.claims)
    if token.claims.get("azp", settings.client_id) != settings.client_id:
        raise ValueError("the ID token was issued to another client")
    return dict(token.claims)


def _person(settings: OidcSettings, claims: Mapping[str, Any]) -> Person:
    groups = claims.get(settings.groups) or ()
    login = str(claims.get(settings.login) or "").strip()
    if not login:
        log.warning("the OpenID provider gives no claim %r, which is to be the sign-in name", settings.login)
        raise SignInRefused(NOT_NOW)
    return Person(
        settings.issuer,
        str(claims["sub"]),
        login,
        str(claims.get("name") or ""),
        str(claims.get("email") or "") if claims.get("email_verified") is not False else "",
        frozenset(map(str, [groups] if isinstance(groups, str) else groups)),
    )


def _client(settings: OidcSettings, back: str) -> OAuth2Client:
    try:
        from authlib.integrations.httpx_client import OAuth2Client  # lazy: an extra, needed here only
    except ImportError as error:
        raise OperatorError(
            "signing on at an OpenID provider needs the extra `oidc`: install entity-engine[oidc]"
        ) from error
    secret = os.environ.get(VARIABLE, "").strip() or None
    return OAuth2Client(
        settings.client_id,
        secret,
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        scope=" ".join(dict.fromkeys(("openid", *settings.scopes))),
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=SECONDS,
    )


def _discovered(client: OAuth2Client, settings: OidcSettings) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0); raises SignInRefused."""
    from httpx2 import HTTPError  # lazy: an extra, needed here only

    try:
        address = settings.issuer.rstrip("/") + WELL_KNOWN
        found: dict[str, Any] = client.request("GET", address, withhold_token=True).raise_for_status().json()
        if found.get("issuer") != settings.issuer:
            raise ValueError(f"it calls itself {found.get('issuer')!r}")
        return found
    except (HTTPError, ValueError) as error:
        log.warning("the OpenID provider %s can't be asked: %s", settings.issuer, error)
        raise SignInRefused(NOT_NOW) from error
