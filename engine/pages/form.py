"""The page that creates and edits a record: shown, submitted, sent back with errors or conflicts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.responses import Response

from engine.access import access
from engine.build.page import FormPlan, Member
from engine.build.page_form import form_plan
from engine.drafts.preview import Preview, preview
from engine.drafts.states import closed
from engine.errors import Conflict, FieldError, Invalid, NotFound
from engine.pages import cells
from engine.pages.entries import FILES, Entries, fill, input_names, of_defaults, of_record
from engine.pages.fields import FormReader, summary
from engine.pages.form_defaults import compute_defaults
from engine.pages.form_values import MOST_ROWS, once_each, place_in_form, placed, values_of_form
from engine.reading.query import Link, Record
from engine.service import records
from engine.service.files import readable, upload
from engine.types.base import Refused
from engine.web.toast import Toast
from engine.web.visit import Visit, whole_number
from engine.work.context import Context
from engine.work.plans import kept


def plan_of(context: Context, entity: str) -> FormPlan:
    """The plan of an entity's form, made once per runtime."""
    return kept(context.runtime, ("form", entity), lambda: form_plan(context.runtime.application, entity))


def _reader(visit: Visit, context: Context, record: Record | None = None) -> FormReader:
    return FormReader(context, visit.entity, plan_of(context, visit.entity.name), record)


# ---- shown


def show_new(visit: Visit, context: Context) -> Response:
    """GET /{entity}/new: empty, with what the address presets, or as a copy of another record."""
    access.require(context, visit.entity.name, "create")
    reader = _reader(visit, context)
    entries = blank_entries(reader)
    if visit.entity.record_types:
        entries.texts.setdefault("record_type", [next(iter(visit.entity.record_types))])
    if (source := whole_number(visit.query("copy"))) is not None:
        _copy(visit, context, reader, entries, source)
    inputs = {
        name
        for member in reader.plan.members
        if member.prop is None or member.prop.type.control().kind not in FILES
        for name in input_names(member, member.path)
    }
    for name in visit.request.query_params:
        if name in inputs:
            entries.texts[name] = [value for value in visit.request.query_params.getlist(name) if value]
    blank = fingerprints(reader, blank_entries(reader))
    return _page(visit, reader, entries, compute_defaults(reader, entries, blank))


