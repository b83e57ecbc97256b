"""Everything that is proven of an application's processes, in one call."""

from __future__ import annotations

from engine.declared.application import Application
from engine.errors import Problem
from engine.proving.buttons import prove_buttons
from engine.proving.circles import prove_following, prove_timers
from engine.proving.conditions import prove_conditions
from engine.proving.findings import Findings
from engine.proving.overlaps import prove_overlaps
from engine.proving.rights import prove_requirements, prove_rights
from engine.proving.states import prove_states
from engine.proving.ways import Ways


def prove(application: Application) -> tuple[Problem, ...]:
    """What is surely wrong (errors) and probably wrong (warnings) with workflows, buttons and automations.

    What can't be decided is not spoken of.
    """
    if not application.workflows and not application.automations and not application.buttons:
        return ()
    found = Findings(application)
    for workflow in application.workflows.values():
        ways = Ways(workflow)
        for proof in (
            prove_states,
            prove_overlaps,
            prove_conditions,
            prove_rights,
            prove_requirements,
            prove_timers,
        ):
            proof(found, ways)
    prove_buttons(found)
    prove_following(found)
    return tuple(dict.fromkeys(found.problems))
