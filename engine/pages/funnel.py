"""The funnel of a board: how many records are in each state and came that far, what they add up to, who came on.

It is drawn as a bar for each state, as long as there are records that came that far; the dark part of a bar are those
that came on to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from engine.access import access
from engine.build.page import Member
from engine.errors import BadExpression, NotFound
from engine.pages.board import Asked, asked_of, query_of
from engine.pages.filter_menus import filter_menus
from engine.pages.grid import Fault, board_links, faults_of
from engine.reading.passages import reached
from engine.reading.quick import has_texts
from engine.reading.totals import Totals, totals
from engine.types.base import Choice
from engine.types.money import Money
from engine.web.visit import Visit
from engine.work.context import Context

STOPPED = "stop"
"""The phase of a state that nothing comes on to: it is lost."""


@dataclass(frozen=True)
class Stage:
    """A state: its records now, what they add up to, how many came that far, and how many of these came on.

    `width` and `on_width` are the bar, in hundredths; `share` is "" where nothing follows, or none came that far.
    `far` is None of a state that nothing comes on to.
    """

    label: str
    tone: str
    now: str
    sums: list[str]
    weighted: list[str]
    url: str
    far: int | None = None
    on: int = 0
    share: str = ""
    width: float = 0
    on_width: float = 0


@dataclass(frozen=True)
class Counted:
    """What was counted of a board's records; `weighted` is None where nothing is, or not for the reader.

    `far` is how many came as far as each state, in order, and with it how many came to the next: none to a last.
    """

    now: Totals
    weighted: Totals | None
    far: Mapping[str, tuple[int, int | None]]


def show_funnel(visit: Visit, context: Context) -> Response:
    """GET /{entity}/board/{name}/funnel"""
    asked = asked_of(visit, context, "/funnel")
    entity, plan = visit.entity, asked.plan
    if not plan.funnel:
        raise NotFound(entity.name, plan.name)
    counted, faults = _counted(context, asked)
    stages = [_stage(context, asked, counted, choice) for choice in plan.columns] if counted else []
    return visit.page(
        context,
        "funnel.html",
        title=plan.label,
        entity=entity,
        state=asked.state,
        stages=stages,
        summed=_readable(context, asked, plan.total),
        weighed=_readable(context, asked, plan.weighted),
        whole=_whole(context, asked, counted) if counted else None,
        exact=counted.now.exact if counted else True,
        address=asked.state.path,
        example=plan.by.path,
        menus=tuple(filter_menus(context, plan.filters, asked.state)),
        filtered=bool(asked.state.text or asked.state.filters or asked.state.where),
        clear={"filter." + path: "" for path in asked.state.filters},
        faults=faults,
        searchable=has_texts(entity),
        boards=board_links(context, entity, asked.state),
    )


def _readable(context: Context, asked: Asked, member: Member | None) -> Member | None:
    """What is added up, as far as it is for the reader."""
    known = access.readable(context, asked.plan.entity)
    return member if member is not None and member.path in known else None


def _counted(context: Context, asked: Asked) -> tuple[Counted | None, list[Fault]]:
    """What is counted; nothing where the condition somebody wrote is wrong, and what is wrong with it."""
    plan, query = asked.plan, query_of(context, asked, ())
    summed, weighted = (_readable(context, asked, each) for each in (plan.total, plan.weighted))
    try:
        now = totals(context, plan.entity, plan.by.path, summed.path if summed else "", query)
        likely = totals(context, plan.entity, plan.by.path, weighted.path, query) if weighted else None
        order = [each.name for each in plan.columns if each.phase != STOPPED]
        far = reached(context, plan.entity, plan.by.path, order, query) if now.exact else []
    except BadExpression as error:
        return None, faults_of(error)
    following: list[int | None] = [*far[1:], None]
    ways = zip(order, zip(far, following, strict=False), strict=False)
    return Counted(now, likely, dict(ways)), []


def _stage(context: Context, asked: Asked, counted: Counted, choice: Choice) -> Stage:
    plan = asked.plan
    stage = Stage(
        label=choice.label,
        tone=choice.color,
        now=counted.now.count(choice.name),
        sums=_texts(context, plan.total, _sums(counted.now, [choice.name])),
        weighted=_texts(context, plan.weighted, _sums(counted.weighted, [choice.name])),
        url=replace(asked.state, path="").url(**{f"filter.{plan.by.path}": choice.name}),
    )
    if choice.name not in counted.far:
        return stage
    far, on = counted.far[choice.name]
    most = max(each for each, _ in counted.far.values()) or 1
    share = f"{100 * on / far:.0f}\u00a0%" if on is not None and far else ""
    width, on_width = (round(100 * each / most, 2) for each in (far, far if on is None else on))
    return replace(stage, far=far, on=on or 0, share=share, width=width, on_width=on_width)


def _whole(context: Context, asked: Asked, counted: Counted) -> tuple[str, list[str], list[str]]:
    """How many records there are altogether, and what they add up to."""
    names = [choice.name for choice in asked.plan.columns]
    number = sum(counted.now.of[name].count for name in names if name in counted.now.of)
    return (
        f"{number:,}{'' if counted.now.exact else '+'}",
        _texts(context, asked.plan.total, _sums(counted.now, names)),
        _texts(context, asked.plan.weighted, _sums(counted.weighted, names)),
    )


def _sums(found: Totals | None, names: Iterable[str]) -> list[Any]:
    """What some columns add up to, one for each currency."""
    several: dict[str, Any] = {}
    for name in names:
        total = found.of.get(name) if found is not None else None
        for each in total.sums if total is not None else ():
            unit = each.currency if isinstance(each, Money) else ""
            several[unit] = _added(several[unit], each) if unit in several else each
    return [each for _, each in sorted(several.items())]


def _added(first: Any, second: Any) -> Any:
    return replace(first, amount=first.amount + second.amount) if isinstance(first, Money) else first + second


def _texts(context: Context, member: Member | None, sums: Iterable[Any]) -> list[str]:
    if member is None or member.prop is None:
        return []
    return [member.prop.type.to_text(each, context.actor.display) for each in sums]
