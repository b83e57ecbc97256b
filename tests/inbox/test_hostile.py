"""Whatever strangers send becomes something, on both databases: nothing they write stops a mailbox."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.app import Engine
from engine.inbox import kept
from tests.support.post_office import all_of, bring, comments, letter

NAMES = st.sampled_from(
    ["From", "To", "Subject", "Message-ID", "References", "Date", "Content-Type", "X-Spam-Flag"]
)
PIECES = st.sampled_from(
    [
        b"=?utf-8?q?=00?=",
        b"\x00",
        b"\xff",
        b"ana.pop@acme.example",
        b"<a\x00@b>",
        b"hello",
        b"C-0001",
        b"=?utf-7?q?+2AA-?=",
        b"text/html",
        b"multipart/mixed; boundary=x",
        b"; charset=utf-16",
        b"\xed\xa0\x80",
        b'"',
        b"<",
        b">",
        b"\x85",
        b",",
    ]
)
HEADS = st.lists(st.tuples(NAMES, st.lists(PIECES, max_size=5).map(b" ".join)), max_size=6)
BODIES = st.lists(
    PIECES | st.sampled_from([b"<b>", b"&#0;", b"&#xD800;", b"\n--x\n\n", b"words"]), max_size=8
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(HEADS, BODIES)
def test_whatever_comes_becomes_something(
    office: Engine, several: list[tuple[str, bytes]], body: list[bytes]
) -> None:
    head = b"\n".join(name.encode() + b": " + value for name, value in several)
    became = bring(office, head + b"\n\n" + b" ".join(body))
    assert became.state in ("done", "kept", "failed", "ignored")


def test_nul_and_halves_of_characters_are_left_out(office: Engine) -> None:
    raw = b"From: ana.pop@acme.example\nSubject: a\x00b =?utf-8?q?c=00d?=\nMessage-ID: <x\x00@y>\n"
    raw += b"Content-Type: text/html\n\n<p>e\x00f&#0;&#xD800;g</p>"
    assert bring(office, raw).state == "done"
    (case,) = all_of(office, "case", "subject", "body")
    assert case["subject"] == "a b c d"
    assert "ef" in case["body"]


def test_html_of_strangers_acts_nowhere(office: Engine) -> None:
    evil = b"From: ana.pop@acme.example\nSubject: <script>x</script>\nMessage-ID: <1@y>\nContent-Type: text/html\n\n"
    evil += (
        b'<p onclick="x()">hi<script>alert(1)</script><img src=x onerror=y><a href="javascript:z">a</a></p>'
    )
    bring(office, evil)
    (case,) = all_of(office, "case", "body")
    assert case["body"] == '<p>hi<a rel="noopener noreferrer nofollow">a</a></p>'
    answer = letter("Re", "<b>bold</b> {number} {{ 7 * 7 }}\n", In_Reply_To="<1@y>")
    bring(office, answer)
    assert comments(office, "case", 1) == [
        "Ana Pop: <b>bold</b> {number} {{ 7 * 7 }}"
    ]  # words, and no template


def test_what_pretends_to_come_from_a_user_gives_no_rights(office: Engine) -> None:
    """The record belongs to nobody, and what a user may do is not asked."""
    became = bring(office, letter("hello", From="Kim <kim@desk.example>"))
    assert became.rule == "Strangers"
    (case,) = all_of(office, "case", "created_by")
    assert case["created_by"] is None


def test_many_addresses_and_files_are_bounded(office: Engine) -> None:
    sent = letter(To=", ".join(f"a{number}@x.example" for number in range(5000)))
    for number in range(150):
        sent.add_attachment("x", filename=f"{number}.txt")
    assert bring(office, sent).state == "done"
    many = letter("many")
    for number in range(300):
        many.add_attachment("x", filename=f"{number}.txt")
    became = bring(office, many)
    assert (became.state, "more parts" in became.note) == ("failed", True)
    assert len(became.note) <= kept.LONGEST_NOTE
