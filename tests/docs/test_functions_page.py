"""The page of functions names every one there is, and what it says of the language's own is so."""

from __future__ import annotations

import re

import pytest

from engine.functions.standard import standard_functions
from engine.typecheck.calls import SPECIAL
from engine.typecheck.lists import LISTS as KNOWN_LISTS
from tests.expressions.desk import value
from tools.reference import page
from tools.reference_functions import LISTS, OWN, Own


def names(functions: tuple[Own, ...]) -> set[str]:
    return {re.sub(r"\(.*", "", each.call).removeprefix("list.") for each in functions}


def test_every_function_has_its_line() -> None:
    text = page("functions.md")
    assert [each.name for each in standard_functions().all if f"{each.name}(" not in text] == []
    assert names(OWN) == set(SPECIAL)
    assert names(LISTS) | {"existsOne"} == set(KNOWN_LISTS)


@pytest.mark.parametrize("own", [each for each in (*OWN, *LISTS) if each.example], ids=lambda own: own.call)
def test_an_example_is_what_it_says(own: Own) -> None:
    assert value(own.example) == value(own.value)
