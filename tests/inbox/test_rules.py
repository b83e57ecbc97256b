"""What becomes of mails: the first rule that takes one, in one transaction, in the name of the mailbox."""

from __future__ import annotations

import sqlalchemy as sa

from engine.app import Engine
from engine.inbox import kept
from engine.service import records
from engine.store.system import audit, file, mail
from engine.work.context import SYSTEM
from tests.support.post_office import all_of, bring, comments, letter, outbox

PDF = b"%PDF-1.7 words"


def test_a_mail_becomes_a_record(office: Engine) -> None:
    became = bring(office, letter("The  lamp", "It is <broken>.\n\nAna\n"))
    assert (became.state, became.rule, became.entity) == ("done", "Questions", "case")
    (case,) = all_of(office, "case", "number", "subject", "body", "created_by")
    assert case["subject"] == "The lamp"
    assert case["body"] == "<p>It is &lt;broken&gt;.</p><p>Ana</p>"
    assert case["created_by"] is None  # never who wrote: an address is no proof
    with office.gateway.read(SYSTEM, "job") as context:
        made = sa.select(audit.c.actor_name).where(audit.c.entity == "case", audit.c.action == "create")
        assert context.connection.execute(made).scalar_one() == "Mailbox Desk"


def test_what_it_says_is_forgotten_once_it_is_a_record(office: Engine) -> None:
    became = bring(office, letter())
    with office.gateway.read(SYSTEM, "job") as context:
        row = context.connection.execute(sa.select(mail).where(mail.c.id == became.id)).one()
    assert (row.raw, row.excerpt) == (None, "")


def test_the_same_mail_is_one_record_however_often_it_comes(office: Engine) -> None:
    first = bring(office, letter())
    assert bring(office, letter()) == first
    assert bring(office, letter().as_bytes().replace(b"\n", b"\r\n")) == first
    assert len(all_of(office, "case", "number")) == 1
    with_other_words = letter(text="And the table.\n", Message_ID=letter()["Message-ID"])
    assert bring(office, with_other_words).id != first.id  # some programs use one identity for all they send
    assert len(all_of(office, "case", "number")) == 2


def test_a_stranger_s_mail_that_no_rule_takes_is_kept_and_can_be_tried_again(office: Engine) -> None:
    became = bring(office, letter(From="Dan <dan@other.example>"))
    assert (became.state, became.note, became.excerpt) == ("kept", "", "It is broken.")
    assert all_of(office, "case", "number") == []
    with office.gateway.write(SYSTEM, "cli") as context:
        records.make(context, "person", {"name": "Dan", "email": "dan@other.example"})
        assert kept.retry(context, became.id)
        assert not kept.retry(context, became.id)
    assert bring(office, letter(From="Dan <dan@other.example>")).state == "done"
    assert len(all_of(office, "case", "number")) == 1


def test_who_writes_is_found_or_made_before_the_record(office: Engine) -> None:
    hello = letter("hello there", From='"Dan, Other" <Dan@Other.example>')
    assert bring(office, hello).rule == "Strangers"
    assert bring(office, letter("hello again", From="boss@other.example")).rule == "Strangers"
    assert [each["name"] for each in all_of(office, "company", "name")] == ["other.example"]
    assert [each["email"] for each in all_of(office, "person", "email")] == [
        "Ana.Pop@acme.example",
        "dan@other.example",
        "boss@other.example",
    ]


def test_a_header_that_is_asked_for_decides(office: Engine) -> None:
    became = bring(office, letter(X_Spam_Flag="YES"))
    assert (became.state, became.rule) == ("ignored", "Spam")
    assert all_of(office, "case", "number") == []


def test_a_long_subject_is_shortened_not_refused(office: Engine) -> None:
    bring(office, letter("long " * 40))
    (case,) = all_of(office, "case", "subject")
    assert len(case["subject"]) <= 60
    assert (
        case["subject"].endswith("long…") or case["subject"].endswith("l…") or case["subject"].endswith("…")
    )


def test_what_refuses_a_mail_is_its_reason_and_nothing_is_written(office: Engine) -> None:
    became = bring(office, letter("hello", From="Dan <dan@nodot>"))
    assert became.state == "failed"
    assert "dan@nodot" in became.note
    assert became.rule == "Strangers"
    assert all_of(office, "company", "name") == []  # what was made before goes with it
    assert all_of(office, "case", "number") == []


# ---- machines


