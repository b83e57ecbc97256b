"""The description of sharing and of explaining."""

from __future__ import annotations

from typing import Any

from engine.access import access
from engine.api.openapi_parts import ID, PATH_ID, Schema, body, content, operation, parameter
from engine.metamodel.access import ACTIONS
from engine.metamodel.entity import Entity
from engine.service.sharing import COLUMNS, LEVELS
from engine.work.context import Context

LEVEL: Schema = {"enum": list(LEVELS), "description": "How far: no further than one may do oneself."}
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
LINK: Schema = {"type": "object", "properties": {"id": ID, "title": {"type": "string"}}, "required": ["id"]}
SHARE: Schema = {
    "type": "object",
    "properties": {
        "id": ID,
        "user": LINK,
        "group": LINK,
        "role": {"type": "string"},
        "level": LEVEL,
        "ends_at": MOMENT,
        "created_at": {"type": "string", "format": "date-time"},
    },
    "required": ["id", "level", "ends_at", "created_at"],
}
TERMS: Schema = {
    "type": "object",
    "properties": {
        "level": LEVEL,
        "ends_at": {**MOMENT, "description": "When it ends; null: not by itself."},
    },
    "additionalProperties": False,
}
PLACE = {"file": {"type": ["string", "null"]}, "line": {"type": ["integer", "null"]}}
REASON: Schema = {
    "type": "object",
    "properties": {
        "words": {"type": "string"},
        "holds": {"type": ["boolean", "null"]},
        **PLACE,
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["words", "holds"],
}
WHY: Schema = {
    "type": "object",
    "properties": {
        "answer": {"type": "boolean"},
        "words": {"type": "string"},
        "reasons": {"type": "array", "items": REASON},
        "against": {"type": "array", "items": {"type": "string"}},
        "change": {"type": ["object", "null"], "description": "What would turn the answer."},
        "untried": {
            "type": "boolean",
            "description": "True: some pairs of changes were not tried, for there are many.",
        },
    },
    "required": ["answer", "words", "reasons", "against", "change"],
}
ASKED = [
    parameter(
        "action", {"type": "string"}, f"One of {', '.join(ACTIONS)}, or an action of the entity; else read."
    ),
    parameter("property", {"type": "string"}, "A property or relation: may it be read, set, changed?"),
    parameter("user", {"type": "string"}, "A sign-in name, for who has `see_access`; else oneself."),
]
LIST = parameter("list", {"type": "string"}, "The query of a list: why is the record (not) in it?")
SHARE_ID: Schema = {"name": "share", "in": "path", "required": True, "schema": ID}


def of_why(entity: Entity) -> dict[str, Any]:
    """The paths that say why."""
    answers = {"200": content({"$ref": "#/components/schemas/Why"})}
    told = f"Why one may do something to {entity.plural.lower()}, or may not"
    one = f"Why one may do something to one {entity.label.lower()}, or may not"
    return {
        f"/api/{entity.name}/why": {"get": operation(entity, told, answers, (400, 404), ASKED)},
        f"/api/{entity.name}/{{id}}/why": {
            "parameters": [PATH_ID],
            "get": operation(entity, one, answers, (400, 404), [*ASKED, LIST]),
        },
    }


def of_sharing(context: Context, entity: Entity) -> dict[str, Any]:
    """The paths of sharing, for who may share some record of the entity."""
    if not access.may(context, entity.name, "share"):
        return {}
    whom = {"user": ID, "group": ID, "role": {"type": "string"}}
    assert set(whom) == set(COLUMNS)
    made = {**TERMS, "properties": {**whom, **TERMS["properties"]}}
    share = {"200": content({"$ref": "#/components/schemas/Share"})}
    several = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Share"}}},
    }
    refused = (400, 404, 413, 415, 422)
    here = f"/api/{entity.name}/{{id}}/shares"
    return {
        here: {
            "parameters": [PATH_ID],
            "get": operation(entity, "With whom it is shared", {"200": content(several)}, (404,)),
            "post": operation(entity, "Share it", {"201": share["200"]}, refused)
            | {"requestBody": body(made)},
        },
        here + "/{share}": {
            "parameters": [PATH_ID, SHARE_ID],
            "patch": operation(entity, "Change a share", share, refused) | {"requestBody": body(TERMS)},
            "delete": operation(entity, "End a share", {"204": {"description": "Ended"}}, (404,)),
        },
    }
