"""Forms of transitions filled in by who means no good: an answer that says so, never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from engine.work.context import SYSTEM
from tests.support.shop import opened
from tests.support.tickets import House

TYPES = (
    "text",
    "long_text",
    "rich_text",
    "markdown",
    "email",
    "phone",
    "url",
    "integer",
    "decimal",
    "money",
    "percent",
    "boolean",
    "date",
    "time",
    "datetime",
    "duration",
    "color",
    "rating",
    "json",
    "address",
    "geo_point",
    "secret",
    "uuid",
)

FORMS = f"""
app: forms
settings: {{currency: EUR}}
---
entity: item
properties: {{name: {{type: text}}}}
---
entity: thing
properties:
  name:  {{type: text}}
  count: {{type: integer, default: 0}}
  price: {{type: money}}
  day:   {{type: date}}
  state: {{type: state, workflow: life}}
relations:
  item:  {{to: item}}
  about: {{to: [item, thing]}}
  items: {{to: item, kind: many_to_many}}
---
workflow: life
entity: thing
property: state
initial: raw
states: {{raw: {{}}, done: {{}}}}
transitions:
  end:
    from: all
    to: same
    guard: {{check: record.count < 100, message: Too many.}}
    form:
      - name
      - count
      - price
      - day
      - item
      - about
      - items
{"".join(f"      - own_{each}: {{type: {each}}}{chr(10)}" for each in TYPES)}
      - own_choice: {{type: choice, options: [a, b]}}
      - own_choices: {{type: multi_choice, options: [a, b]}}
    do:
      - set: {{name: {{cel: form.own_text}}, count: {{cel: form.own_integer}}, day: {{cel: form.own_date}}}}
      - create: {{entity: item, with: {{name: {{cel: form.own_long_text}}}}}}
"""

NAMES = ("name", "count", "price", "day", "item", "about", "items", *(f"own_{each}" for each in TYPES))
ODD: tuple[Any, ...] = (
    None, "", " ", "\0", "a\0b", "x" * 70_000, "\ud800", 0, -1, 1.5, 1e308, 2**63, -(2**63) - 1, 10**400, True, [],
    [[]], [None], [2**70], [1, 1], ["a", "\0"], {}, {"id": 2**70}, {"id": "\0"}, {"id": None}, {"id": [1]},
    {"entity": "nobody", "id": 1}, {"entity": ["item"], "id": 1}, {"entity": {}, "id": 1}, {"amount": "1e999999"},
    {"amount": "NaN", "currency": "EUR"}, {"amount": [], "currency": {}}, {"amount": "1", "currency": "\0"}, "NaN",
    "Infinity", "1e999999", "9999-12-31T23:59:59Z", "0000-00-00", "P99999999999D", "item:1", "item:", ":", "{{}}",
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(ODD)
    | st.text(max_size=5)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), VALUES, min_size=1, max_size=4)

Post = Callable[[Any], int]


@pytest.fixture
def post(tmp_path: Path, database_url: str) -> Iterator[Post]:
    gateway = opened(tmp_path, database_url, FORMS)
    number = House(gateway).make("thing", name="Thing").id
    with gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {identity.create_token(gateway, 'admin', 'tests')}",
    }
    with TestClient(Starlette(routes=api(gateway)), headers=headers) as client:

        def posted(body: Any) -> int:
            answer = client.post(f"/api/thing/{number}/transitions/end", content=json.dumps(body))
            assert answer.headers["content-type"].endswith("json")
            return answer.status_code

        yield posted
    gateway.close()


def test_no_odd_value_is_a_fault(post: Post) -> None:
    """Each odd value for each thing the form asks, alone."""
    faults = []
    for name in NAMES:
        for value in ODD:
            try:
                status = post({name: value})
            except Exception as error:
                faults.append((name, str(value)[:40], repr(error)[:200]))
            else:
                if status not in (200, 400, 422):
                    faults.append((name, str(value)[:40], str(status)))
    assert faults == []


def test_no_odd_body_is_a_fault(post: Post) -> None:
    @given(body=BODIES)
    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def run(body: Any) -> None:
        assert post(body) in (200, 400, 422)

    run()
    for whole in ([], "text", 5, None):
        assert post(whole) == 400
