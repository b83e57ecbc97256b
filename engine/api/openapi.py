"""OpenAPI 3.1 of the API as one principal may use it: what one may not see is not described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.access import access
from engine.api.requests import CSRF_HEADER
from engine.api.transitions import form_schema
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.process.obstacles import might_fire
from engine.service.records import MOST_AT_ONCE
from engine.work.context import Context

Schema = dict[str, Any]

ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
VERSION: Schema = {"type": "integer", "minimum": 1, "description": "Grows with every change of the record."}


def describe(context: Context) -> Schema:
    """The description for the context's actor."""
    application = context.runtime.application
    entities = [
        entity
        for entity in application.entities.values()
        if entity.api and access.may(context, entity.name, "read")
    ]
    writable = [
        entity
        for entity in application.entities.values()
        if entity.api and any(access.may(context, entity.name, action) for action in ("create", "update"))
    ]
    described = {entity.name for entity in entities} | {entity.name for entity in writable}
    schemas: dict[str, Schema] = {"Problem": PROBLEM, "History": HISTORY}
    paths: dict[str, Any] = {"/api/me": ME}
    for name in sorted(described):
        entity = application.entities[name]
        schemas[name] = _record(context, entity, nested=True)
        schemas[f"{name}_row"] = _record(context, entity, nested=False)
        schemas[f"{name}_values"] = _values(context, entity)
        paths |= _paths(context, entity)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": application.label,
            "version": "1",
            "description": application.description or f"The records of {application.label}.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY},
        "security": [{"token": []}, {"session": [], "csrf": []}],
    }


# ---- schemas


def _record(context: Context, entity: Entity, *, nested: bool) -> Schema:
    """A record as it is answered: nullable where a record may have no value."""
    readable = access.readable(context, entity.name)
    properties: dict[str, Schema] = {"id": ID, "version": VERSION}
    for prop in entity.properties.values():
        if prop.name in readable and prop.name not in properties:
            properties[prop.name] = _described(_nullable(prop.type.json_schema()), prop)
    for relation in entity.relations.values():
        if relation.name in readable and (nested or relation.holds_key):
            properties[relation.name] = _described(_answered(relation), relation)
    for inverse in entity.single_inverses:
        if access.inverse_readable(context, inverse):
            told = {"title": inverse.label, "readOnly": True}
            properties[inverse.name] = {**_nullable(_link(inverse)), **told}
    return {"type": "object", "title": entity.label, "properties": properties, "required": ["id", "version"]}


def _answered(relation: Relation) -> Schema:
    link = _link(relation)
    if relation.holds_key:
        return _nullable(link)
    if relation.kind == "many_to_many":
        return {"type": "array", "items": link}
    return {"type": "array", "items": {"type": "object", "properties": {"id": ID, "version": VERSION}}}


def _link(relation: Relation | Inverse) -> Schema:
    properties: dict[str, Schema] = {"id": ID, "title": {"type": "string"}}
    if relation.polymorphic:
        properties = {"entity": {"enum": list(relation.targets)}, **properties}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _values(context: Context, entity: Entity, depth: int = 0) -> Schema:
    """The values a create or update takes."""
    names = access.writable(context, entity.name)
    properties: dict[str, Schema] = {}
    for prop in entity.properties.values():
        if prop.name in names and prop.type.writable and not prop.system and prop.readonly != "always":
            properties[prop.name] = _described(_nullable(prop.type.json_schema()), prop)
    for relation in entity.relations.values():
        if relation.name in names and not (relation.system and relation.name in ("created_by", "updated_by")):
            if relation.kind == "composition":
                if depth < 2:
                    child = context.runtime.entities[relation.target]
                    properties[relation.name] = {"type": "array", "items": _child(context, child, depth)}
            else:
                properties[relation.name] = _described(_taken(relation), relation)
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _child(context: Context, child: Entity, depth: int) -> Schema:
    inner = _values(context, child, depth + 1)
    owners = {relation.name for relation in child.relations.values() if relation.owner_of_row}
    inner["properties"] = {name: schema for name, schema in inner["properties"].items() if name not in owners}
    inner["properties"] |= {"id": ID, "deleted": {"type": "boolean"}}
    return inner


def _taken(relation: Relation) -> Schema:
    if relation.polymorphic:
        named = {"entity": {"enum": list(relation.targets)}, "id": ID}
        return {
            "anyOf": [{"type": "object", "properties": named, "required": ["entity", "id"]}, {"type": "null"}]
        }
    if relation.holds_key:
        return {
            "anyOf": [ID, {"type": "object", "properties": {"id": ID}, "required": ["id"]}, {"type": "null"}]
        }
    return {"type": "array", "items": ID}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _described(schema: Schema, member: Property | Relation) -> Schema:
    return {**schema, "title": member.label, **({"description": member.help} if member.help else {})}


# ---- paths


