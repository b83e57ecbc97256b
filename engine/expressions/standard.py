"""The functions of the language, in one registry."""

from __future__ import annotations

from engine.expressions.functions import Functions
from engine.expressions.functions_clock import CLOCK_FUNCTIONS
from engine.expressions.functions_convert import CONVERSION_FUNCTIONS
from engine.expressions.functions_number import NUMBER_FUNCTIONS
from engine.expressions.functions_text import TEXT_FUNCTIONS
from engine.expressions.functions_time import TIME_FUNCTIONS


def standard_functions() -> Functions:
    """A new registry with every function of the language; plugins add theirs to it."""
    made = Functions()
    for group in (TEXT_FUNCTIONS, NUMBER_FUNCTIONS, TIME_FUNCTIONS, CLOCK_FUNCTIONS, CONVERSION_FUNCTIONS):
        made.register(*group)
    return made
