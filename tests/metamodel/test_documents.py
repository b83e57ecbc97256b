"""Documents: what declares what, in which layer, and what an extension makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading.load import check, load
from tests.support.metadata import application, complaints, write

TICKET = "entity: ticket\nproperties:\n  subject: {type: text}\n"


def test_the_engine_brings_its_own_entities(tmp_path: Path) -> None:
    assert list(application(tmp_path, "# metadata/app.yaml\napp: empty\n").entities) == [
        "user",
        "organization",
        "unit",
        "group",
        "tag",
        "absence",
    ]


def test_several_documents_of_one_file(tmp_path: Path) -> None:
    app = application(tmp_path, f"{TICKET}---\n---\nentity: task\nproperties: {{name: {{type: text}}}}\n")
    assert {"ticket", "task"} <= set(app.entities)


def test_every_file_read_is_listed_even_one_with_mistakes(tmp_path: Path) -> None:
    app, problems = check(write(tmp_path, f"{TICKET}# entities/bad.yaml\nentity: [\n"))
    assert app is None
    assert [problem.code for problem in problems] == ["yaml-flow"]
    whole = load(write(tmp_path / "good", TICKET))
    assert str(tmp_path / "good" / "entities" / "example.yaml") in whole.files


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "entty: ticket\n",
            "example.yaml:1:1 error[unknown-kind] unknown document kind 'entty' -- did you mean 'entity'?",
        ),
        (
            "calendar: tickets\nentity: ticket\n",
            (
                "example.yaml:1:1 error[kind-not-available] documents of kind 'calendar' are not read by this version "
                "-- this version reads app, entity, picklist, role, profile, group, workflow, automation, mapping, "
                "calendar_of_work, mailbox, grid, board, view, form, navigation, test"
            ),
        ),
        (
            f"label: Ticket\n{TICKET}",
            (
                "example.yaml:2:1 error[kind-not-first] the first key of a document says what it declares -- "
                "put `entity:` first"
            ),
        ),
        (
            "entity: Ticket Line\n",
            (
                "example.yaml:1:9 error[bad-name] 'Ticket Line' is no name -- write ticket_line: "
                "names are lower-case words joined by _, beginning with a letter, 55 letters at most"
            ),
        ),
        (
            "properties: {name: {type: text}}\n",
            (
                "example.yaml:1:1 error[unknown-kind] unknown document kind 'properties' -- "
                "'properties' belongs to an entity: begin the document with `entity: example`"
            ),
        ),
        (
            "entity: ticket\nproperties:\n  name {type: text}\n",
            "example.yaml:3:3 error[bad-name] 'name {type' is no name -- a colon is missing: write name: {…}",
        ),
        (
            "entity:\nproperties: {name: {type: text}}\n",
            (
                "example.yaml:1:1 error[missing-name] 'entity' takes a name, not nothing -- "
                "names are lower-case words joined by _, beginning with a letter, 55 letters at most"
            ),
        ),
        (
            f"{TICKET}---\n{TICKET}",
            (
                "example.yaml:5:9 error[duplicate-document] entity 'ticket' is already declared at "
                "entities/example.yaml:1:1 -- rename or remove one of them"
            ),
        ),
        (
            "entity: user\n",
            (
                "example.yaml:1:9 error[duplicate-document] entity 'user' is already declared at "
                "base/identity.yaml:2:1 -- write `extend: user` to add to it"
            ),
        ),
        (
            "extend: usr\n",
            "example.yaml:1:9 error[unknown-entity] no entity 'usr' -- did you mean 'user'?",
        ),
        (
            "entity: api\nproperties: {name: {type: text}}\n",
            (
                "example.yaml:1:9 error[reserved-name] no entity can be called 'api': it is an address of the engine's "
                "own pages -- choose another name; `label` says what is shown"
            ),
        ),
        (
            f"{TICKET}---\nentity: ticket_pkey\n---\nentity: order_id_seq\n",
            (
                "example.yaml:5:9 error[reserved-name] no entity can be called 'ticket_pkey': PostgreSQL keeps it "
                "for the primary key of 'ticket' -- choose another name; `label` says what is shown"
            ),
        ),
        (
            f"# metadata/app.yaml\napp: one\n---\napp: two\n# entities/ticket.yaml\n{TICKET}",
            (
                "metadata/app.yaml:3:6 error[duplicate-document] this application has a name already: 'one' -- "
                "keep one `app:` document"
            ),
        ),
        (
            f"# entity/ticket.yaml\n{TICKET}",
            (
                "entity/ticket.yaml:1:1 warning[file-not-read] this file is not read: metadata stands in metadata/, "
                "entities/, workflows/, ui_schema/ -- move it to entities/"
            ),
        ),
    ],
)
def test_one_mistake_is_one_problem(text: str, expected: str, tmp_path: Path) -> None:
    assert complaints(tmp_path, text) == [expected]


def test_a_folder_without_an_application(tmp_path: Path) -> None:
    (tmp_path / "entities").mkdir()
    (problem,) = check(tmp_path)[1]
    assert (problem.code, str(problem.place)) == ("no-application", "metadata/app.yaml:1:1")
    (problem,) = check(tmp_path / "nowhere")[1]
    assert problem.code == "no-application"


@pytest.mark.parametrize(
    "broken",
    [
        "entity: account\nproperties: [\n",
        "entity: account\nproperties:\n\tname: {type: text}\n",
        "entity: account\nproperties:\n  name: {type: text}\nlabel: a: b\n",
        "entity: account\nproperties:\n  name: {typ: text}\nrelations: {x: {to: ticket, inverse: [y]}}\n",
        "entty: account\nproperties:\n  name: {type: text}\n",
        "entity: account\npropertes:\n  name: {type: text}\n",
    ],
)
def test_what_cannot_be_read_is_not_called_unknown_elsewhere(broken: str, tmp_path: Path) -> None:
    text = f"""\
