"""What no text may hold, said once: NUL, lone surrogates, control characters, more than its limit."""

from __future__ import annotations

import re
import unicodedata

from engine.types.base import Refused

LINE_PATTERN = r"^[^\x00-\x1F\x7F-\x9F]*$"
"""JSON Schema's pattern of a text on one line: no control characters."""

LINES_PATTERN = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$"
"""JSON Schema's pattern of a text of several lines: tabs and line breaks are the only control characters."""

SPACES = (
    "\t\n\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What is trimmed from the ends of a text: what regular expressions of JSON Schema (ECMA-262) call space."""

NOT_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
BREAKS = re.compile(r"[\t\n\r]+")
INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Direction marks and zero-width characters: kept in texts, never in what machines read."""


def clean_text(raw: object, *, lines: bool, longest: int, trim: bool = True) -> str:
    """A text as it is stored: trimmed, in Unicode's composed form (NFC). Raises Refused.

    `lines` allows line breaks (all become "\\n") and tabs; `longest` counts characters as they came.
    """
    text = require_text(raw, longest)
    if not text.isprintable():  # the usual text holds nothing that would need a closer look
        found = (NOT_IN_LINES if lines else NOT_IN_LINE).search(text)
        if found:
            raise bad_character(found.group(), lines)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if trim:
        text = text.strip(SPACES)
    if text.isascii():
        return text
    return require_text(unicodedata.normalize("NFC", text), longest)


def require_text(raw: object, longest: int) -> str:
    """The text itself, where it is one and short enough. Raises Refused."""
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes a text, not {kind_of(raw)}.")
    if len(raw) > longest:
        raise Refused("too-long", f"This takes at most {longest:,} characters; these are {len(raw):,}.")
    return raw


def bad_character(character: str, lines: bool) -> Refused:
    """Why a character can't be taken, in words."""
    if "\ud800" <= character <= "\udfff":
        return Refused("bad-character", "This text holds half a character (a lone surrogate): type it again.")
    if not lines and character in "\t\n\r":
        return Refused("bad-character", "This is a text on one line: take out the line breaks and tabs.")
    message = f"This text holds a control character (U+{ord(character):04X}): take it out."
    return Refused("bad-character", message)


def machine_text(raw: object, longest: int) -> str:
    """A text that machines read (an address, a number): no invisible characters. Raises Refused."""
    text = require_text(raw, longest)
    found = NOT_IN_LINE.search(text)
    if found:
        raise bad_character(found.group(), lines=False)
    hidden = INVISIBLE.search(text)
    if hidden:
        name = unicodedata.name(hidden.group(), "a mark").lower()
        message = f"This holds an invisible character (U+{ord(hidden.group()):04X}, {name}): take it out."
        raise Refused("bad-character", message)
    return text


LONGEST_TYPED = 1_100_000
"""What is longer than any value is handed on as it is, to be refused for its length."""


def typed_line(text: str) -> str:
    """What a person typed or pasted, on one line: line breaks become spaces, the ends are trimmed."""
    return BREAKS.sub(" ", text).strip(SPACES) if len(text) < LONGEST_TYPED else text


def typed_code(text: str) -> str:
    """The same for what machines read: chats and web pages paste invisible marks around such texts."""
    return INVISIBLE.sub("", typed_line(text)) if len(text) < LONGEST_TYPED else text


def typed_lines(text: str) -> str:
    """Several lines as a form sends them: line breaks as one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def quoted(raw: object) -> str:
    """A value inside a message: short, and nothing in it that would break the line."""
    text = str(raw)
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:40])
    return f"“{shown}…”" if len(text) > 40 else f"“{shown}”"


def kind_of(raw: object) -> str:
    """What a wrong value is, in words."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case int() | float():
            return "a number"
    return f"a {type(raw).__name__}"
