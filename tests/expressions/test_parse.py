"""Reading expressions: what the syntax tree is, where its parts stand, and what is said of a text that is none."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import syntax
from engine.expressions.parse import parse
from tests.expressions.desk import complaints, said, unmarked


def shown(node: syntax.Syntax) -> str:
    """A tree with a bracket around each operation."""
    match node:
        case syntax.Literal():
            return repr(node.value)
        case syntax.Name():
            return node.name
        case syntax.Select():
            return f"{shown(node.operand)}.{node.name}"
        case syntax.Call():
            target = f"{shown(node.target)}." if node.target is not None else ""
            return f"{target}{node.name}({', '.join(map(shown, node.arguments))})"
        case syntax.Index():
            return f"{shown(node.operand)}[{shown(node.index)}]"
        case syntax.Unary():
            return f"({node.operator}{shown(node.operand)})"
        case syntax.Binary():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case syntax.Logic():
            return f"({f' {node.operator} '.join(map(shown, node.operands))})"
        case syntax.Choose():
            return f"({shown(node.condition)} ? {shown(node.yes)} : {shown(node.no)})"
        case syntax.List():
            return f"[{', '.join(map(shown, node.items))}]"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 % 3 * 2", "(((8 / 4) % 3) * 2)"),
        ("-a.b", "(-a.b)"),
        ("-1", "-1"),
        ("- 1", "(-1)"),
        ("--1", "(--1)"),
        ("1 - -1", "(1 - -1)"),
        ("!a.b", "(!a.b)"),
        ("!!a", "(!(!a))"),
        ("!a == b", "((!a) == b)"),
        ("a == b == c", "((a == b) == c)"),
        ("a < b + 1", "(a < (b + 1))"),
        ("a in b + c", "(a in (b + c))"),
        ("a && b && c", "(a && b && c)"),
        ("a && (b && c)", "(a && (b && c))"),
        ("a || b && c || d", "(a || (b && c) || d)"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a || b ? c : d", "((a || b) ? c : d)"),
        ("a ? b || c : d", "(a ? (b || c) : d)"),
        ("(a ? b : c) ? d : e", "((a ? b : c) ? d : e)"),
        ("a.b.c(d, e)[0].f", "a.b.c(d, e)[0].f"),
        ("f()", "f()"),
        ("[]", "[]"),
        ("[1, [2, 3],]", "[1, [2, 3]]"),
        ("record.in", None),
        ("record.`in`", "record.in"),
        ("record.`a-b`", "record.a-b"),
        ("record.import", "record.import"),
        ("a // what follows is a note\n && b", "(a && b)"),
        ("\ta\r\n==\n b ", "(a == b)"),
    ],
)
def test_precedence(text: str, tree: str | None) -> None:
    if tree is None:
        assert complaints(text)
    else:
        assert shown(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("0x1F", 31),
        ("-0x1f", -31),
        ("007", 7),
        ("9223372036854775807", 2**63 - 1),
        ("2.50", "2.50"),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("-1.5E-2", "-1.5E-2"),
        ("true", True),
        ("null", None),
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        (r"'it\'s'", "it's"),
        ("'é ✓ 😀'", "é ✓ 😀"),
        (r"'\n\t\r\a\b\f\v\\\?\`\"'", '\n\t\r\a\b\f\v\\?`"'),
        (r"'\x41\u00e9\U0001F600\101'", "Aé😀A"),
        (r"r'a\nb'", r"a\nb"),
        (r'R"\d+"', r"\d+"),
        ("'''a 'b' c'''", "a 'b' c"),
        ('"""a\n"b" c"""', 'a\n"b" c'),
        (r"r'''\d 'x'''", r"\d 'x"),
        ("''", ""),
    ],
)
def test_literals(text: str, value: Any) -> None:
    node = parse(text)
    assert isinstance(node, syntax.Literal)
    assert node.value == value


def test_every_node_knows_where_it_stands() -> None:
    text = "record.lines.exists(l, l.amount > 1 && -l.price <= 2.5) ? [1, 'é'][0] : f(x)"
    found = set()
    stack: list[syntax.Syntax] = [parse(text)]
    while stack:
        node = stack.pop()
        found.add(text[node.span.start : node.span.end])
        stack.extend(syntax.children(node))
    assert found == {
        text,
        "record.lines.exists(l, l.amount > 1 && -l.price <= 2.5)",
        "record.lines",
        "record",
        "l",
        "l.amount > 1 && -l.price <= 2.5",
        "l.amount > 1",
        "l.amount",
        "1",
        "-l.price <= 2.5",
        "-l.price",
        "l.price",
        "2.5",
        "[1, 'é'][0]",
        "[1, 'é']",
        "'é'",
        "0",
        "f(x)",
        "x",
    }


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("« »  ", "an expression is missing -- for example record.amount > 0"),
        (
            "record.count «>»",
            "the expression ends too early -- a value is expected: a name, a number, a text",
        ),
        ("record.count > «>» 1", "'>' can't stand here -- a value is expected: a name, a number, a text"),
        ("record.count «=» 1", "a single '=' compares nothing -- write =="),
        ("record.closed «&» record.urgent", "a single '&' joins nothing -- write &&"),
        ("record.closed «|» record.urgent", "a single '|' joins nothing -- write ||"),
        ("record.closed «and» record.urgent", "'and' can't stand here -- here it is written &&"),
        ("record.closed «or» record.urgent", "'or' can't stand here -- here it is written ||"),
        ("«not» record.closed", "'not' can't stand here -- here it is written !"),
        ("record.note «is» null", "'is' can't stand here -- here it is written =="),
        ("record.note «like» 'a'", "'like' can't stand here -- here it is written x.contains('…')"),
        ("record.count «between» 1", "'between' can't stand here -- here it is written x >= a && x <= b"),
        ("(record.count > «1»", "the expression ends too early -- an operator or ')' is expected"),
        ("record.count > 1«)»", "')' can't stand here -- an operator is expected: == && || + …"),
        ("[1, «2»", "the expression ends too early -- an operator or ']' is expected"),
        ("[«,»]", "',' can't stand here -- a value is expected: a name, a number, a text"),
        (
            "record.lines.exists(l, l.don«e»",
            "the expression ends too early -- an operator or ')' is expected",
        ),
        ("record.closed ? «1»", "the expression ends too early -- an operator or ':' is expected"),
        (
            "record.closed ? 1 «:» ",
            "the expression ends too early -- a value is expected: a name, a number, a text",
        ),
        ("«{»'a': 1}", "maps and messages are not part of the language -- name a property instead"),
        ("account«{»name: 1}", "maps and messages are not part of the language -- name a property instead"),
        ("b«'bytes'»", "bytes are not part of the language -- leave out the b"),
        ("1«u»", "there are no unsigned numbers -- leave out the u"),
        ("1 «2»", "'2' can't stand here -- an operator is expected: == && || + …"),
        ("«'»open", "this text has no closing quote -- end it with '"),
        ('«"»open', 'this text has no closing quote -- end it with "'),
        ("«'''»open", "this text has no closing quotes -- end it with '''"),
        ("«“»open”", "“ is a typographic quote -- use ' or \""),
        ("«‘»open’", "‘ is a typographic quote -- use ' or \""),
        (
            "record.note == 'a«\\q»b'",
            "\\q is no character -- write \\\\ for a backslash, or put an r before the quote",
        ),
        (
            "record.note == 'a«\\ud800»b'",
            "\\ud800 is no character -- write \\\\ for a backslash, or put an r before the quote",
        ),
        (
            "record.note == '«\\U00110000»'",
            "\\U00110000 is no character -- write \\\\ for a backslash, or put an r before the quote",
        ),
        ("«for»", "'for' is a reserved word -- a property of that name is record.for"),
        ("«if» (record.closed) 1", "'if' can't stand here -- here it is written condition ? a : b"),
        ("record.count «#» 1", "the character '#' means nothing here -- quote it if it is a text"),
        ("record.count «@» 1", "the character '@' means nothing here -- quote it if it is a text"),
        ("record.count «$» 1", "the character '$' means nothing here -- quote it if it is a text"),
        ("record.count«;» 1", "the character ';' means nothing here -- quote it if it is a text"),
        ("record.«.»count", "'.' can't stand here -- a value is expected: a name, a number, a text"),
        ("record«.»", "the expression ends too early -- a value is expected: a name, a number, a text"),
        ("«.»count", "'.' can't stand here -- a value is expected: a name, a number, a text"),
        ("record«.123»", "'.123' can't stand here -- an operator is expected: == && || + …"),
        ("1«.»", "the expression ends too early -- a value is expected: a name, a number, a text"),
        ("1«_000»", "'_000' can't stand here -- an operator is expected: == && || + …"),
        ("record.count +«+» 1", "'+' can't stand here -- a value is expected: a name, a number, a text"),
        (
            "record.count == 1 &«&»",
            "the expression ends too early -- a value is expected: a name, a number, a text",
        ),
        ("«&&» record.closed", "'&&' can't stand here -- a value is expected: a name, a number, a text"),
        ("record.count «=>» 1", "'=>' is no operator -- here it is written >="),
        ("record.count «<>» 1", "'<>' is no operator -- here it is written !="),
        ("record.count «===» 1", "'===' is no operator -- here it is written =="),
        ("f(«,»)", "',' can't stand here -- a value is expected: a name, a number, a text"),
        ("f(1,«)»", "')' can't stand here -- a value is expected: a name, a number, a text"),
        ("record[«0»", "the expression ends too early -- an operator or ']' is expected"),
        ("a «b»", "'b' can't stand here -- an operator is expected: == && || + …"),
        ("'a' «'b'»", "\"'b'\" can't stand here -- an operator is expected: == && || + …"),
    ],
)
def test_what_cannot_be_read(marked: str, expected: str) -> None:
    text, spans = unmarked(marked)
    found = complaints(text)
    assert [said(complaint) for complaint in found] == [f"expression-syntax: {expected}"]
    assert [tuple(complaint.span) for complaint in found] == spans


def test_a_text_is_read_once() -> None:
    assert parse("a.b == 1 + 2") is parse("a.b == 1 + 2")
