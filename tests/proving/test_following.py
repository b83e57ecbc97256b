"""The trigger graph against an interpreter: what is called endless is, and what is not complained of ends."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.metadata import proven

MEMBERS = ("x", "y")
ENOUGH = 400


@dataclass(frozen=True)
class Rule:
    """An automation: what it follows on, and its one action."""

    entity: str
    on: str
    changed: tuple[str, ...]
    does: tuple[str, ...]  # ("create", entity) | ("set", member, "literal 3" | "copy x" | "add")


sets = st.tuples(
    st.just("set"),
    st.sampled_from(MEMBERS),
    st.sampled_from(("literal 3", "literal 4", "copy x", "copy y", "add")),
)
creates = st.tuples(st.just("create"), st.sampled_from("ab"))
rules = st.builds(
    lambda entity, on, changed, does: Rule(
        entity, on, tuple(sorted(changed)) if on == "updated" else (), does
    ),
    st.sampled_from("ab"),
    st.sampled_from(("created", "updated")),
    st.sets(st.sampled_from(MEMBERS), max_size=1),
    st.one_of(sets, creates),
)


def written(number: int, rule: Rule) -> str:
    if rule.does[0] == "create":
        action = f"create: {{entity: {rule.does[1]}}}"
    else:
        _, member, how = rule.does
        value: Any = how.partition(" ")[2]
        value = {"a": f"{{cel: record.{member} + 1}}", "c": f"{{cel: record.{value}}}", "l": value}[how[0]]
        action = f"set: {{{member}: {value}}}"
    changed = f"changed: [{', '.join(rule.changed)}]\n" if rule.changed else ""
    return f"---\nautomation: r{number}\non: {rule.entity}.{rule.on}\n{changed}do: [{{{action}}}]\n"


def metadata(found: list[Rule]) -> str:
    members = (
        "{x: {type: integer, default: 0, required: true}, y: {type: integer, default: 0, required: true}}"
    )
    entities = "---\n".join(f"entity: {name}\nproperties: {members}\n" for name in "ab")
    return entities + "".join(written(number, rule) for number, rule in enumerate(found))


@dataclass
class World:
    """Records, and events that wait for what follows on them."""

    rules: list[Rule]
    records: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    events: deque[tuple[str, int, frozenset[str]]] = field(default_factory=deque)
    ran: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def create(self, entity: str) -> None:
        self.records.append((entity, dict.fromkeys(MEMBERS, 0)))
        self.events.append(("created", len(self.records) - 1, frozenset()))

    def write(self, number: int, member: str, value: int) -> None:
        if self.records[number][1][member] != value:
            self.records[number][1][member] = value
            self.events.append(("updated", number, frozenset({member})))

    def ends(self) -> bool:
        """Whether nothing follows any more after a while."""
        for _ in range(ENOUGH):
            if not self.events:
                return True
            happening, number, changed = self.events.popleft()
            for name, rule in enumerate(self.rules):
                meant = not rule.changed or changed & set(rule.changed)
                if (rule.entity, rule.on) == (self.records[number][0], happening) and meant:
                    self.ran[name] += 1
                    self._do(rule, number)
        return False

    def _do(self, rule: Rule, number: int) -> None:
        if rule.does[0] == "create":
            self.create(rule.does[1])
            return
        _, member, how = rule.does
        values = self.records[number][1]
        word, _, rest = how.partition(" ")
        if word == "literal":
            self.write(number, member, int(rest))
        else:
            self.write(number, member, values[rest] if word == "copy" else values[member] + 1)


def beginnings(found: list[Rule]) -> list[World]:
    """Everything that anybody can do to records, once."""
    worlds = []
    for entity in "ab":
        worlds.append(World(found))
        worlds[-1].create(entity)
        for member in MEMBERS:
            for value in (3, 4, 7):
                worlds.append(World(found, [(entity, {"x": 1, "y": 2})]))
                worlds[-1].write(0, member, value)
    return worlds


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, min_size=1, max_size=4))
def test_circles_are_those_that_an_interpreter_meets(found: list[Rule]) -> None:
    with TemporaryDirectory() as folder:
        problems = [each for each in proven(Path(folder), metadata(found)) if each.code != "unused-role"]
    assert {each.code for each in problems} <= {"trigger-cycle"}, problems
    worlds = beginnings(found)
    ended = [world.ends() for world in worlds]
    if not problems:
        assert all(ended)
    for each in problems:
        if each.level == "error":
            first = int(each.message.partition("end: r")[2].partition(" ")[0])
            assert all(not end for world, end in zip(worlds, ended, strict=True) if world.ran[first])
