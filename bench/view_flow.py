"""What the hand-written page of a ticket tells of its life: the buttons with their reasons, the stepper, the run log.

The transitions are a table, the guards one statement, and where the ticket has been another. The tickets that are
compared are all in progress, so this is the state whose buttons are minded; the others' follow the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store.system import stay

UNITS = (
    ("year", 31_536_000), ("month", 2_592_000), ("week", 604_800), ("day", 86_400), ("hour", 3_600),
    ("minute", 60), ("second", 1),
)  # fmt: skip
STATES = (
    ("new", "New", "blue"),
    ("in_progress", "In progress", "violet"),
    ("waiting", "Waiting for customer", "amber"),
    ("resolved", "Resolved", "green"),
    ("closed", "Closed", "gray"),
)
ASSIGN = {"name": "assign", "label": "Assign", "icon": "user-check", "to": "in_progress"}
RESOLVE = {"name": "resolve", "label": "Resolve", "icon": "circle-check", "to": "resolved"}
REOPEN = {"name": "reopen", "label": "Reopen", "icon": "rotate-ccw", "to": "in_progress"}
QUESTION = "message-circle-question-mark"
ASK = {"name": "ask_customer", "label": "Ask the customer", "icon": QUESTION, "to": "waiting"}
REPLY = "message-circle-reply"
ANSWERED = {"name": "answered", "label": "Customer answered", "icon": REPLY, "to": "in_progress"}
CLOSE = {"name": "close", "label": "Close", "icon": "lock", "to": "closed"}
TAKE = {"name": "take", "label": "Take", "icon": "hand", "to": "in_progress"}
BUTTONS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "new": (TAKE, ASSIGN),
    "in_progress": (ASSIGN, ASK, RESOLVE),
    "waiting": (ASSIGN, ANSWERED, RESOLVE),
    "resolved": (CLOSE, REOPEN),
    "closed": (REOPEN,),
}
TALK = "A complaint needs a talk: call the customer first, and note the call here."
OPEN_TASKS = "Some of its tasks are still open."
DEEDS = {"set": "Set values", "notify": "Tell people", "mail": "Write a mail"}


def length(spent: timedelta, threshold: float) -> str:
    """So long in the largest unit of which there is at least the threshold; of whole seconds, as they are told."""
    whole_seconds = spent // timedelta(seconds=1)
    for unit, seconds in UNITS:
        number = whole_seconds / seconds
        if number >= threshold or unit == "second":
            whole = max(round(number), 1)
            return f"{whole} {unit}{'' if whole == 1 else 's'}"
    raise AssertionError


def lasted(spent: timedelta) -> str:
    """How long something was so."""
    return "less than a minute" if spent.total_seconds() < 60 else length(spent, 1.5)


class Flow:
    """The life of a ticket, read by two statements that are built once."""

    def __init__(self, task: sa.Table, call: sa.Table) -> None:
        number: sa.BindParameter[Any] = sa.bindparam("id")

        def counted(table: sa.Table, *more: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
            found = sa.select(sa.func.count()).select_from(table)
            return found.where(
                table.c["about$ticket"] == number, table.c["_deleted_at"].is_(None), *more
            ).scalar_subquery()

        unfinished = sa.or_(task.c.status.is_(None), task.c.status.not_in(("done", "validated", "cancelled")))
        self.guards = sa.select(
            counted(task).label("tasks"),
            counted(task, unfinished).label("unfinished"),
            counted(call).label("calls"),
            counted(call, call.c.outcome == "answered").label("answered"),
        )
        mine = (stay.c.entity == "ticket", stay.c.record_id == number, stay.c.workflow == "ticket_lifecycle")
        self.stays = sa.select(stay.c.state, stay.c.entered_at, stay.c.left_at).where(*mine)
        self.stays = self.stays.order_by(stay.c.id)

    def told(
        self, rows: Callable[[Any], list[dict[str, Any]]], ticket: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """The buttons and the steps of a ticket."""
        (guards,) = rows(self.guards)
        reasons = self._reasons(ticket, guards)
        buttons = [
            {**button, "reasons": reasons if button is RESOLVE else []}
            for button in BUTTONS[ticket["status"]]
        ]
        buttons.sort(key=lambda button: bool(button["reasons"]))
        return {
            "buttons": buttons,
            "steps": list(self._steps(ticket["status"], buttons, rows(self.stays), now)),
        }

    def _reasons(self, ticket: Mapping[str, Any], guards: Mapping[str, int]) -> list[dict[str, Any]]:
        """Why a ticket can't be resolved, with the values that decide it."""
        found: list[dict[str, Any]] = []
        if ticket["type"] == "complaint" and not guards["answered"]:
            values = [("Type", ticket["type_badge"].text), ("Calls", guards["calls"])]
            found.append({"message": TALK, "given": values})
        if guards["unfinished"]:
            found.append({"message": OPEN_TASKS, "given": [("Tasks", guards["tasks"])]})
        return found

    def _steps(
        self, status: str, buttons: Iterable[Mapping[str, Any]], stays: list[dict[str, Any]], now: datetime
    ) -> Iterable[dict[str, Any]]:
        leading = {each["to"]: each["label"] for each in buttons if not each["reasons"]}
        for name, label, tone in STATES:
            been = [each for each in stays if each["state"] == name]
            spent = sum(((each["left_at"] or now) - each["entered_at"] for each in been), timedelta())
            where, said = "other", ""
            if name == status:
                where, said = "now", f"for {lasted(now - been[-1]['entered_at'])}" if been else ""
            elif been:
                where, said = "been", lasted(spent)
            elif name in leading:
                where, said = "next", leading[name]
            yield {"label": label, "tone": tone, "where": where, "said": said}


