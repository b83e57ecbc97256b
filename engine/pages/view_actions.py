"""What can be done with a record, as its page offers it: some of it beside the title, the rest in a menu."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.access import access
from engine.access.reaching import may_do
from engine.build.page import Member, ViewPlan, resolve
from engine.drafts.states import closed
from engine.metamodel.action import Value
from engine.metamodel.page import ViewAction
from engine.pages.entries import Entries, fill
from engine.pages.processes import MOST_BUTTONS, Button
from engine.reading.query import Link, Record
from engine.recording.running import may_record
from engine.web.visit import query_string
from engine.work.context import Context

EDIT = "edit"


@dataclass(frozen=True)
class Shown:
    """One thing that can be done: a transition or button, or a word with where it leads or why it is refused.

    `phone`: in the menu on a phone only; `keeps`: beside the title on a phone too; `line`: a line of the menu.
    """

    name: str = ""
    label: str = ""
    icon: str = ""
    url: str = ""
    button: Button | None = None
    refused: str = ""
    phone: bool = False
    keeps: bool = False
    line: bool = False


@dataclass(frozen=True)
class ShownActions:
    """What stands beside the title, and what is in the menu."""

    beside: tuple[Shown, ...] = ()
    menu: tuple[Shown, ...] = ()


def shown_actions(
    context: Context, plan: ViewPlan, record: Record, buttons: Sequence[Button]
) -> ShownActions:
    """What a record's page offers: what its view lists, or what leads on and editing; the rest in the menu."""
    if record.deleted_at is not None:
        return ShownActions()
    moves = [Shown(name=each.name, button=each) for each in buttons]
    words = list(_words(context, record))
    if plan.actions is None:
        edit = [replace(each, keeps=True) for each in words if each.name == EDIT]
        beside = [*moves[:MOST_BUTTONS], *edit]
        menu = moves[MOST_BUTTONS:]
    else:
        beside = list(_listed(context, plan.actions, record, [*moves, *words]))
        menu = [each for each in moves if each not in beside]
    rest = [each for each in words if each.name not in {one.name for one in beside}]
    return ShownActions(tuple(beside), tuple(_menu(beside, menu, rest)))


def _menu(beside: Sequence[Shown], moves: Sequence[Shown], words: Sequence[Shown]) -> Iterator[Shown]:
    """What is beside the title but for the first, on a phone; then the other moves; then the words."""
    again = [replace(each, phone=True) for each in beside[1:] if not each.keeps]
    yield from again
    yield from moves
    if words and (again or moves):
        yield Shown(line=True, phone=not moves)
    yield from words


def _listed(
    context: Context, actions: Iterable[ViewAction], record: Record, known: Sequence[Shown]
) -> Iterator[Shown]:
    """What a view lists, as far as it is offered."""
    for action in actions:
        if action.create:
            if access.may(context, action.name, "create"):
                yield _create(context, action, record)
            continue
        wanted = (each for each in known if each.name == action.name and (each.button is None) == action.word)
        yield from wanted


def _words(context: Context, record: Record) -> Iterator[Shown]:
    """What every record's page offers, as far as its reader may."""
    entity, here = context.runtime.entities[record.entity], f"/{record.entity}/{record.id}"
    refused = closed(context, entity, record.values)
    may_edit = "update" in record.allowed
    if may_edit:
        yield Shown(EDIT, "Edit", "pencil", f"{here}/edit", refused=refused.update)
    if access.may(context, entity.name, "create") and not entity.child_of and not entity.singleton:
        yield Shown("copy", "Duplicate", "copy", f"/{entity.name}/new?copy={record.id}")
    if entity.features.audit:
        yield Shown("history", "History", "clock", f"{here}/history")
    if may_do(context, entity.name, record.id, "share"):
        yield Shown("share", "Share", "share-2", f"{here}/share")
    if may_record(context):
        yield Shown("record", "Record a test", "flask-conical", f"{here}/recording")
    if not may_edit:
        why = f"{here}/why?action=update"
        yield Shown("why", "Why can't I edit this?", "circle-question-mark", why)
    if "delete" in record.allowed:
        yield Shown("delete", "Delete", "trash", f"{here}/delete", refused=refused.delete)


# ---- new records


def _create(context: Context, action: ViewAction, record: Record) -> Shown:
    """The form of a new record, with what it is given as the reader sees it."""
    entries = Entries()
    for name, value in action.values.items():
        member = resolve(context.runtime.application, action.name, name)
        if member is not None:
            fill(entries, member, _value(member, value, record), context.actor.display)
    url = f"/{action.name}/new?" + query_string({**entries.texts, "next": f"/{record.entity}/{record.id}"})
    return Shown(f"create {action.name}", action.label, action.icon, url)


def _value(member: Member, value: Value, record: Record) -> Any:
    """A constant, the record, or a value of it that its reader may see."""
    if value.expression is None:
        literal = value.literal
        return None if literal is None or member.prop is None else member.prop.type.parse(literal)
    name = value.expression.text.strip().partition(".")[2]
    return record.values.get(name) if name else Link(record.entity, record.id, record.title)
