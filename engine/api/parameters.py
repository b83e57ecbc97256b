"""The parameters of workflows over the API: what they are set to, setting them, letting the default hold again."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api.replies import in_read, in_write, reply
from engine.api.requests import Asked, object_of
from engine.service import parameters
from engine.service.parameters import entry_json, setting_json
from engine.work.context import Context

HERE = "/api/settings/parameters"


async def list_parameters(asked: Asked) -> Response:
    """GET /api/settings/parameters"""

    def work(context: Context) -> Any:
        return {"items": [setting_json(each) for each in parameters.listed(context)]}

    return reply(await in_read(asked, work))


async def change(asked: Asked) -> Response:
    """PATCH /api/settings/parameters/{workflow}: the values that the body names, all or none."""
    workflow = asked.request.path_params["workflow"]
    values = await object_of(asked.request)

    def work(context: Context) -> Any:
        return {"items": [setting_json(each) for each in parameters.change(context, workflow, values)]}

    return reply(await in_write(asked, work))


async def show(asked: Asked) -> Response:
    """GET /api/settings/parameters/{workflow}/{name}: with who changed it when."""
    workflow, name = (asked.request.path_params[key] for key in ("workflow", "name"))

    def work(context: Context) -> Any:
        found = parameters.one(context, workflow, name)
        entries = parameters.history(context, found)
        return {**setting_json(found), "history": [entry_json(each) for each in entries]}

    return reply(await in_read(asked, work))


async def reset(asked: Asked) -> Response:
    """DELETE /api/settings/parameters/{workflow}/{name}: its default holds again."""
    workflow, name = (asked.request.path_params[key] for key in ("workflow", "name"))
    found = await in_write(asked, lambda context: setting_json(parameters.reset(context, workflow, name)))
    return reply(found)
