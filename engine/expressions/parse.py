"""From text to the syntax tree, with limits to its size; what can't be read is told with its place."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from engine.expressions.complaint import Complaint, ExpressionError
from engine.expressions.syntax import (
    Binary,
    Call,
    Choose,
    Index,
    List,
    Literal,
    Logic,
    Name,
    Select,
    Span,
    Syntax,
    Unary,
    children,
)
from engine.expressions.unreadable import INSTEAD, syntax, unreadable

LONGEST = 4_000
DEEPEST = 48
LONGEST_CHAIN = 64
"""Operators in a row, and steps of the whole tree: later stages recurse, a few calls for each."""

MOST_NODES = 500
MOST_ITEMS = 200

RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop"),
        *("package", "namespace", "return", "var", "void", "while"),
    )
)
"""Words that can't name a root or variable; a property of such a name is reached as `record.import`."""

SIMPLE_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}  # fmt: skip
ESCAPE = re.compile(
    r"\\(x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.|\n)", re.DOTALL
)


@lru_cache(maxsize=10_000)
def parse(text: str) -> Syntax:
    """The syntax tree of an expression. Raises ExpressionError."""
    if len(text) > LONGEST:
        message = f"this expression has {len(text):,} characters, more than {LONGEST:,}"
        hint = "split it: a computed property can hold a part"
        raise ExpressionError([Complaint("expression-too-long", message, Span(0, 1), hint)])
    if not text.strip():
        message = "an expression is missing"
        raise ExpressionError(
            [Complaint("expression-syntax", message, Span(0, 1), "for example record.amount > 0")]
        )
    try:
        tree: Any = _lark().parse(text)
    except UnexpectedInput as error:
        raise ExpressionError([unreadable(text, error)]) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ExpressionError):
            raise error.orig_exc from None
        raise
    _measure(tree, len(text))
    return tree  # type: ignore[no-any-return]


@cache
def _lark() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,
        maybe_placeholders=True,
        transformer=_Builder(),
    )


def _measure(tree: Syntax, length: int) -> None:
    """Refuse trees that later stages, which recurse, should not have to meet."""
    count, stack = 0, [(tree, 0, 0)]
    while stack:
        node, depth, steps = stack.pop()
        count += 1
        if depth > DEEPEST or steps > LONGEST_CHAIN:
            limit = f"{DEEPEST} levels" if depth > DEEPEST else f"{LONGEST_CHAIN} operators in a row"
            message = f"this expression is nested too deep: more than {limit}"
            raise ExpressionError([_too_large("expression-too-deep", message, node.span)])
        for child in children(node):
            spine = isinstance(node, Binary) and child is node.left and isinstance(child, Binary)
            spine = spine or (isinstance(node, Select) and isinstance(child, Select))
            stack.append((child, depth + (not spine), steps + 1))
    if count > MOST_NODES:
        message = f"this expression has {count:,} parts, more than {MOST_NODES}"
        raise ExpressionError([_too_large("expression-too-large", message, Span(0, length))])


def _too_large(code: str, message: str, span: Span) -> Complaint:
    return Complaint(code, message, span, "split it: a computed property can hold a part")


# ---- building


def _span(parts: list[Any]) -> Span:
    """From the first part to the last, each a token or a node."""
    first, last = parts[0], parts[-1]
    start = _token_span(first).start if isinstance(first, Token) else first.span.start
    return Span(start, _token_span(last).end if isinstance(last, Token) else last.span.end)


def _token_span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


