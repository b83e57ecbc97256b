"""Invitations and forgotten passwords: what a link does, once, and what nobody learns from asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from engine.errors import Invalid, OperatorError
from engine.identity import events, identity, links
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.mailing import sending
from engine.mailing.sending import deliver
from engine.mailing.server import Server, given_server
from engine.outbox import overview, queue
from engine.service import records
from engine.store.system import job
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.identity.conftest import PASSWORD, make_user
from tests.service.test_identity import everything
from tests.support.mailbox import Mailbox, mailbox
from tests.support.shop import Clock

HERE, NEW = Origin("here", ""), ("battery staple", "battery staple")


@pytest.fixture
def box(shop: Gateway) -> Iterator[Mailbox]:
    """A mail server the shop uses, and the address the shop is reached at."""
    application = shop.runtime.application
    settings = replace(
        application.settings, base_url="https://shop.example/", mail_from="Shop <shop@shop.example>"
    )
    shop.swap(replace(shop.runtime, application=replace(application, settings=settings)))
    with mailbox() as made:
        shop.mail_server = made.server
        yield made


@pytest.fixture
def zoe(shop: Gateway) -> int:
    return make_user(shop, "zoe", email="zoe@example.com")


def link_in(text: str) -> str:
    found = re.search(r"https://shop\.example/sign-in/\w+/(\S+)", text)
    assert found is not None, text
    return found.group(1)


def test_a_mailed_link_sets_a_password_lets_in_and_ends_other_sessions(
    shop: Gateway, box: Mailbox, zoe: int
) -> None:
    old = identity.sign_in(shop, "zoe", PASSWORD)
    links.ask(shop, "ZOE@example.com", HERE)
    assert deliver(shop, box.server) == 1
    assert [(each["from"], each["to"], each["subject"]) for each in box.mails] == [
        ("Shop <shop@shop.example>", "zoe@example.com", "Your password for Shop")
    ]
    secret = link_in(box.text())
    assert links.opened(shop, "reset", secret) == "zoe"
    found = identity.actor_of_session(shop, links.choose(shop, "reset", secret, NEW, HERE))
    assert found is not None
    assert found[0].id == zoe
    assert identity.actor_of_session(shop, old) is None
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "zoe", PASSWORD)
    assert identity.sign_in(shop, "zoe", NEW[0])


def test_a_link_is_good_once_for_an_hour_and_for_one_thing(shop: Gateway, box: Mailbox, zoe: int) -> None:
    with shop.write(SYSTEM, "page") as context:
        secret, _ = links.invite(shop, context, zoe, "reset")
    with pytest.raises(Invalid, match="used already"):
        links.choose(shop, "invitation", secret, NEW, HERE)
    with pytest.raises(Invalid, match="Very many people"):
        links.choose(shop, "reset", secret, ("password", "password"), HERE)
    assert links.choose(shop, "reset", secret, NEW, HERE)
    with pytest.raises(Invalid, match="used already"):
        links.choose(shop, "reset", secret, NEW, HERE)
    with shop.write(SYSTEM, "page") as context:
        first, _ = links.invite(shop, context, zoe, "reset")
        second, _ = links.invite(shop, context, zoe, "reset")
    assert links.opened(shop, "reset", first) is None
    assert isinstance(shop.clock, Clock)
    shop.clock.now += timedelta(hours=1)
    assert links.opened(shop, "reset", second) is None


@pytest.mark.parametrize("typed", ["nobody", "nobody@example.com", "", "\0", "x" * 10_000, "a@b\r\nBcc: c@d"])
def test_nothing_is_mailed_to_who_is_not_known(shop: Gateway, box: Mailbox, zoe: int, typed: str) -> None:
    links.ask(shop, typed, HERE)
    assert deliver(shop, box.server) == 0
    with shop.read(SYSTEM, "page") as context:
        assert not events.recent(context, 9, kind="reset-asked")


def test_a_user_who_is_switched_off_gets_no_link(shop: Gateway, box: Mailbox, zoe: int) -> None:
    with shop.write(SYSTEM, "cli") as context:
        secret, _ = links.invite(shop, context, zoe)
        records.update(context, "user", zoe, {"active": False})
    assert deliver(shop, box.server) == 1
    links.ask(shop, "zoe", HERE)
    assert deliver(shop, box.server) == 0
    with pytest.raises(Invalid, match="used already"):
        links.choose(shop, "invitation", secret, NEW, HERE)


def test_asking_again_and_again_does_not_fill_a_mailbox(shop: Gateway, box: Mailbox, zoe: int) -> None:
    for _ in range(20):
        links.ask(shop, "zoe", HERE)
    assert deliver(shop, box.server) == 5


def test_without_a_mail_server_or_an_address_the_link_is_handed_over(shop: Gateway, zoe: int) -> None:
    with shop.write(SYSTEM, "page") as context:
        secret, mailed = links.invite(shop, context, zoe)
    assert not mailed
    assert (
        links.address(shop, "invitation", secret, "http://here/") == f"http://here/sign-in/welcome/{secret}"
    )
    links.ask(shop, "zoe", HERE)
    with shop.read(SYSTEM, "page") as context:
        assert overview.numbers(context) == {}


def test_a_mail_of_what_did_not_happen_is_not_sent(shop: Gateway, box: Mailbox, zoe: int) -> None:
    def work() -> None:
        with shop.write(SYSTEM, "page") as context:
            links.invite(shop, context, zoe)
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert deliver(shop, box.server) == 0


def test_a_link_is_stored_as_a_hash_and_its_mail_forgotten_once_sent(
    shop: Gateway, box: Mailbox, zoe: int
) -> None:
    with shop.write(SYSTEM, "page") as context:
        secret, mailed = links.invite(shop, context, zoe)
    assert mailed
    deliver(shop, box.server)
    assert link_in(box.text()) == secret
    assert secret not in everything(shop)


def test_what_the_server_does_not_take_is_tried_again_later(shop: Gateway, box: Mailbox, zoe: int) -> None:
    box.answer = "451 come back later"
    links.ask(shop, "zoe", HERE)
    assert deliver(shop, box.server) == 0
    box.answer = "250 OK"
    assert deliver(shop, box.server) == 0  # not at once
    assert isinstance(shop.clock, Clock)
    shop.clock.now += timedelta(minutes=2)
    assert deliver(shop, box.server) == 1
    box.answer = "550 never"
    links.ask(shop, "zoe", Origin("there", ""))
    shop.clock.now += timedelta(days=9)
    assert deliver(shop, box.server) == 0
    with shop.read(SYSTEM, "page") as context:
        assert overview.numbers(context) == {"done": 1, "dead": 1}


def test_of_two_processes_one_sends(shop: Gateway, box: Mailbox, zoe: int) -> None:
    links.ask(shop, "zoe", HERE)
    with shop.write(SYSTEM, "job") as context:
        assert queue.take(context, ["mail"])
    assert deliver(shop, box.server) == 0
    assert isinstance(shop.clock, Clock)
    shop.clock.now += queue.LEASE  # the first died
    assert deliver(shop, box.server) == 1


def test_a_mail_that_is_sent_again_is_the_same_to_who_gets_it(shop: Gateway, box: Mailbox) -> None:
    with shop.write(SYSTEM, "job") as context:
        for _ in range(2):
            sending.post(context, "a@b.example", "Hi", "text")
    assert deliver(shop, box.server) == 2
    with shop.write(SYSTEM, "job") as context:  # as if whoever sent the first had died before it said so
        values = {"state": "running", "due_at": context.now, "payload": sent(box.mails[0])}
        context.connection.execute(sa.update(job).where(job.c.id == 1).values(values))
    assert deliver(shop, box.server) == 1
    first, second, again = [str(each["Message-ID"]) for each in box.mails]
    assert again == first != second
    assert first.endswith("@shop.example>")


def sent(mail: EmailMessage) -> dict[str, str]:
    """The payload a mail was made of."""
    return {
        "recipient": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "text": str(mail.get_content()).rstrip("\n"),
    }


def test_no_header_is_smuggled_in(shop: Gateway, box: Mailbox) -> None:
    with shop.write(SYSTEM, "job") as context:
        for recipient in ("a@b.example\r\nBcc: c@d.example", "a@b.example"):
            sending.post(context, recipient, "Hi\r\nBcc: x@y.example", "text")
    assert deliver(shop, box.server) == 1
    assert [dict(each).get("Bcc") for each in box.mails] == [None]
    with shop.read(SYSTEM, "job") as context:
        assert overview.numbers(context) == {"done": 1, "dead": 1}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://mail.example", Server("smtp", "mail.example", 587)),
        ("smtps://a%40b:p%3Aw@mail.example", Server("smtps", "mail.example", 465, "a@b", "p:w")),
        ("smtp://[::1]:25", Server("smtp", "::1", 25)),
    ],
)
def test_the_server_is_named_by_a_url(url: str, server: Server | None) -> None:
    assert given_server({"ENGINE_SMTP_URL": url}) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://x:99999", "smtp://x:y"]
)
def test_what_is_no_such_url_is_told(url: str) -> None:
    with pytest.raises(OperatorError, match="ENGINE_SMTP_URL is no address of a mail server"):
        given_server({"ENGINE_SMTP_URL": url})


def test_a_password_is_not_sent_in_clear(shop: Gateway, box: Mailbox, zoe: int) -> None:
    links.ask(shop, "zoe", HERE)
    assert deliver(shop, replace(box.server, user="shop", password="secret")) == 0
    with shop.read(SYSTEM, "page") as context:
        error = context.connection.execute(sa.select(job.c.error)).scalar()
    assert "a password is not sent in clear" in str(error)
