"""Plain words of YAML 1.2 as values: what is null, true, a number, and what stays text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

WORDS: Final[dict[str, object]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE]([-+]?[0-9]+))?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

LONGEST_NUMBER = 100
LARGEST_EXPONENT = 100


class NumberRefusedError(ValueError):
    """A number that YAML allows and metadata has no use for."""


def plain_value(text: str) -> object:
    """The value of an unquoted scalar by the core schema of YAML 1.2; fractions are exact.

    Raises NumberRefusedError for infinity, not-a-number and numbers of absurd size.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if INTEGER.fullmatch(text):
        if len(text) > LONGEST_NUMBER:
            raise NumberRefusedError(f"a number of {len(text)} digits")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    found = FRACTION.fullmatch(text)
    if found:
        if len(text) > LONGEST_NUMBER or abs(int(found[4] or "0")) > LARGEST_EXPONENT:
            raise NumberRefusedError("a number of absurd size")
        return Decimal(text)
    if NOT_FINITE.fullmatch(text):
        raise NumberRefusedError(f"{text} is no number that can be stored")
    return text
