"""Whatever is written, reading answers with problems; it never raises, and one mistake stays one mistake."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.loading.load import check

ROOT = Path(__file__).parents[2]
FOLDERS = ("metadata", "entities", "workflows", "ui_schema")
FILES = {
    file.relative_to(ROOT): file.read_text(encoding="utf-8")
    for folder in FOLDERS
    for file in sorted((ROOT / folder).rglob("*.yaml"))
}
ODD_VALUES: list[Any] = [
    None,
    True,
    -5,
    1.5,
    "",
    "no such thing",
    "account.owner.name",
    "{",
    [],
    {},
    [[]],
    [None],
    {"x": None},
    {"cel": "now()"},
    {"where": "x", "level": 5},
    {"add": [1]},
]
ODD_KEYS = ["typo", "type", "to", "label", "kind", "options", "1", "Ünï", "where", "properties", "extend"]


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) inside a document."""
    inner = list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [(value, key) for key, _ in inner] + [spot for _, each in inner for spot in _spots(each)]


@st.composite
def mistakes(draw: st.DrawFn) -> tuple[Path, str]:
    """One file of the reference application with one thing wrong in it."""
    file = draw(st.sampled_from(sorted(FILES)))
    documents = list(yaml.safe_load_all(FILES[file]))
    holder, key = draw(st.sampled_from(_spots(documents)))
    match draw(st.integers(0, 3)):
        case 0 | 1:
            holder[key] = draw(st.sampled_from(ODD_VALUES))
        case 2 if isinstance(holder, dict):
            holder[draw(st.sampled_from(ODD_KEYS))] = holder.pop(key)
        case _:
            del holder[key]
    return file, yaml.safe_dump_all(documents, sort_keys=False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mistake=mistakes())
def test_a_mistake_anywhere_gives_problems_and_never_raises(
    mistake: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path)
    for name, text in (FILES | dict([mistake])).items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    application, problems = check(tmp_path)
    assert (application is None) == any(problem.level == "error" for problem in problems)
    for problem in problems:
        assert problem.message
        assert problem.place.line >= 1
        assert problem.place.column >= 1
