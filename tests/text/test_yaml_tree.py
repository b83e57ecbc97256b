"""Located YAML: where everything stands, what is refused and in which words, and that nothing ever raises."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Problem
from engine.text.source import LARGEST, decode
from engine.text.yaml_reader import read_documents
from engine.text.yaml_tree import Map, Seq

ROOT = Path(__file__).parents[2]
GOOD_FILES = sorted(
    file for folder in ("metadata", "entities", "ui_schema") for file in (ROOT / folder).rglob("*.yaml")
)


def read(text: str | bytes) -> tuple[list[Map], list[Problem]]:
    source, problems = decode("f.yaml", text.encode() if isinstance(text, str) else text)
    if problems:
        return [], problems
    return read_documents(source)


def one(text: str) -> Map:
    documents, problems = read(text)
    assert problems == []
    (document,) = documents
    return document


def complaints(text: str | bytes) -> list[tuple[str, str, str, str]]:
    return [(each.code, str(each.place)[7:], each.message, each.hint) for each in read(text)[1]]


# ---- places


def test_every_key_and_value_knows_its_place() -> None:
    document = one("entity: ticket\nproperties:\n  subject: {type: text, max_length: 200}\n")
    subject = document["properties"]["subject"]
    assert str(document.key_place("properties")) == "f.yaml:2:1"
    assert str(document.place_of("entity")) == "f.yaml:1:9"
    assert (str(subject.place_of("max_length")), subject.place_of("max_length").width) == ("f.yaml:3:37", 3)
    assert subject.path == ("properties", "subject")


def test_a_value_that_is_a_mapping_stands_at_its_key() -> None:
    document = one("entity: a\nproperties:\n\n  x: {type: text}\n")
    assert str(document["properties"].place_of("x")) == "f.yaml:4:3"


def test_an_empty_value_stands_at_its_key() -> None:
    assert str(one("entity:\n").place_of("entity")) == "f.yaml:1:1"


def test_items_of_a_list_know_their_places() -> None:
    columns = one("grid: a\ncolumns: [number, subject]\n")["columns"]
    assert isinstance(columns, Seq)
    assert str(columns.place_of(1)) == "f.yaml:2:19"


def test_columns_count_characters_not_bytes() -> None:
    assert str(one('{a: "ăâîșț€𝄞", b: 1}').place_of("b")) == "f.yaml:1:19"


def test_a_text_starts_inside_its_quotes_or_block() -> None:
    document = one("where: 'record.x'\nnote: |\n\n    record.y\nplain: record.z\n")
    assert [str(document.text_place(key)) for key in ("where", "note", "plain")] == [
        "f.yaml:1:9",
        "f.yaml:4:5",
        "f.yaml:5:8",
    ]


def test_trees_are_plain_dicts_and_lists() -> None:
    assert one("a: {b: [1, 2.5, yes, null, '3']}") == {"a": {"b": [1, Decimal("2.5"), "yes", None, "3"]}}


def test_keys_stay_text() -> None:
    assert one("{no: 1, 12: 2, true: 3, null: 4}") == {"no": 1, "12": 2, "true": 3, "null": 4}


def test_expressions_stay_as_they_are_written() -> None:
    document = one("check: true\nwhere: 012\nwhen: null\ndefault: {cel: 1.50}\n")
    assert document == {"check": "true", "where": "012", "when": None, "default": {"cel": "1.50"}}


def test_the_reference_application_reads_as_every_yaml_reader_reads_it() -> None:
    for file in GOOD_FILES:
        documents, problems = read(file.read_bytes())
        assert problems == []
        assert documents == [as_one_two(each) for each in yaml.safe_load_all(file.read_text())]


def as_one_two(value: Any) -> Any:
    """What a reader of YAML 1.1 made of a document, as YAML 1.2 has it: `on` is a word."""
    if isinstance(value, dict):
        return {"on" if key is True else key: as_one_two(each) for key, each in value.items()}
    return [as_one_two(each) for each in value] if isinstance(value, list) else value


def test_documents_of_one_file_are_all_read_around_a_mistake() -> None:
    documents, problems = read("entity: a\n---\nentity: [b\n---\nentity: c\n---\nentity: d\n")
    assert [document["entity"] for document in documents] == ["a", "c", "d"]
    assert [(problem.code, problem.place.line) for problem in problems] == [("yaml-flow", 3)]
    assert str(documents[1].key_place("entity")) == "f.yaml:5:1"


# ---- what is refused, word for word

REFUSALS = [
    (
        "a: 1\na: 2",
        "duplicate-key",
        "2:1",
        "the key 'a' stands twice in this mapping",
        "the first is in line 1: keep one of them",
    ),
    ("a:\n\tb: 1", "yaml-tab", "2:1", "a tab can't indent YAML", "use spaces"),
    (
        "a:\n  b: 1\n c: 2",
        "yaml-indentation",
        "3:2",
        "this line's indentation fits none of the lines above it",
        "the block it stands in begins at line 1, column 1",
    ),
    (
        "a: 1\n  b: 2",
        "yaml-indentation",
        "2:3",
        "this line is indented as if it belonged to the text above it",
        "give keys of one mapping the same indentation",
    ),
    (
        "label: Note: urgent",
        "yaml-colon",
        "1:12",
        "there is a second ': ' in this line, and YAML takes it for a new key",
        "put the text in quotes",
    ),
    (
        "entity ticket\nlabel: x",
        "yaml-colon",
        "1:1",
        "'entity ticket' is no key: it has no ':'",
        "write `key: value`",
    ),
    (
        "a: [1, 2\nb: 3",
        "yaml-flow",
        "1:4",
        "the '[' opened here is not closed where YAML expects it, in line 2",
        "close it with ']'",
    ),
    (
        "a: {b: 1\nc: {d: 2}",
        "yaml-flow",
        "1:4",
        "the '{' opened here is not closed where YAML expects it, in line 2",
        "close it with '}'",
    ),
    ('a: "b', "yaml-quote", "1:4", "the quote opened here is never closed", "close it"),
    (
        'a: "b" c',
        "yaml-quote",
        "1:8",
        "text goes on after the closing quote",
        "put all of it in one pair of quotes",
    ),
    ("a: @b", "yaml-quote", "1:4", "a text can't begin with '@' in YAML", "put the text in quotes"),
    (
        'a: "\\d"',
        "yaml-escape",
        "1:5",
        "in double quotes a backslash begins an escape, and this is none",
        "double the backslash, or use single quotes",
    ),
    (
        "a: - b",
        "yaml-list",
        "1:4",
        "a list can't begin on the line of its key",
        "write `key: [a, b]`, or each item on a line of its own",
    ),
    (
        "a: *b",
        "yaml-alias",
        "1:4",
        "'*' names an anchor, and there is none of this name above",
        "quote the text if it begins with '*'",
    ),
    (
        "a: !money 5",
        "unknown-tag",
        "1:4",
        "the YAML tag '!money' means nothing here",
        "leave it out; quote the text if it begins with '!'",
    ),
    (
        "a: .nan",
        "bad-number",
        "1:4",
        "this is .nan is no number that can be stored",
        "quote it if it is a text",
    ),
    (
        "? [a]\n: b",
        "bad-key",
        "1:3",
        "a key is a name, and this is a mapping or a list",
        "quote it if braces or brackets are meant as text",
    ),
    (
        "- a",
        "not-a-mapping",
        "1:1",
        "a document is a mapping, and this is a list",
        "start it with what it declares: `entity: NAME`",
    ),
    (
        "hello",
        "not-a-mapping",
        "1:1",
        "a document is a mapping, and this is a single text",
        "start it with what it declares: `entity: NAME`",
    ),
    (
        "",
        "empty-file",
        "1:1",
        "there is nothing in this file",
        "delete the file, or declare something: `entity: NAME`",
    ),
    (
        "# later\n",
        "empty-file",
        "1:1",
        "there is nothing but comments in this file",
        "delete the file, or declare something: `entity: NAME`",
    ),
    (
        "a: &x [*x]",
        "recursive-alias",
        "1:4",
        "an alias stands inside what it names",
        "repeat the text instead",
    ),
    (
        "a: b\x07c",
        "yaml-control-character",
        "1:5",
        "the control character U+0007 can't stand in YAML",
        "delete it",
    ),
]


@pytest.mark.parametrize(
    ("text", "code", "place", "message", "hint"), REFUSALS, ids=lambda value: repr(value)[:20]
)
def test_refusals(text: str, code: str, place: str, message: str, hint: str) -> None:
    assert complaints(text) == [(code, place, message, hint)]


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('check: "a" == record.b', "1:8", "quote it: check: '\"a\" == record.b'"),
        ("where: record.a == 'it: x'", "1:8", "quote it: where: 'record.a == ''it: x'''"),
        ("guard: !record.done", "1:8", "quote it: guard: '!record.done'"),
        ("p: {visible_if: record.a in [1, 2]}", "1:17", "quote it: visible_if: '…'"),
        ("p: {visible_if: max(record.a, 3) > 1}", "1:17", "quote it: visible_if: '…'"),
        ('when: record.color == "a #1"', "1:7", "quote it: when: 'record.color == \"a #1\"'"),
        ("default: {cel: %x}", "1:16", "quote it: cel: '…'"),
    ],
)
def test_an_expression_that_yaml_can_not_read_wants_quotes(text: str, place: str, hint: str) -> None:
    (problem,) = read(text)[1]
    assert (problem.code, str(problem.place)[7:], problem.hint) == ("expression-needs-quotes", place, hint)


def test_bytes_that_are_not_utf8() -> None:
    assert complaints(b"a: 1\nb: caf\xe9\n") == [
        ("not-utf8", "2:7", "the byte 0xE9 is not UTF-8", "save the file as UTF-8")
    ]
    assert complaints("a: é".encode("utf-16"))[0][3] == "the file looks like UTF-16: save it as UTF-8"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    documents, problems = read(b"\xef\xbb\xbfentity: a")
    assert (documents, problems) == ([{"entity": "a"}], [])
    assert str(documents[0].key_place("entity")) == "f.yaml:1:1"


# ---- attacks


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? ", "[{a: "])
def test_endless_nesting_is_a_problem_and_not_the_end_of_the_process(opening: str) -> None:
    (problem,) = read(opening * 100_000)[1]
    assert problem.code == "too-deep"


def test_an_alias_bomb_is_defused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    codes = {problem.code for problem in read("\n".join(lines))[1]}
    assert codes == {"alias-bomb"}


def test_a_huge_file_is_not_even_parsed() -> None:
    (problem,) = read(b"#" * (LARGEST + 1))[1]
    assert problem.code == "file-too-large"


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    for problem in read(data)[1]:
        assert problem.place.line >= 1
        assert problem.place.column >= 1


SIGNS = st.sampled_from(
    [*"\t\n -:{}[]'\"!&*#|>%@`?\\,~<=", "\n---\n", ": ", "- ", "!!x ", "&a ", "*a ", "é", "\x85"]
)


@given(
    st.sampled_from(GOOD_FILES), st.lists(st.tuples(st.integers(0, 10_000), SIGNS), min_size=1, max_size=4)
)
def test_no_mistake_in_a_good_file_raises(file: Path, mistakes: list[tuple[int, str]]) -> None:
    text = file.read_text()
    for offset, sign in mistakes:
        offset %= len(text)
        text = text[:offset] + sign + text[offset + len(sign) % 2 :]
    documents, problems = read(text)
    assert documents or problems
    for problem in problems:
        assert problem.code != "yaml-syntax" or problem.message
        assert problem.place.line <= len(text) + 1
