"""The related lists of a record's page: their first rows, how many there are, and where the rest and new ones are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.responses import Response

from engine.build.page import RelatedPlan
from engine.drafts.states import frozen_members
from engine.errors import NotFound
from engine.metamodel.entity import Entity
from engine.pages.listing import Listing, compiled
from engine.pages.view_sections import SeenRelated, may_see, plan_of
from engine.reading.query import Page, Query, Record
from engine.service import records
from engine.web.markup import Icons
from engine.web.visit import Visit, query_string
from engine.work.context import Context


@dataclass(frozen=True)
class RelatedList:
    """A list as it was read; `add_url` is "" where its reader makes no record that would stand in it."""

    seen: SeenRelated
    page: Page
    all_url: str
    add_url: str

    @property
    def plan(self) -> RelatedPlan:
        return self.seen.plan

    @property
    def whole(self) -> int | None:
        """How many records it has, where these are all."""
        return None if self.page.next else len(self.page.rows)


def lists_of(
    context: Context, entity: Entity, record: Record, seen: Iterable[SeenRelated], hidden: Collection[str]
) -> list[RelatedList]:
    """What a record that this unit of work has read is related to, but for what its type has no use for."""
    return [_read(context, entity, record, each) for each in seen if each.plan.name not in hidden]


def _read(context: Context, entity: Entity, record: Record, seen: SeenRelated) -> RelatedList:
    plan = seen.plan
    page = records.related(context, entity.name, record.id, plan.name, seen.query, seen=True)
    return RelatedList(
        seen=seen,
        page=page,
        all_url=_all_url(context, record, plan) if page.next else "",
        add_url=_add_url(context, entity, record, seen),
    )


def _all_url(context: Context, record: Record, plan: RelatedPlan) -> str:
    if plan.kind == "many_to_many":
        return f"/{record.entity}/{record.id}/related/{plan.name}"
    return f"/{plan.target}?" + query_string({f"filter.{plan.back}": _pointed_to(context, record, plan)})


def _pointed_to(context: Context, record: Record, plan: RelatedPlan) -> str:
    """The record as the other side's relation writes it."""
    targets = context.runtime.entities[plan.target].relations[plan.back].targets
    return f"{record.entity}:{record.id}" if len(targets) > 1 else str(record.id)


def _add_url(context: Context, entity: Entity, record: Record, seen: SeenRelated) -> str:
    """Where a related record is made: the parent's form for its rows, else a form with this one chosen."""
    here, plan = f"/{entity.name}/{record.id}", seen.plan
    if plan.kind == "composition":
        frozen = frozen_members(context, entity, record.values)
        may = "update" in record.allowed and plan.name not in frozen
        return f"{here}/edit" if may else ""
    if seen.adds is None:
        return ""
    before, between = seen.adds
    return f"{before}{record.id}{between}{record.id}"


# ---- drawing


@dataclass(frozen=True)
class DrawnLists:
    """The lists of a page, and the icons they need."""

    html: Markup
    icons: tuple[str, ...]


def drawn_lists(several: Iterable[RelatedList]) -> DrawnLists:
    icons = Icons()
    html = Markup("".join([_drawn(icons, each) for each in several]))
    return DrawnLists(html, tuple(icons.used))


def _drawn(icons: Icons, found: RelatedList) -> str:
    rows, title, slug = found.page.rows, escape(found.plan.label), found.seen.slug
    css = "section related" if rows else "section related section-bare"
    number = f"{len(rows)}{'+' if found.page.next else ''}"
    count = f'<span class="num">{number}</span>' if rows else '<span class="muted small">None yet</span>'
    ways = "".join(_ways(icons, found))
    return (
        f'<section class="{css}" aria-labelledby="{slug}"><div class="section-head"><h2 id="{slug}">{title}</h2>'
        f'{count}<span class="spacer"></span>{ways}</div>\n'
        f"{_table(found.seen.listing, title, found) if rows else ''}</section>\n"
    )


def _ways(icons: Icons, found: RelatedList) -> Iterable[str]:
    if found.all_url:
        yield f'<a class="btn btn-sm" href="{escape(found.all_url)}">Show all</a>'
    if found.add_url:
        words, label = f"{icons.icon('plus')}Add", f"Add {escape(found.seen.add_label)}"
        yield f'<a class="btn btn-sm" href="{escape(found.add_url)}" aria-label="{label}">{words}</a>'


def _table(listing: Listing, title: Markup, found: RelatedList) -> str:
    return (
        '<div class="table-scroll">\n<table class="table table-stack" role="table">\n'
        f'<caption class="visually-hidden">{title}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{listing.head}</tr></thead>\n'
        f'<tbody role="rowgroup">{listing.rows(found.page.rows)}</tbody>\n</table>\n</div>\n\n'
    )


# ---- a list of its own


def show_related(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/related/{relation}: all of a list that is shown in part on the view page."""
    entity, name = visit.entity, visit.request.path_params["relation"]
    record = records.get(context, entity.name, visit.number, rows=False)
    blocks = plan_of(context, entity.name).body
    plan = next((each for each in blocks if isinstance(each, RelatedPlan) and each.name == name), None)
    if plan is None or not may_see(context, entity.name, plan):
        raise NotFound(entity.name, f"{record.id}/{name}")
    listing = compiled(context, plan.target, plan.columns)
    query = Query(
        fields=listing.fields,
        sort=plan.sort,
        after=visit.query("after") or None,
        before=visit.query("before") or None,
        count="capped",
    )
    page = records.related(context, entity.name, record.id, name, query, seen=True)
    return visit.page(
        context,
        "related.html",
        title=f"{plan.label} of {record.title}",
        entity=entity,
        record=record,
        label=plan.label,
        listing=listing,
        rows=listing.rows(page.rows),
        page=page,
        here=f"/{entity.name}/{record.id}/related/{name}",
    )
