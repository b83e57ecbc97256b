"""The JSON Schema (draft 2020-12) of each document kind: `check` validates by it, editors complete from it.

Every key has a title, a description and an example; the reference documentation is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.documents.schemas.application import APP, GROUP, PICKLIST, PROFILE, ROLE
from engine.documents.schemas.entity import ENTITY
from engine.documents.schemas.mailboxes import MAILBOX
from engine.documents.schemas.members import (
    PROPERTY,
    any_property_schema,
    property_schema,
    relation_schema,
)
from engine.documents.schemas.pages import BOARD, FORM, GRID, NAVIGATION, VIEW
from engine.documents.schemas.parts import DRAFT, NAME, TEXT, Schema, either, key, mapping, named
from engine.documents.schemas.trials import TEST
from engine.documents.schemas.workflows import AUTOMATION, CALENDAR, MAPPING, PARAMETER, WORKFLOW
from engine.text.labels import words
from engine.types.registry import Registry

__all__ = [
    "KINDS",
    "LATER_KINDS",
    "Schema",
    "document_schema",
    "property_schema",
    "published",
    "published_texts",
    "relation_schema",
]

KINDS: dict[str, tuple[str, str, dict[str, Schema], tuple[str, ...]]] = {
    "app": ("An application: its name, settings and what it builds on.", "The application's name.", APP, ()),
    "entity": ("One kind of record: its properties, relations and rules.", "The entity's name.", ENTITY, ()),
    "picklist": (
        "A list of choices that several properties share.",
        "The picklist's name.",
        PICKLIST,
        ("options",),
    ),
    "role": ("A role that users have.", "The role's name.", ROLE, ()),
    "profile": ("A named bundle of grants that roles hold.", "The profile's name.", PROFILE, ()),
    "group": ("People that records can be shared with together.", "The group's name.", GROUP, ()),
    "workflow": (
        "The states a record goes through, and the transitions between them.",
        "The workflow's name.",
        WORKFLOW,
        ("entity", "property", "initial", "states"),
    ),
    "automation": (
        "What is done by itself when something happens, or at a time.",
        "The automation's name.",
        AUTOMATION,
        ("do",),
    ),
    "mapping": (
        "How a record of one entity becomes one of another.",
        "The mapping's name.",
        MAPPING,
        ("from", "to"),
    ),
    "calendar_of_work": (
        "The hours in which is worked, and the days nobody does.",
        "The calendar's name.",
        CALENDAR,
        ("hours",),
    ),
    "mailbox": ("Mails that arrive become records.", "The mailbox's name.", MAILBOX, ("rules",)),
    "grid": ("The list page of an entity.", "The entity it shows.", GRID, ()),
    "board": (
        "The records of an entity as cards, in a column for each state or choice.",
        "The board's name.",
        BOARD,
        ("entity", "by"),
    ),
    "view": ("The page of one record.", "The entity it shows.", VIEW, ()),
    "form": ("The page that creates and edits a record.", "The entity it edits.", FORM, ("layout",)),
    "navigation": ("The menu of the application.", "", {}, ()),
    "test": (
        "A test of the configuration: `engine test` runs it.",
        "What it shows, as a sentence.",
        TEST,
        ("as", "when", "then"),
    ),
}
"""Per document kind: what it is, what the key that names it says, its further keys, and those it needs."""

FREELY_NAMED = ("test",)
"""Kinds whose name is a sentence."""

LATER_KINDS = (
    "calendar",
    "dashboard",
    "unit",
    "setting",
    "feature",
    "template",
    "record_template",
    "report",
    "segment",
    "import",
    "integration",
    "web_form",
    "portal",
    "alert",
    "translation",
)
"""Kinds of the language that this version does not read yet."""


def document_schema(kind: str) -> Schema:
    """The schema of a kind's documents; an entity's properties and relations have schemas of their own."""
    if kind == "navigation":
        return mapping({"navigation": NAVIGATION}, ("navigation",))
    _, named_by, keys, required = KINDS[kind]
    name, example = (TEXT, "an agent sees no cost") if kind in FREELY_NAMED else (NAME, "ticket")
    return mapping({kind: key(name, named_by, example), **keys}, (kind, *required))


def published(registry: Registry) -> dict[str, Schema]:
    """Each kind's schema as editors use it, by file name: self-contained, with the options of each type."""
    return {
        f"{kind}.json": {
            "$schema": DRAFT,
            "$id": f"{kind}.json",
            "title": words(kind),
            "description": description,
            **_with_titles(_published(kind, registry)),
        }
        for kind, (description, _, _, _) in KINDS.items()
    }


def published_texts(registry: Registry) -> dict[str, str]:
    """The same as files hold it."""
    return {
        name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in published(registry).items()
    }


def _published(kind: str, registry: Registry) -> Schema:
    """A document that declares a thing, or one that extends it."""
    declared = document_schema(kind)
    if kind == "entity":
        members = declared["properties"]
        members["properties"] = members["properties"] | named(any_property_schema(registry))
        members["relations"] = members["relations"] | named(relation_schema())
    if kind == "workflow":
        common = {name: PROPERTY[name] for name in PARAMETER}
        parameters = declared["properties"]["parameters"]
        declared["properties"]["parameters"] = parameters | named(any_property_schema(registry, common))
    if kind in ("app", "navigation"):
        return declared
    name = declared["properties"][kind]
    target = (
        NAME if kind == "entity" else mapping({kind: {**name, "description": "What it extends."}}, (kind,))
    )
    extended = _loose(declared)
    del extended["properties"][kind]
    example = "user" if kind == "entity" else {kind: name["examples"][0]}
    extends = key(target, "Extends what an earlier layer declares: mappings merge, null takes away.", example)
    extended["properties"] = {"extend": extends, **extended["properties"]}
    extended["required"] = ["extend"]
    return {"if": {"required": ["extend"]}, "then": extended, "else": declared}


def _loose(schema: Mapping[str, Any]) -> Schema:
    """A schema as an extension may fulfil it: nothing is needed, null takes away, lists add and remove."""
    kept = {name: value for name, value in schema.items() if name not in ("required", "allOf")}
    if "allOf" in schema:
        kept.pop("properties", None)  # of an extended property the type stands in another layer
    if "properties" in kept:
        kept["properties"] = {name: _optional(value) for name, value in kept["properties"].items()}
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _optional(kept["additionalProperties"])
    return kept


def _optional(schema: Mapping[str, Any]) -> Schema:
    notes = {name: schema[name] for name in ("title", "description", "examples") if name in schema}
    changes: list[Schema] = [_loose(schema), {"type": "null"}]
    if schema.get("type") == "array":
        change = {"type": "array", "items": schema.get("items", {})}
        lists = {
            "add": key(change, "Items to add.", schema.get("examples", [[]])[0]),
            "remove": key({"type": "array"}, "Items to take away.", schema.get("examples", [[]])[0]),
        }
        changes.append(mapping(lists))
    return {**notes, **either(*changes)}


def _with_titles(schema: Any) -> Any:
    """The schema with a title for every key that has none: its name in words."""
    if isinstance(schema, list):
        return [_with_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        name: _with_titles(value) for name, value in schema.items() if name not in ("examples", "properties")
    }
    if "examples" in schema:
        made["examples"] = schema["examples"]
    if "properties" in schema:
        made["properties"] = {
            name: {**({"title": words(name)} if "description" in value else {}), **_with_titles(value)}
            for name, value in schema["properties"].items()
        }
    return made
