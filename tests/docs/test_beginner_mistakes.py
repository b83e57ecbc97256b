"""The page of beginner's mistakes: `engine check` says exactly what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.app import check
from engine.codes import CODES
from engine.text import report
from tests.docs.examples import DOCS, Example, examples

FOUND = examples(DOCS / "how-to" / "beginner-mistakes.md")
PAIRS = list(zip(FOUND[::2], FOUND[1::2], strict=True))


def test_there_are_ten() -> None:
    assert [each.kind for each in FOUND] == ["mistake", "says"] * 10


@pytest.mark.parametrize(("mistake", "said"), PAIRS, ids=[str(number) for number in range(1, len(PAIRS) + 1)])
def test_a_mistake_gets_the_message_on_the_page(mistake: Example, said: Example, tmp_path: Path) -> None:
    for name, text in (("metadata/app.yaml", "app: library\n"), ("entities/book.yaml", mistake.body)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    problems = check(tmp_path).problems
    assert f"{report.as_text(problems)}\n\n{report.summary(problems)}\n" == said.body
    assert {problem.code for problem in problems} <= set(CODES)
