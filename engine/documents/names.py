"""Names that can't be used, since the engine or a database has them, and names that other systems use."""

from __future__ import annotations

from typing import Final

_ADDRESS: Final = "it is an address of the engine's own pages"

RESERVED_ENTITIES: Final = dict.fromkeys(
    (
        "api",
        "dashboard",
        "files",
        "healthz",
        "me",
        "metrics",
        "notifications",
        "preferences",
        "readyz",
        "report",
        "search",
        "settings",
        "setup",
        "static",
    ),
    _ADDRESS,
)

RESERVED_MEMBERS: Final = frozenset(("id", "created_at", "created_by", "updated_at", "updated_by", "version"))
"""What every entity has by itself."""

RESERVED_COLUMNS: Final = frozenset(("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"))
"""Columns that PostgreSQL has by itself in every table."""

OTHER_TYPES: Final = {
    "string": "text",
    "str": "text",
    "varchar": "text",
    "char": "text",
    "int": "integer",
    "number": "integer",
    "bigint": "integer",
    "float": "decimal",
    "double": "decimal",
    "numeric": "decimal",
    "currency": "money",
    "amount": "money",
    "bool": "boolean",
    "checkbox": "boolean",
    "enum": "choice",
    "select": "choice",
    "picklist": "choice",
    "multiselect": "multi_choice",
    "timestamp": "datetime",
    "textarea": "long_text",
    "html": "rich_text",
    "mail": "email",
    "telephone": "phone",
    "link": "url",
    "password": "secret",
    "attachment": "file",
    "photo": "image",
}
"""What other systems call our types."""

_LIST_SIDE = (
    "declare it on the side of the many, and name this list there by `inverse`; rows of its own: composition"
)
OTHER_KINDS: Final = {
    "one_to_many": _LIST_SIDE,
    "one2many": _LIST_SIDE,
    "has_many": _LIST_SIDE,
    "belongs_to": "leave it out: a relation leads to one record",
    "many2one": "leave it out: a relation leads to one record",
    "has_one": "did you mean 'one_to_one'?",
    "many2many": "did you mean 'many_to_many'?",
    "parent": "did you mean 'tree'?",
}
"""What other systems call our kinds of relation."""

KINDS_OF_RELATION: Final = frozenset(("one_to_one", "many_to_many", "composition", "tree"))
RELATION_WORDS: Final = frozenset(
    (
        *KINDS_OF_RELATION,
        *OTHER_KINDS,
        "many_to_one",
        "relation",
        "reference",
        "ref",
        "lookup",
        "foreign_key",
        "fk",
    )
)
"""What stands as the type of a property where a relation is meant."""
