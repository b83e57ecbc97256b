"""Answers find the record they are about: by the mails sent from here, by those that came, by its number."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

from engine.app import Engine
from engine.mailing import threads
from engine.mailing.sending import deliver
from engine.process import firing
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.mailbox import Mailbox, mailbox
from tests.support.post_office import all_of, bring, comments, letter, outbox


def answer(to: str, text: str = "More.\n", **headers: str) -> EmailMessage:
    return letter("Re: The lamp", text, In_Reply_To=to, **headers)


def close(office: Engine, number: int = 1) -> None:
    with office.gateway.write(SYSTEM, "cli") as context:
        firing.fire(context, "case", number, "close", {})


def sent(office: Engine) -> Mailbox:
    """What a mail server is given of the mails that wait."""
    with mailbox() as box:
        deliver(office.gateway, box.server)
        return box


def test_an_answer_to_a_mail_that_came_is_a_comment(office: Engine) -> None:
    bring(office, letter())
    became = bring(office, answer(letter()["Message-ID"], "I mean the red one.\n\nOn Mon, D wrote:\n> old\n"))
    assert (became.rule, became.entity, became.record_id) == ("Answers", "case", 1)
    assert comments(office, "case", 1) == ["Ana Pop: I mean the red one."]
    assert len(all_of(office, "case", "number")) == 1


def test_an_answer_to_what_a_process_mailed_finds_the_record(office: Engine) -> None:
    bring(office, letter())
    sent(office)
    close(office)
    (done,) = sent(office).mails
    assert (done["To"], done["Subject"], done["Reply-To"]) == (
        "Ana.Pop@acme.example",
        "C-0001 is done",
        "desk@example.com",
    )
    became = bring(office, answer(str(done["Message-ID"]), "It is not.\n"))
    assert (became.entity, became.record_id) == ("case", 1)
    assert all_of(office, "case", "status") == [{"status": "new"}]


def test_an_answer_to_an_answer_finds_the_record_too(office: Engine) -> None:
    bring(office, letter())
    second = answer(letter()["Message-ID"])
    bring(office, second)
    third = letter("something else", "x\n", References=f"<unknown@x> {second['Message-ID']} <other@y>")
    assert bring(office, third).record_id == 1


def test_an_answer_to_a_mail_sent_from_here_finds_the_record(office: Engine) -> None:
    bring(office, letter())
    box = sent(office)
    told, thanked = sorted(box.mails, key=lambda each: str(each["To"]), reverse=True)
    assert (told["To"], told["Reply-To"], told["Auto-Submitted"]) == (
        "kim@desk.example",
        "desk@example.com",
        "auto-generated",
    )
    assert (thanked["To"], thanked["In-Reply-To"], thanked["Auto-Submitted"]) == (
        "ana.pop@acme.example",
        letter()["Message-ID"],
        "auto-replied",
    )
    for number, mail in enumerate((told, thanked)):
        became = bring(office, answer(str(mail["Message-ID"]), f"answer {number}\n", From="kim@desk.example"))
        assert (became.rule, became.record_id) == ("Answers", 1)
    assert comments(office, "case", 1) == ["kim: answer 0", "kim: answer 1"]


def test_an_answer_reopens_what_is_closed(office: Engine) -> None:
    bring(office, letter())
    close(office)
    bring(office, answer(letter()["Message-ID"], "It is broken again.\n"))
    (case,) = all_of(office, "case", "status")
    assert case["status"] == "new"
    assert [each["subject"] for each in outbox(office)][-1] == "C-0001 is open again"
    bring(office, answer(letter()["Message-ID"], "Really.\n"))
    assert comments(office, "case", 1)[-1] == "Ana Pop: Really."


def test_a_machine_s_answer_changes_nothing(office: Engine) -> None:
    bring(office, letter())
    close(office)
    out_of_office = answer(letter()["Message-ID"], "I am away.\n", Auto_Submitted="auto-replied")
    assert bring(office, out_of_office).state == "ignored"
    assert [each["status"] for each in all_of(office, "case", "status")] == ["closed"]
    assert comments(office, "case", 1) == []


def test_the_number_in_a_subject_tells_the_record_where_the_rule_trusts_who_writes(office: Engine) -> None:
    bring(office, letter())
    bring(office, letter("The table"))
    assert bring(office, letter("Question [C-0002]: when?", "x\n")).record_id == 2
    stranger = bring(office, letter("C-0002", "let me in\n", From="Eve <eve@evil.example>"))
    assert stranger.state == "kept"
    assert comments(office, "case", 2) == ["Ana Pop: x"]
    of_both = bring(office, letter("C-0001 and C-0002", "y\n"))
    assert of_both.rule == "Questions"  # which one is not said


def test_a_mail_that_was_never_sent_answers_nothing(office: Engine) -> None:
    bring(office, letter())
    sent(office)
    for guess in ("<1@example.com>", f"<{'0' * 32}@example.com>", "<1.1790000000.000000@example.com>"):
        became = bring(office, answer(guess, f"{guess}\n", From="eve@evil.example"))
        assert became.state == "kept", guess


def test_an_answer_to_what_is_in_the_trash_is_a_new_matter(office: Engine) -> None:
    bring(office, letter())
    with office.gateway.write(SYSTEM, "cli") as context:
        records.delete(context, "case", 1)
    became = bring(office, answer(letter()["Message-ID"]))
    assert (became.rule, became.record_id) == ("Questions", 2)


def test_files_of_an_answer_come_to_those_that_are_there(office: Engine) -> None:
    first, second = letter(), answer(letter()["Message-ID"])
    for mail, name in ((first, "a.txt"), (second, "b.txt")):
        mail.add_attachment("words", filename=name)
        bring(office, mail)
    assert [each["file"].name for each in all_of(office, "paper", "file")] == ["a.txt", "b.txt"]


def test_threads_are_forgotten_after_years(office: Engine) -> None:
    bring(office, letter())
    with office.gateway.write(SYSTEM, "job") as context:
        assert threads.about(context, [letter()["Message-ID"]], "case") == 1
        threads.clear(context)
        assert threads.about(context, [letter()["Message-ID"]], "case") == 1
        threads.clear(replace(context, now=context.now + threads.KEPT * 2))
        assert threads.about(context, [letter()["Message-ID"]], "case") is None


def test_a_mailbox_that_nobody_reads_is_no_address_to_answer_to(office: Engine) -> None:
    declared = office.gateway.runtime.application.mailboxes
    declared["desk"] = replace(declared["desk"], reads=True)  # type: ignore[index]
    bring(office, letter())
    assert {each["Reply-To"] for each in sent(office).mails} == {None}
    office.gateway.mail_sources = {"desk": object()}
    bring(office, letter("The table"))
    assert {each["Reply-To"] for each in sent(office).mails} == {"desk@example.com"}
