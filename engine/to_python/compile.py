"""From the checked tree to Python: one generated function, in the form that is asked for.

Every node can be compiled as *true* (is it true), *false* (is it false) and *value* (what is it, None for null
and unknown); conditions so never compute three-valued logic where nobody asks for it. Source is made of the
checked tree alone: names are ours, constants are bound or plain literals, there are no builtins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any, Literal

from engine.expressions.complaint import Complaint, ExpressionError
from engine.expressions.nodes import Node
from engine.functions import arithmetic, lists
from engine.functions.budget import Budget
from engine.to_python.roots import RecordValues, Surroundings
from engine.to_python.values import ValueEmitter

Mode = Literal["true", "false", "value"]
Evaluate = Callable[[RecordValues, Surroundings], Any]

MOST_PARENTHESES = 180
"""Python's own parser gives up at 200."""


@dataclass(frozen=True, slots=True)
class PythonExpression:
    """A compiled expression: `evaluate(record, surroundings)`, and the source it runs."""

    source: str
    evaluate: Evaluate


def to_python(node: Node, mode: Mode = "value") -> PythonExpression:
    """Compile a checked tree. `true` and `false` give a bool, `value` a value or None."""
    emitter = ValueEmitter()
    made = getattr(emitter, mode)(node)
    if _nesting(made) > MOST_PARENTHESES:
        hint = "split it: a computed property can hold a part"
        raise ExpressionError([Complaint("expression-too-deep", "this is nested too deep", node.span, hint)])
    budget = "    spend = new_budget().spend\n" if emitter.spends else ""
    source = f"def evaluate(record, roots):\n{budget}    return {made}\n"
    return PythonExpression(source, _function(_compiled(source), emitter.bound))


def _compiled(source: str) -> CodeType:
    return compile(source, "<expression>", "exec")


def _function(code: CodeType, bound: Mapping[str, Any]) -> Evaluate:
    names: dict[str, Any] = {"__builtins__": {}, **RUNTIME, **bound}
    exec(code, names)  # noqa: S102 (our own source, made of the checked tree)
    made: Evaluate = names["evaluate"]
    return made


def _nesting(source: str) -> int:
    deepest = depth = 0
    for found in re.finditer(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[()\[\]{}]", source):
        if found.group() in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif found.group() in ")]}":
            depth -= 1
    return deepest


RUNTIME: Mapping[str, Any] = {
    **{
        f"a_{name}": getattr(arithmetic, name)
        for name in dir(arithmetic)
        if callable(getattr(arithmetic, name))
    },
    **{f"l_{name}": getattr(lists, name) for name in dir(lists) if callable(getattr(lists, name))},
    "new_budget": Budget,
    "tuple": tuple,
    "any": any,
    "all": all,
    "len": len,
    "bool": bool,
}
