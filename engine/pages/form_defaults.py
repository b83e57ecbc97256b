"""Defaults that are expressions, in a form: they follow what is entered, in rows too, until somebody touches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.build.page import Member
from engine.drafts.draft import Draft
from engine.drafts.preview import drafted
from engine.pages.entries import Entries, fill
from engine.pages.fields import FormReader
from engine.pages.form_values import Places, followed, follows, place_in_form, values_of_form
from engine.reading import titles
from engine.reading.query import Link


def compute_defaults(
    reader: FormReader, entries: Entries, seen: Mapping[str, str], *, again: bool = False
) -> dict[str, str]:
    """Fill in the defaults that are expressions, as they follow from what was entered, where nobody touched them.

    `again`: only those that follow. Answers the fingerprints of what the form now shows by itself.
    """
    known = _of_rows_that_are_there(reader, entries, seen)
    rows = {rows.relation.name: followed(reader, rows) for rows in reader.rows()}
    computed = {each.member for each in reader.context.runtime.rules[reader.entity.name].defaults}
    own = [each for each in reader.plan.members if each.path in computed and (not again or follows(each))]
    own = own if reader.record is None else []
    if not own and not any(rows.values()):
        return known
    given, places = values_of_form(reader, entries, known, ())
    number = reader.record.id if reader.record else None
    draft = drafted(reader.context, reader.entity.name, given, number)
    known |= _fill(reader, entries, [each for each in own if each.path not in given], draft)
    for name, members in rows.items():
        for row, values in zip(_new(draft, name), _new_values(given, name), strict=True):
            known |= _fill(
                reader, entries, [each for each in members if each.path not in values], row, places
            )
    return known


def _new(draft: Draft, relation: str) -> Iterable[Draft]:
    return (row for row in draft.children.get(relation, ()) if row.old is None)


def _new_values(given: Mapping[str, Any], relation: str) -> Iterable[Mapping[str, Any]]:
    return (row for row in given.get(relation, ()) if "id" not in row)


def _fill(
    reader: FormReader,
    entries: Entries,
    members: Iterable[Member],
    draft: Draft,
    places: Places | None = None,
) -> dict[str, str]:
    """Put what a draft has into the form; answers the fingerprints of these members."""
    display, found = reader.context.actor.display, {}
    prefix = f"{place_in_form(draft.at.rstrip('.'), places or {})}." if draft.at else ""
    for member in members:
        if member.prop is not None:
            entries.put(member, {}, prefix)
            fill(entries, member, draft.values.get(member.path), display, prefix)
        elif (key := draft.keys.get(member.path)) is not None:
            title = titles.of(reader.context, {key}).get(key, "")
            fill(entries, member, Link(key[0], key[1], title), display, prefix)
        found[prefix + member.path] = entries.fingerprint(member, display, prefix)
    return found


def _of_rows_that_are_there(reader: FormReader, entries: Entries, seen: Mapping[str, str]) -> dict[str, str]:
    """The fingerprints without those of rows that are gone: the place of one may be taken by another."""
    gone = {rows.relation.name: set(map(str, entries.rows(rows))) for rows in reader.rows()}
    return {
        path: mark
        for path, mark in seen.items()
        if (parts := path.split("."))[0] not in gone or len(parts) < 3 or parts[1] in gone[parts[0]]
    }
