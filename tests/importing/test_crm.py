"""Who imports what into the reference application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Forbidden
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.importing.test_importing import complaints, imported
from tests.support.crm import open_crm

LEADS = "first_name,last_name,email\nAnn,Lee,ann@example.org\n"


@pytest.fixture
def crm(tmp_path: Path, sqlite_url: str) -> Iterator[Gateway]:
    gateway = open_crm(tmp_path, sqlite_url)
    with gateway.write(SYSTEM, "cli") as context:
        for role in ("marketing", "sales_manager", "sales_rep", "support_manager", "support_agent"):
            records.create(context, "user", {"login": role, "name": role, "roles": [role]})
    yield gateway
    gateway.close()


@pytest.mark.parametrize("role", ["marketing", "sales_manager"])
def test_marketing_and_the_manager_import_leads_and_own_them(crm: Gateway, role: str) -> None:
    assert imported(crm, LEADS, "lead", role).created == 1
    with crm.read(SYSTEM, "cli") as context:
        (row,) = records.find(context, "lead", records.Query(fields=("owner",))).rows
    assert row.cells[0].title == role


@pytest.mark.parametrize("role", ["sales_rep", "support_manager", "support_agent"])
def test_nobody_else_imports_leads(crm: Gateway, role: str) -> None:
    with pytest.raises(Forbidden, match="import"):
        imported(crm, LEADS, "lead", role)


def test_an_import_changes_no_contact_that_its_user_may_not_change(crm: Gateway) -> None:
    imported(crm, "first_name,last_name,email\nBo,May,bo@example.org\n", "contact", "support_manager")
    text = "email,job_title\nbo@example.org,Boss\n"
    report = imported(crm, text, "contact", "marketing", mode="update", key=("email",))
    assert [code for _, _, code in complaints(report)] == ["not-allowed"]
    assert imported(crm, text, "contact", "sales_manager", mode="update", key=("email",)).updated == 1
