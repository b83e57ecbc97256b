"""Two processes read one mailbox; one is killed in the middle, and every mail is one record."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

from tests.proofs.test_jobs import Process
from tests.support.imap_server import imap_server
from tests.support.post_office import all_of, letter, open_office

MAILS = 24


def test_every_mail_is_one_record_though_a_process_is_killed(tmp_path: Path, database_url: str) -> None:
    declared = "address: desk@example.com\n"
    read = (declared, f"{declared}source: imap\nevery: 10s\n")
    engine = open_office(tmp_path / "office", database_url, replaced=[read])
    with imap_server() as post:
        post.put(*(letter(f"mail {each:02}").as_bytes() for each in range(MAILS)))
        told = (database_url, tmp_path / "office", post.url)
        victim, other = Process("fetching", *told, "hold"), Process("fetching", *told, "go on")
        try:
            for each in (victim, other):
                each.says("begun")
            victim.go()
            victim.says("holding")
            other.go()
            victim.kill()
            give_up = monotonic() + 120
            while len(all_of(engine, "case", "subject")) < MAILS:
                assert monotonic() < give_up
                sleep(0.2)
            other.end()
        finally:
            for each in (victim, other):
                each.kill()
    found = sorted(each["subject"] for each in all_of(engine, "case", "subject"))
    engine.close()
    assert found == [f"mail {each:02}" for each in range(MAILS)]
