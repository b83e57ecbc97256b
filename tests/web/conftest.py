"""The library, and people who visit its pages: clients with a session, their forms filled in like a browser's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.app import Engine
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD, open_library
from tests.web.browsing import Page, parse


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One library for all the tests of a module: argon2 and table creation are slow."""
    made = open_library(tmp_path_factory.mktemp("library"))
    yield made
    made.close()


class Visitor:
    """Somebody at the library's pages."""

    def __init__(self, engine: Engine) -> None:
        self.client = TestClient(engine.asgi, follow_redirects=False, raise_server_exceptions=False)

    def sign_in(self, login: str, password: str = PASSWORD, *, next_path: str = "") -> Any:
        page = self.get("/sign-in" + (f"?next={next_path}" if next_path else ""))
        return page.submit(self, login=login, password=password)

    def get(self, path: str, status: int | None = 200, **headers: str) -> Page:
        """A page; redirects are not followed."""
        response = self.client.get(path, headers=headers)
        if status is not None:
            assert response.status_code == status, f"{path}: {response.status_code}\n{response.text[-1500:]}"
        return parse(response)

    def post(self, path: str, data: dict[str, Any] | None = None, files: Any = None) -> Page:
        return parse(self.client.post(path, data=data or {}, files=files))

    def follow(self, answered: Page) -> Page:
        """Where an answer leads."""
        assert answered.status in (302, 303), f"{answered.status}: {answered.text[:2000]}"
        return self.get(answered.location)


@pytest.fixture(scope="module")
def sign_in(engine: Engine) -> Callable[[str], Visitor]:
    """A signed-in visitor; each login signs in once per module."""
    known: dict[str, Visitor] = {}

    def make(login: str) -> Visitor:
        if login not in known:
            known[login] = Visitor(engine)
            assert known[login].sign_in(login).status == 303
        return known[login]

    return make


@pytest.fixture
def anybody(engine: Engine) -> Visitor:
    """A visitor who is not signed in."""
    return Visitor(engine)


@pytest.fixture
def admin(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("admin")


@pytest.fixture
def librarian(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("lib")


@pytest.fixture
def visitor(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("vis")


Create = Callable[..., Record]


@pytest.fixture
def create(engine: Engine) -> Create:
    """Make a record through the service."""

    def make(entity: str, **values: Any) -> Record:
        with engine.gateway.write(SYSTEM, "cli") as context:
            return records.create(context, entity, values)

    return make


@pytest.fixture
def author(create: Create) -> Record:
    return create("author", first_name="Ursula", last_name="Le Guin")


@pytest.fixture
def book(create: Create, author: Record) -> Record:
    return create(
        "book", name="Always Coming Home", author=author.id, copies=[{"label": "first"}, {"label": "second"}]
    )


def stored(engine: Engine, entity: str, number: int) -> Record:
    """A record as it is in the database, whoever may see it."""
    with engine.gateway.read(SYSTEM, "cli") as context:
        return records.get(context, entity, number)
