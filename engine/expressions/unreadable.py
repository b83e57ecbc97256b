"""What is said of a text that is no expression: where it can't be read on, and what was probably meant."""

from __future__ import annotations

import re

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from engine.expressions.complaint import Complaint
from engine.expressions.syntax import Span

INSTEAD = {
    "and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "is": "==", "IS": "==", "IN": "in",
    "like": "x.contains('…')", "LIKE": "x.contains('…')", "between": "x >= a && x <= b", "if": "condition ? a : b",
    "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "!==": "!=", "**": "x * x",
}  # fmt: skip
"""What other languages write, and what is written here."""

FOREIGN = re.compile(r"!==|===|=>|=<|<>|\*\*")
TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
BRACKETS = {")": "(", "]": "["}


def syntax(message: str, span: Span, hint: str = "") -> Complaint:
    """A complaint about the syntax."""
    return Complaint("expression-syntax", message, span, hint)


def unreadable(text: str, error: UnexpectedInput) -> Complaint:
    """Why a text can't be read, at the sign where that shows."""
    position = _position(text, error)
    foreign = _foreign(text, position)
    if foreign is not None:
        return foreign
    if isinstance(error, UnexpectedCharacters):
        return _stray(text, position)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return _token(text, error.token, error)
    end = max(len(text.rstrip()), 1)
    return syntax("the expression ends too early", Span(end - 1, end), _expected(text, len(text), error))


def _position(text: str, error: UnexpectedInput) -> int:
    if isinstance(error, UnexpectedToken):
        return len(text) if error.token.type == "$END" else error.token.start_pos or 0
    return int(str(error.pos_in_stream))


def _foreign(text: str, position: int) -> Complaint | None:
    """Operators of other languages: the parser stumbles over one of their signs."""
    for found in FOREIGN.finditer(text):
        if found.start() <= position < found.end():
            hint = f"here it is written {INSTEAD[found.group()]}"
            return syntax(f"{found.group()!r} is no operator", Span(*found.span()), hint)
    return None


def _token(text: str, token: Token, error: UnexpectedInput) -> Complaint:
    start = token.start_pos or 0
    span, word = Span(start, token.end_pos or start), str(token)
    before = re.search(r"(?<![.\w])(not|NOT|if)\s*(\(.*\)\s*)?$", text[:start], re.DOTALL)
    if before:
        span, word = Span(*before.span(1)), before.group(1)
    if word in INSTEAD:
        return syntax(f"{word!r} can't stand here", span, f"here it is written {INSTEAD[word]}")
    if token.type == "STRING" and re.search(r"(^|[^.\w])[bB][rR]?$", text[:start]):
        return syntax("bytes are not part of the language", span, "leave out the b")
    if word in ("u", "U") and text[:start][-1:].isdigit():
        return syntax("there are no unsigned numbers", span, "leave out the u")
    return syntax(f"{word!r} can't stand here", span, _expected(text, start, error))


def _expected(text: str, position: int, error: UnexpectedInput) -> str:
    """What could stand at a place, in words."""
    wanted = set(getattr(error, "expected", None) or getattr(error, "accepts", None) or ())
    if "NAME" in wanted:
        return "a value is expected: a name, a number, a text"
    closing = _open(text[:position])
    if closing and {")": "RPAR", "]": "RSQB", ":": "COLON"}[closing] in wanted:
        return f"an operator or {closing!r} is expected"
    return "an operator is expected: == && || + …"


def _open(text: str) -> str:
    """What would end the innermost part that was begun."""
    begun: list[str] = []
    for sign in re.findall(r"[()\[\]?:]", TEXTS.sub("", text)):
        if sign in "([?":
            begun.append(sign)
        elif begun and sign in (":", *BRACKETS):
            wanted = BRACKETS.get(sign, "?")
            while begun and begun.pop() != wanted:
                pass
    return {"(": ")", "[": "]", "?": ":"}[begun[-1]] if begun else ""


def _stray(text: str, position: int) -> Complaint:
    found, span = text[position], Span(position, position + 1)
    if found == "=":
        return syntax("a single '=' compares nothing", span, "write ==")
    if found in "&|":
        return syntax(f"a single {found!r} joins nothing", span, f"write {found * 2}")
    if found in "{}":
        return syntax("maps and messages are not part of the language", span, "name a property instead")
    if found in "'\"":
        if position >= 2 and text[position - 2 : position + 1] == found * 3:
            return syntax(
                "this text has no closing quotes",
                Span(position - 2, position + 1),
                f"end it with {found * 3}",
            )
        return syntax("this text has no closing quote", span, f"end it with {found}")
    if found in "“”‘’„«»":
        return syntax(f"{found} is a typographic quote", span, "use ' or \"")
    return syntax(f"the character {found!r} means nothing here", span, "quote it if it is a text")
