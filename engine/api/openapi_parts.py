"""The parts that descriptions of the API are put together from: operations, parameters, schemas of answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.api.requests import CSRF_HEADER
from engine.metamodel.entity import Entity

Schema = dict[str, Any]

ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
VERSION: Schema = {"type": "integer", "minimum": 1, "description": "Grows with every change of the record."}


def operation(
    entity: Entity,
    summary: str,
    answers: dict[str, Any],
    refusals: Iterable[int],
    parameters: list[Schema] | None = None,
) -> dict[str, Any]:
    refused = {str(status): REFUSED for status in (401, 403, *refusals)}
    return {
        "tags": [entity.plural],
        "summary": summary,
        "parameters": parameters or [],
        "responses": answers | refused,
    }


REFUSED: Schema = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def content(schema: Schema) -> dict[str, Any]:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def body(schema: Schema) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


PATH_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": ID}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": r'^"[0-9]{1,18}"$'},
    "description": "The ETag the change is based on.",
}
ONCE: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Sent again with the same key, a create is answered again and done once.",
}
LIST_PARAMETERS = [
    parameter("sort", {"type": "string"}, "Paths by comma, `-` in front for descending."),
    parameter("fields", {"type": "string"}, "Paths by comma: `number,account.name`."),
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500}, "Records of a page."),
    parameter("after", {"type": "string"}, "The cursor `next` of the page before."),
    parameter("count", {"enum": ["none", "capped", "exact"]}, "How far to count."),
    parameter("q", {"type": "string", "maxLength": 200}, "Words to look for."),
]
EXPORT_PARAMETERS = [
    parameter("format", {"enum": ["csv", "jsonl"]}, "CSV, or one JSON object a line."),
    *(each for each in LIST_PARAMETERS if each["name"] in ("sort", "fields", "q")),
]
EXPORTED: Schema = {
    "description": "The file",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "application/jsonl": {"schema": {"type": "string"}},
    },
}
IMPORT_PARAMETERS = [
    parameter("mode", {"enum": ["create", "update", "upsert", "skip"]}, "What becomes of rows."),
    parameter("key", {"type": "string"}, "Columns by comma, by which a row's record is found."),
    parameter("dry_run", {"type": "boolean"}, "Try everything, and keep nothing."),
    parameter("on_error", {"enum": ["stop", "skip"]}, "All rows or none, or those that are not refused."),
]
IMPORT_BODY: Schema = {
    "required": True,
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "application/x-ndjson": {"schema": {"type": "string"}},
        "application/jsonl": {"schema": {"type": "string"}},
    },
}
_NUMBERS = ("rows", "created", "updated", "unchanged", "skipped", "refused", "more_errors")
_ROW_ERROR = {"line": {"type": "integer"}} | {
    name: {"type": "string"} for name in ("column", "code", "message")
}
IMPORTED: Schema = {
    "type": "object",
    "properties": {
        "dry_run": {"type": "boolean"},
        "written": {"type": "boolean"},
        **{name: {"type": "integer", "minimum": 0} for name in _NUMBERS},
        "ignored": {"type": "array", "items": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": _ROW_ERROR, "required": list(_ROW_ERROR)},
        },
    },
    "required": ["dry_run", "written", *_NUMBERS, "ignored", "errors"],
}
SECURITY: Schema = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "engine_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
}
FIELD_ERROR: Schema = {
    "type": "object",
    "properties": {"at": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["at", "code", "message"],
}
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": FIELD_ERROR},
    },
    "required": ["title", "status", "code", "detail"],
}
LINK: Schema = {
    "type": "object",
    "properties": {"entity": {"type": "string"}, "id": {"type": "integer"}, "title": {"type": "string"}},
    "required": ["entity", "id", "title"],
}
STEP: Schema = {
    "type": "object",
    "description": "An action of a process, as it was done. Records that the reader may not see are null.",
    "properties": {
        "kind": {"type": "string", "description": "The word the action is declared with."},
        "done": {"type": "integer", "description": "How often it was done."},
        "skipped": {"type": "integer", "description": "How often its condition did not hold."},
        "records": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "did": {"type": "string"},
                    "own": {"type": "boolean", "description": "Whether it is the record of the history."},
                    "record": {"anyOf": [LINK, {"type": "null"}]},
                },
                "required": ["did", "own", "record"],
            },
        },
        "more_records": {"type": "integer"},
        "told": {"type": "array", "items": LINK, "description": "The people who were told something."},
        "others_told": {"type": "integer"},
        "jobs": {"type": "object", "additionalProperties": {"type": "integer"}},
        "place": {"type": "string", "description": "Where it is declared, for administrators."},
    },
    "required": ["kind", "done", "skipped", "records", "told", "others_told", "jobs", "place"],
}
HISTORY: Schema = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"steps": {"type": "array", "items": STEP}}},
        }
    },
    "required": ["items"],
}
ME: Schema = {
    "get": {
        "summary": "Who is asking",
        "responses": {"200": content({"type": "object", "required": ["login", "roles"]}), "401": REFUSED},
    }
}
