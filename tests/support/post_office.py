"""An application with mailboxes for tests, and mails as strangers send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from engine.app import Engine, Prepared, build, duties
from engine.app import bring as bring_to_metadata
from engine.build.runtime import Runtime
from engine.build.table import Dialect
from engine.checked import check
from engine.inbox import kept
from engine.inbox.kept import Kept
from engine.outbox.running import Runner
from engine.reading.query import Query
from engine.service import auditing, notes, records
from engine.store.database import Database
from engine.store.files import FileStore
from engine.store.system import audit, job
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.metadata import write
from tests.support.spares import SPARES

POST_OFFICE = """
app: post_office
settings: {mail_from: "Desk <desk@example.com>", base_url: "https://desk.example"}
---
role: agent
---
entity: company
properties: {name: {type: text, required: true, max_length: 40}}
access: {agent: {create: true, read: all}}
---
entity: person
title: "{name}"
properties: {name: {type: text}, email: {type: email}}
relations: {company: {to: company}, keeper: {to: user}}
access: {agent: {create: true, read: all}}
---
entity: case
title: "{number} {subject}"
properties:
  number: {type: autonumber, pattern: "C-{seq:04}"}
  subject: {type: text, required: true, max_length: 60}
  body: {type: rich_text}
  status: {type: state, workflow: life}
  picture: {type: image, max_mb: 1}
relations:
  person: {to: person}
  keeper: {to: user}
  papers: {to: paper, kind: composition, inverse: case}
access: {agent: {create: true, read: all, update: all, transition: all}}
---
entity: paper
properties: {file: {type: file, max_mb: 1, accept: [application/pdf, text/plain]}}
access: {agent: {create: true, read: all}}
---
workflow: life
entity: case
property: status
initial: new
states: {new: {}, closed: {freeze: all}}
transitions:
  close:
    from: new
    to: closed
    do:
      - mail: {to: record.person.email, subject: "{number} is done", text: "Tell us if it is not."}
  reopen:
    from: closed
    to: new
    form: [{comment: required}]
    do:
      - notify: {to: record.keeper, subject: "{number} is open again", mail: true}
---
mailbox: desk
label: Desk
address: desk@example.com
headers: {spam: X-Spam-Flag}
find: {person: {entity: person, by: {email: {cel: mail.from}}}}
rules:
  - label: Spam
    when: mail.spam == 'YES'
    automatic: true
    ignore: true
  - label: Answers
    answer: {entity: case, number: number}
    when: "!mail.by_number || person != null && person == record.person"
    attachments: papers
    do:
      - {transition: {name: reopen, with: {comment: {cel: mail.reply}}}, when: record.status == 'closed'}
      - comment: "{mail.from_name}: {mail.reply}"
  - label: Questions
    when: person != null
    create:
      entity: case
      with: {subject: "{mail.subject}", body: {cel: mail.html}, person: {cel: person}, keeper: {cel: person.keeper}}
    attachments: papers
    reply: {subject: "{number}: {mail.subject}", text: "Thank you, {mail.from_name}. It is {number}."}
    do:
      - notify: {to: record.keeper, subject: "{number} came in", text: "{mail.from_name} writes", mail: true}
  - label: Strangers
    when: mail.subject.contains('hello')
    before:
      - find_or_create: {entity: company, by: {name: "{mail.domain}"}, as: company}
      - find_or_create:
          entity: person
          by: {email: {cel: mail.from}}
          with: {name: "{mail.from_name}", company: {cel: company}}
          as: writer
    create: {entity: case, with: {subject: "{mail.subject}", person: {cel: writer}}}
    attachments: picture
"""


def open_office(folder: Path, url: str, more: str = "", replaced: Sequence[tuple[str, str]] = ()) -> Engine:
    """The application on a database, with ana@acme.example as a person; `replaced` are parts of it told otherwise.

    It is read and built once per process; its mailboxes are the test's own, which may change them.
    """
    text = POST_OFFICE + more
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    write(folder, text, "metadata/app.yaml")
    runtime = _runtime(text, "sqlite" if url.startswith("sqlite") else "postgresql")
    SPARES.prepare(url, f"post office {text}", lambda: runtime.tables)
    own = {"folder": str(folder), "mailboxes": dict(runtime.application.mailboxes)}
    runtime = replace(runtime, application=replace(runtime.application, **own))
    gateway = Gateway(Database.open(url), runtime, FileStore(str(folder / "var" / "files")))
    bring_to_metadata(gateway.database, runtime, apply=True)
    engine = Engine(folder, gateway, Prepared(), apply=True)
    with engine.gateway.write(SYSTEM, "cli") as context:
        user = records.make(
            context, "user", {"login": "kim", "name": "Kim", "email": "kim@desk.example", "roles": ["agent"]}
        )
        ana = {"name": "Ana Pop", "email": "Ana.Pop@acme.example", "keeper": {"id": user}}
        records.make(context, "person", ana)
    return engine


@lru_cache
def _runtime(text: str, dialect: Dialect) -> Runtime:
    """The application of a text that has no error, on a kind of database."""
    with TemporaryDirectory() as folder:
        return build(check(write(Path(folder), text, "metadata/app.yaml")), dialect, b"s" * 32)


def letter(subject: str = "The lamp", text: str = "It is broken.\n", **headers: str) -> EmailMessage:
    """A mail of Ana's; `headers` with `_` for `-`, an empty one is left out."""
    made = EmailMessage()
    usual = {"From": "Ana Pop <ana.pop@acme.example>", "To": "desk@example.com", "Subject": subject}
    usual["Message-ID"] = f"<{abs(hash((subject, text))):x}@acme.example>"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {**usual, **given}.items():
        if value:
            made[name] = value
    made.set_content(text)
    return made


def bring(engine: Engine, mail: EmailMessage | bytes, mailbox: str = "desk") -> Kept:
    """Deliver a mail and let everything that follows happen but the sending of mails; answers what became of it."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    gateway = engine.gateway
    declared = gateway.runtime.application.mailboxes[mailbox]
    arrival = kept.arrival_of(declared, raw)
    number, _ = gateway.writing(SYSTEM, "job", lambda context: kept.receive(context, arrival))
    Runner(gateway, duties(gateway).handlers).run_due()
    with gateway.read(SYSTEM, "job") as context:
        found = kept.get(context, number)
    assert found is not None
    return found


def all_of(engine: Engine, entity: str, *fields: str) -> list[dict[str, Any]]:
    """The records of an entity, oldest first, with some of their values."""
    with engine.gateway.read(SYSTEM, "job") as context:
        rows = records.find(context, entity, Query(sort=("id",), limit=200)).rows
        found = [records.get(context, entity, row.id).values for row in rows]
    return [{name: each[name] for name in fields} for each in found]


def comments(engine: Engine, entity: str, number: int) -> list[str]:
    """The comments in a record's history, oldest first."""
    mine = (audit.c.entity == entity, audit.c.record_id == number, audit.c.action == "comment")
    with engine.gateway.read(SYSTEM, "job") as context:
        found = context.connection.execute(
            sa.select(audit.c.changes).where(*mine).order_by(audit.c.id)
        ).scalars()
        return [notes.shown(said[auditing.NOTE], lambda *_: True) for said in found]


def outbox(engine: Engine) -> list[dict[str, Any]]:
    """The mails that are to be sent, oldest first."""
    with engine.gateway.read(SYSTEM, "job") as context:
        statement = sa.select(job.c.payload).where(job.c.kind == "mail").order_by(job.c.id)
        return [dict(each) for each in context.connection.execute(statement).scalars()]
