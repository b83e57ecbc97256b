"""The fields of a form, ready to be drawn: plans, entries and errors joined for one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup, escape

from engine.access import access
from engine.build.page import FormPlan, Member, RowsPlan, SectionPlan
from engine.build.page_form import is_computed, is_state
from engine.drafts.preview import Preview
from engine.errors import FieldError
from engine.metamodel.entity import Entity, RecordType
from engine.pages import cells, inputs
from engine.pages.entries import FILES, Entries, of_defaults, reference, value_of
from engine.pages.filter_menus import title_of
from engine.pages.inputs import Input, Option
from engine.pages.listing import visible
from engine.reading.query import Link, Query, Record
from engine.service import records
from engine.types.base import UNCHANGED, Control
from engine.work.context import Context

MOST_OFFERED = 50
"""Records a picker offers before anything is typed: without scripts, all it offers."""


NUMERIC = ("number", "money")

BLANK, BLANK_NUMBER = "%ROW%", "%NUMBER%"
"""What scripts put the place and the number of an added row for."""


@dataclass(frozen=True)
class Field:
    """A label, its input, and what is said about it. `static` is shown where nothing can be entered.

    `kept` are the names and texts that go along unseen, so that a form sent back still knows what is static.
    """

    input: Input
    required: bool
    wide: bool
    help: str = ""
    errors: tuple[str, ...] = ()
    static: Markup | None = None
    numeric: bool = False
    conflict: Conflict | None = None
    kept: tuple[tuple[str, str], ...] = ()
    reason: str = ""  # why it can't be changed now

    @property
    def drawn(self) -> Markup:
        return inputs.draw(self.input)

    @property
    def kind(self) -> str:
        """What scripts have to exchange when it differs: an input, or a text."""
        return "input" if self.static is None else "static"


@dataclass(frozen=True)
class Conflict:
    """Somebody else's value of a field that was changed here too."""

    name: str
    theirs: Markup


@dataclass(frozen=True)
class SectionBlock:
    """A titled block of fields."""

    title: str
    slug: str
    fields: tuple[Field, ...]
    columns: int


@dataclass(frozen=True)
class RowBlock:
    """One child row: its place in the form, its id if it is saved already, and its fields.

    A saved row that is `removed` goes along unseen until the form is saved.
    """

    position: str
    number: str
    fields: tuple[Field, ...]
    errors: tuple[str, ...]
    removed: bool = False


@dataclass(frozen=True)
class RowsBlock:
    """The child rows of a composition; `blank` is what scripts add another row from.

    `fixed`: none can be added, changed or removed now.
    """

    name: str
    title: str
    slug: str
    singular: str
    inline: bool
    heads: tuple[tuple[str, bool, bool], ...]  # label, required, numeric
    rows: tuple[RowBlock, ...]
    blank: RowBlock
    fixed: bool = False
    reason: str = ""


Block = SectionBlock | RowsBlock


