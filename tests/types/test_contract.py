"""The contract of a property type, held against every type there is."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.types.base import Refused
from engine.types.registry import BUILT_IN
from tests.types.catalogue import DISPLAYS, ENTRIES, SCOPE, Entry
from tests.types.from_schema import ANY, allowed

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=str)
every_type = pytest.mark.parametrize("cls", BUILT_IN, ids=lambda cls: cls.name)


def valid(schema: dict[str, Any], value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


# ---- what a type says of itself


def test_the_catalogue_leaves_out_no_type() -> None:
    assert {entry.kind.name for entry in ENTRIES} == {cls.name for cls in BUILT_IN}


@every_type
def test_a_type_stands_in_a_file_of_its_name(cls: Any) -> None:
    assert cls.__module__ == f"engine.types.{cls.name}"


@every_type
def test_a_type_says_what_it_is(cls: Any) -> None:
    assert cls.summary.endswith(".")
    assert cls.example["type"] == cls.name
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}(")


@every_type
def test_each_option_has_a_schema_a_sentence_and_an_example(cls: Any) -> None:
    for name, schema in cls.option_schemas().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["description"].endswith("."), name
        assert all(valid(schema, example) for example in schema["examples"]), name


@every_type
def test_the_example_loads(cls: Any) -> None:
    schemas = cls.option_schemas()
    options = {name: value for name, value in cls.example.items() if name in schemas}
    assert all(valid(schemas[name], value) for name, value in options.items())
    made, problems = cls.read(options, SCOPE)
    assert made is not None
    assert problems == []
    default = cls.example.get("default")
    assert default is None or isinstance(default, dict) or made.parse(default) is not None


@every_entry
def test_operators_and_columns_fit_together(entry: Entry) -> None:
    kind = entry.kind
    specs = kind.columns()
    assert specs[0].suffix == ""
    assert len({spec.suffix for spec in specs}) == len(specs)
    assert {"empty", "not_empty"} <= set(kind.operators)
    assert "contains" in kind.operators or not kind.searchable


# ---- values


@every_entry
def test_samples_are_values_and_the_same_for_the_same_seed(entry: Entry) -> None:
    kind = entry.kind
    first = [kind.sample(Random(number), number) for number in range(60)]
    assert first == [kind.sample(Random(number), number) for number in range(60)]
    assert all(kind.parse(value) == value and not kind.empty(value) for value in first)


@every_entry
@QUICK
@given(data=st.data())
def test_json_gives_the_value_again_and_agrees_with_its_schema(entry: Entry, data: st.DataObject) -> None:
    kind = entry.kind
    value = data.draw(entry.values)
    answered = kind.to_json(value)
    assert valid(kind.json_schema(), answered), answered
    if not kind.secret:
        assert kind.parse(answered) == value


@every_entry
@QUICK
@given(data=st.data())
def test_a_value_is_taken_as_it_is(entry: Entry, data: st.DataObject) -> None:
    value = data.draw(entry.values)
    again = entry.kind.parse(value)
    assert again == value
    assert type(again) is type(value)


@every_entry
@QUICK
@given(data=st.data(), display=st.sampled_from(DISPLAYS))
def test_a_form_gives_the_value_again(entry: Entry, data: st.DataObject, display: Any) -> None:
    kind = entry.kind
    if not kind.secret:
        value = data.draw(entry.values)
        assert kind.parse_form(kind.to_form(value, display), display) == value


@every_entry
@QUICK
@given(data=st.data())
def test_an_exported_cell_gives_the_value_again(entry: Entry, data: st.DataObject) -> None:
    kind = entry.kind
    if not kind.secret:
        value = data.draw(entry.values)
        assert kind.from_export(kind.to_export(value)) == value


@every_entry
@QUICK
@given(data=st.data(), display=st.sampled_from(DISPLAYS))
def test_what_is_shown_can_be_typed_in_again(entry: Entry, data: st.DataObject, display: Any) -> None:
    kind = entry.kind
    value = data.draw(entry.values)
    text = kind.to_text(value, display)
    assert isinstance(kind.show(value, display).text, str)
    if entry.exact_text:
        assert kind.parse_text(text, display) == value


@every_entry
def test_an_empty_form_is_nothing(entry: Entry) -> None:
    for parts in ({}, {"": ""}):
        assert entry.kind.parse_form(parts, DISPLAYS[0]) in (None, False)


# ---- what is refused


def answer(ask: Callable[[], Any]) -> tuple[Any, Refused | None]:
    """What a type makes of something, or why it refuses it; anything else it raises fails the test."""
    try:
        return ask(), None
    except Refused as refused:
        return None, refused


def well_said(refused: Refused) -> None:
    """A refusal has a code, and is a short sentence that breaks no line."""
    message = str(refused)
    assert refused.code
    assert message[-1] in ".?"
    assert len(message) < 300
    assert all(sign.isprintable() for sign in message), message


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


NASTY: dict[str, Any] = {
    "NUL": "a\x00b",
    "a lone surrogate": "a\ud800b",
    "another lone surrogate": "\udfff",
    "a right-to-left override": "a\u202eb",
    "a right-to-left mark": "\u200fשלום",
    "a zero-width space": "a\u200bb",
    "a byte order mark": "\ufeff",
    "escape": "\x1b[31m",
    "next line": "a\x85b",
    "a line separator": "a\u2028b",
    "carriage return": "a\rb",
    "10 MB": "a" * 10_000_000,
    "10 MB of digits": "9" * 10_000_000,
    "10 MB of zeros": "0" * 10_000_000,
    "10 MB of brackets": "[" * 10_000_000,
    "10 MB of spaces": " " * 10_000_000,
    "an empty text": "",
    "spaces": "   ",
    "NaN": math.nan,
    "Infinity": math.inf,
    "minus Infinity": -math.inf,
    "minus zero": -0.0,
    "minus zero as text": "-0",
    "decimal NaN": Decimal("NaN"),
    "decimal signalling NaN": Decimal("sNaN"),
    "decimal Infinity": Decimal("-Infinity"),
    "a huge decimal": Decimal("1E+999999"),
    "a tiny decimal": Decimal("1E-999999"),
    "NaN as text": "NaN",
    "exponent": "1e5",
    "digits of another script": "٣",
    "underscores": "1_000",
    "2^63": 2**63,
    "-2^63": -(2**63),
    "2^63 - 1": 2**63 - 1,
    "10^5000": 10**5000,
    "1e300": 1e300,
    "0.1": 0.1,
    "true": True,
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01",
    "year 0 and a time": "0000-01-01T00:00:00Z",
    "the first moment there is": "0001-01-01T00:00:00+14:00",
    "the last moment there is": "9999-12-31T23:59:59-12:00",
    "30 February": "2026-02-30",
    "a leap second": "2016-12-31T23:59:60Z",
    "a leap second of a day": "23:59:60",
    "24 o'clock": "24:00",
    "no zone": "2026-03-29T03:30:00",
    "a zone that is none": "2026-03-29T03:30:00+99:99",
    "nanoseconds": "2026-03-29T03:30:00.123456789Z",
    "a week date": "2026-W05-1",
    "an empty list": [],
    "an empty object": {},
    "null in a list": [None],
    "a list in a list": [[1]],
    "1,000 levels": nested(1000),
    "an object of NaN": {"amount": math.nan, "lat": math.nan, "lon": 1},
    "an object of objects": {"amount": {}, "street": {}, "key": [], "lat": [], "lon": {}},
    "keys that are no texts": {1: 2, None: 3},
    "bytes": b"abc",
    "an object of Python": object(),
    "a script": "<script>alert(1)</script>",
    "a script's address": "javascript:alert(1)",
    "a path upwards": "../../etc/passwd",
}


@pytest.mark.parametrize("what", NASTY)
def test_a_nasty_value_is_refused_with_a_reason_or_kept(what: str) -> None:
    for kind in (entry.kind for entry in ENTRIES):
        value, refused = answer(lambda kind=kind: kind.parse(NASTY[what]))
        if refused is not None:
            well_said(refused)
        elif not kind.empty(value):
            assert kind.secret or kind.parse(kind.to_json(value)) == value, kind
            assert valid(kind.json_schema(), kind.to_json(value)), kind


@pytest.mark.parametrize("what", [name for name, value in NASTY.items() if isinstance(value, str)])
def test_a_nasty_text_is_no_surprise_on_any_way_in(what: str) -> None:
    text = NASTY[what]
    parts = {"": text, "amount": text, "lat": text, "street": text}
    for kind in (entry.kind for entry in ENTRIES):
        ways: list[Any] = [
            lambda kind=kind: kind.from_export(text),
            lambda kind=kind: kind.parse_operand(text),
            lambda kind=kind: kind.parse_text(text, DISPLAYS[1]),
            lambda kind=kind: kind.parse_form(parts, DISPLAYS[2]),
        ]
        for way in ways:
            _, refused = answer(way)
            if refused is not None:
                well_said(refused)


@every_entry
@QUICK
@given(data=st.data())
def test_what_the_schema_allows_is_taken(entry: Entry, data: st.DataObject) -> None:
    kind = entry.kind
    raw = data.draw(allowed(kind.json_schema()))
    value, refused = answer(lambda: kind.parse(raw))
    if refused is not None:
        assert refused.code in entry.beyond_schema, (raw, str(refused))
        return
    assert kind.empty(value) or valid(kind.json_schema(), kind.to_json(value))


@every_entry
@QUICK
@given(data=st.data())
def test_what_the_schema_refuses_is_refused(entry: Entry, data: st.DataObject) -> None:
    kind = entry.kind
    shaped = data.draw(st.one_of(ANY, entry.raw, entry.raw.map(str), entry.raw.map(lambda raw: [raw])))
    if shaped is None:
        return
    _, refused = answer(lambda: kind.parse(shaped))
    assert refused is not None or valid(kind.json_schema(), shaped), shaped
