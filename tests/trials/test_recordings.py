"""A recording that runs stands in the database: whichever process is asked goes on with it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from engine.app import open_app
from engine.errors import Forbidden
from engine.identity.identity import actor_named
from engine.process import firing
from engine.recording import running
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.metadata import write
from tests.support.tickets import TICKETS


def test_another_process_goes_on_with_a_recording(database_url: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "desk", f"# metadata/app.yaml\n{TICKETS.lstrip()}")
    first = open_app(folder, database=database_url, apply=True, environment={})
    second = open_app(folder, database=database_url, apply=False, environment={})
    with first.gateway.write(SYSTEM, "cli") as context:
        for login, role in (("ana", "agent"), ("ada", "administrator")):
            records.create(context, "user", {"login": login, "name": login, "roles": [role]})
        client = records.create(context, "client", {"name": "Acme"}).id
    ana, ada = (actor_named(first.gateway, login) for login in ("ana", "ada"))
    with first.gateway.write(ana, "page") as context:
        number = records.create(context, "ticket", {"subject": "Help", "client": client}).id
    with pytest.raises(Forbidden), first.gateway.write(ana, "page") as context:
        running.start(context, "ticket", number)
    with first.gateway.write(ada, "page") as context:
        running.start(context, "ticket", number)
    acting = replace(
        ana, behind=ada.id, behind_name=ada.name
    )  # an administrator who acts as Ana goes on with theirs
    with second.gateway.write(acting, "page") as context:
        found = running.running(context)
        assert found is not None
        assert (found.entity, found.number, found.document) == ("ticket", number, None)
        firing.fire(context, "ticket", number, "assign", {"comment": "Mine"})
    with second.gateway.write(ada, "page") as context:
        running.stop(context)
    with first.gateway.write(ada, "page") as context:
        found = running.running(context)
        assert found is not None
        assert yaml.safe_load(found.document or "")["when"]["transition"] == "assign"
        running.discard(context)
        assert running.running(context) is None
    first.close()
    second.close()
