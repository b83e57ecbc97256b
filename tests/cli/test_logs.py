"""ENGINE_LOG and ENGINE_SECRET_KEY: read, heeded, and refused in words where they say nothing."""

from __future__ import annotations

import json
import logging
import logging.config
from pathlib import Path

import pytest
from uvicorn.config import LOGGING_CONFIG

from engine.app import open_app
from engine.cli import logs
from engine.errors import OperatorError
from engine.store import migration
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("text", "level", "form"),
    [
        ("", logging.WARNING, "text"),
        ("info", logging.INFO, "text"),
        ("json", logging.WARNING, "json"),
        ("DEBUG, json", logging.DEBUG, "json"),
        ("text:error", logging.ERROR, "text"),
    ],
)
def test_a_setting_is_a_level_a_form_or_both(text: str, level: int, form: str) -> None:
    assert logs.read(text) == (level, form)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inof", "ENGINE_LOG has 'inof', which is no level or form: did you mean 'info'?"),
        (
            "x",
            "ENGINE_LOG has 'x', which is no level or form: it takes debug, info, warning, error, text, json",
        ),
    ],
)
def test_what_is_neither_is_refused(text: str, message: str) -> None:
    with pytest.raises(OperatorError) as error:
        logs.read(text)
    assert str(error.value) == message


def test_json_is_one_object_a_line_with_the_error_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(LOGGING_CONFIG)  # as a server leaves it that was started without ours
    logs.configure({"ENGINE_LOG": "info json"})
    logging.getLogger("engine.web").info("a line\nand another, with “signs”")
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "127.0.0.1:9", "GET", "/ticket?q=x", "1.1", 200
    )
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("engine").exception("fault %s", "7f")
    logging.getLogger("sqlalchemy.engine").info("not of ours")
    first, request, fault = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["logger"]) == ("info", "engine.web")
    assert first["message"] == "a line\nand another, with “signs”"
    assert first["at"].endswith("Z")
    assert (request["method"], request["path"], request["status"]) == ("GET", "/ticket?q=x", 200)
    assert fault["message"] == "fault 7f"
    assert fault["error"].endswith("ValueError: no")


def test_warnings_are_text_without_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure({})
    logging.getLogger("engine").info("unheard")
    logging.getLogger("engine").warning("heard")
    assert capsys.readouterr().err.endswith("WARNING engine: heard\n")


def test_a_command_says_what_is_wrong_with_the_setting(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_LOG", "loud")
    refused = run("check", folder)
    assert (refused.status, refused.out) == (3, "")
    assert "ENGINE_LOG has 'loud'" in refused.err


# ---- ENGINE_SECRET_KEY


def test_the_key_of_the_environment_goes_before_that_of_the_database(folder: Path) -> None:
    own = open_app(folder, apply=True, environment={})
    kept = own.gateway.runtime.secret
    own.close()
    given = open_app(folder, environment={"ENGINE_SECRET_KEY": " 0123456789abcdef0123456789abcdef "})
    assert given.gateway.runtime.secret == b"0123456789abcdef0123456789abcdef" != kept
    assert migration.secret(given.gateway.database) == kept
    (folder / "entities" / "page.yaml").write_text("entity: page\nproperties: {text: {type: text}}\n")
    assert not given.reload()  # not applied
    assert given.gateway.runtime.secret == b"0123456789abcdef0123456789abcdef"
    given.close()


def test_a_key_that_is_too_short_is_refused_before_a_database_is_made(folder: Path) -> None:
    with pytest.raises(OperatorError) as error:
        open_app(folder, apply=True, environment={"ENGINE_SECRET_KEY": "secret"})
    assert str(error.value) == (
        "ENGINE_SECRET_KEY has 6 bytes, and needs 32 at least: make one with `openssl rand -hex 32`, "
        "or leave it out to use the one kept in the database"
    )
    assert not (folder / "var").exists()