@dataclass
class FormReader:
    """Who fills in a form, of which entity, and what they may enter."""

    context: Context
    entity: Entity
    plan: FormPlan
    record: Record | None = None
    offered: dict[tuple[str, str], tuple[Option, ...]] = field(default_factory=dict)
    newest: dict[str, list[Link]] = field(default_factory=dict)
    preview: Preview = field(default_factory=Preview)

    def enterable(self, member: Member, entity: str = "", *, new: bool | None = None) -> bool:
        """Whether this reader may enter a member in this form."""
        owner = entity or self.entity.name
        if (
            is_state(member)
            or member.path not in access.writable(self.context, owner)
            or not visible(self.context, member)
        ):
            return False
        declared = member.prop or member.relation
        fresh = self.record is None if new is None else new
        return (
            declared is None or declared.readonly == "no" or (fresh and declared.readonly == "after_create")
        )

    def variant(self, entries: Entries) -> RecordType | None:
        """The record type chosen in the form; the first where none is."""
        types = self.entity.record_types
        chosen = (entries.texts.get("record_type") or [""])[0]
        return types.get(chosen) or next(iter(types.values()), None)

    def members(self, entries: Entries) -> list[Member]:
        """The members that can be entered, of the record type chosen."""
        variant = self.variant(entries)
        hidden = variant.hidden if variant else frozenset()
        hidden = hidden | self.preview.hidden | self.preview.fixed
        return [each for each in self.plan.members if each.path not in hidden and self.enterable(each)]

    def row_members(self, rows: RowsPlan, *, new: bool = True) -> list[Member]:
        return [member for member in rows.members if self.enterable(member, rows.target, new=new)]

    def rows(self) -> list[RowsPlan]:
        return [
            rows
            for rows in self.plan.rows
            if rows.relation.name in access.writable(self.context, self.entity.name)
            and access.may(self.context, rows.target, "read")
            and self.row_members(rows)
        ]

    def blank_row(self, rows: RowsPlan, prefix: str) -> Entries:
        return of_defaults(self.row_members(rows), self.context.actor.display, prefix)

    # ---- drawing

    def blocks(
        self, entries: Entries, errors: Sequence[FieldError] = (), theirs: Mapping[str, Markup] | None = None
    ) -> list[Block]:
        """Everything the form shows, with its errors and conflicts."""
        found: list[Block] = []
        members = {member.path for member in self.members(entries)}
        rows = {each.relation.name for each in self.rows()}
        for position, block in enumerate(self.plan.blocks):
            slug = f"s-{position}"
            if isinstance(block, SectionPlan):
                shown = self._section(block, members, entries, errors, theirs or {})
                if shown:
                    found.append(SectionBlock(block.title, slug, tuple(shown), block.columns))
            elif block.relation.name in rows:
                found.append(self._rows(block, slug, entries, errors))
        return found

    def _section(
        self,
        block: SectionPlan,
        members: set[str],
        entries: Entries,
        errors: Sequence[FieldError],
        theirs: Mapping[str, Markup],
    ) -> list[Field]:
        variant = self.variant(entries)
        required = (variant.required if variant else frozenset()) | self.preview.required
        found = []
        for member in block.members:
            if member.path in members:
                made = self.field(member, entries, errors, required=member.path in required)
                if member.path in theirs:
                    made = replace(made, conflict=Conflict(member.path, theirs[member.path]))
                found.append(made)
            elif member.path in self.preview.hidden:
                continue
            elif is_computed(member):
                found += self._computed(member)
            elif member.path in self.preview.fixed and not is_state(member):
                found += self._fixed(member, entries)
            elif self.record is not None and (static := self._static(member)) is not None:
                found.append(static)
        return found

    def _computed(self, member: Member, prefix: str = "", entity: str = "") -> list[Field]:
        """A computed value as it would be now."""
        assert member.prop is not None
        if member.path not in access.readable(self.context, entity or self.entity.name):
            return []
        name = prefix + member.path
        value = self.preview.computed.get(name)
        shown = (
            Markup("–") if value is None else cells.value_of(member.prop, value, self.context.actor.display)
        )
        return [self._text(member, name, shown)]

    def _fixed(self, member: Member, entries: Entries, prefix: str = "") -> list[Field]:
        """What conditions don't let be changed now, as it stands in the form."""
        display, name = self.context.actor.display, prefix + member.path
        if not visible(self.context, member):
            return []
        shown = Markup("–")
        if member.prop is not None:
            value = getattr(value_of(member, entries, display, prefix), "value", None)
            if value is not None and value is not UNCHANGED and not member.prop.type.empty(value):
                shown = cells.value_of(member.prop, value, display)
        elif texts := [text for text in entries.texts.get(name, ()) if text]:
            shown = escape(", ".join(title_of(self.context, member, text) for text in texts))
        kept = tuple(
            (key, text)
            for key, texts in entries.texts.items()
            if key == name or key.startswith(f"{name}.")
            for text in texts
        )
        reason = "" if prefix else self.preview.reasons.get(name, "")
        return [replace(self._text(member, name, shown), kept=kept, reason=reason)]

    @staticmethod
    def _text(member: Member, name: str, shown: Markup) -> Field:
        numeric = member.prop is not None and member.prop.type.numeric
        blank = Input(name, member.label, Control("text"))
        return Field(blank, required=False, wide=member.wide, help=member.help, static=shown, numeric=numeric)

    def _static(self, member: Member) -> Field | None:
        """A member that is shown and can't be changed."""
        declared = member.prop or member.relation
        shows = declared is not None and (declared.readonly != "no" or is_state(member))
        if not shows or not visible(self.context, member):
            return None
        assert self.record is not None
        value = self.record.values.get(member.path)
        if value is None:
            return None
        shown = (
            cells.value_of(member.prop, value, self.context.actor.display)
            if member.prop is not None
            else cells.related_value(member, value)
        )
        blank = Input(member.path, member.label, Control("text"))
        return Field(blank, required=False, wide=member.wide, help=member.help, static=shown)

    def field(
        self,
        member: Member,
        entries: Entries,
        errors: Sequence[FieldError],
        *,
        prefix: str = "",
        required: bool = False,
    ) -> Field:
        """A member's field, with what was entered and what is wrong with it."""
        name = prefix + member.path
        declared = member.prop or member.relation
        wanted = required or (declared is not None and declared.required)
        said = tuple(error.message for error in errors if error.at == name or error.at.startswith(f"{name}."))
        base = self._relation_input(member, name, entries) if member.prop is None else None
        made = base or self._property_input(member, name, entries, errors)
        described = [f"{made.id}-help"] if member.help else []
        described += [f"{made.id}-error"] if said else []
        made = replace(made, required=wanted, invalid=bool(said), described=" ".join(described))
        if made.parts:
            parts = tuple(
                replace(part, described=made.described, required=wanted and position == 0 and part.required)
                for position, part in enumerate(made.parts)
            )
            made = replace(made, parts=parts)
        return Field(made, required=wanted, wide=member.wide, help=member.help, errors=said)

    def _property_input(
        self, member: Member, name: str, entries: Entries, errors: Sequence[FieldError]
    ) -> Input:
        assert member.prop is not None
        control = member.prop.type.control()
        made = self._input(name, member.label, control, entries, errors)
        made = replace(made, placeholder=member.prop.placeholder)
        if control.kind in FILES:
            kept = entries.files.get((entries.texts.get(f"{name}.kept") or [""])[0])
            known = {"key": kept.key, "name": kept.name, "url": f"/files/{kept.key}"} if kept else {}
            return replace(made, known=known)
        return made

    def _input(
        self, name: str, label: str, control: Control, entries: Entries, errors: Sequence[FieldError]
    ) -> Input:
        texts = tuple(entries.texts.get(name, ()))
        parts = tuple(
            self._input(f"{name}.{part}", title, inner, entries, errors)
            for part, title, inner in control.parts
        )
        invalid = any(error.at == name for error in errors)
        if invalid and parts and not any(part.invalid for part in parts):
            parts = (replace(parts[0], invalid=True), *parts[1:])
        options = inputs.options_of(control.options, texts)
        return Input(name, label, control, texts, options=options, parts=parts, invalid=invalid)

    def _relation_input(self, member: Member, name: str, entries: Entries) -> Input:
        entity, relation = member.steps[-1]
        follows = self.narrowed(member)
        texts = tuple(text for text in entries.texts.get(name, ()) if text)
        offered = self._fitting(member, entity, relation) if follows else self._offered(member)
        known = {option.value for option in offered}
        titles = {self._reference(member, key): title for key, title in entries.titles.items()}
        extra = tuple(
            Option(text, titles.get(text) or title_of(self.context, member, text))
            for text in texts
            if text not in known
        )
        return Input(
            name,
            member.label,
            Control("select"),
            texts,
            options=(*extra, *offered),
            picker=f"/{self.entity.name}/options/{name}" if follows else f"/{entity}/options/{relation}",
            follows=follows,
            multiple=member.many,
        )

    def narrowed(self, member: Member) -> bool:
        """Whether what a relation offers depends on what is entered."""
        entity, relation = member.steps[-1]
        return any(each.member == relation for each in self.context.runtime.rules[entity].options_where)

    @staticmethod
    def _reference(member: Member, key: tuple[str, int]) -> str:
        return reference(member, Link(key[0], key[1], "")) if key[0] in member.targets else ""

    def _offered(self, member: Member) -> tuple[Option, ...]:
        """What a relation offers, made once however many rows have it."""
        key = member.steps[-1]
        if key not in self.offered:
            several = len(member.targets) > 1
            self.offered[key] = tuple(
                Option(reference(member, link), link.title, group=self._plural(target) if several else "")
                for target in member.targets
                for link in self._newest(target)
            )
        return self.offered[key]

    def _fitting(self, member: Member, entity: str, relation: str) -> tuple[Option, ...]:
        """What a relation offers to the draft; scripts ask again as the form changes."""
        draft = self.preview.draft if entity == self.entity.name else None
        found = records.options(self.context, entity, relation, "", MOST_OFFERED, draft=draft)
        return tuple(Option(reference(member, link), link.title) for link in found)

    def _newest(self, target: str) -> list[Link]:
        """The newest records of an entity, by title; asked for once however many relations lead there.

        The newest, because that costs the same however many there are; typing searches all of them.
        """
        if target not in self.newest:
            self.newest[target] = []
            if access.may(self.context, target, "read"):
                page = records.find(self.context, target, Query(sort=("-id",), limit=MOST_OFFERED))
                links = (Link(target, row.id, row.title) for row in page.rows)
                self.newest[target] = sorted(links, key=_by_title)
        return self.newest[target]

    def _plural(self, entity: str) -> str:
        return self.context.runtime.entities[entity].plural

    # ---- child rows

    def _rows(self, plan: RowsPlan, slug: str, entries: Entries, errors: Sequence[FieldError]) -> RowsBlock:
        name, child = plan.relation.name, self.context.runtime.entities[plan.target]
        made = tuple(self._row(plan, str(position), entries, errors) for position in entries.rows(plan))
        blank = self._row(plan, BLANK, self.blank_row(plan, f"{name}.{BLANK}."), ())
        return RowsBlock(
            name=name,
            title=plan.label,
            slug=slug,
            singular=child.label.lower(),
            inline=plan.inline,
            heads=tuple(
                (each.input.label, each.required, each.numeric or each.input.control.kind in NUMERIC)
                for each in blank.fields
            ),
            rows=made,
            blank=blank,
            fixed=name in self.preview.fixed,
            reason=self.preview.reasons.get(name, ""),
        )

    def _row(self, plan: RowsPlan, position: str, entries: Entries, errors: Sequence[FieldError]) -> RowBlock:
        prefix = f"{plan.relation.name}.{position}."
        number = (entries.texts.get(f"{prefix}_id") or [""])[0]
        members = self.row_members(plan)
        fields = [
            made for member in plan.members for made in self._row_field(plan, member, prefix, entries, errors)
        ]
        if plan.inline:
            spoken = f"row {BLANK_NUMBER if position == BLANK else int(position) + 1}"
            fields = [
                replace(each, input=inputs.without_label(each.input, f"{each.input.label}, {spoken}"))
                for each in fields
            ]
        own = prefix.rstrip(".")
        known = tuple(f"{prefix}{member.path}" for member in members)
        said = tuple(
            error.message
            for error in errors
            if error.at == own or (error.at.startswith(prefix) and not error.at.startswith(known))
        )
        removed = bool(entries.texts.get(f"{prefix}_deleted"))
        return RowBlock(position, number, tuple(fields), said, removed)

    def _row_field(
        self, plan: RowsPlan, member: Member, prefix: str, entries: Entries, errors: Sequence[FieldError]
    ) -> list[Field]:
        name = prefix + member.path
        if is_computed(member):
            return self._computed(member, prefix, plan.target)
        if not self.enterable(member, plan.target, new=True):
            return []
        if name in self.preview.hidden:
            return [self._text(member, name, Markup(""))]
        if name in self.preview.fixed or plan.relation.name in self.preview.fixed:
            return self._fixed(member, entries, prefix)
        required = name in self.preview.required
        return [self.field(member, entries, errors, prefix=prefix, required=required)]


def _by_title(link: Link) -> str:
    return link.title.casefold()


def summary(blocks: Sequence[Block], errors: Sequence[FieldError]) -> list[dict[str, Any]]:
    """Every error once, with a link to its field where the form has one."""
    places: dict[str, tuple[str, str]] = {}
    for block in blocks:
        if isinstance(block, SectionBlock):
            for each in block.fields:
                places[each.input.name] = (each.input.first_id, each.input.label)
        else:
            for count, row in enumerate(block.rows, start=1):
                for each in row.fields:
                    label = f"{each.input.label}, {block.singular} {count}"
                    places[each.input.name] = (each.input.first_id, label)
    return [_summary_line(places, error) for error in errors]


def _summary_line(places: Mapping[str, tuple[str, str]], error: FieldError) -> dict[str, Any]:
    name = error.at
    while name and name not in places:
        name = name.rpartition(".")[0]
    target, label = places.get(name, ("", ""))
    return {"target": target, "label": label, "message": error.message}
