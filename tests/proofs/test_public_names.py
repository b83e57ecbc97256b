"""The public names of `engine` are those that are documented; another one is a promise, made on purpose."""

from __future__ import annotations

import inspect

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
        for name, offered in vars(engine).items()
        if not name.startswith("_") and not inspect.ismodule(offered)
    }
    assert public == set(engine.__all__)


def test_the_page_of_public_names_has_exactly_these() -> None:
    if not PAGE.is_file():
        pytest.skip("the public names have no page of their own yet")
    headings = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("### ")]
    documented = {line.removeprefix("### ").strip("`").partition("(")[0] for line in headings}
    assert documented == set(engine.__all__)
