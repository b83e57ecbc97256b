"""The routes of those who are not signed in."""

from __future__ import annotations

from starlette.routing import Route

from engine.entrance import links, second_step, set_up, sign_in, sign_on
from engine.entrance.knock import route
from engine.identity.links import PATHS
from engine.work.gateway import Gateway


def entrance(gateway: Gateway) -> list[Route]:
    """Everything under `/sign-in`."""
    return [
        route(gateway, "/sign-in", sign_in.show, sign_in.enter),
        route(gateway, second_step.CODE, second_step.show, second_step.complete),
        route(gateway, second_step.ENROL, second_step.show_enrolment, second_step.enrol),
        route(gateway, sign_on.BEGIN, sign_on.begin),
        route(gateway, sign_on.BACK, sign_on.back),
        route(gateway, links.FORGOTTEN, links.show_forgotten, links.ask),
        *(
            route(gateway, f"{path}/{{secret}}", links.show(kind), links.choose(kind))
            for kind, path in PATHS.items()
        ),
        route(gateway, set_up.HERE, set_up.show, set_up.make),
    ]
