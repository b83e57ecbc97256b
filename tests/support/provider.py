"""An OpenID provider for tests: it runs on this machine, speaks HTTP, and checks what it is sent.

It checks the client's secret, PKCE, the redirect address and that a code is used once; what it claims, and
how it signs, a test may change.
"""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "crm", "the client's own secret"


class Provider:
    """What it says of the person who signs on, and the codes it has given."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
        self.signs_with = self.key
        self.person: dict[str, Any] = {"sub": "1", "preferred_username": "ann"}
        self.claims: dict[str, Any] = {}  # what an ID token says otherwise
        self.more: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}

    def authorize(self, address: str, **other: str) -> str:
        """What the browser of a person who agrees is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], **other})}"

    # ---- what it answers

    async def discover(self, request: Request) -> Response:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return JSONResponse(
            {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/keys",
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()},
            }
        )

    async def keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def agree(self, request: Request) -> Response:
        return RedirectResponse(self.authorize(str(request.url)), 303)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        asked = self.codes.pop(str(form.get("code")), None)
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        known = scheme == "Basic" and b64decode(basic).decode() == f"{CLIENT}:{SECRET.replace(' ', '+')}"
        known = known or b64decode(basic or "").decode() == f"{CLIENT}:{SECRET}"
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        proof = urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or not known:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if asked["code_challenge"] != proof or form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "access", "token_type": "Bearer", "id_token": self._signed(asked["nonce"])}
        )

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= self.person | self.claims
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with)

    async def userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer access"
        return JSONResponse({"sub": self.person["sub"], **self.more})


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that serves on a free port of this machine."""
    made = Provider()
    routes = [
        Route("/.well-known/openid-configuration", made.discover),
        Route("/keys", made.keys),
        Route("/authorize", made.agree),
        Route("/token", made.token, methods=["POST"]),
        Route("/userinfo", made.userinfo),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    made.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(timeout=10)
