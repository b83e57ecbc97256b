"""The catalogue of problem codes: complete, without dead entries, and every example gets its complaint."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from engine.codes import CODES
from tests.support.metadata import proven

ENGINE = Path(__file__).parents[2] / "engine"
READING = (
    *(
        "text/*.py",
        "types/*.py",
        "metamodel/*.py",
        "documents/**/*.py",
        "declared/*.py",
        "loading/*.py",
        "proving/*.py",
        "matrix/*.py",
        "plugins.py",
        "app.py",
    ),
    *("expressions/*.py", "typecheck/*.py", "functions/*.py", "to_sql/*.py"),
)
FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
COMPLAIN = frozenset(
    (
        *(
            "at_key",
            "at_value",
            "at_word",
            "at_map",
            "warn",
            "error",
            "problem",
            "Problem",
            "Fault",
            "OptionProblem",
            "_refuse",
        ),
        *("complain", "Complaint", "_too_large"),
    )
)
WITHOUT_EXAMPLE = {
    "access-narrowed",
    "access-widened",
    "alias-bomb",
    "bad-access-lock",
    "expression-too-large",
    "expression-too-long",
    "file-too-large",
    "no-access-lock",
    "no-application",
    "not-utf8",
    "plugin-failed",
    "schema-differs",
    "too-deep",
    "unreadable-file",
    "yaml-control-character",
}


@cache
def _nodes() -> list[ast.AST]:
    """Every node of the modules that read metadata."""
    files = [file for part in READING for file in sorted(ENGINE.glob(part))]
    return [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]


def _texts(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _used() -> set[str]:
    """Every code that a complaint is made with."""
    found: set[str] = set()
    for node in (node for node in _nodes() if isinstance(node, ast.Call)):
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name in COMPLAIN:
            found |= {text for text in _texts(node.args) if FORM.fullmatch(text)}
    return found


def test_every_code_that_is_used_is_explained() -> None:
    assert len(_used()) > 60
    assert _used() - set(CODES) == set()


def test_every_code_that_is_explained_is_used() -> None:
    assert set(CODES) - _texts(_nodes()) == set()


def test_every_code_says_what_it_is_why_and_what_cures_it() -> None:
    assert [code for code, said in CODES.items() if not (said.title and said.cause and said.cure)] == []
    assert {code for code, said in CODES.items() if not said.example} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("code", [code for code, said in CODES.items() if said.example])
def test_an_example_gets_its_complaint_and_no_other(code: str, tmp_path: Path) -> None:
    found = proven(tmp_path, CODES[code].example)
    beside = {"not-enforced-yet"} - {code}
    assert {problem.code for problem in found} - beside == {code}, [str(problem) for problem in found]
