"""The functions of the language, in one registry."""

from __future__ import annotations

from engine.expressions.registry import Functions
from engine.functions.clock import CLOCK_FUNCTIONS
from engine.functions.convert import CONVERSION_FUNCTIONS
from engine.functions.number import NUMBER_FUNCTIONS
from engine.functions.text import TEXT_FUNCTIONS
from engine.functions.time import TIME_FUNCTIONS


def standard_functions() -> Functions:
    """A new registry with every function of the language; plugins add theirs to it."""
    made = Functions()
    for group in (TEXT_FUNCTIONS, NUMBER_FUNCTIONS, TIME_FUNCTIONS, CLOCK_FUNCTIONS, CONVERSION_FUNCTIONS):
        made.register(*group)
    return made
