"""The API against its own description: generated requests, valid and not; every answer is a described one."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.parameters import Offers, offers

__all__ = ["offers"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8

ALIKE = ("/why", "/shares", "/shares/{share}", "/export", "/import")
"""What is the same for every entity but for its name: asked of one."""

PLAIN = tuple(f"/api/{entity}" for entity in ("organization", "unit", "group", "tag", "absence"))
"""Entities that every application has: nothing of theirs differs from those of the shop."""

LIKE_ACCOUNTS = tuple(f"/api/{entity}" for entity in ("contact", "claim", "fair", "order_line"))
"""Entities of the shop with properties that an account or an order has as well: what is wrong of these is of those."""


@pytest.fixture
def described(shop: Gateway, asgi: Starlette, headers: dict[str, str]) -> Iterator[Any]:
    """The description the API gives of itself, with a few records to ask for."""
    with shop.write(SYSTEM, "cli") as context:
        for number in range(1, 4):
            account = records.create(context, "account", {"name": f"Account {number}", "credit": number}).id
            contact = records.create(context, "contact", {"last_name": f"C{number}", "account": account}).id
            values = {"account": account, "referrer": contact, "lines": [{"what": "Lamp"}]}
            line = records.create(context, "order", values).children["lines"][0].id
            records.create(context, "claim", {"line": line})
            records.create(context, "fair", {"name": "Spring", "visitors": [account]})
    with TestClient(asgi, headers=headers) as client:
        spec = client.get("/api/openapi.json").json()
    schema = described_by(spec, asgi)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    yield schema
    del schema
    gc.collect()  # a gigabyte of strategies


def test_every_valid_request_gets_a_described_answer(
    described: Any, shop: Gateway, headers: dict[str, str]
) -> None:
    rest = () if shop.runtime.dialect == "sqlite" else LIKE_ACCOUNTS
    answers_as_described(described, headers, GenerationMode.POSITIVE, PLAIN + rest)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_wrong_request_gets_a_described_answer(described: Any, headers: dict[str, str]) -> None:
    """On one database: what is wrong is refused before it comes to one."""
    answers_as_described(described, headers, GenerationMode.NEGATIVE, PLAIN + LIKE_ACCOUNTS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_parameters_are_answered_as_described(offers: Offers, mode: GenerationMode) -> None:
    headers = {"Authorization": f"Bearer {identity.create_token(offers.gateway, 'cora', 'proofs')}"}
    asgi = Starlette(routes=api(offers.gateway))
    with TestClient(asgi, headers=headers) as client:
        spec = client.get("/api/openapi.json").json()
    spec["paths"] = {path: told for path, told in spec["paths"].items() if path.startswith("/api/settings/")}
    assert len(spec["paths"]) == 1 + 2 + 9  # all of them, by workflow, and each
    schema = described_by(spec, asgi)
    answers_as_described(schema, headers, mode, ())


def described_by(spec: dict[str, Any], asgi: Starlette) -> Any:
    """What a description describes. Words of the engine's source are no better values than others, and cost half."""
    schema = schemathesis.openapi.from_dict(spec)
    schema.config.analysis.constants.enabled = False
    schema.app = asgi
    return schema


def answers_as_described(
    described: Any, headers: dict[str, str], mode: GenerationMode, but: tuple[str, ...]
) -> None:
    """Ask for every operation but of some paths, and complain of all whose answers are not as described."""
    failed: dict[str, str] = {}
    for result in described.get_all_operations():
        operation = result.ok()
        if operation.path.endswith(ALIKE) and not operation.path.startswith("/api/account/"):
            continue
        if operation.path.startswith(but):
            continue
        try:
            ask(operation, headers, mode)
        except Exception as error:
            failed[operation.label] = str(error)
        except BaseExceptionGroup as several:
            failed[operation.label] = "\n".join(str(error) for error in several.exceptions)
    assert failed == {}, "\n\n".join(f"== {label}\n{text}" for label, text in failed.items())


def ask(operation: Any, headers: dict[str, str], mode: GenerationMode) -> None:
    """Ask for one operation many times; half of the requests are for records that exist."""

    @given(case=operation.as_strategy(generation_mode=mode), number=st.integers(1, 3), existing=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any, number: int, existing: bool) -> None:
        if existing and case.path_parameters:
            case.path_parameters["id"] = number
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    run()
