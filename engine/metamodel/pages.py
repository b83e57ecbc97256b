"""Reading grids, views, forms and the navigation, each checked against the entity it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Place
from engine.metamodel.complaints import Complaints
from engine.metamodel.entity import Entity
from engine.metamodel.members import expression
from engine.metamodel.page import (
    Block,
    Column,
    Form,
    Grid,
    GridView,
    NavigationItem,
    Related,
    Section,
    Timeline,
    View,
)
from engine.metamodel.paths import Fault, resolve
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import words
from engine.text.yaml_tree import Map, Seq
from engine.types.base import Refused

WIDGETS = ("text", "badge", "link", "level", "check", "person", "rating", "image", "code")


class PageReader:
    """Reads the page documents of one entity."""

    def __init__(self, entity: Entity, entities: Mapping[str, Entity], complaints: Complaints) -> None:
        self.entity, self.entities, self.complaints = entity, entities, complaints

    # ---- parts

    def path(
        self, holder: Map | Seq, key: str | int, text: str, entity: Entity | None = None
    ) -> Property | Relation | None:
        """The member a written path leads to; a complaint where it leads nowhere."""
        found = resolve(text, entity or self.entity, self.entities)
        if isinstance(found, Fault):
            self.complaints.at_value(holder, key, found.code, found.message, found.hint)
            return None
        return found

    def columns(self, declared: Any, entity: Entity | None = None) -> tuple[Column, ...]:
        """Columns as names or mappings; those that lead nowhere are left out."""
        made = []
        for position, each in enumerate(declared or ()):
            place = declared.place_of(position)
            if isinstance(each, Map):
                holder: Map | Seq = each
                key: str | int = "property"
                text, label, widget = each.get("property", ""), each.get("label", ""), each.get("as", "")
                if widget and widget not in WIDGETS:
                    self.complaints.at_value(
                        each,
                        "as",
                        "unknown-value",
                        f"{widget!r} is no way to draw a value",
                        f"use one of {', '.join(WIDGETS)}",
                    )
            else:
                holder, key, text, label, widget = declared, position, str(each), "", ""
            if self.path(holder, key, text, entity) is not None:
                made.append(Column(path=text, label=label, widget=widget, place=place))
        return tuple(made)

    def sort(self, holder: Map, entity: Entity | None = None) -> tuple[str, ...]:
        """The entries of a `sort`, each checked to be something that can be sorted by."""
        declared = holder.get("sort")
        entries = [declared] if isinstance(declared, str) else list(declared or ())
        made = []
        for position, entry in enumerate(entries):
            at: tuple[Any, Any] = (holder, "sort") if isinstance(declared, str) else (declared, position)
            member = self.path(*at, entry.removeprefix("-"), entity)
            if member is None:
                continue
            sortable = (
                member.type.sortable
                if isinstance(member, Property)
                else member.holds_key and not member.polymorphic
            )
            if not sortable:
                self.complaints.at_value(
                    *at, "unsortable", f"records can't be sorted by {entry.removeprefix('-')!r}"
                )
                continue
            made.append(entry)
        return tuple(made)

    # ---- documents

    def grid(self, root: Map) -> Grid:
        filters = []
        for position, name in enumerate(root.get("filters") or ()):
            if self.path(root["filters"], position, name) is not None:
                filters.append(name)
        for key in ("bulk", "inline_edit", "totals"):
            if root.get(key):
                self._later(root, key)
        views = {
            name: self._grid_view(name, declared)
            for name, declared in (root.get("views") or {}).items()
            if isinstance(declared, Map)
        }
        return Grid(
            entity=self.entity.name,
            columns=self.columns(root.get("columns")),
            sort=self.sort(root),
            filters=tuple(filters),
            views=views,
            page_size=root.get("page_size", 50),
            place=root.key_place("grid"),
        )

    def _grid_view(self, name: str, declared: Map) -> GridView:
        where = None
        if declared.get("where") is not None:
            self._later(declared, "where")
            where = expression(declared, "where")
        return GridView(
            name=name,
            label=declared.get("label", words(name)),
            columns=self.columns(declared.get("columns")),
            sort=self.sort(declared),
            filters=self._filters(declared.get("filters")),
            where=where,
            default_for=tuple(declared.get("default_for") or ()),
            place=declared.place,
        )

    def _filters(self, declared: Any) -> dict[str, object]:
        """Equality filters of a preset: each value is one its property can have."""
        kept: dict[str, object] = {}
        if isinstance(declared, Map):
            for path, value in declared.items():
                member = self._filter_member(declared, path)
                if isinstance(member, Property):
                    try:
                        for each in value if isinstance(value, list) else [value]:
                            member.type.parse_operand(each)
                    except Refused as refused:
                        self.complaints.at_value(declared, path, "bad-filter", f"{path}: {refused}")
                        continue
                if member is not None:
                    kept[path] = value
        return kept

    def _filter_member(self, declared: Map, path: str) -> Property | Relation | None:
        found = resolve(path, self.entity, self.entities)
        if isinstance(found, Fault):
            self.complaints.at_key(declared, path, found.code, found.message, found.hint)
            return None
        return found

    def _later(self, holder: Map, key: str) -> None:
        message = f"{key!r} has no effect in this version"
        self.complaints.at_key(
            holder, key, "not-enforced-yet", message, "keep it for later, or take it out", "warning"
        )

    def view(self, root: Map) -> View:
        if root.get("actions"):
            self._later(root, "actions")
        return View(entity=self.entity.name, layout=self._layout(root), place=root.key_place("view"))

    def form(self, root: Map) -> Form:
        blocks = []
        for block in self._layout(root):
            if isinstance(block, Timeline):
                self.complaints.at_value(
                    root, "layout", "bad-layout", "a form has no timeline", "take it out"
                )
            elif isinstance(block, Related) and not self._composition(block.relation):
                message = f"{block.relation!r} is no composition: a form edits only rows of its own"
                self.complaints.at_value(root, "layout", "bad-layout", message, "show it on the view page")
            else:
                blocks.append(block)
        return Form(entity=self.entity.name, layout=tuple(blocks), place=root.key_place("form"))

    def _composition(self, name: str) -> bool:
        relation = self.entity.relations.get(name)
        return relation is not None and relation.kind == "composition"

    def _layout(self, root: Map) -> tuple[Block, ...]:
        blocks = []
        for position, declared in enumerate(root.get("layout") or ()):
            if isinstance(declared, Map):
                made = self._block(declared)
                if made is not None:
                    blocks.append(made)
            else:
                self.complaints.at_value(
                    root["layout"],
                    position,
                    "wrong-type",
                    "a block is a mapping",
                    "for example {section: Details, fields: [name]}",
                )
        return tuple(blocks)

    def _block(self, declared: Map) -> Block | None:
        tab = declared.get("tab", "")
        if declared.get("timeline"):
            return Timeline(title=tab or "History", tab=tab, place=declared.place)
        if "related" in declared:
            return self._related(declared, tab)
        if "fields" not in declared:
            hint = "a block is a section with fields, a related list, or a timeline"
            self.complaints.at_map(declared, "bad-layout", "this block shows nothing", hint)
            return None
        number = declared.get("columns", 2)
        return Section(
            title=declared.get("section", ""),
            fields=self.columns(declared["fields"]),
            columns=number if isinstance(number, int) else 2,
            aside=bool(declared.get("aside", False)),
            tab=tab,
            place=declared.place,
        )

    def _related(self, declared: Map, tab: str) -> Related | None:
        name = declared["related"]
        target = self.related_entity(name)
        if target is None:
            lists = [each.name for each in self.entity.relations.values() if not each.holds_key]
            self.complaints.unknown_name(
                declared, "related", "relation", name, [*lists, *self.entity.inverses]
            )
            return None
        columns = declared.get("columns")
        return Related(
            relation=name,
            label=declared.get("label", ""),
            columns=self.columns(columns, target) if isinstance(columns, Seq) else (),
            sort=self.sort(declared, target),
            rows=declared.get("rows", 10),
            tab=tab,
            place=declared.place,
        )

    def related_entity(self, name: str) -> Entity | None:
        """The entity of the records a related list shows."""
        relation = self.entity.relations.get(name)
        if relation is not None:
            return None if relation.holds_key else self.entities[relation.target]
        inverse = self.entity.inverses.get(name)
        return None if inverse is None else self.entities[inverse.source]


# ---- navigation

LATER_ITEMS = ("board", "calendar", "dashboard", "report")


def read_navigation(
    root: Map, entities: Mapping[str, Entity], roles: Mapping[str, Any], complaints: Complaints
) -> tuple[NavigationItem, ...]:
    """The menu; an item that leads nowhere is left out and complained of."""
    return _items(root.get("navigation"), entities, roles, complaints)


def _items(
    declared: Any, entities: Mapping[str, Entity], roles: Mapping[str, Any], complaints: Complaints
) -> tuple[NavigationItem, ...]:
    found = []
    for item in declared or ():
        made = _item(item, entities, roles, complaints) if isinstance(item, Map) else None
        if made is not None:
            found.append(made)
    return tuple(found)


def _item(
    item: Map, entities: Mapping[str, Entity], roles: Mapping[str, Any], complaints: Complaints
) -> NavigationItem | None:
    for name in item.get("roles") or ():
        if name not in roles:
            complaints.unknown_name(item, "roles", "role", name, roles)
    visible = frozenset(item["roles"]) if item.get("roles") is not None else None
    place: Place = item.place
    if "menu" in item:
        items = _items(item.get("items"), entities, roles, complaints)
        return NavigationItem(
            label=item["menu"], icon=item.get("icon", ""), items=items, roles=visible, place=place
        )
    if "grid" in item:
        name = item["grid"]
        if name not in entities:
            complaints.unknown_name(item, "grid", "entity", name, entities)
            return None
        entity = entities[name]
        return NavigationItem(
            label=item.get("label", entity.plural),
            icon=item.get("icon", entity.icon),
            entity=name,
            view=item.get("view", ""),
            roles=visible,
            place=place,
        )
    later = next((key for key in LATER_ITEMS if key in item), None)
    if later is not None:
        complaints.at_key(
            item,
            later,
            "kind-not-available",
            f"a {later} is not shown by this version",
            "take it out of the menu",
        )
    else:
        complaints.at_map(
            item, "bad-layout", "this item leads nowhere", "write {grid: ENTITY} or {menu: TITLE, items: […]}"
        )
    return None
