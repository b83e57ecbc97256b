"""What no text may hold, said once: NUL, lone surrogates, control characters, more than its limit."""

from __future__ import annotations

import re
import unicodedata

from engine.types.base import Refused

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
"""Direction marks and zero-width characters: kept in texts, removed from what machines read."""


def clean_text(raw: object, *, lines: bool, longest: int, trim: bool = True) -> str:
    """A text as it is stored: NFC, without what no database or page should meet. Raises Refused.

    `lines` allows line breaks and tabs; `longest` counts characters.
    """
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes a text, not {kind_of(raw)}.")
    if SURROGATE.search(raw):
        raise Refused("bad-character", "This text holds half a character (a lone surrogate): type it again.")
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    found = CONTROL.search(text)
    if found:
        raise Refused("bad-character", f"This text holds a control character (U+{ord(found.group()):04X}): remove it.")
    if not lines and ("\n" in text or "\t" in text):
        text = re.sub(r"[\n\t]+", " ", text)
    if trim:
        text = text.strip()
    if len(text) > longest:
        raise Refused("too-long", f"This takes at most {longest:,} characters; these are {len(text):,}.")
    return unicodedata.normalize("NFC", text)


def machine_text(raw: object, longest: int) -> str:
    """A text that machines read (an address, a number): one line, no invisible characters. Raises Refused."""
    return INVISIBLE.sub("", clean_text(raw, lines=False, longest=longest)).strip()


def kind_of(raw: object) -> str:
    """What a wrong value is, in words."""
    match raw:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
    return type(raw).__name__
