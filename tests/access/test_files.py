"""Why somebody may export or import, or not: the explanation says what an export holds, and an import changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Forbidden
from engine.identity.identity import actor_named
from engine.reading.query import Query
from engine.service import exporting, records
from engine.service.cures import cure
from engine.service.reasons import Cure, Why
from engine.service.why import explain
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.importing.test_importing import imported
from tests.support.shop import opened

GRANTS = {
    "both": "read: all, update: all, export: all, import: all",
    "only": "export: all, import: all",
    "owner": "read: own, update: own, export: all, import: all",
    "narrow": "read: all, update: all, export: own, import: own",
    "adder": "create: true, read: all, import: all",
    "reader": "read: all, update: all",
}
METADATA = (
    "app: files"
    + "".join(f"\n---\nrole: {name}" for name in GRANTS)
    + "\n---\nentity: deal\nownership: user\nproperties: {name: {type: text}}\naccess:\n"
    + "".join(f"  {name}: {{{said}}}\n" for name, said in GRANTS.items())
)


@pytest.fixture
def files(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        owners = [
            records.create(context, "user", {"login": name, "name": name, "roles": [name]}).id
            for name in GRANTS
        ]
        for number, owner in enumerate(owners, 1):
            records.create(context, "deal", {"name": f"Deal {number}", "owner": owner})
    yield gateway
    gateway.close()


def why(gateway: Gateway, login: str, action: str, number: int | None) -> Why:
    with gateway.read(SYSTEM, "cli") as context:
        return explain(context, actor_named(gateway, login), action, "deal", number)


@pytest.mark.parametrize("login", GRANTS)
def test_an_export_holds_what_the_explanation_says(files: Gateway, login: str) -> None:
    told = {number for number in range(1, len(GRANTS) + 1) if why(files, login, "export", number).answer}
    with files.read(actor_named(files, login), "cli") as context:
        try:
            begun = exporting.begin(context, "deal", Query(fields=("name",)))
            held = {row.id for row in exporting.rows(context, begun).rows}
        except Forbidden:
            held = set()
    assert held == told


@pytest.mark.parametrize("login", GRANTS)
def test_an_import_changes_what_the_explanation_says(files: Gateway, login: str) -> None:
    for number in range(1, len(GRANTS) + 1):
        told = why(files, login, "import", number).answer
        try:
            text = f"id,name\n{number},Changed\n"
            report = imported(files, text, login=login, mode="update", key=("id",), dry_run=True)
            assert (report.updated == 1) is told, (login, number, report.errors)
        except Forbidden:
            assert not told, (login, number)


def test_what_is_lacking_is_told_and_cured(files: Gateway) -> None:
    found = why(files, "only", "export", 1)
    assert found.against == ("to export needs 'read' as well, which they may not here",)
    assert why(files, "only", "import", None).against == (
        "to import needs 'create' or 'update' as well, which they may not here",
    )
    assert why(files, "adder", "import", None).answer
    with files.read(SYSTEM, "cli") as context:
        assert _words(cure(context, found)) == "grant to role only: `read: all` on deal"
        both = cure(context, why(files, "reader", "import", 1))
        assert _words(both) == "grant to role reader: `import: all` on deal"


def _words(found: object) -> str:
    assert isinstance(found, Cure)
    return found.words
