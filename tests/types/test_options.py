"""What a configurator is told about a type's options, word for word."""

# ruff: noqa: E501 (a case is a row)

from __future__ import annotations

from typing import Any

import pytest

from engine.types.registry import default_registry
from tests.types.catalogue import SCOPE

OPTIONS: list[tuple[str, dict[str, Any], str, str, str, str]] = [
    ("text", {"min_length": 5, "max_length": 3}, "min_length", "bad-option", "min_length 5 is above max_length 3", "make it smaller"),
    ("text", {"pattern": "[a"}, "pattern", "bad-option", "this is no regular expression: unterminated character set at position 0", "it is read as Python's re module reads it"),
    ("integer", {"min": 5, "max": 3}, "min", "bad-option", "min 5 is above max 3", "make it smaller"),
    ("decimal", {"min": "0.5", "max": 0}, "min", "bad-option", "min 0.5 is above max 0", "make it smaller"),
    ("decimal", {"scale": 5, "precision": 5}, "scale", "bad-option", "scale 5 leaves no digit before the point: there are 5 in all", "make precision larger"),
    ("money", {"currency": "EUU"}, "currency", "unknown-currency", "no currency 'EUU'", "did you mean 'EUR'?"),
    ("phone", {"region": "XX"}, "region", "bad-option", "no phone region 'XX'", "use a code of two letters, such as RO"),
    ("date", {"min": "2026-02-30"}, "min", "bad-option", "There is no 2026-02-30 in the calendar.", ""),
    ("duration", {"min": "2d", "max": "1h"}, "min", "bad-option", "min 2d is above max 1h", "make it smaller"),
    ("choice", {}, "type", "no-options", "a choice needs options", "list them, name a picklist, or make it a text"),
    ("choice", {"options": "priorites"}, "options", "unknown-picklist", "no picklist 'priorites'", "did you mean 'priorities'?"),
    ("choice", {"options": "zzz"}, "options", "unknown-picklist", "no picklist 'zzz'", "declare it as `picklist: NAME`"),
    ("choice", {"options": ("a", "a")}, "options", "bad-option", "the option 'a' is listed twice", "once will do"),
    ("multi_choice", {"options": ("a", "b"), "min_items": 3}, "min_items", "bad-option", "min_items 3 is more than the 2 options", "make it smaller"),
    ("state", {}, "type", "missing-key", "a state needs its workflow", "add `workflow: NAME`"),
    ("state", {"workflow": "ticket_lifecycel"}, "workflow", "unknown-workflow", "no workflow 'ticket_lifecycel'", "did you mean 'ticket_lifecycle'?"),
    ("autonumber", {"pattern": "T-{yyy}-{seq}"}, "pattern", "bad-option", "a pattern has no {yyy}", "did you mean {yyyy}?"),
    ("autonumber", {"pattern": "T-{yyyy}"}, "pattern", "bad-option", "a pattern holds {seq} once", "add {seq:05}"),
    ("autonumber", {"pattern": "{seq:x}"}, "pattern", "bad-option", "'x' is no width", "write {seq:05} for five digits"),
    ("autonumber", {"pattern": "{yyyy:4}{seq}"}, "pattern", "bad-option", "{yyyy} takes no format", "write {yyyy}"),
    ("autonumber", {"pattern": "{seq"}, "pattern", "bad-option", "this pattern can't be read: a lone '{': write '{{' for a brace", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "at", "code", "message", "hint"),
    OPTIONS,
    ids=[f"{name}: {code} {number}" for number, (name, _, _, code, _, _) in enumerate(OPTIONS)],
)
def test_a_configurator_is_told(
    name: str, options: dict[str, Any], at: str, code: str, message: str, hint: str
) -> None:
    cls = default_registry().get(name)
    assert cls is not None
    _, problems = cls.read(options, SCOPE)
    found = [(problem.option, problem.code, problem.message, problem.hint) for problem in problems]
    assert found == [(at, code, message, hint)]