def _paths(context: Context, entity: Entity) -> dict[str, Any]:
    name = entity.name
    ref, row = {"$ref": f"#/components/schemas/{name}"}, {"$ref": f"#/components/schemas/{name}_row"}
    taken = {"$ref": f"#/components/schemas/{name}_values"}
    may = {action: access.may(context, name, action) for action in ("read", "create", "update", "delete")}
    collection: dict[str, Any] = {}
    single: dict[str, Any] = {"parameters": [PATH_ID]}
    paths = {f"/api/{name}": collection, f"/api/{name}/{{id}}": single}
    if may["read"]:
        collection["get"] = _operation(
            entity, f"List {entity.plural.lower()}", {"200": _content(_page(row))}, (400,), LIST_PARAMETERS
        )
        single["get"] = _operation(
            entity,
            f"Get one {entity.label.lower()}",
            {"200": _content(ref), "304": {"description": "Not changed"}},
            (404,),
        )
        paths[f"/api/{name}/{{id}}/history"] = {
            "parameters": [PATH_ID],
            "get": _operation(
                entity, "Its history", {"200": _content({"$ref": "#/components/schemas/History"})}, (400, 404)
            ),
        }
    if may["create"]:
        both = {"anyOf": [taken, {"type": "array", "items": taken, "maxItems": 1000}]}
        made = {"anyOf": [ref, {"type": "object", "properties": {"items": {"type": "array", "items": ref}}}]}
        collection["post"] = _operation(
            entity,
            f"Create one or several {entity.plural.lower()}",
            {"201": _content(made)},
            (400, 403, 413, 415, 422),
            [ONCE],
        ) | {"requestBody": _body(both)}
    if may["update"]:
        patch = {"allOf": [taken]}
        single["patch"] = _operation(
            entity,
            f"Change one {entity.label.lower()}",
            {"200": _content(ref)},
            (400, 403, 404, 409, 412, 413, 415, 422),
            [IF_MATCH],
        ) | {"requestBody": _body(patch)}
    if may["delete"]:
        single["delete"] = _operation(
            entity,
            f"Delete one {entity.label.lower()}",
            {"204": {"description": "Deleted"}},
            (403, 404, 412, 422),
            [IF_MATCH],
        )
        if entity.features.trash:
            paths[f"/api/{name}/{{id}}/restore"] = {
                "parameters": [PATH_ID],
                "post": _operation(
                    entity, "Take it out of the trash", {"200": _content(ref)}, (403, 404, 422)
                ),
            }
    if may["read"]:
        paths |= transition_paths(context, entity, ref)
    return {path: item for path, item in paths.items() if set(item) - {"parameters"}}


def transition_paths(context: Context, entity: Entity, ref: Schema) -> dict[str, Any]:
    """The transitions that the actor might make: which are open, and making each."""
    one = f"/api/{entity.name}/{{id}}/transitions"
    paths: dict[str, Any] = {}
    for process in context.runtime.processes.of(entity.name):
        listed = _operation(entity, "Which transitions are open", {"200": _content(OPENINGS)}, (404,))
        paths.setdefault(one, {"parameters": [PATH_ID], "get": listed})
        for transition in process.workflow.transitions.values():
            if not might_fire(context, transition, entity.name):
                continue
            body = {"required": False, **_content(form_schema(context, entity, transition))}
            del body["description"]
            status, address = ("201", one) if transition.start else ("200", one)
            summary = transition.label
            if transition.start:
                address = f"/api/{entity.name}/transitions"
            made = _operation(
                entity, summary, {status: _content(ref)}, (400, 403, 404, 409, 412, 413, 415, 422)
            )
            here: dict[str, Any] = {"post": made | {"requestBody": body}}
            if not transition.start:
                here["parameters"] = [PATH_ID]
                made["parameters"] = [IF_MATCH]
                form = form_schema(context, entity, transition)
                paths[f"/api/{entity.name}/bulk/transitions/{transition.name}"] = _several(
                    entity, summary, form
                )
            paths[f"{address}/{transition.name}"] = here
    return paths


def _several(entity: Entity, summary: str, form: Schema) -> dict[str, Any]:
    """A transition of several records at once."""
    ids = {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": MOST_AT_ONCE}
    asked = {"type": "object", "properties": {"ids": ids, "form": form}, "required": ["ids"]}
    made = _operation(
        entity, f"{summary}, of several", {"200": _content(BULK)}, (400, 403, 404, 413, 415, 422)
    )
    return {"post": made | {"requestBody": {"required": True, "content": _content(asked)["content"]}}}


BULK: Schema = {
    "type": "object",
    "properties": {
        "done": {"type": "array", "items": {"type": "integer"}},
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "message": {"type": "string"}},
                "required": ["id", "message"],
            },
        },
    },
    "required": ["done", "refused"],
}


def _operation(
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


def _content(schema: Schema) -> dict[str, Any]:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _body(schema: Schema) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _page(row: Schema) -> Schema:
    count = {
        "type": "object",
        "properties": {"value": {"type": "integer"}, "exact": {"type": "boolean"}},
        "required": ["value", "exact"],
    }
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": row},
            "next": {"type": ["string", "null"]},
            "count": count,
        },
        "required": ["items", "next"],
    }


def _parameter(name: str, schema: Schema, description: str) -> Schema:
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
    _parameter("sort", {"type": "string"}, "Paths by comma, `-` in front for descending."),
    _parameter("fields", {"type": "string"}, "Paths by comma: `number,account.name`."),
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500}, "Records of a page."),
    _parameter("after", {"type": "string"}, "The cursor `next` of the page before."),
    _parameter("count", {"enum": ["none", "capped", "exact"]}, "How far to count."),
    _parameter("q", {"type": "string", "maxLength": 200}, "Words to look for."),
]
SECURITY: Schema = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "engine_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
}
OPENINGS: Schema = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "label": {"type": "string"},
                    "open": {"type": "boolean"},
                    "obstacles": {"type": "array", "items": {"type": "object"}},
                },
                "required": ["name", "label", "open", "obstacles"],
            },
        }
    },
    "required": ["items"],
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
HISTORY: Schema = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
    "required": ["items"],
}
ME: Schema = {
    "get": {
        "summary": "Who is asking",
        "responses": {"200": _content({"type": "object", "required": ["login", "roles"]}), "401": REFUSED},
    }
}
