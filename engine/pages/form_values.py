"""What a form asks to be written: only what was touched, and where complaints about it belong in the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.build.page import Member, RowsPlan
from engine.errors import FieldError
from engine.pages.entries import Entries, value_of
from engine.pages.fields import FormReader
from engine.types.base import Refused
from engine.web.visit import whole_number

MOST_ROWS = 500
"""Child rows of one form."""

Places = dict[str, str]
"""Where the record service's complaints about child rows belong in the form."""


FOLLOWING = frozenset(
    (
        "text",
        "textarea",
        "number",
        "date",
        "datetime",
        "time",
        "email",
        "url",
        "tel",
        "select",
        "duration",
        "money",
    )
)
"""Controls whose default follows what is entered, as long as nobody touched it; scripts know how to show that."""


def follows(member: Member) -> bool:
    """Whether a default of this member that is an expression follows what is entered."""
    return member.prop is not None and member.prop.type.control().kind in FOLLOWING


def followed(reader: FormReader, rows: RowsPlan) -> list[Member]:
    """The members of a composition's rows whose defaults follow what is entered."""
    computed = {each.member for each in reader.context.runtime.rules[rows.target].defaults}
    return [each for each in reader.row_members(rows) if each.path in computed and follows(each)]


@dataclass(frozen=True)
class Seen:
    """The fingerprints of what the form had shown: of new rows, and of saved ones where only changes are asked for."""

    of_new: Mapping[str, str]
    of_saved: Mapping[str, str]


def values_of_form(
    reader: FormReader,
    entries: Entries,
    seen: Mapping[str, str],
    errors: Sequence[FieldError],
    *,
    whole: bool = False,
) -> tuple[dict[str, Any], Places]:
    """What to write: only what was touched; `whole`: everything but the defaults of new rows nobody touched."""
    shown = {} if whole else seen
    display = reader.context.actor.display
    values: dict[str, Any] = {}
    places: Places = {}
    for member in reader.members(entries):
        if entries.fingerprint(member, display) != shown.get(member.path):
            values[member.path] = value_of(member, entries, display)
    for error in errors:  # an upload that was refused
        values.setdefault(error.at.partition(".")[0], Refused(error.code, error.message))
    for rows in reader.rows():
        found = _row_values(reader, rows, entries, Seen(seen, shown), places)
        if found:
            values[rows.relation.name] = found
    return values, places


def _row_values(
    reader: FormReader, rows: RowsPlan, entries: Entries, seen: Seen, places: Places
) -> list[dict[str, Any]]:
    """The rows that are new, changed or removed; an added row nobody touched is no row."""
    display, name = reader.context.actor.display, rows.relation.name
    found: list[dict[str, Any]] = []
    for position in entries.rows(rows)[:MOST_ROWS]:
        prefix = f"{name}.{position}."
        number = whole_number((entries.texts.get(f"{prefix}_id") or [""])[0])
        if entries.texts.get(f"{prefix}_deleted"):
            row: dict[str, Any] = {"id": number, "deleted": True}
        elif number is not None:
            row = {
                each.path: value_of(each, entries, display, prefix)
                for each in reader.row_members(rows, new=False)
                if entries.fingerprint(each, display, prefix) != seen.of_saved.get(prefix + each.path)
            }
            row = {"id": number, **row} if row else {}
        else:
            row = _new_row(reader, rows, entries, prefix, seen.of_new)
        if row and (number is not None or "deleted" not in row):
            places[f"{name}.{len(found)}"] = f"{name}.{position}"
            found.append(row)
    return found


def _new_row(
    reader: FormReader, rows: RowsPlan, entries: Entries, prefix: str, seen: Mapping[str, str]
) -> dict[str, Any]:
    """What an added row says: all it shows but the defaults that the form filled in by itself."""
    display = reader.context.actor.display
    blank, members = reader.blank_row(rows, prefix), reader.row_members(rows)
    marks = {each.path: entries.fingerprint(each, display, prefix) for each in members}
    empty = {each.path: blank.fingerprint(each, display, prefix) for each in members}
    if marks == empty:
        return {}
    own = {each.path for each in followed(reader, rows)}
    return {
        each.path: value_of(each, entries, display, prefix)
        for each in members
        if each.path not in own or marks[each.path] != seen.get(prefix + each.path, empty[each.path])
    }


def placed(errors: Sequence[FieldError], places: Places) -> list[FieldError]:
    """The service's complaints with the places of this form: it was given only some of the rows."""
    return [FieldError(place_in_form(error.at, places), error.code, error.message) for error in errors]


def place_in_form(name: str, places: Places) -> str:
    head, _, rest = name.partition(".")
    number, _, rest = rest.partition(".")
    row = places.get(f"{head}.{number}")
    return f"{row}.{rest}".rstrip(".") if row else name


def once_each(errors: Sequence[FieldError]) -> list[FieldError]:
    """One complaint per place and message."""
    return list({(error.at, error.message): error for error in errors}.values())
