"""Settings that are mappings: what they become, and what is said of mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.declared.settings import Settings
from engine.loading import load
from engine.loading.declarations import zone_hint
from tests.support.metadata import write

APP = """
# metadata/app.yaml
app: example
settings:
  {setting}
---
role: agent
"""


def problems(folder: Path, setting: str) -> list[str]:
    write(folder, APP.replace("{setting}", setting))
    _, found = load.check(folder)
    return [f"{each.code}: {each.message}" for each in found if each.level == "error"]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("password: {min_length: 1}", "bad-value: 'min_length' is at least 6, not 1"),
        ("sign_in: null", "wrong-type: 'sign_in' takes a mapping, not nothing"),
        ("second_factor: {required_for: [agnt]}", "unknown-role: no role 'agnt'"),
        ("oidc: {label: x}", "missing-key: 'oidc' needs 'issuer' and 'client_id'"),
        ("oidc: {issuer: 5, client_id: x}", "wrong-type: 'issuer' takes a text, not the number 5"),
        ("oidc: {issuer: 'https://a', client_id: x, roles: {g: agnt}}", "unknown-role: no role 'agnt'"),
        ("ldap: {url: 'ldap://a', base: x, roles: {g: agnt}}", "unknown-role: no role 'agnt'"),
        ("ldap: 3", "wrong-type: 'ldap' takes a mapping, not the number 3"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, setting: str, complaint: str) -> None:
    assert complaint in problems(tmp_path, setting)


@pytest.mark.parametrize("setting", ["oidc: {issuer: 'ftp://a', client_id: x}", "ldap: {url: x, base: y}"])
def test_a_needed_value_that_is_wrong_is_one_complaint_and_no_fault(tmp_path: Path, setting: str) -> None:
    assert [each.partition(":")[0] for each in problems(tmp_path, setting)] == ["bad-value"]


@pytest.mark.parametrize(
    "setting", ["timezone: Europe/Bukarest", "timezone: ''", "language: xx", "currency: EUX"]
)
def test_what_is_called_otherwise_is_not_read(tmp_path: Path, setting: str) -> None:
    """The application has things that want a zone, a language and a currency."""
    needing = """
role: agent
---
entity: ticket
properties: {fee: {type: money}}
access: {agent: {create: true, read: all}}
---
test: a ticket at night
as: agent
now: "2026-03-02 07:00"
when: {create: ticket, with: {fee: 5}}
then: {expect: [record.fee == 5]}
"""
    write(tmp_path, APP.replace("{setting}", setting).replace("\nrole: agent\n", needing))
    _, found = load.check(tmp_path)
    assert [each.code for each in found if each.level == "error"] == ["bad-setting"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Bukarest", "did you mean 'Europe/Bucharest'?"),
        ("Bucharest", "did you mean 'Europe/Bucharest'?"),
        ("Asia/Istanbull", "did you mean 'Asia/Istanbul'?"),
        ("UTC+2", "did you mean 'UTC'?"),
        ("Europe/Nowhere", "for example Europe/Bucharest"),
        ("", "for example Europe/Bucharest"),
    ],
)
def test_the_time_zone_that_was_meant(name: str, hint: str) -> None:
    assert zone_hint(name) == hint


def test_what_settings_become(tmp_path: Path) -> None:
    setting = "ldap: {url: 'ldaps://a', base: x, roles: {sellers: agent}}"
    assert problems(tmp_path, setting) == []
    settings: Settings = load.load(tmp_path).settings
    assert settings.ldap is not None
    assert (settings.ldap.roles, settings.ldap.start_tls, settings.oidc) == (
        (("sellers", "agent"),),
        True,
        None,
    )
    assert hash(settings)