def test_machines_make_no_records_and_are_not_answered(office: Engine) -> None:
    machines: list[dict[str, str]] = [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"From": "MAILER-DAEMON@acme.example"},
        {"From": "desk@example.com"},
    ]
    for number, headers in enumerate(machines):
        became = bring(office, letter(f"hello {number}", **headers))
        assert became.state == "ignored", headers
        assert became.note.startswith("No person wrote it")
    assert all_of(office, "case", "number") == []
    assert outbox(office) == []


def test_who_passes_on_what_people_write_is_no_machine(office: Engine) -> None:
    became = bring(office, letter(Precedence="list", List_Id="<desk.groups.example>"))
    assert became.state == "done"


def test_who_writes_is_answered_and_a_loop_falls_silent(office: Engine) -> None:
    for number in range(8):
        bring(office, letter(f"lamp {number}"))
    replies = [each for each in outbox(office) if each["recipient"] == "ana.pop@acme.example"]
    assert len(replies) == 5
    assert replies[0]["subject"] == "C-0001: lamp 0"
    assert replies[0]["text"] == "Thank you, Ana Pop. It is C-0001."
    assert replies[0]["answers"] == letter("lamp 0")["Message-ID"]
    assert replies[0]["automatic"] is True


def test_who_wants_no_answer_of_a_machine_gets_none(office: Engine) -> None:
    assert bring(office, letter(X_Auto_Response_Suppress="All")).state == "done"
    assert [each["recipient"] for each in outbox(office)] == ["kim@desk.example"]


# ---- files


def test_files_become_rows_and_what_does_not_fit_is_told(office: Engine) -> None:
    sent = letter()
    sent.add_attachment(PDF, maintype="application", subtype="pdf", filename="../../etc/bill.pdf")
    sent.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="run.exe")
    sent.add_attachment(b"x" * 1_100_000, maintype="application", subtype="pdf", filename="long.pdf")
    became = bring(office, sent)
    assert "run.exe (This takes application/pdf, text/plain" in became.note
    assert "long.pdf (A file here has at most 1 MB" in became.note
    (paper,) = all_of(office, "paper", "file")
    assert paper["file"].name == "bill.pdf"
    with office.gateway.read(SYSTEM, "job") as context:
        rows = context.connection.execute(sa.select(file.c.name, file.c.entity, file.c.record_id)).all()
        assert b"".join(office.gateway.files.open(paper["file"].key)) == PDF
    assert ("bill.pdf", "paper", 1) in {tuple(row) for row in rows}


def test_a_picture_is_one_by_its_bytes(office: Engine) -> None:
    sent = letter("hello", From="Dan <dan@other.example>")
    sent.add_attachment(b"not a picture", maintype="image", subtype="png", filename="a.png")
    sent.add_attachment(b"\x89PNG\r\n\x1a\n...", maintype="image", subtype="png", filename="b.png")
    sent.add_attachment(b"\x89PNG\r\n\x1a\n...", maintype="image", subtype="png", filename="c.png")
    became = bring(office, sent)
    (case,) = all_of(office, "case", "picture")
    assert case["picture"].name == "b.png"
    assert "a.png (This takes" in became.note
    assert "c.png (one file has its place here)" in became.note


def test_files_that_nothing_has_are_taken_away(office: Engine) -> None:
    sent = letter("hello", From="Dan <dan@nodot>")
    sent.add_attachment(b"\x89PNG\r\n\x1a\n...", maintype="image", subtype="png", filename="b.png")
    assert bring(office, sent).state == "failed"
    left = [each for each in office.gateway.files.system.find(office.gateway.files.root) if each]
    assert left == []
    with office.gateway.read(SYSTEM, "job") as context:
        assert context.connection.execute(sa.select(file.c.key)).all() == []


# ---- kept


def test_what_arrived_long_ago_is_forgotten(office: Engine) -> None:
    bring(office, letter(From="Dan <dan@other.example>"))
    with office.gateway.write(SYSTEM, "job") as context:
        assert kept.clear(context) == 0
        old = context.now - kept.REMEMBERED * 2
        context.connection.execute(sa.update(mail).values(arrived_at=old))
        assert kept.clear(context) == 1


def test_nothing_becomes_of_what_is_discarded(office: Engine) -> None:
    became = bring(office, letter(From="Dan <dan@other.example>"))
    with office.gateway.write(SYSTEM, "job") as context:
        assert kept.discard(context, became.id)
        assert not kept.retry(context, became.id)
        assert kept.numbers(context) == {"discarded": 1}
    assert comments(office, "case", 1) == []
