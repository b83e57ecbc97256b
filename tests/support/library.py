"""A library as metadata: every type and kind of relation once, for the tests of the generated pages."""

from __future__ import annotations

from pathlib import Path

from engine.app import Engine, open_app
from engine.identity import identity
from engine.work.context import SYSTEM
from tests.support.metadata import write

LIBRARY = """
# metadata/app.yaml
app: library
label: City Library
settings: {currency: EUR, timezone: Europe/Bucharest}
---
role: librarian
---
role: visitor

# entities/author.yaml
entity: author
plural: Authors
icon: feather
description: Somebody who writes.
title: "{first_name} {last_name}"
properties:
  first_name: {type: text, search: high}
  last_name:  {type: text, required: true, search: high}
  born:       {type: date}
access:
  librarian: {create: true, read: all, update: all, delete: all}
  visitor:   {read: all}

# entities/book.yaml
entity: book
icon: book
description: What the library lends.
title: "{number} · {name}"
ownership: user
features: {tags: true}
properties:
  number:    {type: autonumber, pattern: "B-{seq:04}"}
  name:      {type: text, required: true, search: high, help: As on the cover., max_length: 80}
  kind:
    type: choice
    required: true
    default: novel
    options: {novel: {color: blue, phase: start}, poetry: {color: violet}, travel: {}}
  themes:    {type: multi_choice, options: [love, sea, war]}
  pages:     {type: integer, min: 1}
  price:     {type: money}
  cost:      {type: money, currency: EUR, access: {read: [librarian], write: [librarian]}}
  discount:  {type: percent}
  weight:    {type: decimal}
  lent:      {type: boolean, default: false}
  published: {type: date}
  due_at:    {type: datetime}
  opens:     {type: time}
  loan:      {type: duration}
  stars:     {type: rating}
  shade:     {type: color}
  site:      {type: url}
  contact:   {type: email}
  call:      {type: phone}
  code:      {type: uuid, copy: false}
  data:      {type: json, group: More}
  secret:    {type: secret, group: More}
  cover:     {type: image, group: More}
  scan:      {type: file, group: More}
  place:     {type: geo_point, group: More}
  origin:    {type: address, group: More}
  notes:     {type: long_text, group: Texts}
  summary:   {type: rich_text, group: Texts}
  review:    {type: markdown, group: Texts}
relations:
  author:  {to: author, required: true, on_delete: restrict, inverse: books}
  sequel:  {to: book, kind: tree, on_delete: clear, inverse: prequels}
  given_by: {to: [author, user], on_delete: clear, inverse: gifts}
  readers: {to: author, kind: many_to_many, inverse: read_books}
  copies:  {to: copy, kind: composition, inverse: book}
  places:  {to: shelf_mark, kind: composition, inverse: book}
access:
  librarian: {create: true, read: all, update: all, delete: all}
  visitor:   {read: all, update: none}

# entities/copy.yaml
entity: copy
plural: Copies
title: "{label}"
properties:
  label:  {type: text, required: true}
  amount: {type: integer, min: 1, default: 1}
  worn:   {type: boolean, default: false}
relations:
  holder: {to: author, on_delete: clear, inverse: held}

# entities/shelf_mark.yaml
entity: shelf_mark
title: "{room}"
properties:
  room:  {type: text, required: true}
  where: {type: address}

# entities/member.yaml
entity: member
title: "{company} {name}"
features: {trash: false}
record_types:
  person:   {label: Person, required: [name], hidden: [company]}
  business: {label: Business, required: [company]}
properties:
  name:    {type: text}
  company: {type: text}
access:
  librarian: {create: true, read: all, update: all, delete: all}

# entities/opening.yaml
entity: opening
singleton: true
properties: {text: {type: text}}

# ui_schema/book.yaml
grid: book
columns: [number, name, author, kind, {property: author.born, label: Author born}, cost, lent, owner, readers]
sort: [name]
filters: [kind, lent, author, given_by, tags]
views:
  poems: {label: Poems, filters: {kind: poetry}, sort: [-name]}
---
grid: author
views:
  old:  {label: Old, where: "record.born < date('1900-01-01')"}
  late: {label: Late, where: "record.born >= date('1900-01-01')", default_for: [visitor]}
  more: {label: More, default_for: [visitor]}
---
navigation:
  - menu: Books
    items: [{grid: book}, {grid: book, view: poems, label: Poems}]
  - menu: People
    items: [{grid: author}]
"""

PASSWORD = "correct horse"


def open_library(folder: Path) -> Engine:
    """The library on a fresh SQLite database, with three users: admin, lib (librarian), vis (visitor)."""
    write(folder, LIBRARY)
    engine = open_app(folder, database=f"sqlite:///{folder / 'library.db'}", apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        for login, role, name in USERS:
            identity.create_user(context, login, PASSWORD, [role], name)
    return engine


USERS = (
    ("admin", "administrator", "Ada Min"),
    ("lib", "librarian", "Libby Rarian"),
    ("vis", "visitor", "Vic Itor"),
)
