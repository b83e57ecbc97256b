"""The first administrator: only with the code, only once, only while there is nobody."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.identity import first_run, identity, tickets
from engine.identity.attempts import TooManyAttempts
from engine.identity.events import Origin
from engine.work.gateway import Gateway
from tests.identity.conftest import PASSWORD, make_user
from tests.support.shop import Clock


def set_up(
    shop: Gateway, code: str, login: str = "root", passwords: tuple[str, str] = (PASSWORD, PASSWORD)
) -> str:
    return first_run.set_up(shop, code, login, "", "", passwords, Origin("here", ""))


def refused(shop: Gateway, *given: object) -> list[str]:
    with pytest.raises(Invalid) as invalid:
        set_up(shop, *given)  # type: ignore[arg-type]
    return [f"{each.at}: {each.code}" for each in invalid.value.errors]


def test_the_code_makes_one_administrator_and_signs_them_in(shop: Gateway) -> None:
    code = first_run.code_for(shop)
    assert code is not None
    found = identity.actor_of_session(shop, set_up(shop, code.upper().replace("-", " ")))
    assert found is not None
    assert found[0].administrator
    assert found[0].login == "root"
    assert first_run.code_for(shop) is None
    assert refused(shop, code, "second") == ["code: wrong-code"]


def test_without_the_code_nobody_is_made(shop: Gateway) -> None:
    code = first_run.code_for(shop)
    assert code is not None
    assert refused(shop, "") == ["code: wrong-code"]
    assert refused(shop, "aaaa-aaaa-aaaa-aaaa") == ["code: wrong-code"]
    assert first_run.awaited(shop)
    assert set_up(shop, code)


def test_a_mistake_does_not_use_the_code_up(shop: Gateway) -> None:
    code = first_run.code_for(shop) or ""
    assert refused(shop, code, "root", ("password", "password")) == ["password: common-password"]
    assert refused(shop, code, "root", (PASSWORD, "x")) == ["again: passwords-differ"]
    assert refused(shop, code, " ")[0] == "login: required"
    assert set_up(shop, code)


def test_a_code_is_over_after_a_day_and_by_the_next_one(shop: Gateway) -> None:
    first = first_run.code_for(shop) or ""
    second = first_run.code_for(shop) or ""
    assert refused(shop, first) == ["code: wrong-code"]
    assert isinstance(shop.clock, Clock)
    shop.clock.now += tickets.LASTING["set-up"] + timedelta(seconds=1)
    assert refused(shop, second) == ["code: wrong-code"]


def test_guessing_is_slowed_down(shop: Gateway) -> None:
    code = first_run.code_for(shop) or ""
    for _ in range(5):
        refused(shop, "x")
    with pytest.raises(TooManyAttempts):
        set_up(shop, code)


def test_where_there_is_a_user_there_is_no_code(shop: Gateway) -> None:
    code = first_run.code_for(shop) or ""
    make_user(shop, "ann")
    assert first_run.code_for(shop) is None
    assert refused(shop, code) == ["code: wrong-code"]


def test_of_two_at_once_one_is_made(shop: Gateway) -> None:
    code, done = first_run.code_for(shop) or "", []

    def run(login: str) -> None:
        with contextlib.suppress(Invalid):
            done.append(set_up(shop, code, login))

    threads = [threading.Thread(target=run, args=(f"root{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
