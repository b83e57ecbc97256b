"""Mailboxes read from a real IMAP server: each mail once, whoever dies in between, and whatever the server says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from engine.app import Engine, duties
from engine.errors import OperatorError
from engine.inbox import imap, kept, reading
from engine.inbox.imap import Folder, Source, given_sources
from engine.inbox.reading import Standing
from engine.outbox import overview
from engine.outbox.running import Runner
from engine.outbox.schedules import Turn
from engine.store.system import job, mailbox
from engine.work.context import SYSTEM
from tests.support.imap_server import Post, imap_server
from tests.support.post_office import all_of, bring, letter


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    with imap_server() as started:
        yield started


@pytest.fixture
def post(server: Post) -> Iterator[Post]:
    """One server for all, with nothing in it."""
    yield server
    server.clear()


def reads(office: Engine, post: Post, **told: object) -> None:
    """Let the desk be read from the server."""
    declared = office.gateway.runtime.application.mailboxes
    declared["desk"] = replace(declared["desk"], reads=True, **told)  # type: ignore[index, arg-type]
    office.gateway.mail_sources = {"desk": post.source}


def later(office: Engine, seconds: int) -> None:
    now = office.gateway.clock()
    office.gateway.clock = lambda: now + timedelta(seconds=seconds)


def work(office: Engine, seconds: int = 60) -> None:
    """What a worker does a while later."""
    later(office, seconds)
    reading.tick(office.gateway)
    Runner(office.gateway, duties(office.gateway).handlers).run_due()


def stands(office: Engine) -> Standing:
    with office.gateway.read(SYSTEM, "job") as context:
        (found,) = reading.standing(context, ["desk"])
    return found


def subjects(office: Engine) -> list[str]:
    return [each["subject"] for each in all_of(office, "case", "subject")]


def mails(*subjects: str) -> list[bytes]:
    return [letter(each).as_bytes() for each in subjects]


def test_what_is_new_becomes_a_record_and_nothing_twice(office: Engine, post: Post) -> None:
    reads(office, post)
    post.put(*mails("read before"), seen=True)
    post.put(*mails("one", "two"))
    work(office)
    assert subjects(office) == ["one", "two"]
    assert post.flags() == [r"\Seen"] * 3
    post.put(*mails("three"), seen=True)  # somebody was quicker to read it: it is new here all the same
    work(office)
    work(office)
    assert subjects(office) == ["one", "two", "three"]
    assert stands(office).read_at == office.gateway.clock()


def test_mails_are_moved_where_it_says_so(office: Engine, post: Post) -> None:
    reads(office, post, done_folder="Done")
    post.make("Done")
    post.put(*mails("one", "two"))
    work(office)
    assert (post.flags(), len(post.flags("Done"))) == ([], 2)
    post.put(*mails("three"))
    work(office)
    assert (post.flags(), len(post.flags("Done"))) == ([], 3)


def test_where_it_can_t_be_moved_it_is_kept_all_the_same(office: Engine, post: Post) -> None:
    reads(office, post, done_folder="Nowhere")
    post.put(*mails("one"))
    work(office)
    assert subjects(office) == ["one"]
    assert stands(office).error == ""


def test_it_is_looked_at_as_often_as_it_says_by_one(office: Engine, post: Post) -> None:
    reads(office, post, every=timedelta(minutes=5))
    for _ in range(3):
        reading.tick(office.gateway)  # as many processes do
    with office.gateway.read(SYSTEM, "job") as context:
        assert len(overview.listed(context, 10, kind=reading.KIND)) == 1
    work(office, 1)
    work(office, 200)
    with office.gateway.read(SYSTEM, "job") as context:
        assert (
            context.connection.execute(sa.select(sa.func.count()).where(job.c.kind == reading.KIND)).scalar()
            == 1
        )


def test_a_server_that_can_t_be_read_is_told_and_asked_again(office: Engine, post: Post) -> None:
    reads(office, post)
    office.gateway.mail_sources = {"desk": replace(post.source, password="wrong")}
    work(office)
    first = stands(office)
    assert "authentication" in first.error.lower()
    assert first.failing_since == office.gateway.clock()
    office.gateway.mail_sources = {"desk": Source("imap", "127.0.0.1", 9, "a", "b")}
    work(office)
    assert stands(office).error.startswith("127.0.0.1: ")
    assert stands(office).failing_since == first.failing_since
    with office.gateway.read(SYSTEM, "job") as context:
        assert overview.given_up(context) == 0  # it is no job that anybody has to look at
    post.put(*mails("one"))
    reads(office, post)
    work(office)
    assert (stands(office).error, stands(office).failing_since) == ("", None)
    assert subjects(office) == ["one"]


def test_a_server_that_is_away_for_long_is_asked_seldom(office: Engine, post: Post) -> None:
    reads(office, post)
    office.gateway.mail_sources = {"desk": Source("imap", "127.0.0.1", 9, "a", "b")}
    asked = []
    for minute in range(120):
        with office.gateway.database.write() as connection:
            connection.execute(sa.update(mailbox).values(error=""))
        work(office, 60)
        asked += [minute] if stands(office).error else []
    pauses = [after - earlier for earlier, after in pairwise(asked)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1, 15)


def test_a_folder_that_is_not_there_is_told(office: Engine, post: Post) -> None:
    reads(office, post, folder="Nowhere")
    work(office)
    assert stands(office).error.startswith("there is no folder 'Nowhere'")


def test_of_what_is_too_large_the_head_is_kept(office: Engine, post: Post) -> None:
    reads(office, post, max_mb=1)
    post.put(letter("huge", "x" * 60 + "\n" + "words\n" * 200_000).as_bytes(), *mails("small"))
    work(office)
    assert subjects(office) == ["small"]
    with office.gateway.read(SYSTEM, "job") as context:
        small, huge = kept.listed(context, 10)
    assert (small.state, huge.state, huge.note, huge.subject) == ("done", "failed", kept.TOO_LARGE, "huge")
    assert huge.size > 1_200_000


def test_when_the_server_numbers_anew_nothing_comes_twice(office: Engine, post: Post) -> None:
    reads(office, post)
    post.put(*mails("one", "two"))
    work(office)
    with office.gateway.database.write() as connection:
        connection.execute(sa.update(mailbox).values(validity=1, last_uid=9_000_000))
    post.put(*mails("three"))
    post.put(*mails("four"), seen=True)
    work(office)
    assert sorted(subjects(office)) == ["four", "one", "three", "two"]
    post.put(*mails("five"))
    work(office)
    assert len(subjects(office)) == 5


class Died(BaseException):
    """A process that ends here."""


def test_whoever_dies_before_the_server_is_told_nothing_comes_twice(
    office: Engine, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies without a word: the mailbox is free again once its time is over."""
    reads(office, post, done_folder="Done")
    post.make("Done")
    post.put(*mails("zero"))
    work(office)
    post.put(*mails("one", "two"))

    def die(*told: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "done", die)
        patched.setattr(reading, "_release", lambda *told: None)
        with pytest.raises(Died):
            work(office)
    work(office, 61)
    assert subjects(office) == [
        "zero",
        "one",
    ]  # the mailbox is not free yet, but what was kept becomes a record
    work(office, int(reading.LEASE.total_seconds()) + 1)
    assert subjects(office) == ["zero", "one", "two"]
    assert (post.flags(), len(post.flags("Done"))) == ([], 3)


