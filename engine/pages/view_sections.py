"""The sections of a record's page, compiled once per reader into functions that draw a member's line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from markupsafe import escape

from engine.access import access
from engine.build.page import Member, RelatedPlan, SectionPlan, ViewPlan
from engine.build.page_view import view_plan
from engine.metamodel.entity import Entity
from engine.pages import cells
from engine.pages.listing import Listing, compiled, remembering, visible
from engine.reading.query import Query
from engine.types.display import Display
from engine.work.context import Context
from engine.work.plans import kept

NOTHING = '<span class="none" title="Not filled in">—</span>'

Line = Callable[[Any], str]


@dataclass(frozen=True)
class SeenSection:
    """A section with what its reader may see: each member and how the line of its value is drawn."""

    head: str
    lines: tuple[tuple[Member, Line], ...]

    def drawn(self, values: Mapping[str, Any], hidden: Collection[str]) -> str:
        """The section of a record, but for what its type has no use for; "" where that is all."""
        lines = [line(values.get(member.path)) for member, line in self.lines if member.path not in hidden]
        return f"{self.head}{''.join(lines)}</dl>\n\n</section>\n" if lines else ""


@dataclass(frozen=True)
class SeenRelated:
    """A related list that its reader may see: how it is asked for, how its rows are drawn, and how one is added.

    `adds` is the address of the form of a record that points back, around the number of the record it is to point
    to; nothing where the reader may make none.
    """

    plan: RelatedPlan
    slug: str
    listing: Listing
    query: Query
    adds: tuple[str, str] | None
    add_label: str


@dataclass(frozen=True)
class SeenView:
    """A view page as readers with some roles see it. `further` are paths through relations."""

    body: tuple[SeenSection, ...]
    aside: tuple[SeenSection, ...]
    related: tuple[SeenRelated, ...]
    further: tuple[str, ...]


def plan_of(context: Context, entity: str) -> ViewPlan:
    """The plan of an entity's view page, made once per runtime."""
    return kept(context.runtime, ("view", entity), lambda: view_plan(context.runtime.application, entity))


def seen_view(context: Context, plan: ViewPlan) -> SeenView:
    """The page as this reader sees it, made once per runtime, roles and language."""
    key = ("seen view", plan.entity, context.actor.roles, context.actor.display)
    return kept(context.runtime, key, lambda: _seen(context, plan))


def _seen(context: Context, plan: ViewPlan) -> SeenView:
    body = _sections(context, [block for block in plan.body if isinstance(block, SectionPlan)], "s")
    aside = _sections(context, plan.aside, "s-aside")
    members = [member for section in (*body, *aside) for member, _ in section.lines]
    return SeenView(
        body=body,
        aside=aside,
        related=tuple(
            _related(context, plan.entity, block, f"r-{position}")
            for position, block in enumerate(plan.body)
            if isinstance(block, RelatedPlan) and may_see(context, plan.entity, block)
        ),
        further=tuple(dict.fromkeys(member.path for member in members if "." in member.path)),
    )


# ---- sections


def _sections(context: Context, plans: Collection[SectionPlan], slug: str) -> tuple[SeenSection, ...]:
    display = context.actor.display
    found = []
    for position, plan in enumerate(plans):
        seen = [member for member in plan.members if visible(context, member)]
        if seen:
            lines = tuple((member, _line(member, display)) for member in seen)
            found.append(SeenSection(_head(plan.title, f"{slug}-{position}"), lines))
    return tuple(found)


def _head(title: str, slug: str) -> str:
    name = f'<div class="section-head"><h2 id="{slug}">{escape(title)}</h2></div>'
    return f'<section class="section" aria-labelledby="{slug}">{name}\n<dl class="props">\n'


def _line(member: Member, display: Display) -> Line:
    """How a member with its label is drawn: values drawn once and remembered."""
    css = "prop prop-wide" if member.wide or member.many else "prop"
    head = f'<div class="{css}"><dt>{escape(member.label)}</dt><dd>'
    empty = f"{head}{NOTHING}</dd></div>\n"
    prop = member.prop

    def value_of(value: Any) -> str:
        drawn = (
            cells.value_of(prop, value, display) if prop is not None else cells.related_value(member, value)
        )
        return f"{head}{drawn}</dd></div>\n"

    draw = remembering(value_of)
    return lambda value: empty if value is None or value == () else draw(value)


# ---- related lists


def _related(context: Context, entity: str, plan: RelatedPlan, slug: str) -> SeenRelated:
    may_add = (
        plan.kind == "inverse"
        and access.may(context, plan.target, "create")
        and plan.back in access.writable(context, plan.target)
    )
    listing = compiled(context, plan.target, plan.columns)
    query = Query(fields=listing.fields, sort=plan.sort, limit=plan.rows)
    target = context.runtime.entities[plan.target]
    adds = _adding(entity, target, plan.back) if may_add else None
    return SeenRelated(plan, slug, listing, query, adds, target.label.lower())


def _adding(entity: str, target: Entity, back: str) -> tuple[str, str]:
    """The address of a form that begins with one record chosen, and leads back to it."""
    chosen = f"{entity}:" if len(target.relations[back].targets) > 1 else ""
    return f"/{target.name}/new?{back}={quote_plus(chosen)}", f"&next={quote_plus(f'/{entity}/')}"


def may_see(context: Context, entity: str, plan: RelatedPlan) -> bool:
    """Whether the reader may see a related list at all."""
    if not access.may(context, plan.target, "read"):
        return False
    if plan.kind == "inverse":
        return plan.back in access.readable(context, plan.target)
    return plan.name in access.readable(context, entity)
