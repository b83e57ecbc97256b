"""OpenAPI 3.1 of the API as one principal may use it: what one may not see is not described."""

from __future__ import annotations

from typing import Any

from engine.access import access
from engine.api.openapi_access import SHARE, WHY, of_sharing, of_why
from engine.api.openapi_mails import of_mails
from engine.api.openapi_parameters import of_parameters
from engine.api.openapi_parts import (
    EXPORT_PARAMETERS,
    EXPORTED,
    HISTORY,
    ID,
    IF_MATCH,
    IMPORT_BODY,
    IMPORT_PARAMETERS,
    IMPORTED,
    LIST_PARAMETERS,
    ME,
    ONCE,
    PATH_ID,
    PROBLEM,
    SECURITY,
    VERSION,
    Schema,
    body,
    content,
    operation,
)
from engine.api.openapi_transitions import of_actions, of_transitions
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.work.context import Context


def describe(context: Context) -> Schema:
    """The description for the context's actor."""
    application = context.runtime.application
    described = [entity.name for entity in application.entities.values() if _described_to(context, entity)]
    schemas: dict[str, Schema] = {"Problem": PROBLEM, "History": HISTORY, "Why": WHY, "Share": SHARE}
    paths: dict[str, Any] = {"/api/me": ME, **of_parameters(context), **of_mails(context)}
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


def _described_to(context: Context, entity: Entity) -> bool:
    """Whether the actor may do something with an entity by the API; a token may be for some entities only."""
    scope = context.actor.scope
    if not entity.api or (scope is not None and scope.entities and entity.name not in scope.entities):
        return False
    return any(access.may(context, entity.name, action) for action in ("read", "create", "update"))


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
    """What the actor may ask of an entity, by path."""
    name = entity.name
    ref = {"$ref": f"#/components/schemas/{name}"}
    may = {action: access.may(context, name, action) for action in ("read", "create", "update", "delete")}
    paths: dict[str, Any] = {f"/api/{name}": {}, f"/api/{name}/{{id}}": {"parameters": [PATH_ID]}}
    for action, described in (
        ("read", _reading),
        ("create", _creating),
        ("update", _changing),
        ("delete", _deleting),
    ):
        for path, operations in described(entity, ref).items() if may[action] else ():
            paths[path] = paths.get(path, {"parameters": [PATH_ID]}) | operations
    paths |= _of_files(context, entity, may["read"])
    if may["read"]:
        paths |= of_why(entity) | of_sharing(context, entity) | of_transitions(context, entity, ref)
        paths |= of_actions(context, entity, ref)
    found = {path: _in_scope(context, item) for path, item in paths.items()}
    return {path: item for path, item in found.items() if set(item) - {"parameters"}}


def _reading(entity: Entity, ref: Schema) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{entity.name}_row"}
    history = {"$ref": "#/components/schemas/History"}
    one = f"/api/{entity.name}/{{id}}"
    answers = {"200": content(ref), "304": {"description": "Not changed"}}
    listed = {"200": content(_page(row))}
    return {
        f"/api/{entity.name}": {
            "get": operation(entity, f"List {entity.plural.lower()}", listed, (400,), LIST_PARAMETERS)
        },
        one: {"get": operation(entity, f"Get one {entity.label.lower()}", answers, (404,))},
        f"{one}/history": {
            "get": operation(entity, "Its history", {"200": content(history)}, (400, 404)),
        },
    }


def _creating(entity: Entity, ref: Schema) -> dict[str, Any]:
    taken = {"$ref": f"#/components/schemas/{entity.name}_values"}
    both = {"anyOf": [taken, {"type": "array", "items": taken, "maxItems": 1000}]}
    made = {"anyOf": [ref, {"type": "object", "properties": {"items": {"type": "array", "items": ref}}}]}
    told = f"Create one or several {entity.plural.lower()}"
    posted = operation(entity, told, {"201": content(made)}, (400, 403, 413, 415, 422), [ONCE])
    return {f"/api/{entity.name}": {"post": posted | {"requestBody": body(both)}}}


def _changing(entity: Entity, ref: Schema) -> dict[str, Any]:
    patch = {"allOf": [{"$ref": f"#/components/schemas/{entity.name}_values"}]}
    told, refused = f"Change one {entity.label.lower()}", (400, 403, 404, 409, 412, 413, 415, 422)
    patched = operation(entity, told, {"200": content(ref)}, refused, [IF_MATCH])
    return {f"/api/{entity.name}/{{id}}": {"patch": patched | {"requestBody": body(patch)}}}


def _deleting(entity: Entity, ref: Schema) -> dict[str, Any]:
    one = f"/api/{entity.name}/{{id}}"
    told, gone = f"Delete one {entity.label.lower()}", {"204": {"description": "Deleted"}}
    paths = {one: {"delete": operation(entity, told, gone, (403, 404, 412, 422), [IF_MATCH])}}
    if entity.features.trash:
        back = operation(entity, "Take it out of the trash", {"200": content(ref)}, (403, 404, 422))
        paths[f"{one}/restore"] = {"post": back}
    return paths


def _of_files(context: Context, entity: Entity, reads: bool) -> dict[str, Any]:
    """Exporting a list, and importing a file."""
    paths, several = {}, entity.plural.lower()
    if reads and access.may(context, entity.name, "export"):
        told = f"Export {several}: all of a list, streamed"
        paths[f"/api/{entity.name}/export"] = {
            "get": operation(entity, told, {"200": EXPORTED}, (400,), EXPORT_PARAMETERS)
        }
    if access.may(context, entity.name, "import"):
        told = f"Import a file of {several}: each row is created or changed"
        refused, asked = (400, 413, 415, 422), [*IMPORT_PARAMETERS, ONCE]
        posted = operation(entity, told, {"200": content(IMPORTED)}, refused, asked)
        paths[f"/api/{entity.name}/import"] = {"post": posted | {"requestBody": IMPORT_BODY}}
    return paths


def _in_scope(context: Context, item: dict[str, Any]) -> dict[str, Any]:
    """The operations of a path that a token is good for: one for reading only reads."""
    scope = context.actor.scope
    if scope is None or not scope.read_only:
        return item
    return {name: each for name, each in item.items() if name in ("get", "parameters")}


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
