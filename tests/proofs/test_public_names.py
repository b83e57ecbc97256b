"""The public names of `engine` are those that are documented; another one is a promise, made on purpose."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from tests.support.house import ROOT

PAGE = ROOT / "docs" / "reference" / "python.md"


def test_each_is_there_once_in_order_and_explained() -> None:
    names = engine.__all__
    assert names == sorted(set(names), key=lambda name: (name.islower(), name))
    for name in names:
        offered = getattr(engine, name)
        assert not (inspect.isclass(offered) or inspect.isfunction(offered)) or inspect.getdoc(offered), name


def test_nothing_else_is_public() -> None:
    public = {
        name
        for name in dir(engine)
        if not name.startswith("_") and not inspect.ismodule(getattr(engine, name))
    }
    assert public == set(engine.__all__)


def test_the_page_of_public_names_has_exactly_these() -> None:
    headings = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("### ")]
    documented = {line.removeprefix("### ").strip("`").partition("(")[0] for line in headings}
    assert documented == set(engine.__all__)


def test_importing_it_imports_next_to_nothing() -> None:
    heavy = ("sqlalchemy", "starlette", "babel", "jsonschema", "alembic", "engine.app", "engine.service")
    code = f"import engine, sys; print([name for name in {heavy!r} if name in sys.modules])"
    assert _python(code) == "[]"


def test_checking_takes_no_database_and_no_pages(tmp_path: Path) -> None:
    heavy = ("starlette", "uvicorn", "jinja2", "alembic", "engine.service", "engine.store", "engine.web")
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "app.yaml").write_text("app: x\n", encoding="utf-8")
    code = f"import engine, sys; engine.check({str(tmp_path)!r})"
    assert _python(f"{code}; print([name for name in {heavy!r} if name in sys.modules])") == "[]"


def test_an_unknown_name_is_said_to_be_one() -> None:
    with pytest.raises(AttributeError, match="module 'engine' has no attribute 'nothing_like_it'"):
        _ = engine.nothing_like_it


def _python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()
