"""Reading grids, views and forms, each checked against the entity it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.declared.paths import Fault, resolve
from engine.documents.complaints import Complaints
from engine.loading.members import expression
from engine.metamodel.entity import Entity
from engine.metamodel.page import Block, Column, Form, Grid, GridView, Related, Section, Timeline, View
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.text.labels import words
from engine.text.yaml_tree import Map, Seq
from engine.types.base import Refused

LATER_KEYS = {
    "bulk": "this version deletes and restores several records at once, and nothing else",
    "inline_edit": "this version edits records on their form",
    "totals": "this version adds nothing up",
}


class PageReader:
    """Reads the page documents of one entity.

    `lost` are inverses that relations which could not be read would have given: nobody calls them unknown.
    """

    def __init__(
        self,
        entity: Entity,
        entities: Mapping[str, Entity],
        roles: Collection[str],
        lost: Collection[str],
        complaints: Complaints,
    ) -> None:
        self.entity, self.entities, self.roles = entity, entities, roles
        self.lost, self.complaints = lost, complaints

    # ---- documents

    def grid(self, root: Map) -> Grid:
        for key, reason in LATER_KEYS.items():
            if root.get(key):
                self.complaints.without_effect(root, key, reason)
        filters = root.seq("filters")
        return Grid(
            entity=self.entity.name,
            columns=self._columns(root.get("columns"), self.entity),
            sort=self._sort(root, self.entity),
            filters=tuple(
                name
                for position, name in enumerate(filters)
                if self._member(filters, position, name, self.entity)
            ),
            views={name: self._grid_view(name, each) for name, each in (root.get("views") or {}).items()},
            page_size=root.get("page_size", 50),
            place=root.key_place("grid"),
        )

    def _grid_view(self, name: str, declared: Map) -> GridView:
        where = None
        if declared.get("where") is not None:
            where = expression(declared, "where")
        names = declared.seq("default_for")
        for position, role in enumerate(names):
            if role not in self.roles:
                self.complaints.unknown_name(names, position, "role", str(role), sorted(self.roles))
        return GridView(
            name=name,
            label=declared.get("label", words(name)),
            columns=self._columns(declared.get("columns"), self.entity),
            sort=self._sort(declared, self.entity),
            filters=dict(self._presets(declared.get("filters"))),
            where=where,
            default_for=tuple(names),
            place=declared.place,
        )

    def view(self, root: Map) -> View:
        layout = tuple(block for _, block in self._layout(root))
        return View(entity=self.entity.name, layout=layout, place=root.key_place("view"))

    def form(self, root: Map) -> Form:
        blocks: list[Section | Related] = []
        for declared, block in self._layout(root):
            if isinstance(block, Timeline):
                self._bad_layout(declared, "timeline", "a form has no timeline", "show it on the view page")
            elif isinstance(block, Related):
                relation = self.entity.relations.get(block.relation)
                if relation is not None and relation.kind == "composition":
                    blocks.append(block)
                else:
                    message = f"{block.relation!r} is no composition: a form edits only rows of its own"
                    self._bad_layout(declared, "related", message, "show it on the view page")
            else:
                self._own_fields(declared["fields"])
                blocks.append(block)
        self._required(
            root, [column.path for block in blocks if isinstance(block, Section) for column in block.fields]
        )
        return Form(entity=self.entity.name, layout=tuple(blocks), place=root.key_place("form"))

    # ---- blocks

    def _layout(self, root: Map) -> Iterator[tuple[Map, Block]]:
        for declared in root.get("layout") or ():
            made = self._block(declared)
            if made is not None:
                yield declared, made

    def _block(self, declared: Map) -> Block | None:
        tab = declared.get("tab", "")
        if declared.get("timeline"):
            return Timeline(title=declared.get("section") or tab or "History", tab=tab, place=declared.place)
        if "related" in declared:
            return self._related(declared, tab)
        if "fields" not in declared:
            if not declared.broken:
                hint = "give it `fields: […]`, `related: RELATION` or `timeline: true`"
                self.complaints.at_map(declared, "bad-layout", "this block shows nothing", hint)
            return None
        number = declared.get("columns", 2)
        if isinstance(number, Seq):
            self._bad_layout(
                declared, "columns", "a section's `columns` is a number", "list what it shows as `fields`"
            )
        return Section(
            title=declared.get("section", ""),
            fields=self._columns(declared["fields"], self.entity),
            columns=number if isinstance(number, int) else 2,
            aside=declared.get("aside", False),
            tab=tab,
            place=declared.place,
        )

    def _related(self, declared: Map, tab: str) -> Related | None:
        name = declared["related"]
        target = self._related_entity(name)
        if target is None:
            self._unknown_list(declared, name)
            return None
        columns = declared.get("columns")
        if isinstance(columns, int):
            self._bad_layout(
                declared, "columns", "a related list's `columns` are names", "for example columns: [name]"
            )
        return Related(
            relation=name,
            label=declared.get("label", ""),
            columns=self._columns(columns, target) if isinstance(columns, Seq) else (),
            sort=self._sort(declared, target),
            rows=declared.get("rows", 10),
            tab=tab,
            place=declared.place,
        )

    def _related_entity(self, name: str) -> Entity | None:
        """The entity of the records that a related list shows."""
        relation, inverse = self.entity.relations.get(name), self.entity.inverses.get(name)
        if relation is not None:
            return None if relation.holds_key else self.entities[relation.target]
        return None if inverse is None or inverse.to_one else self.entities[inverse.source]

    def _unknown_list(self, declared: Map, name: str) -> None:
        if self.entity.to_one(name) is not None:
            message = f"{name!r} leads to one record: it is a field, not a list"
            self._bad_layout(declared, "related", message, "list it among the `fields` of a section")
        elif name not in self.lost and name not in (self.entity.document.get("relations") or ()):
            led: list[Relation | Inverse] = [*self.entity.relations.values(), *self.entity.inverses.values()]
            lists = [each.name for each in led if not each.to_one]
            self.complaints.unknown_name(declared, "related", "relation", name, lists)

    def _bad_layout(self, declared: Map, key: str, message: str, hint: str) -> None:
        self.complaints.at_value(declared, key, "bad-layout", message, hint)

    def _own_fields(self, fields: Seq) -> None:
        """A form edits its own record: no paths to others."""
        for position, each in enumerate(fields):
            holder, key, path = _written_path(fields, position, each)
            if "." in path and not isinstance(resolve(path, self.entity, self.entities), Fault):
                message = f"{path!r} belongs to another record: a form edits its own"
                hint = f"name {path.partition('.')[0]!r}, or show the path on the view page"
                self.complaints.at_value(holder, key, "bad-layout", message, hint)

    def _required(self, root: Map, fields: list[str]) -> None:
        """Warn of a form on which a record can't be created, because what it needs is not there."""
        wanted = [name for name, prop in self.entity.properties.items() if _asked_for(prop)]
        wanted += [
            name
            for name, each in self.entity.relations.items()
            if each.required and not each.owner_of_row and each.readonly != "always" and not each.conditions
        ]
        missing = [name for name in wanted if name not in fields]
        if missing and not root.broken:
            names = " and ".join(map(repr, missing))
            message = f"{names} {'is' if len(missing) == 1 else 'are'} required, and not on this form"
            hint = "add it, or give it a default; records can't be created here without"
            self.complaints.at_value(root, "form", "form-misses-required", message, hint, "warning")

    # ---- paths

    def _member(
        self, holder: Map | Seq, key: str | int, path: str, entity: Entity
    ) -> Property | Relation | Inverse | None:
        """The member a written path leads to; a complaint, at the word at fault, where it leads nowhere."""
        descending = path.startswith("-")
        found = resolve(path.removeprefix("-"), entity, self.entities)
        if not isinstance(found, Fault):
            return found
        if found.code:
            offset = found.offset + descending
            self.complaints.at_word(holder, key, offset, found.word, found.code, found.message, found.hint)
        return None

    def _columns(self, declared: Seq | None, entity: Entity) -> tuple[Column, ...]:
        """Columns as names or mappings; those that lead nowhere are left out."""
        made = []
        for position, each in enumerate(declared or ()):
            assert declared is not None
            holder, key, path = _written_path(declared, position, each)
            if self._member(holder, key, path, entity) is not None:
                label, widget = (
                    (each.get("label", ""), each.get("as", "")) if isinstance(each, Map) else ("", "")
                )
                made.append(Column(path=path, label=label, widget=widget, place=declared.place_of(position)))
        return tuple(made)

    def _sort(self, holder: Map, entity: Entity) -> tuple[str, ...]:
        """The entries of a `sort`, each checked to be something that can be sorted by."""
        declared = holder.get("sort")
        if declared is None:
            return ()
        spots: list[tuple[Map | Seq, Any, str]] = (
            [(holder, "sort", declared)]
            if isinstance(declared, str)
            else [(declared, position, entry) for position, entry in enumerate(declared)]
        )
        made = []
        for at, key, entry in spots:
            member = self._member(at, key, entry, entity)
            if member is None:
                continue
            sortable = member.type.sortable if isinstance(member, Property) else member.to_one
            if sortable and (isinstance(member, Property) or not member.polymorphic):
                made.append(entry)
            else:
                message = f"records can't be sorted by {entry.removeprefix('-')!r}"
                self.complaints.at_value(at, key, "unsortable", message, "sort by another property")
        return tuple(made)

    def _presets(self, declared: Map | None) -> Iterator[tuple[str, object]]:
        """Equality filters of a preset: each value is one its property can have."""
        for path, value in (declared or {}).items():
            assert declared is not None
            found = resolve(path, self.entity, self.entities)
            if isinstance(found, Fault):
                if found.code:
                    self.complaints.at_key(declared, path, found.code, found.message, found.hint)
                continue
            if isinstance(found, Property):
                try:
                    for each in value if isinstance(value, list) else [value]:
                        if each is not None:
                            found.type.parse_operand(each)
                except Refused as refused:
                    self.complaints.at_value(declared, path, "bad-filter", f"{path}: {refused}")
                    continue
            yield path, value


def _asked_for(prop: Property) -> bool:
    """Whether a record can't be created without somebody filling this in."""
    filled = (
        prop.default is not None or prop.conditions or not prop.type.writable or prop.readonly == "always"
    )
    return prop.required and not prop.system and not filled


def _written_path(declared: Seq, position: int, each: Any) -> tuple[Map | Seq, Any, str]:
    """Where a column's path is written, and the path."""
    return (each, "property", each["property"]) if isinstance(each, Map) else (declared, position, str(each))
