"""Tables of small applications written in YAML, for the tests of the store."""

from __future__ import annotations

from pathlib import Path

from engine.build.table import Dialect, Tables, build_tables
from engine.loading.load import load
from engine.store.system import add_system_tables

LIBRARY = """
app: library
---
entity: author
properties:
  name:    {type: text, required: true}
  email:   {type: email}
---
entity: book
properties:
  title:   {type: text, required: true}
  pages:   {type: integer}
  price:   {type: money, currency: EUR}
relations:
  author:  {to: author, required: true, on_delete: restrict, inverse: books}
  about:   {to: [author, book], on_delete: clear, inverse: mentions}
---
entity: shelf
features: {trash: false}
properties:
  label:   {type: text, unique: true}
relations:
  books:   {to: book, kind: many_to_many}
"""


def tables_of(folder: Path, dialect: Dialect, text: str = LIBRARY) -> Tables:
    """The tables of an application, the engine's own included."""
    (folder / "metadata").mkdir(exist_ok=True)
    (folder / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    tables = build_tables(load(folder), dialect)
    add_system_tables(tables.metadata)
    return tables


def changed(*replacements: tuple[str, str], text: str = LIBRARY) -> str:
    """The library with some of its lines written differently."""
    for old, new in replacements:
        assert old in text, f"the library has no {old!r}"
        text = text.replace(old, new)
    return text
