"""Plain scalars are read by the core schema of YAML 1.2, and fractions are exact."""

from decimal import Decimal

import pytest

from engine.text.scalars import NumberRefusedError, plain_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("-5", -5),
        ("+5", 5),
        ("1_000", "1_000"),
        ("0.1", Decimal("0.1")),
        ("1e3", Decimal("1e3")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("-", "-"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("48h", "48h"),
        ("<<", "<<"),
    ],
)
def test_plain_value(text: str, value: object) -> None:
    made = plain_value(text)
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "9" * 101, "1e999999999", "1e-5000"])
def test_numbers_without_use_are_refused(text: str) -> None:
    with pytest.raises(NumberRefusedError):
        plain_value(text)
