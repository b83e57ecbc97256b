"""What a form holds: texts by input name, made from a record or taken from a submission, and read back.

Everything a form shows comes from `Entries`, whether it is new, filled from a record, or sent back with
errors: so nothing typed is ever lost. A fingerprint of what was shown goes along with the form; only what
differs from it was touched, is written, and can be in conflict with what somebody else wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from engine.build.page import FormPlan, Member, RowsPlan
from engine.drafts.draft import Parsed
from engine.pages.inputs import COMPOSITE
from engine.reading.query import Link, Record
from engine.types.base import UNCHANGED, Refused
from engine.types.display import Display
from engine.types.file import FileValue

Texts = dict[str, list[str]]

FILES = ("file", "image")


@dataclass
class Entries:
    """A form's texts by input name; `titles` names records they refer to, `files` what is known of files."""

    texts: Texts = field(default_factory=dict)
    titles: dict[tuple[str, int], str] = field(default_factory=dict)
    files: dict[str, FileValue] = field(default_factory=dict)

    def of(self, member: Member, prefix: str = "") -> Texts:
        """The texts of one member, by input name."""
        name = prefix + member.path
        return {key: self.texts[key] for key in input_names(member, name) if key in self.texts}

    def put(self, member: Member, texts: Mapping[str, list[str]], prefix: str = "") -> None:
        """Replace the texts of one member."""
        for key in input_names(member, prefix + member.path):
            self.texts.pop(key, None)
        self.texts.update(texts)

    def fingerprint(self, member: Member, display: Display, prefix: str = "") -> str:
        """A short text that changes whenever the member's value does, however it is written."""
        value = value_of(member, self, display, prefix)
        if isinstance(value, Refused):
            name = prefix + member.path
            told: Any = [
                [key.removeprefix(name), *texts] for key, texts in sorted(self.of(member, prefix).items())
            ]
        elif isinstance(value, Parsed):
            kind = member.prop.type if member.prop is not None else None
            empty = value.value is None or value.value is UNCHANGED or kind is None or kind.empty(value.value)
            told = None if empty or kind is None else kind.to_json(value.value)
        else:
            told = value or None
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    def rows(self, plan: RowsPlan) -> list[int]:
        """The numbers of a composition's rows that are there, in order."""
        start = f"{plan.relation.name}."
        found = set()
        for key in self.texts:
            if key.startswith(start):
                number = key[len(start) :].partition(".")[0]
                if number.isascii() and number.isdigit() and len(number) < 6:
                    found.add(int(number))
        return sorted(found)


def input_names(member: Member, name: str) -> list[str]:
    """The names of a member's inputs."""
    if member.prop is None:
        return [name]
    control = member.prop.type.control()
    own = [] if control.kind in COMPOSITE else [name]
    files = [f"{name}.kept", f"{name}.remove"] if control.kind in FILES else []
    return [*own, *files, *(f"{name}.{part}" for part, _, _ in control.parts)]


# ---- from records


def reference(member: Member, link: Link) -> str:
    """A related record as forms and addresses write it: its id, with its entity where there are several."""
    return f"{link.entity}:{link.id}" if len(member.targets) > 1 else str(link.id)


def fill(entries: Entries, member: Member, value: Any, display: Display, prefix: str = "") -> None:
    """Put a value into the form."""
    name = prefix + member.path
    if value is None:
        return
    if member.prop is None:
        links = value if isinstance(value, tuple) else (value,)
        entries.titles.update({(link.entity, link.id): link.title for link in links})
        entries.texts[name] = [reference(member, link) for link in links]
        return
    if isinstance(value, FileValue):
        entries.texts[f"{name}.kept"] = [value.key]
        entries.files[value.key] = value
        return
    for part, text in member.prop.type.to_form(value, display).items():
        key = f"{name}.{part}" if part else name
        entries.texts[key] = [str(item) for item in text] if isinstance(text, list | tuple) else [str(text)]


def of_record(plan: FormPlan, record: Record, display: Display) -> Entries:
    """The form as a record fills it, child rows included."""
    entries = Entries()
    for member in plan.members:
        fill(entries, member, _held(record, member), display)
    for rows in plan.rows:
        for position, row in enumerate(record.children.get(rows.relation.name, ())):
            prefix = f"{rows.relation.name}.{position}."
            entries.texts[f"{prefix}_id"] = [str(row.id)]
            for member in rows.members:
                fill(entries, member, _held(row, member), display, prefix)
    return entries


def _held(record: Record, member: Member) -> Any:
    return record.many.get(member.path) if member.many else record.values.get(member.path)


def of_defaults(members: Iterable[Member], display: Display, prefix: str = "") -> Entries:
    """The form of a record that does not exist yet."""
    entries = Entries()
    for member in members:
        if member.prop is not None:
            fill(entries, member, member.prop.default, display, prefix)
    return entries


# ---- to values


def value_of(member: Member, entries: Entries, display: Display, prefix: str = "") -> Any:
    """What the record service is given for a member; a Refused where the text can't be read."""
    name = prefix + member.path
    texts = entries.texts
    if member.prop is None:
        given = [text for text in texts.get(name, []) if text]
        if member.many:
            return given
        return given[0] if given else None
    kind, control = member.prop.type, member.prop.type.control()
    parts: dict[str, Any] = {part: _first(texts, f"{name}.{part}") for part, _, _ in control.parts}
    if control.kind in FILES:
        kept = _first(texts, f"{name}.kept")
        parts[""] = None if _first(texts, f"{name}.remove") else entries.files.get(kept)
    elif control.kind == "multi_select":
        parts[""] = texts.get(name, [])
    elif control.kind not in COMPOSITE:
        parts[""] = _first(texts, name)
    try:
        return Parsed(kind.parse_form(parts, display))
    except Refused as refused:
        return refused


def _first(texts: Mapping[str, list[str]], name: str) -> str:
    found = texts.get(name)
    return found[0] if found else ""
