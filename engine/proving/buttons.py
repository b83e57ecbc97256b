"""Buttons that make no sense: guards that decide nothing, and buttons that nobody but an administrator could use."""

from __future__ import annotations

from collections.abc import Sequence

from engine.metamodel.expression import Expression
from engine.metamodel.workflow import Transition
from engine.proving.findings import Findings
from engine.proving.tried import Condition, Tried


def prove_buttons(found: Findings) -> None:
    """Complain of conditions of buttons that are the same for every record, and warn of buttons that are for nobody."""
    for entity, buttons in found.application.buttons.items():
        tried = Tried(found, found.application.entities[entity])
        for button in buttons.values():
            _prove_conditions(tried, button)
            _prove_rights(found, entity, button)


def _prove_conditions(tried: Tried, button: Transition) -> None:
    """Whether `when`, and behind it each guard, holds for some records and not for others."""
    when = tried.condition(button.when) if button.when is not None else None
    if button.when is not None and when is not None:
        _judge(tried, button, button.when, when, "")
    asked = {each.name for each in button.form}
    if when is not None and asked & set(when.members):
        when = None  # the form changes what it has been asked of
    for guard in button.guards:
        condition = tried.condition(guard.check)
        if condition is not None:
            where = (
                f" where {button.when.text.strip()}" if button.when is not None and when is not None else ""
            )
            _judge(tried, button, guard.check, condition, where, when)


def _judge(
    tried: Tried,
    button: Transition,
    expression: Expression,
    condition: Condition,
    where: str,
    when: Condition | None = None,
) -> None:
    """Complain of a condition that never or always holds; `when` is what holds before it is asked."""
    members = tuple(dict.fromkeys((*condition.members, *(when.members if when is not None else ()))))
    records = [each for each in tried.every(members) if when is None or when.holds(each)]
    answers: Sequence[bool] = [condition.holds(each) for each in records]
    text = expression.text.strip()
    if answers and not any(answers):
        message = f"{text} never holds{where}: {button.name!r} is never open"
        tried.found.error(expression.place, "guard-never-holds", message, "correct the condition")
    elif answers and all(answers):
        message = f"{text} always holds{where}: it decides nothing"
        tried.found.warn(expression.place, "guard-always-holds", message, "take it out, or correct it")


def _prove_rights(found: Findings, entity: str, button: Transition) -> None:
    if not found.decided(entity):
        return  # another record decides, or nobody has any grant: then this is not where to begin
    granted = found.granted(entity, button.name)
    if not granted:
        message = f"no role may use {button.name!r}: only administrators use it"
        hint = f"grant it, for example access: {{agent: {{{button.name}: all}}}} on {entity}"
        found.warn(button.place, "nobody-fires", message, hint)
    elif button.roles is not None and not granted & button.roles.keys():
        message = f"no role that {button.name!r} names may use it: none of them is granted {button.name}"
        found.warn(button.place, "nobody-fires", message, f"grant {button.name} to one of them")