def show_edit(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/edit"""
    record = _editable(visit, context)
    reader = _reader(visit, context, record)
    entries = of_record(reader.plan, record, context.actor.display)
    return _page(visit, reader, entries, fingerprints(reader, entries))


def _editable(visit: Visit, context: Context) -> Record:
    record = records.get(context, visit.entity.name, visit.number)
    if "update" not in record.allowed:
        access.refuse(
            context, visit.entity.name, "update", "the level of the grant does not reach this record"
        )
    return record


def blank_entries(reader: FormReader) -> Entries:
    """A new record's form: defaults, and the reader as its owner."""
    actor = reader.context.actor
    entries = of_defaults(reader.plan.members, actor.display)
    own = {
        "owner": ("user", actor.id, actor.name),
        "unit": ("unit", actor.unit, ""),
        "organization": ("organization", actor.organization, ""),
    }
    for member in reader.plan.members:
        target, number, title = own.get(member.path, ("", None, ""))
        if member.relation is not None and member.relation.system and number is not None:
            entries.texts[member.path] = [str(number)]
            if title:
                entries.titles[(target, number)] = title
    return entries


def _copy(visit: Visit, context: Context, reader: FormReader, entries: Entries, number: int) -> None:
    """Fill in what another record has, but for what is declared not to be copied, and files."""
    source = records.get(context, visit.entity.name, number)
    display = context.actor.display
    for member in reader.plan.members:
        if _copied(member):
            held = source.many.get(member.path) if member.many else source.values.get(member.path)
            fill(entries, member, held, display)
    for rows in reader.plan.rows:
        for position, row in enumerate(source.children.get(rows.relation.name, ())):
            for member in rows.members:
                if _copied(member):
                    fill(
                        entries,
                        member,
                        row.values.get(member.path),
                        display,
                        f"{rows.relation.name}.{position}.",
                    )


def _copied(member: Member) -> bool:
    declared = member.prop or member.relation
    if declared is None or not declared.copy or (member.relation is not None and member.relation.system):
        return False
    return member.prop is None or member.prop.type.control().kind not in FILES


def _page(
    visit: Visit,
    reader: FormReader,
    entries: Entries,
    seen: Mapping[str, str],
    *,
    errors: Sequence[FieldError] = (),
    clash: Clash | None = None,
    status: int = 200,
) -> Response:
    entity, record = visit.entity, reader.record
    _look(reader, entries, seen)
    blocks = reader.blocks(entries, errors, clash.theirs if clash else None)
    kinds = {each.input.control.kind for block in blocks if hasattr(block, "fields") for each in block.fields}
    return visit.page(
        reader.context,
        "form.html",
        title=f"Edit {record.title}" if record else f"New {entity.label.lower()}",
        status=status,
        styled="rich_text" in kinds,
        entity=entity,
        record=record,
        blocks=blocks,
        errors=summary(blocks, errors),
        clash=clash,
        seen=json.dumps(seen, separators=(",", ":")),
        version=record.version if record else "",
        rich="rich_text" in kinds,
        next_path=visit.next_path,
        back=visit.next_path or (f"/{entity.name}/{record.id}" if record else f"/{entity.name}"),
        switches=bool(entity.record_types) or reacts(reader),
        reacts=reacts(reader),
        closed=closed(reader.context, entity, record.values).update if record else "",
    )


def judged(reader: FormReader) -> bool:
    """Whether rules or states say what of the form applies."""
    processes = reader.context.runtime.processes.of(reader.entity.name)
    return reacts(reader) or any(process.workflow.restricts for process in processes)


def reacts(reader: FormReader) -> bool:
    """Whether the form changes with what is entered, by its own rules or those of its rows."""
    rules = reader.context.runtime.rules
    return any(
        rules[name].reacts for name in (reader.entity.name, *(rows.target for rows in reader.plan.rows))
    )


def _look(reader: FormReader, entries: Entries, seen: Mapping[str, str]) -> None:
    """Ask what applies, is required, and comes out of what is entered."""
    if judged(reader):
        reader.preview = Preview()
        values, places = values_of_form(reader, entries, seen, (), whole=True)
        number = reader.record.id if reader.record else None
        found = preview(reader.context, reader.entity.name, values, number)
        reader.preview = Preview(
            hidden={place_in_form(name, places) for name in found.hidden},
            fixed={place_in_form(name, places) for name in found.fixed},
            required={place_in_form(name, places) for name in found.required},
            draft=found.draft,
            computed={place_in_form(name, places): value for name, value in found.computed.items()},
            reasons={place_in_form(name, places): reason for name, reason in found.reasons.items()},
        )


# ---- submitted


@dataclass(frozen=True)
class Clash:
    """What somebody else changed meanwhile: who, which fields, and their values where both did."""

    who: str
    changed: tuple[str, ...]
    theirs: Mapping[str, Markup]


def submit_new(visit: Visit) -> Response:
    """POST /{entity}/new"""
    entity = visit.entity
    with visit.read() as context:
        access.require(context, entity.name, "create")
        reader = _reader(visit, context)
        entries, seen, errors = submitted(visit, reader)
        action = visit.text("_action", "save")
        if not action.startswith("save"):
            _change_rows(reader, entries, action)
            seen = compute_defaults(reader, entries, seen, again=True)
            return _page(visit, reader, entries, seen, errors=errors)
        _look(reader, entries, seen)
        values, places = values_of_form(reader, entries, seen, errors)
    try:
        made = visit.write(lambda unit: records.create(unit, entity.name, values))
    except Invalid as invalid:
        with visit.read() as context:
            found = [*errors, *placed(invalid.errors, places)]
            return _page(visit, _reader(visit, context), entries, seen, errors=once_each(found), status=422)
    toast = Toast(
        f"{entity.label} {made.title} was created.", link_url=f"/{entity.name}/{made.id}", link_text="Open"
    )
    if action == "save-new":
        return visit.go(f"/{entity.name}/new", toast)
    return visit.go(visit.next_path or f"/{entity.name}/{made.id}", toast)


def submit_edit(visit: Visit) -> Response:
    """POST /{entity}/{id}/edit"""
    entity, number = visit.entity, visit.number
    version = whole_number(visit.text("_version"))
    with visit.read() as context:
        reader = _reader(visit, context, _editable(visit, context))
        entries, seen, errors = submitted(visit, reader)
        action = visit.text("_action", "save")
        if not action.startswith("save"):
            _change_rows(reader, entries, action)
            seen = compute_defaults(reader, entries, seen, again=True)
            return _page(visit, reader, entries, seen, errors=errors)
        _take_theirs(visit, reader, entries)
        _look(reader, entries, seen)
        values, places = values_of_form(reader, entries, seen, errors)
    try:
        saved = visit.write(lambda unit: records.update(unit, entity.name, number, values, version))
    except Invalid as invalid:
        with visit.read() as context:
            reader = _reader(visit, context, _editable(visit, context))
            found = [*errors, *placed(invalid.errors, places)]
            return _page(visit, reader, entries, seen, errors=once_each(found), status=422)
    except Conflict:
        with visit.read() as context:
            reader = _reader(visit, context, _editable(visit, context))
            clash, seen = meet(reader, entries, seen)
            return _page(visit, reader, entries, seen, clash=clash, status=409)
    unchanged = not values
    text = "Nothing was changed." if unchanged else f"{entity.label} {saved.title} was saved."
    toast = Toast(text, tone="gray" if unchanged else "green")
    return visit.go(visit.next_path or f"/{entity.name}/{number}", toast)


def submitted(visit: Visit, reader: FormReader) -> tuple[Entries, dict[str, str], list[FieldError]]:
    """The form as it was sent: texts, uploads stored, and the fingerprints of what had been shown."""
    entries, errors = Entries(), list[FieldError]()
    uploads: list[tuple[str, UploadFile]] = []
    for name, value in visit.form.multi_items():
        if isinstance(value, UploadFile):
            uploads += [(name, value)] if value.filename else []
        elif not name.startswith("_"):
            entries.texts.setdefault(name, []).append(value.replace("\r\n", "\n"))
    for name, texts in list(entries.texts.items()):
        if name.endswith(".kept"):
            _keep_file(reader.context, entries, texts[0])
    for name, sent in uploads:
        _store_file(visit, entries, errors, name, sent)
    return entries, _seen(visit.text("_seen")), errors


def _keep_file(context: Context, entries: Entries, key: str) -> None:
    try:
        entries.files[key] = readable(context, key)
    except NotFound:
        return


def _store_file(
    visit: Visit, entries: Entries, errors: list[FieldError], name: str, sent: UploadFile
) -> None:
    """Store an upload at once, so that a form sent back with errors still has it."""
    try:
        stored = upload(
            visit.gateway, visit.actor, sent.file, sent.filename or "file", sent.content_type or ""
        )
    except Refused as refused:
        errors.append(FieldError(name, refused.code, str(refused)))
        return
    entries.texts[f"{name}.kept"] = [stored.key]
    entries.texts.pop(f"{name}.remove", None)
    entries.files[stored.key] = stored


def _seen(text: str) -> dict[str, str]:
    """The fingerprints that went along with the form; none that can't be read."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def fingerprints(reader: FormReader, entries: Entries) -> dict[str, str]:
    """What the form shows, in short, by member and by child row's member."""
    display = reader.context.actor.display
    found = {member.path: entries.fingerprint(member, display) for member in reader.members(entries)}
    for rows in reader.rows():
        for position in entries.rows(rows):
            prefix = f"{rows.relation.name}.{position}."
            found |= {
                prefix + each.path: entries.fingerprint(each, display, prefix)
                for each in reader.row_members(rows)
            }
    return found


def _change_rows(reader: FormReader, entries: Entries, action: str) -> None:
    """Add or remove a child row, for a form without scripts. Anything else only draws the form again."""
    verb, _, target = action.partition(":")
    for rows in reader.rows():
        name = rows.relation.name
        if verb == "add" and target == name and len(entries.rows(rows)) < MOST_ROWS:
            position = max(entries.rows(rows), default=-1) + 1
            added = reader.blank_row(rows, f"{name}.{position}.")
            entries.texts.update(added.texts)
            entries.texts.setdefault(f"{name}.{position}._id", [""])
        elif verb == "remove" and target.startswith(f"{name}."):
            _remove_row(entries, target)


def _remove_row(entries: Entries, target: str) -> None:
    """Take a row out of the form; of one that is saved its id stays, marked."""
    prefix = f"{target}."
    number = entries.texts.get(f"{prefix}_id", [""])
    for key in [key for key in entries.texts if key.startswith(prefix)]:
        del entries.texts[key]
    if number[0]:
        entries.texts[f"{prefix}_id"] = number
        entries.texts[f"{prefix}_deleted"] = ["1"]


# ---- conflicts


def _take_theirs(visit: Visit, reader: FormReader, entries: Entries) -> None:
    """Where the reader chose the other's value, the field holds that now."""
    assert reader.record is not None
    current = of_record(reader.plan, reader.record, reader.context.actor.display)
    entries.files.update(current.files)
    for member in reader.plan.members:
        if visit.text(f"_take.{member.path}") == "theirs":
            entries.put(member, current.of(member))


def meet(reader: FormReader, entries: Entries, seen: Mapping[str, str]) -> tuple[Clash, dict[str, str]]:
    """What was touched here stays; of the rest the form takes what somebody else has written.

    Answers what to tell, and the fingerprints of the record as it is now.
    """
    assert reader.record is not None
    display = reader.context.actor.display
    current = of_record(reader.plan, reader.record, display)
    changed, theirs = [], dict[str, Markup]()
    for member in reader.members(entries):
        before, mine, now = (
            seen.get(member.path),
            entries.fingerprint(member, display),
            current.fingerprint(member, display),
        )
        if now != before:
            changed.append(member.label)
        if mine == before:
            entries.put(member, current.of(member))
        elif now not in (before, mine):
            theirs[member.path] = _shown(reader, member)
    entries.titles.update(current.titles)
    entries.files.update(current.files)
    now_seen = dict(seen) | fingerprints(reader, current)
    who = reader.record.values.get("updated_by")
    return Clash(who.title if isinstance(who, Link) else "Somebody else", tuple(changed), theirs), now_seen


def _shown(reader: FormReader, member: Member) -> Markup:
    assert reader.record is not None
    held = reader.record.many.get(member.path) if member.many else reader.record.values.get(member.path)
    if held is None or held == ():
        return Markup('<span class="muted">nothing</span>')
    if member.prop is None:
        return cells.related_value(member, held)
    return cells.drawn_briefly(member.prop.type.show(held, reader.context.actor.display))