def test_who_was_too_slow_keeps_nothing(office: Engine, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(office, post)
    post.put(*mails("one"))
    fetch = Folder.fetch

    def slowly(self: Folder, uid: int, *, head: bool = False) -> bytes | None:
        with office.gateway.database.write() as connection:
            connection.execute(sa.update(mailbox).values(reader="another"))
        return fetch(self, uid, head=head)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "fetch", slowly)
        work(office)
    assert subjects(office) == []
    with office.gateway.database.write() as connection:
        connection.execute(sa.update(mailbox).values(reading_until=None))
    work(office)
    assert subjects(office) == ["one"]


def test_a_mailbox_that_no_server_is_named_for_is_left_alone(office: Engine, post: Post) -> None:
    reads(office, post)
    office.gateway.mail_sources = {}
    work(office)
    with office.gateway.read(SYSTEM, "job") as context:
        assert context.connection.execute(sa.select(sa.func.count()).select_from(mailbox)).scalar() == 0
        assert (
            context.connection.execute(sa.select(sa.func.count()).where(job.c.kind == reading.KIND)).scalar()
            == 0
        )


def test_who_does_not_know_the_server_leaves_it_to_others(office: Engine, post: Post) -> None:
    reads(office, post)
    post.put(*mails("one"))
    reading.tick(office.gateway)
    for known in ({}, {"other": post.source}):
        office.gateway.mail_sources = known
        Runner(office.gateway, duties(office.gateway).handlers).run_due()
    assert subjects(office) == []
    reads(office, post)
    later(office, 11)
    Runner(office.gateway, duties(office.gateway).handlers).run_due()
    assert subjects(office) == ["one"]


# ---- where


def test_where_a_mailbox_is_read() -> None:
    found = given_sources(
        {
            "ENGINE_MAILBOX_DESK_URL": "imaps://a%40b:c%2Fd@mail.example",
            "ENGINE_MAILBOX_OLD_DESK_URL": " imap://u:p@mail.example:1143 ",
            "ENGINE_MAILBOX_NONE_URL": "",
            "ENGINE_DATABASE_URL": "x",
        }
    )
    assert found == {
        "desk": Source("imaps", "mail.example", 993, "a@b", "c/d"),
        "old_desk": Source("imap", "mail.example", 1143, "u", "p"),
    }
    assert "c/d" not in repr(found)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "imaps://", "imap://h:port"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(
        OperatorError, match=r"^ENGINE_MAILBOX_DESK_URL is no address of a mail server.*: write imaps://"
    ):
        given_sources({"ENGINE_MAILBOX_DESK_URL": url})


def test_a_password_is_not_sent_in_clear(office: Engine, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "HERE", frozenset())
    reads(office, post)
    work(office)
    assert stands(office).error == "the server offers no TLS: a password is not sent in clear"


def test_what_is_old_is_forgotten_once_a_day(office: Engine) -> None:
    planned = {each.name: each for each in duties(office.gateway).schedules(office.gateway)}
    bring(office, letter())
    bring(office, letter("Stranger", From="dan@other.example"))
    forget = planned["engine.clear-mail"]
    forget.run(office.gateway, Turn(office.gateway.clock()))
    with office.gateway.read(SYSTEM, "job") as context:
        assert kept.numbers(context) == {"kept": 1, "done": 1}
    later(office, int(kept.REMEMBERED.total_seconds()) + 1)
    forget.run(office.gateway, Turn(office.gateway.clock()))
    with office.gateway.read(SYSTEM, "job") as context:
        assert kept.numbers(context) == {}
