"""How the parameters of workflows are described, to who may set them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from engine.api.openapi_parts import REFUSED, Schema, body, content
from engine.api.parameters import HERE
from engine.metamodel.property import Property
from engine.service import parameters
from engine.work.context import Context

MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
ENTRY: Schema = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": "string"},
        "source": {"type": "string"},
        "value": {"description": "The value that was set."},
        "reset": {"type": "boolean", "description": "Whether the default was to hold again."},
    },
    "required": ["at", "by", "source", "value", "reset"],
}


def of_parameters(context: Context) -> dict[str, Any]:
    """The paths of parameters; none for who may not set them, and for a token of some entities."""
    scope = context.actor.scope
    if (scope is not None and scope.entities) or not parameters.may_set(context):
        return {}
    found = parameters.listed(context)
    if not found:
        return {}
    several = {"type": "object", "properties": {"items": {"type": "array", "items": _setting()}}}
    paths: dict[str, Any] = {HERE: {"get": _operation("The parameters of workflows", several, ())}}
    for workflow, settings in groupby(found, key=lambda each: each.workflow):
        label, here = context.runtime.application.workflows[workflow].label, f"{HERE}/{workflow}"
        known = list(settings)
        values = {
            "type": "object",
            "properties": {each.name: _value(each.prop) for each in known},
            "additionalProperties": False,
        }
        changing = _operation(f"Set parameters of {label}", several, (400, 404, 413, 415, 422))
        paths[here] = {"patch": changing | {"requestBody": body(values)}}
        for each in known:
            told, title = _setting(history=True), f"{label}: {each.prop.label}"
            paths[f"{here}/{each.name}"] = {
                "get": _operation(f"{title}, and who set it when", told, (404,)),
                "delete": _operation(f"{title}: its default again", _setting(), (404,)),
            }
    return paths


def _operation(summary: str, answer: Schema, refusals: tuple[int, ...]) -> dict[str, Any]:
    refused = {str(status): REFUSED for status in (401, 403, *refusals)}
    return {"tags": ["Parameters"], "summary": summary, "responses": {"200": content(answer)} | refused}


def _value(prop: Property) -> Schema:
    schema = prop.type.json_schema()
    told = {"title": prop.label, **({"description": prop.help} if prop.help else {})}
    return {**(schema if prop.required else {"anyOf": [schema, {"type": "null"}]}), **told}


def _setting(*, history: bool = False) -> Schema:
    """A parameter as it is answered."""
    text: Schema = {"type": "string"}
    properties: Schema = {
        "workflow": text,
        "name": text,
        "label": text,
        "help": text,
        "type": text,
        "value": {"description": "The value in effect."},
        "default": {"description": "The value where none is set."},
        "set": {"type": "boolean", "description": "Whether somebody set it."},
        "unfit": {"description": "What was set, where it no longer fits what is declared; else null."},
        "changed_at": MOMENT,
        "changed_by": {"type": ["string", "null"]},
    }
    more: Schema = {"history": {"type": "array", "items": ENTRY}} if history else {}
    return {"type": "object", "properties": properties | more, "required": [*properties, *more]}
