"""The history of a record as its page tells it: one entry for each operation, made of strings.

A page has hundreds of these pieces, and a template's macros for them took much longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2.filters import do_truncate
from markupsafe import Markup, escape

from engine.access import access
from engine.pages import cells
from engine.pages.moments import moment_of
from engine.pages.run_log import RunLines, StepLine, run_lines
from engine.reading.query import Change, HistoryEntry
from engine.service import records
from engine.types.display import Shown
from engine.web.markup import Icons, environment, plural
from engine.work.context import Context

MOST_CHANGES = 6
LONGEST_CHANGE, LONGEST_ALONE = 120, 160

VERBS = {
    "create": ("created this", "plus"),
    "update": ("changed", "pencil"),
    "delete": ("deleted this", "trash"),
    "transition": ("moved this on", "arrow-right"),
    "action": ("did this", "arrow-right"),
    "automation": ("set off", "arrow-right"),
    "comment": ("wrote a note", "message-square"),
    "restore": ("restored this", "undo-2"),
    "purge": ("deleted this for good", "trash"),
    "share": ("shared this", "share-2"),
    "unshare": ("ended the sharing of this", "share-2"),
}

SOURCES = {
    "api": "by the API",
    "cli": "on the command line",
    "import": "by an import",
    "job": "automatically",
    "sample": "as sample data",
}

MOVED = "arrow-right"


@dataclass(frozen=True)
class Timeline:
    """Some operations on a record, drawn: the newest first, the icons they need, and where older ones are."""

    events: Markup
    icons: tuple[str, ...]
    older: str


def timeline_of(context: Context, entity: str, number: int, before: int | None, limit: int) -> Timeline:
    """The newest operations on a record that this unit of work has read."""
    found = records.history(context, entity, number, limit + 1, before, seen=True)
    older = f"/{entity}/{number}/history?before={found[limit - 1].number}" if len(found) > limit else ""
    icons = Icons()
    people = access.may(context, "user", "read")
    states = {process.workflow.member for process in context.runtime.processes.of(entity)}
    events = [_Event(context, entry, states, people, icons).drawn() for entry in found[:limit]]
    return Timeline(Markup(f'<ol class="timeline">\n{"".join(events)}</ol>'), tuple(icons.used), older)


class _Event:
    """One operation. `people`: users have pages that the reader may see; `icons` collects what is drawn."""

    def __init__(
        self, context: Context, entry: HistoryEntry, states: set[str], people: bool, icons: Icons
    ) -> None:
        self.context, self.entry, self.people, self.icons = context, entry, people, icons
        self.initial, self.automated = entry.action == "create", entry.action == "automation"
        self.who = entry.actor.title if entry.actor else entry.actor_name
        changed = entry.action in ("update", "transition", "action")
        told = sorted(entry.changes, key=lambda change: change.name not in states) if changed else []
        rest = [] if changed else [change for change in entry.changes if change.new or change.old]
        self.changes, self.more = told[:MOST_CHANGES], told[MOST_CHANGES:] + rest

    def drawn(self) -> str:
        sign, line, inner = self._sign(), self._line(), "".join(self._inner())
        return f'<li><span class="event-icon{sign}</span><div>\n{line}{inner}</div></li>\n'

    def _sign(self) -> str:
        """The rest of what stands before an entry: that something moved, who did it, or what."""
        if self.entry.transition:
            return f' event-moved">{self.icons.icon(MOVED, "icon-dir")}'
        if self.initial or self.changes:
            return f'">{cells.avatar(self.who, "avatar avatar-lg")}'
        _, icon = VERBS.get(self.entry.action, (self.entry.action, "circle-small"))
        return f'">{self.icons.icon(icon)}'

    def _line(self) -> str:
        """Who did what, by which face, and when."""
        entry, who = self.entry, f"<b>{escape(self.who)}</b>"
        if entry.actor and self.people:
            who = f'<a href="/user/{entry.actor.id}">{who}</a>'
        source = SOURCES.get(entry.source, "")
        said = f" {source}" if source and not entry.cause else ""
        when = moment_of(entry.at, self.context.actor.display, self.context.now).drawn
        return f'<p class="event-line">{who} {self._deed()}{self._cause()}{said} · {when}</p>\n'

    def _deed(self) -> str:
        moved = f"<b>{escape(self.entry.transition)}</b>" if self.entry.transition else ""
        if moved and not self.initial:
            return f"· {moved}"
        if len(self.changes) == 1:
            return f"changed <b>{escape(self.changes[0].label)}</b>"
        if self.changes:
            return f"changed {plural(len(self.changes) + len(self.more), 'property', 'properties')}"
        verb, _ = VERBS.get(self.entry.action, (self.entry.action, ""))
        return f"{escape(verb)} by {moved}" if moved else str(escape(verb))

    def _cause(self) -> str:
        cause = escape(self.entry.cause)
        return f" <b>{cause}</b>" if self.automated else f" by {cause}" if cause else ""

    def _inner(self) -> Iterator[str]:
        """What was written, what changed, and what a process did step by step."""
        if self.entry.note:
            yield f'<p class="event-note">{escape(self.entry.note)}</p>\n'
        if self.changes:
            yield f'<ul class="changes">{self._lines(self.changes)}</ul>\n'
        if self.more:
            number = len(self.more)
            words = (
                plural(number, "more", "more")
                if self.changes
                else f"with {plural(number, 'value', 'values')}"
            )
            inner = f'<ul class="changes">{self._lines(self.more)}</ul>'
            yield f'<details class="more"><summary>{words}</summary>{inner}</details>\n'
        run = run_lines(self.entry.steps, people=self.people)
        if run is not None:
            yield self._run(run)

    def _lines(self, changes: Iterable[Change]) -> str:
        return "".join(map(self._change, changes))

    def _change(self, change: Change) -> str:
        old, new = change.old, change.new
        name = f'<span class="name">{escape(change.label)}</span>'
        if old and new:
            arrow = self.icons.icon(MOVED, "icon-dir")
            said = f"<del>{_short(old, LONGEST_CHANGE)}</del>{arrow}<b>{_short(new, LONGEST_CHANGE)}</b>"
        elif new:
            said = f"<b>{_short(new, LONGEST_ALONE)}</b>"
        else:
            said = f"<del>{_short(old, LONGEST_ALONE) if old else ''}</del>"
        return f"<li>{name}{said}</li>\n"

    def _run(self, run: RunLines) -> str:
        steps = "".join(map(self._step, run.steps))
        summary = f"<summary>Run log: {run.summary}</summary>"
        return f'<details class="more run">{summary}<ol class="run-steps">{steps}</ol></details>\n'

    def _step(self, step: StepLine) -> str:
        how = f' <span class="muted">{escape(step.how)}</span>' if step.how else ""
        place = f' <code class="run-place">{escape(step.place)}</code>' if step.place else ""
        came = "".join(
            f"<li>{escape(each.words)}{' ' + cells.link_to(each.link) if each.link else ''}</li>"
            for each in step.came
        )
        css, sign = ("", "check") if step.done else (' class="is-skipped"', "minus")
        told = f"<p><b>{escape(step.label)}</b>{how}{place}</p>{f'<ul>{came}</ul>' if came else ''}"
        return f"<li{css}>{self.icons.icon(sign)}<div>{told}</div></li>"


def _short(shown: Shown, longest: int) -> Markup:
    """The text of a value, as much of it as a line has room for."""
    text = shown.text
    return escape(text if len(text) <= longest else do_truncate(environment(), text, longest))
