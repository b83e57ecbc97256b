"""Transitions and buttons in the description of the API: which are open, and using each that the actor might."""

from __future__ import annotations

from typing import Any

from engine.api.openapi_parts import IF_MATCH, PATH_ID, Schema, content, operation
from engine.api.transitions import form_schema
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import Transition
from engine.process.obstacles import might_fire
from engine.process.pressing import might_press
from engine.service.records import MOST_AT_ONCE
from engine.work.context import Context

REFUSALS = (400, 403, 404, 409, 412, 413, 415, 422)


def of_transitions(context: Context, entity: Entity, ref: Schema) -> dict[str, Any]:
    """The paths of an entity's transitions."""
    one = f"/api/{entity.name}/{{id}}/transitions"
    paths: dict[str, Any] = {}
    for process in context.runtime.processes.of(entity.name):
        listed = operation(entity, "Which transitions are open", {"200": content(OPENINGS)}, (404,))
        paths.setdefault(one, {"parameters": [PATH_ID], "get": listed})
        for transition in process.workflow.transitions.values():
            if might_fire(context, process.workflow, transition):
                paths |= _of_one(context, entity, transition, ref)
    return paths


def of_actions(context: Context, entity: Entity, ref: Schema) -> dict[str, Any]:
    """The paths of an entity's buttons."""
    buttons = context.runtime.processes.buttons_of(entity.name)
    if not buttons:
        return {}
    one = f"/api/{entity.name}/{{id}}/actions"
    listed = operation(entity, "Which buttons are open", {"200": content(OPENINGS)}, (404,))
    paths: dict[str, Any] = {one: {"parameters": [PATH_ID], "get": listed}}
    for button in buttons:
        if might_press(context, entity.name, button):
            form = {"application/json": {"schema": form_schema(context, entity, button)}}
            made = operation(entity, button.label, {"200": content(ref)}, REFUSALS, [IF_MATCH])
            body = {"requestBody": {"required": False, "content": form}}
            paths[f"{one}/{button.name}"] = {"parameters": [PATH_ID], "post": made | body}
            several = f"/api/{entity.name}/bulk/actions/{button.name}"
            paths[several] = _several(entity, button.label, form_schema(context, entity, button))
    return paths


def _of_one(context: Context, entity: Entity, transition: Transition, ref: Schema) -> dict[str, Any]:
    schema = {"application/json": {"schema": form_schema(context, entity, transition)}}
    body = {"requestBody": {"required": False, "content": schema}}
    if transition.start:
        made = operation(entity, transition.label, {"201": content(ref)}, REFUSALS)
        return {f"/api/{entity.name}/transitions/{transition.name}": {"post": made | body}}
    answers = {"200": content(ref)}
    address = f"/api/{entity.name}/{{id}}/transitions/{transition.name}"
    paths: dict[str, Any] = {}
    if transition.approval is not None:
        answers["202"] = content(COUNTED)
        refusal = {"type": "object", "properties": {"comment": {"type": "string"}}, "required": ["comment"]}
        told = {"requestBody": {"required": True, "content": {"application/json": {"schema": refusal}}}}
        refused = operation(
            entity, f"Refuse: {transition.label}", {"200": content(ref)}, REFUSALS, [IF_MATCH]
        )
        paths[f"{address}/reject"] = {"parameters": [PATH_ID], "post": refused | told}
    made = operation(entity, transition.label, answers, REFUSALS, [IF_MATCH])
    several = f"/api/{entity.name}/bulk/transitions/{transition.name}"
    paths[several] = _several(entity, transition.label, form_schema(context, entity, transition))
    return {**paths, address: {"parameters": [PATH_ID], "post": made | body}}


def _several(entity: Entity, summary: str, form: Schema) -> dict[str, Any]:
    """A transition, or a button, of several records at once."""
    ids = {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": MOST_AT_ONCE}
    asked = {"type": "object", "properties": {"ids": ids, "form": form}, "required": ["ids"]}
    made = operation(entity, f"{summary}, of several", {"200": content(BULK)}, (400, 403, 404, 413, 415, 422))
    return {"post": made | {"requestBody": {"required": True, "content": content(asked)["content"]}}}


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


COUNTED: Schema = {
    "type": "object",
    "properties": {
        "approval": {
            "type": "object",
            "properties": {"given": {"type": "integer"}, "needed": {"type": "integer"}},
            "required": ["given", "needed"],
        }
    },
    "required": ["approval"],
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
