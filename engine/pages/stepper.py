"""The stepper of a record's page as HTML: the states of its workflow, made of strings."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from engine.pages.processes import Step, Stepper
from engine.web.markup import Icons


@dataclass(frozen=True)
class DrawnStepper:
    """A stepper, and the icons it needs."""

    html: Markup
    icons: tuple[str, ...]


def drawn_stepper(stepper: Stepper, several: bool) -> DrawnStepper:
    """Where a record stands in a workflow; its name is told where there are several."""
    icons, label = Icons(), escape(stepper.label)
    name = f'<p class="stepper-name small muted">{label}</p>' if several else ""
    steps = "".join([_step(icons, each) for each in stepper.steps])
    states = f'<ol class="stepper" aria-label="{label}">\n{steps}</ol>'
    more = (
        f'<a class="btn btn-sm btn-icon stepper-more" href="{stepper.url}" '
        f'aria-label="Diagram of {label}" title="Diagram">{icons.icon("workflow")}</a>'
    )
    html = Markup(f'<div class="stepper-row">\n{name}{states}\n{more}\n</div>\n')
    return DrawnStepper(html, tuple(icons.used))


def _step(icons: Icons, step: Step) -> str:
    tone = f' data-tone="{escape(step.tone)}"' if step.tone else ""
    now = ' aria-current="step"' if step.where == "now" else ""
    told = f' title="{escape(step.told)}"' if step.told else ""
    caption = f'<span class="truncate">{_sign(icons, step)}{escape(step.caption)}</span>'
    state = f'<b class="truncate">{escape(step.label)}</b>'
    return f'<li class="step is-{step.where}"{tone}{now}{told}>{state}{caption}</li>\n'


def _sign(icons: Icons, step: Step) -> str:
    """What stands before the caption of a state that the record has been in, or may come to."""
    if step.where == "been":
        return f'{icons.icon("check", "icon-sm")}<span class="visually-hidden">has been here, </span>'
    return icons.icon("arrow-right", "icon-sm icon-dir") if step.where == "next" else ""
