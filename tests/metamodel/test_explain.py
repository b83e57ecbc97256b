"""`engine explain entity`: the merged document with the origin of every value."""

from __future__ import annotations

from pathlib import Path

import yaml

from engine.declared.explain import explain_entity
from engine.loading.load import load
from tests.support.metadata import write

TEXT = """\
# crm/metadata/app.yaml
app: crm
# crm/entities/ticket.yaml
entity: ticket
title: "{subject}: {note}"
properties:
  subject: {type: text, required: true}
  note:
    type: text
    help: "Yes, no: or maybe"
indexes:
  - [note]
relations:
  lines: {to: line, kind: composition}
---
entity: line
properties: {name: {type: text}}
relations: {about: {to: ticket, inverse: mentions}}
# mine/metadata/app.yaml
app: mine
uses: [../crm]
# mine/entities/ticket.yaml
extend: ticket
label: Case
properties:
  subject: {max_length: 20}
  severity: {type: rating, max: 3}
"""

EXPECTED = """\
entity: ticket                                            # {crm}/entities/ticket.yaml:1
title: "{{subject}}: {{note}}"                                # {crm}/entities/ticket.yaml:2
properties:                                               # {crm}/entities/ticket.yaml:3
  subject:                                                # {crm}/entities/ticket.yaml:4
    type: text                                            # {crm}/entities/ticket.yaml:4
    required: true                                        # {crm}/entities/ticket.yaml:4
    max_length: 20                                        # entities/ticket.yaml:4
  note:                                                   # {crm}/entities/ticket.yaml:5
    type: text                                            # {crm}/entities/ticket.yaml:6
    help: "Yes, no: or maybe"                             # {crm}/entities/ticket.yaml:7
  severity: {{type: rating, max: 3}}                        # entities/ticket.yaml:5
indexes: [[note]]                                         # {crm}/entities/ticket.yaml:8
relations:                                                # {crm}/entities/ticket.yaml:10
  lines: {{to: line, kind: composition}}                    # {crm}/entities/ticket.yaml:11
label: Case                                               # entities/ticket.yaml:2

# added by the engine: id, created_at, updated_at, version, created_by → user, updated_by → user
# seen from the other side:
#   mentions: line.about"""


def test_every_value_stands_with_its_origin(tmp_path: Path) -> None:
    write(tmp_path, TEXT)
    shown = explain_entity(load(tmp_path / "mine"), "ticket")
    assert shown.split() == EXPECTED.format(crm=tmp_path / "crm").split()


def test_what_is_shown_is_the_merged_document(tmp_path: Path) -> None:
    app = load(write(tmp_path, TEXT) / "mine")
    for name, entity in app.entities.items():
        assert yaml.safe_load(explain_entity(app, name)) == entity.document
