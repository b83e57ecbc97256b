"""Which passwords are accepted, and what is said of those that are not."""

from __future__ import annotations

import pytest

from engine.declared.settings import PasswordSettings
from engine.identity.policy import complaints

USUAL = PasswordSettings()
ANN = ("ann.lee", "Ann Lee-Marković", "ann.lee@fieldstone.example", "crm", "Entity CRM")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "battery staple",
        "łódź pełna żab",
        "planning for ann",
        "xkcd-936-comic",
        "日本語のパスワード",
    ],
)
def test_what_is_accepted(password: str) -> None:
    assert complaints(USUAL, password, ANN) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "bad-password"),
        ("seven77", "bad-password"),
        ("x" * 201, "bad-password"),
        ("password", "common-password"),
        ("PassWord", "common-password"),
        ("ｐａｓｓｗｏｒｄ", "common-password"),
        ("password1!", "common-password"),
        ("123456789", "common-password"),
        ("aaaaaaaaaaaa", "common-password"),
        ("abababababab", "common-password"),
        ("sunshine99", "common-password"),
        ("ann.lee1", "password-is-a-name"),
        ("ANN.LEE.ann", "password-is-a-name"),
        ("markovic", ""),
        ("marković", "password-is-a-name"),
        ("Marković123", "password-is-a-name"),
        ("fieldstone1", "password-is-a-name"),
        ("entitycrm", "password-is-a-name"),
    ],
)
def test_what_is_refused(password: str, code: str) -> None:
    assert [each.code for each in complaints(USUAL, password, ANN)] == ([code] if code else [])


def test_the_settings_say_how_long_and_whether_common_ones_are_refused() -> None:
    strict = PasswordSettings(min_length=14)
    assert [each.message for each in complaints(strict, "correct horse", ANN)] == [
        "A password has between 14 and 200 characters."
    ]
    assert complaints(PasswordSettings(refuse_common=False), "password", ANN) == []


def test_a_short_name_does_not_forbid_its_letters() -> None:
    assert complaints(USUAL, "boating bob", ("bo", "Bo")) == []