entity: ticket
title: "{{account.name}}"
properties:
  subject: {{type: text}}
relations:
  account: {{to: account, inverse: tickets}}
---
grid: ticket
columns: [subject, account.name]
---
grid: account
columns: [name]
---
view: account
layout: [{{related: tickets, columns: [subject]}}]
---
navigation: [{{grid: account}}]
# entities/account.yaml
{broken}"""
    found = complaints(tmp_path, text)
    assert [line for line in found if not line.startswith("account.yaml")] == []
    assert found


def test_a_nameless_document_is_not_missed(tmp_path: Path) -> None:
    text = (
        "role:\n---\npicklist:\noptions: [x]\n---\n"
        "entity: a\nproperties: {x: {type: choice, options: kinds}}\naccess: {agent: {read: all}}\n"
    )
    assert [line.split()[1] for line in complaints(tmp_path, text)] == ["error[missing-name]"] * 2


def test_a_file_in_another_encoding_is_one_problem(tmp_path: Path) -> None:
    write(tmp_path, "entity: ticket\nproperties: {a: {type: text}}\nrelations: {b: {to: account}}\n")
    (tmp_path / "entities" / "account.yaml").write_bytes("entity: account # Müller".encode("latin-1"))
    assert [problem.code for problem in check(tmp_path)[1]] == ["not-utf8"]


# ---- layers

CRM = """\
# crm/metadata/app.yaml
app: crm
label: CRM
settings: {currency: RON, session_hours: 8}
# crm/entities/ticket.yaml
entity: ticket
label: Ticket
properties:
  subject: {type: text, required: true, max_length: 200}
  channel: {type: choice, options: {email: {}, fax: {}}}
  note:    {type: text}
indexes: [[channel], [note]]
"""


def layered(tmp_path: Path, text: str) -> Path:
    write(tmp_path, f"{CRM}{text}", "mine/entities/example.yaml")
    return tmp_path / "mine"


MINE = "# mine/metadata/app.yaml\napp: mine\nuses: [../crm]\n# mine/entities/ticket.yaml\n"


def test_an_extension_merges_replaces_and_takes_away(tmp_path: Path) -> None:
    text = f"""{MINE}extend: ticket
label: Case
properties:
  subject: {{max_length: 120}}
  channel: {{options: {{fax: null, chat: {{color: blue}}}}}}
  note: null
  severity: {{type: rating}}
indexes: {{add: [[severity]], remove: [[note]]}}
"""
    app = load(layered(tmp_path, text))
    ticket = app.entities["ticket"]
    assert (app.name, app.label, app.settings.currency, app.settings.session_hours) == (
        "mine",
        "Mine",
        "RON",
        8,
    )
    assert ticket.label == "Case"
    assert [name for name, prop in ticket.properties.items() if not prop.system] == [
        "subject",
        "channel",
        "severity",
    ]
    subject, channel = ticket.properties["subject"], ticket.properties["channel"]
    assert subject.required
    assert subject.type.max_length == 120  # type: ignore[attr-defined]
    assert [choice.name for choice in channel.type.options] == ["email", "chat"]  # type: ignore[attr-defined]
    assert ticket.indexes == (("channel",), ("severity",))


def test_a_mistake_in_a_layer_stands_in_its_own_file(tmp_path: Path) -> None:
    found = check(layered(tmp_path, f"{MINE}extend: ticket\nproperties:\n  subject: {{max_length: many}}\n"))[
        1
    ]
    assert [str(problem.place) for problem in found] == ["entities/ticket.yaml:3:25"]


def test_pages_are_extended_by_kind_and_name(tmp_path: Path) -> None:
    text = f"{MINE}grid: ticket\ncolumns: [subject]\n---\nextend: {{grid: ticket}}\ncolumns: {{add: [channel]}}\n"
    grid = load(layered(tmp_path, text)).grids["ticket"]
    assert [column.path for column in grid.columns] == ["subject", "channel"]


def test_a_layer_is_read_once_however_many_use_it(tmp_path: Path) -> None:
    text = (
        "# sales/metadata/app.yaml\napp: sales\nuses: [../crm]\n"
        "# mine/metadata/app.yaml\napp: mine\nuses: [../crm, ../sales]\n"
    )
    app = load(layered(tmp_path, text))
    assert len(app.files) == len(set(app.files))
    assert "ticket" in app.entities


def test_layers_in_a_circle_and_missing_layers(tmp_path: Path) -> None:
    text = "# mine/metadata/app.yaml\napp: mine\nuses: [../crm, ../nowhere, ../mine]\n"
    found = [(problem.code, str(problem.place)) for problem in check(layered(tmp_path, text))[1]]
    assert found == [("unknown-layer", "metadata/app.yaml:2:16"), ("layer-cycle", "metadata/app.yaml:2:28")]


def test_an_installed_package_can_be_a_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = write(
        tmp_path / "installed" / "crm_base",
        "# entities/account.yaml\nentity: account\nproperties: {name: {type: text}}\n",
    )
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    app = load(write(tmp_path / "mine", "# metadata/app.yaml\napp: mine\nuses: [crm_base]\n"))
    assert "account" in app.entities