def told_of(changes: Iterable[Mapping[str, Any]]) -> set[int]:
    """Who was told of what a transition did."""
    return {person for each in changes for step in each.get("_steps", ()) for person in step.get("told", ())}


def run_log(steps: Iterable[Mapping[str, Any]], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """What a transition did, as its entry in the history tells it."""
    lines = []
    for step in steps:
        mails = step.get("jobs", {}).get("mail", 0)
        people = [(person, names[person]) for person in step.get("told", ())]
        place = ":".join(map(str, step["at"]))
        lines.append({"did": DEEDS[step["kind"]], "place": place, "people": people, "mails": mails})
    return lines


ICON = '<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>'

BUTTONS_TEMPLATE = f"""\
{{% for b in buttons %}}{{% if b.reasons %}}
      <button class="btn btn-outline btn-closed{{% if not loop.first %}} not-phone{{% endif %}}" type="button" \
popovertarget="why-{{{{ b.name }}}}" aria-haspopup="dialog">{ICON.format("lock")}{{{{ b.label }}}}\
<span class="btn-why">why?</span></button><div class="menu menu-why" id="why-{{{{ b.name }}}}" popover role="dialog" \
aria-label="Why {{{{ b.label }}}} is not open"><p class="menu-title">{{{{ b.label }}}} is not open</p>\
{{% for r in b.reasons %}}<div class="reason"><p>{{{{ r.message }}}}</p><dl class="reason-values">\
{{% for name, value in r.given %}}<div><dt>{{{{ name }}}}</dt><dd>{{{{ value }}}}</dd></div>{{% endfor %}}</dl></div>
{{% endfor %}}</div>
{{% else %}}
      <a class="btn {{{{ "btn-primary" if loop.first else "btn-outline not-phone" }}}}" \
href="/ticket/{{{{ t.id }}}}/transitions/{{{{ b.name }}}}" data-dialog>\
<svg class="icon" aria-hidden="true"><use href="#i-{{{{ b.icon }}}}"/></svg>{{{{ b.label }}}}</a>
{{% endif %}}{{% endfor %}}
"""

ITEMS_TEMPLATE = f"""\
{{% for b in buttons[1:] %}}{{% if b.reasons %}}
        <div class="menu-item menu-refused only-phone">{ICON.format("lock")}<span>{{{{ b.label }}}}<br>\
<small>{{% for r in b.reasons %}}{{{{ r.message }}}} {{% endfor %}}</small></span></div>
{{% else %}}
        <a class="menu-item only-phone" href="/ticket/{{{{ t.id }}}}/transitions/{{{{ b.name }}}}" data-dialog>\
<svg class="icon" aria-hidden="true"><use href="#i-{{{{ b.icon }}}}"/></svg>{{{{ b.label }}}}</a>
{{% endif %}}{{% endfor %}}
        <div class="menu-line only-phone"></div>
"""

STEPPER_TEMPLATE = f"""\
<div class="stepper-row">
<ol class="stepper" aria-label="Life of a ticket">
{{% for s in steps %}}
<li class="step is-{{{{ s.where }}}}" data-tone="{{{{ s.tone }}}}"\
{{% if s.where == "now" %}} aria-current="step"{{% endif %}}>\
<b class="truncate">{{{{ s.label }}}}</b><span class="truncate">{{% if s.where == "been" %}}{ICON.format("check")}\
<span class="visually-hidden">has been here, </span>{{% elif s.where == "next" %}}\
{ICON.format("arrow-right")}{{% endif %}}\
{{{{ s.said }}}}</span></li>
{{% endfor %}}
</ol>
<a class="btn btn-sm btn-icon stepper-more" href="/ticket/{{{{ t.id }}}}/workflow/ticket_lifecycle" \
aria-label="Diagram of Life of a ticket" title="Diagram">{ICON.format("workflow")}</a>
</div>
{{% for b in buttons if b.reasons %}}
  <p class="blocked">{ICON.format("lock")}<span><b>{{{{ b.label }}}}</b> is not open: \
{{% for r in b.reasons %}}{{{{ r.message }}}} {{% endfor %}}</span></p>
{{% endfor %}}
"""

RUN_TEMPLATE = f"""\
{{% if e.run %}}
<details class="more run"><summary>Run log: {{{{ e.run|length }}}} step{{{{ "s" if e.run|length > 1 }}}}</summary>\
<ol class="run-steps">{{% for s in e.run %}}<li>{ICON.format("check")}<div><p><b>{{{{ s.did }}}}</b> \
<code class="run-place">{{{{ s.place }}}}</code></p>{{% if s.people or s.mails %}}<ul>\
{{% for id, name in s.people %}}<li>told <a href="/user/{{{{ id }}}}">{{{{ name }}}}</a></li>{{% endfor %}}\
{{% if s.mails %}}<li>left {{{{ s.mails }}}} \
mail{{{{ "s" if s.mails > 1 }}}} to be sent</li>{{% endif %}}</ul>\
{{% endif %}}</div></li>{{% endfor %}}</ol></details>
{{% endif %}}
"""