class _Builder(Transformer[Token, Syntax]):
    """Makes our nodes of lark's rules, as they are recognised; every token is among a rule's parts."""

    def name(self, parts: list[Token]) -> Syntax:
        return Name(_free(parts[0]), _span(parts))

    def call(self, parts: list[Any]) -> Syntax:
        return Call(None, _free(parts[0]), _items(parts[2]), _token_span(parts[0]), _span(parts))

    def method(self, parts: list[Any]) -> Syntax:
        target, _, word, _, arguments, _ = parts
        return Call(target, str(word), _items(arguments), _token_span(word), _span(parts))

    def select(self, parts: list[Any]) -> Syntax:
        operand, _, word = parts
        return Select(operand, str(word).strip("`"), _token_span(word), _span(parts))

    def selector(self, parts: list[Token]) -> Token:
        return parts[0]

    def index(self, parts: list[Any]) -> Syntax:
        return Index(parts[0], parts[2], _span(parts))

    def arguments(self, parts: list[Any]) -> tuple[Syntax, ...]:
        return tuple(part for part in parts if not isinstance(part, Token))

    items = arguments

    def listed(self, parts: list[Any]) -> Syntax:
        items = _items(parts[1])
        if len(items) > MOST_ITEMS:
            message = f"this list has {len(items)} items, more than {MOST_ITEMS}"
            hint = "keep such values in records, or mark those that are meant with a property"
            raise ExpressionError([Complaint("expression-too-large", message, _span(parts), hint)])
        return List(items, _span(parts))

    def group(self, parts: list[Any]) -> Syntax:
        return parts[1]  # type: ignore[no-any-return]

    def unary(self, parts: list[Any]) -> Syntax:
        operator, operand = str(parts[0]), parts[1]
        if operator == "-" and isinstance(operand, Literal) and operand.kind in ("int", "fraction"):
            adjacent = operand.span.start == parts[0].end_pos
            if adjacent and not str(operand.value).startswith("-"):
                value = -operand.value if operand.kind == "int" else f"-{operand.value}"
                return Literal(operand.kind, value, _span(parts))
        return Unary(operator, operand, _span(parts))

    def binary(self, parts: list[Any]) -> Syntax:
        return Binary(str(parts[1]), parts[0], parts[2], _span(parts))

    def either(self, parts: list[Any]) -> Syntax:
        return _logic("||", parts[0], parts[2], _span(parts))

    def both(self, parts: list[Any]) -> Syntax:
        return _logic("&&", parts[0], parts[2], _span(parts))

    def choose(self, parts: list[Any]) -> Syntax:
        return Choose(parts[0], parts[2], parts[4], _span(parts))

    def integer(self, parts: list[Token]) -> Syntax:
        word = parts[0]
        return Literal("int", int(word, 0) if word[:2] == "0x" else int(word), _span(parts))

    def fraction(self, parts: list[Token]) -> Syntax:
        return Literal("fraction", str(parts[0]), _span(parts))

    def string(self, parts: list[Token]) -> Syntax:
        return Literal("string", _unquoted(parts[0]), _span(parts))

    def true(self, parts: list[Token]) -> Syntax:
        return Literal("bool", True, _span(parts))

    def false(self, parts: list[Token]) -> Syntax:
        return Literal("bool", False, _span(parts))

    def null(self, parts: list[Token]) -> Syntax:
        return Literal("null", None, _span(parts))


def _items(arguments: tuple[Syntax, ...] | None) -> tuple[Syntax, ...]:
    return arguments or ()


def _logic(operator: str, first: Syntax, second: Syntax, span: Span) -> Logic:
    chained = isinstance(first, Logic) and first.operator == operator
    operands = (*first.operands, second) if chained and isinstance(first, Logic) else (first, second)
    return Logic(operator, operands, span)


def _free(token: Token) -> str:
    if token in RESERVED:
        message = f"{str(token)!r} is a reserved word"
        hint = f"a property of that name is record.{token}"
        if token in INSTEAD:
            hint = f"here it is written {INSTEAD[token]}"
        raise ExpressionError([syntax(message, _token_span(token), hint)])
    return str(token)


def _unquoted(token: Token) -> str:
    """The text of a string literal."""
    raw = token[0] in "rR"
    text = token[1:] if raw else str(token)
    quotes = 3 if text[:3] in ('"""', "'''") else 1
    inner = text[quotes:-quotes]
    if raw:
        return inner
    return ESCAPE.sub(lambda found: _escaped(found, token, quotes), inner)


def _escaped(found: re.Match[str], token: Token, quotes: int) -> str:
    written = found.group(1)
    if written[0] in "xXuU" and len(written) > 1:
        number = int(written[1:], 16)
    elif written[0] in "0123" and len(written) == 3:
        number = int(written, 8)
    elif written in SIMPLE_ESCAPES:
        return SIMPLE_ESCAPES[written]
    else:
        number = -1
    if number < 0 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        start = (token.start_pos or 0) + quotes + found.start()
        message = f"{found.group()} is no character"
        hint = r"write \\ for a backslash, or put an r before the quote"
        raise ExpressionError([syntax(message, Span(start, start + len(found.group())), hint)])
    return chr(number)
