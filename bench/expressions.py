"""Guards in Python against hand-written lambdas; reading and checking against cel-python's parser; many at load."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from bench.ratio import HEADER, Ratio, in_turns
from engine.checked import without_collecting
from engine.expressions.kinds import BOOL, INT, STRING, DecimalKind, EnumKind, Kind, ListKind, RecordKind
from engine.expressions.parse import parse
from engine.functions.standard import standard_functions
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.typecheck.check import CONDITION, Purpose, check
from engine.typecheck.schema import MemberShape, Roots

FUNCTIONS = standard_functions()
MANY = 10_000

DEAL: Mapping[str, Kind] = {
    "id": INT,
    "amount": DecimalKind(2),
    "stage": EnumKind(("new", "open", "won", "lost")),
    "title": STRING,
    "active": BOOL,
    "owner": RecordKind(("user",)),
    "account": RecordKind(("account",)),
    "lines": ListKind(RecordKind(("line",))),
}
ENTITIES: Mapping[str, Mapping[str, Kind]] = {
    "deal": DEAL,
    "account": {"id": INT, "name": STRING, "country": STRING},
    "line": {"id": INT, "quantity": INT, "price": DecimalKind(2)},
    "user": {"id": INT, "name": STRING},
}


class Deals:
    """The schema of the guards."""

    def member(self, entity: str, name: str) -> MemberShape | None:
        kind = ENTITIES.get(entity, {}).get(name)
        return None if kind is None else MemberShape(name, kind, name == "id")

    def names(self, entity: str) -> Mapping[str, Kind]:
        return ENTITIES[entity]

    def parent_of(self, entity: str) -> str | None:
        return None

    def named_by(self, entity: str) -> str | None:
        return None


ROOTS = Roots(records={"record": ("deal",), "user": ("user",)}, key="guard")
TEN_THOUSAND = Decimal(10_000)
Guard = Callable[[Mapping[str, Any], Surroundings], bool]


@dataclass(frozen=True)
class Case:
    """A guard as metadata has it, and as somebody who knows about nulls writes it by hand."""

    text: str
    by_hand: Guard


def _path(record: Mapping[str, Any], roots: Surroundings) -> bool:
    account = record["account"]
    return account is not None and account["country"] == "RO" and record["stage"] != "lost"


def _texts(record: Mapping[str, Any], roots: Surroundings) -> bool:
    title = record["title"]
    return title is not None and title.startswith("Big") and "deal" in title and len(title) < 40


CASES = (
    Case(
        "record.amount > 10000 && record.stage in ['open', 'won'] && record.owner == user",
        lambda record, roots: (
            (record["amount"] is not None and record["amount"] > TEN_THOUSAND)
            and record["stage"] in ("open", "won")
            and record["owner"] is not None
            and record["owner"]["id"] == roots.user["id"]  # type: ignore[index]
        ),
    ),
    Case(
        "record.stage == 'won' || record.stage == 'open' && record.active",
        lambda record, roots: (
            record["stage"] == "won" or (record["stage"] == "open" and record["active"] is True)
        ),
    ),
    Case(
        "record.title.startsWith('Big') && record.title.contains('deal') && size(record.title) < 40", _texts
    ),
    Case(
        "user.has_role('manager') || user.has_role('sales') && record.active",
        lambda record, roots: (
            "manager" in roots.roles or ("sales" in roots.roles and record["active"] is True)
        ),
    ),
    Case("record.account.country == 'RO' && record.stage != 'lost'", _path),
    Case(
        "record.lines.exists(l, l.quantity > 5) && record.lines.all(l, l.price > 1.0)",
        lambda record, roots: (
            any(line["quantity"] is not None and line["quantity"] > 5 for line in record["lines"])
            and all(line["price"] is not None and line["price"] > 1 for line in record["lines"])
        ),
    ),
)

RECORDS: tuple[Mapping[str, Any], ...] = tuple(
    {
        "id": number,
        "amount": None if number % 5 == 0 else Decimal(number * 1_000),
        "stage": ("new", "open", "won", "lost", None)[number % 5],
        "title": None if number % 7 == 0 else f"Big deal {number}",
        "active": number % 3 != 0,
        "owner": {"id": number % 4},
        "account": None if number % 6 == 0 else {"id": 1, "name": "A", "country": "RO"},
        "lines": tuple({"id": each, "quantity": each * 3, "price": Decimal("2.50")} for each in range(3)),
    }
    for number in range(24)
)
ALL = RECORDS * 100
AROUND = Surroundings(user={"id": 1, "name": "Ada"}, roles=("sales",))


def main() -> None:
    print(HEADER)
    for case in CASES:
        print(guard(case))
    print(
        reading()
        or "reading and checking: not measured, cel-python is not installed (`pip install cel-python`)"
    )
    print(f"\n{MANY:,} different expressions read and checked, as metadata is: {loading():.1f} s")


def guard(case: Case) -> Ratio:
    """One guard over all records, which both have to answer alike."""
    ours, by_hand = read(case), case.by_hand
    for record in RECORDS:
        assert ours(record, AROUND) == by_hand(record, AROUND), (case.text, record)
    return in_turns(
        f"`{case.text.replace('|', chr(92) + '|')}`, {len(ALL):,} times",
        lambda: [ours(record, AROUND) for record in ALL],
        lambda: [by_hand(record, AROUND) for record in ALL],
        rounds=41,
        each=1,
    )


def read(case: Case) -> Guard:
    """The guard as the engine makes it of its text."""
    made: Guard = to_python(check(case.text, ROOTS, Deals(), FUNCTIONS, CONDITION).node, "true").evaluate
    return made


def reading() -> Ratio | None:
    """Reading and checking the guards against what cel-python takes to read them."""
    if find_spec("celpy") is None:
        return None
    from celpy.celparser import CELParser  # type: ignore[import-not-found]

    parser, schema = CELParser(), Deals()

    def ours() -> None:
        parse.cache_clear()
        for case in CASES:
            check(case.text, ROOTS, schema, FUNCTIONS, CONDITION)

    return in_turns(
        f"reading and checking {len(CASES)} guards, against cel-python's reading alone",
        ours,
        lambda: [parser.parse(case.text) for case in CASES],
        each=3,
    )


@without_collecting()
def loading() -> float:
    """Seconds for very many expressions, none like another; without the garbage collector, as metadata is read."""
    parse.cache_clear()
    schema, purpose = Deals(), Purpose(condition=True, constant=False)
    start = time.perf_counter()
    for number in range(MANY):
        text = CASES[number % len(CASES)].text
        text = f"({text}) && record.id != {number}"
        check(text, ROOTS, schema, FUNCTIONS, purpose)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
