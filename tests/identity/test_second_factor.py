"""The second factor: what lets in, what does not, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from engine.declared.settings import SecondFactorSettings
from engine.errors import Invalid
from engine.identity import events, identity, second_factor, second_step
from engine.identity.attempts import SignInRefused, TooManyAttempts
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.identity.second_step import StepOver
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.identity.conftest import PASSWORD, make_user
from tests.service.test_identity import everything
from tests.support.shop import Clock

HERE = Origin("here", "")


def code_of(shop: Gateway, user: int, steps: int = 0) -> str:
    """What the app shows now, or some steps later."""
    assert isinstance(shop.clock, Clock)
    with shop.read(SYSTEM, "page") as context:
        return pyotp.TOTP(second_factor.secret_of(context, user)).at(
            shop.clock.now + timedelta(seconds=30 * steps)
        )


def later(shop: Gateway, **much: int) -> None:
    assert isinstance(shop.clock, Clock)
    shop.clock.now += timedelta(**much)


@pytest.fixture
def codes(shop: Gateway, ann: int) -> list[str]:
    """The recovery codes of Ann, who has a second factor; a while later."""
    with shop.write(SYSTEM, "page") as context:
        second_factor.begin(context, ann)
    code = code_of(shop, ann)
    with shop.write(SYSTEM, "page") as context:
        made = second_factor.switch_on(context, ann, "ann", code, HERE)
    later(shop, minutes=5)
    return made


def ticket(shop: Gateway, login: str = "ann") -> str:
    with pytest.raises(AnotherStep) as step:
        identity.sign_in(shop, login, PASSWORD, "here")
    return step.value.ticket


def test_a_password_alone_lets_nobody_in_any_more(shop: Gateway, ann: int, codes: list[str]) -> None:
    step = ticket(shop)
    assert identity.actor_of_session(shop, step) is None
    secret = second_step.complete(shop, step, code_of(shop, ann), HERE)
    found = identity.actor_of_session(shop, secret)
    assert found is not None
    assert found[0].id == ann


def test_a_code_fits_once_and_none_before_it_does(shop: Gateway, ann: int, codes: list[str]) -> None:
    before, code = code_of(shop, ann, -1), code_of(shop, ann)
    assert second_step.complete(shop, ticket(shop), f" {code[:3]} {code[3:]} ", HERE)
    for replayed in (code, before):
        with pytest.raises(SignInRefused, match="not the code"):
            second_step.complete(shop, ticket(shop), replayed, HERE)
    later(shop, seconds=30)
    assert second_step.complete(shop, ticket(shop), code_of(shop, ann), HERE)


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_off(
    shop: Gateway, ann: int, codes: list[str], steps: int, fits: bool
) -> None:
    assert isinstance(shop.clock, Clock)
    shop.clock.now = shop.clock.now.replace(second=10, microsecond=0)
    code = code_of(shop, ann, steps)
    with shop.write(SYSTEM, "page") as context:
        assert second_factor.fits(context, ann, "ann", code, HERE) is fits


@pytest.mark.parametrize("code", ["", "abcdef", "1234567", "١٢٣٤٥٦", "\0", "x" * 5000])
def test_what_is_no_code(shop: Gateway, ann: int, codes: list[str], code: str) -> None:
    with pytest.raises(SignInRefused):
        second_step.complete(shop, ticket(shop), code, HERE)


def test_a_recovery_code_lets_in_once_however_it_is_typed(shop: Gateway, ann: int, codes: list[str]) -> None:
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert second_step.complete(shop, ticket(shop), codes[0].upper().replace("-", " "), HERE)
    with pytest.raises(SignInRefused):
        second_step.complete(shop, ticket(shop), codes[0], HERE)
    with shop.read(SYSTEM, "page") as context:
        assert second_factor.codes_left(context, ann) == second_factor.RECOVERY_CODES - 1
        assert events.recent(context, 1, kind="recovery-code-used")


def test_guessing_codes_is_slowed_down(shop: Gateway, ann: int, codes: list[str]) -> None:
    step = ticket(shop)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            second_step.complete(shop, step, "000000", HERE)
    with pytest.raises(TooManyAttempts):
        second_step.complete(shop, ticket(shop), code_of(shop, ann), HERE)
    with shop.read(SYSTEM, "page") as context:
        assert len(events.recent(context, 100, kind="second-factor-failed")) == 5
        assert events.recent(context, 1, kind="locked-out")


def test_a_step_is_over_after_a_while_or_once_taken_or_with_its_user(
    shop: Gateway, ann: int, codes: list[str]
) -> None:
    late = ticket(shop)
    later(shop, minutes=11)
    with pytest.raises(StepOver):
        second_step.complete(shop, late, code_of(shop, ann), HERE)
    taken = ticket(shop)
    second_step.complete(shop, taken, code_of(shop, ann), HERE)
    later(shop, seconds=60)
    with pytest.raises(StepOver):
        second_step.complete(shop, taken, code_of(shop, ann), HERE)
    gone = ticket(shop)
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", ann, {"active": False})
    with pytest.raises(StepOver):
        second_step.complete(shop, gone, code_of(shop, ann), HERE)


def test_a_factor_that_was_not_confirmed_is_not_asked_for(shop: Gateway, ann: int) -> None:
    with shop.write(SYSTEM, "page") as context:
        second_factor.begin(context, ann)
    assert identity.sign_in(shop, "ann", PASSWORD)
    with pytest.raises(Invalid), shop.write(SYSTEM, "page") as context:
        second_factor.switch_on(context, ann, "ann", "000000", HERE)


def test_a_role_may_require_it(shop: Gateway) -> None:
    application = shop.runtime.application
    settings = replace(application.settings, second_factor=SecondFactorSettings(required_for=("seller",)))
    shop.swap(replace(shop.runtime, application=replace(application, settings=settings)))
    user = make_user(shop, "sue", "seller")
    make_user(shop, "guest")
    assert identity.sign_in(shop, "guest", PASSWORD)
    step = ticket(shop, "sue")
    shown = second_step.enrolment(shop, step)
    assert shown == second_step.enrolment(shop, step)
    assert shown.address.startswith("otpauth://totp/Shop:sue?secret=")
    with pytest.raises(StepOver):
        second_step.complete(shop, step, code_of(shop, user), HERE)
    with pytest.raises(Invalid):
        second_step.enrol(shop, step, "000000", HERE)
    secret, codes = second_step.enrol(shop, step, code_of(shop, user), HERE)
    assert identity.actor_of_session(shop, secret)
    assert len(codes) == second_factor.RECOVERY_CODES
    assert ticket(shop, "sue")


def test_neither_the_secret_nor_the_codes_are_stored(shop: Gateway, ann: int, codes: list[str]) -> None:
    with shop.read(SYSTEM, "page") as context:
        secret = second_factor.secret_of(context, ann)
    stored = everything(shop)
    assert [each for each in (secret, *codes) if each in stored] == []


def test_switching_off_takes_everything_along(shop: Gateway, ann: int, codes: list[str]) -> None:
    with shop.write(SYSTEM, "cli") as context:
        assert second_factor.switch_off(context, ann, "ann")
        assert not second_factor.switch_off(context, ann, "ann")
        assert second_factor.codes_left(context, ann) == 0
    assert identity.sign_in(shop, "ann", PASSWORD)
