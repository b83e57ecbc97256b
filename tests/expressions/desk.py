"""A help desk for the tests of checking and of Python: its entities, roots, and how complaints are written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.expressions.complaint import Complaint, ExpressionError
from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    JSON,
    STRING,
    TIME,
    UUID,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
)
from engine.functions.standard import standard_functions
from engine.to_python.compile import Mode, to_python
from engine.to_python.roots import Surroundings
from engine.typecheck.check import Checked, Purpose, check
from engine.typecheck.schema import MemberShape, Roots

FUNCTIONS = standard_functions()

Shape = Kind | tuple[Kind, str]
"""A kind; with "required" or "elsewhere", or "=" and the expression that a computed property stands for."""

TICKET: Mapping[str, Shape] = {
    "id": (INT, "required"),
    "subject": (STRING, "required"),
    "note": STRING,
    "status": (EnumKind(("open", "pending", "closed"), "state"), "required"),
    "priority": EnumKind(("low", "normal", "high")),
    "count": INT,
    "limit": (INT, "required"),
    "hours": DecimalKind(2),
    "rate": DecimalKind(4),
    "ratio": DOUBLE,
    "price": MoneyKind("EUR"),
    "fee": MoneyKind(),
    "due": DATE,
    "made": (DATE, "required"),
    "opened": DATETIME,
    "lasts": DURATION,
    "starts": TIME,
    "urgent": BOOL,
    "closed": (BOOL, "required"),
    "topics": (ListKind(EnumKind(("bug", "wish", "question"))), "required"),
    "place": StructKind("address", {"city": STRING, "country": STRING}),
    "payload": JSON,
    "key": UUID,
    "customer": RecordKind(("account",)),
    "agent": RecordKind(("user",)),
    "about": RecordKind(("account", "user")),
    "survey": (RecordKind(("line",)), "elsewhere"),
    "lines": ListKind(RecordKind(("line",))),
    "tags": ListKind(RecordKind(("tag",))),
    "double": (INT, "= record.count * 2"),
    "late": (BOOL, "= record.due < today()"),
    "egg": (INT, "= record.hen + 1"),
    "hen": (INT, "= record.egg + 1"),
}
ENTITIES: Mapping[str, Mapping[str, Shape]] = {
    "ticket": TICKET,
    "account": {
        "id": (INT, "required"),
        "name": (STRING, "required"),
        "city": STRING,
        "vip": (BOOL, "required"),
        "owner": RecordKind(("user",)),
        "head": RecordKind(("account",)),
        "tickets": ListKind(RecordKind(("ticket",))),
    },
    "line": {
        "id": (INT, "required"),
        "name": STRING,
        "amount": INT,
        "price": DecimalKind(2),
        "cost": MoneyKind("EUR"),
        "done": (BOOL, "required"),
        "ticket": (RecordKind(("ticket",)), "required"),
    },
    "tag": {"id": (INT, "required"), "name": (STRING, "required")},
    "user": {
        "id": (INT, "required"),
        "name": (STRING, "required"),
        "unit": RecordKind(("account",)),
        "limit": INT,
    },
}


class Desk:
    """The schema that the checker asks."""

    def member(self, entity: str, name: str) -> MemberShape | None:
        found = ENTITIES.get(entity, {}).get(name)
        if found is None:
            return None
        if not isinstance(found, tuple):
            return MemberShape(name, found)
        kind, more = found
        computed = more.removeprefix("= ") if more.startswith("=") else ""
        return MemberShape(name, kind, more == "required", computed, more == "elsewhere")

    def names(self, entity: str) -> Collection[str]:
        return ENTITIES.get(entity, {})

    def parent_of(self, entity: str) -> str | None:
        return "ticket" if entity == "line" else None

    def named_by(self, entity: str) -> str | None:
        return "name" if entity == "tag" else None


def roots(key: str = "", entity: str = "ticket", *, changes: bool = True) -> Roots:
    """Every root there can be, for one key."""
    records = {"record": (entity,), "user": ("user",), "option": ("account",)}
    if changes:
        records["old"] = (entity,)
    values = {
        "settings": {"limit": MemberShape("limit", INT), "word": MemberShape("word", STRING, required=True)}
    }
    return Roots(
        records=records,
        optional=frozenset({"old"}),
        values=values,
        features=frozenset({"billing"}),
        roles=frozenset({"agent", "manager"}),
        capabilities=frozenset({"export"}),
        changes=changes,
        key=key,
    )


def checked(text: str, **how: Any) -> Checked:
    """An expression that is right."""
    return check(text, how.pop("roots", roots()), Desk(), FUNCTIONS, Purpose(**how))


def complaints(text: str, **how: Any) -> tuple[Complaint, ...]:
    """What is wrong with an expression."""
    try:
        checked(text, **how)
    except ExpressionError as error:
        return error.complaints
    return ()


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its « and », and the parts that stood between them."""
    text, spans, begun = "", [], []
    for character in marked:
        if character == "«":
            begun.append(len(text))
        elif character == "»":
            spans.append((begun.pop(), len(text)))
        else:
            text += character
    return text, sorted(spans)


def said(complaint: Complaint) -> str:
    """A complaint on one line."""
    return f"{complaint.code}: {complaint.message}" + (f" -- {complaint.hint}" if complaint.hint else "")


def cases(table: str) -> list[tuple[str, list[str]]]:
    """A table of expressions, each with what is said of it below, and a cure on a line of its own."""
    found: list[tuple[str, list[str]]] = []
    for line in filter(None, table.splitlines()):
        if not line.startswith(" "):
            found.append((line, []))
        elif line.startswith("      -- "):
            found[-1][1][-1] += line.replace("      -- ", " -- ", 1)
        else:
            found[-1][1].append(line.strip())
    return found


def told(marked: str) -> tuple[list[str], bool]:
    """What is said of a marked expression, and whether it is said where the marks are."""
    text, spans = unmarked(marked)
    found = complaints(text, roots=roots("check"))
    return [said(complaint) for complaint in found], [tuple(each.span) for each in found] == spans


def value(
    text: str,
    record: Mapping[str, Any] | None = None,
    around: Surroundings | None = None,
    mode: Mode = "value",
    **how: Any,
) -> Any:
    """What an expression gives."""
    made = to_python(checked(text, **how).node, mode)
    return made.evaluate({**EMPTY, **(record or {})}, around or Surroundings())


def judged(
    text: str, record: Mapping[str, Any] | None = None, around: Surroundings | None = None, **how: Any
) -> bool | None:
    """What a condition is: True, False or None; the three modes have to say the same."""
    found = value(text, record, around, **how)
    modes = value(text, record, around, "true", **how), value(text, record, around, "false", **how)
    assert modes == (found is True, found is False), (text, found, modes)
    assert found in (True, False, None)
    return found  # type: ignore[no-any-return]


EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(TICKET),
    "id": 1,
    "subject": "",
    "status": "open",
    "limit": 10,
    "closed": False,
    "topics": (),
    "lines": (),
    "tags": (),
}
"""A ticket with nothing in it but what is required."""
