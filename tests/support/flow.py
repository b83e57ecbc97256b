"""Workflows told a second time, in the plainest Python: what the engine's processes are held against.

`Flow` is drawn at random: the YAML of an application with one workflow, its users and what they may. `fire`, `start`,
`reject`, `update`, `bring` (an imported row) and `delete` answer what an attempt comes to by looking at all of it,
without a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import yaml

MEMBERS = ("a", "b", "c")
ROLES = ("clerk", "chief")
USERS: Mapping[str, tuple[str, ...]] = {
    "ann": ("clerk",),
    "bob": ("chief",),
    "cat": ("clerk", "chief"),
    "max": ("administrator",),
}
ACTIONS = ("update", "transition", "delete", "import")
Values = dict[str, int | None]
Codes = frozenset[tuple[str, str]]
FORBIDDEN: Codes = frozenset({("", "forbidden")})
GUARD: Codes = frozenset({("", "guard")})

CONDITIONS: Mapping[str, Callable[[Values], bool]] = {
    "record.a != null": lambda v: v["a"] is not None,
    "record.a > 2": lambda v: v["a"] is not None and v["a"] > 2,
    "record.b == record.c": lambda v: v["b"] == v["c"],
    "record.b == null || record.b < 4": lambda v: v["b"] is None or v["b"] < 4,
}
GIVEN: Mapping[str, Callable[[Values, int | None], int | None]] = {
    "3": lambda v, n: 3,
    "null": lambda v, n: None,
    "record.a": lambda v, n: v["a"],
    "record.b + 1": lambda v, n: None if v["b"] is None else v["b"] + 1,
    "form.n": lambda v, n: n,
}


@dataclass
class State:
    """What a state does to its records."""

    name: str
    frozen: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    enter: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Approval:
    """Who has to agree to a move: `needed` of those who have a role, or one for each role (`all`, or in order)."""

    roles: tuple[str, ...]
    needed: int | str
    in_order: bool
    reject_to: str

    def empty(self, agreed: list[str]) -> list[str]:
        """The seats nobody has taken yet: roles, or "" for any of them."""
        each_role = self.in_order or self.needed == "all"
        seats = list(self.roles) if each_role else [""] * (1 if self.needed == "any" else int(self.needed))
        left = list(agreed)
        for seat in list(seats):
            taker = next((login for login in left if self.fits(login, seat)), None)
            if taker is not None:
                left.remove(taker)
                seats.remove(seat)
        return seats

    def fits(self, login: str, seat: str) -> bool:
        """Whether a user may take a seat."""
        return seat in USERS[login] if seat else not set(self.roles).isdisjoint(USERS[login])


@dataclass(frozen=True)
class Move:
    """A transition: `target` is a state, `same`, or (a condition on `a`, the one state, the other).

    `sets` are done with the change of state, `later` ones after it. `roles` maps to levels. One without `sources`
    makes a record.
    """

    name: str
    sources: tuple[str, ...]
    target: str | tuple[str, str]
    roles: dict[str, str] | None
    guards: tuple[str, ...]
    form: tuple[tuple[str, bool], ...]
    sets: tuple[tuple[str, str], ...]
    later: tuple[tuple[str, str], ...]
    approval: Approval | None = None


@dataclass
class Made:
    """A record as the model has it; `trail` are the states it has entered, `votes` the answers while it is there."""

    state: str
    owner: str | None
    values: Values
    trail: list[str] = field(default_factory=list)
    votes: dict[str, dict[str, bool]] = field(default_factory=dict)

    def vote(self, name: str, login: str, agreed: bool) -> None:
        """Somebody's answer, the last one given."""
        votes = self.votes.setdefault(name, {})
        votes.pop(login, None)
        votes[login] = agreed

    def agreed(self, name: str) -> list[str]:
        """Who has agreed to a move, in order."""
        return [login for login, agreed in self.votes.get(name, {}).items() if agreed]


@dataclass
class Flow:
    """Everything drawn. `grants` are the levels of `update`, `transition`, `delete` and `import` by role."""

    states: dict[str, State]
    moves: dict[str, Move]
    starts: dict[str, Move]
    grants: dict[tuple[str, str], str]

    # ---- as YAML

    def yaml(self) -> str:
        """The application."""
        entity: dict[str, Any] = {"entity": "thing", "ownership": "user"}
        entity["properties"] = {name: {"type": "integer"} for name in MEMBERS}
        entity["properties"]["state"] = {"type": "state", "workflow": "life"}
        entity["access"] = {
            role: {"create": True, "read": "all"} | {action: self.grants[role, action] for action in ACTIONS}
            for role in ROLES
        }
        flow: dict[str, Any] = {"workflow": "life", "entity": "thing", "property": "state", "initial": "s0"}
        flow["states"] = {name: _state(each) for name, each in self.states.items()}
        flow["transitions"] = {name: _move(each) for name, each in {**self.moves, **self.starts}.items()}
        documents = [{"app": "flow"}, *({"role": role} for role in ROLES), entity, flow]
        return yaml.safe_dump_all(documents, sort_keys=False)

    # ---- what attempts come to

    def may(self, login: str, action: str, record: Made) -> bool:
        """Whether a user may do this to a record."""
        levels = {self.grants[role, action] for role in USERS[login] if role in ROLES}
        return login == "max" or "all" in levels or ("own" in levels and record.owner == login)

    def closed(self, login: str, move: Move, record: Made) -> Codes:
        """What stands in the way of a move whatever its form says."""
        not_open: Codes = frozenset() if record.state in move.sources else frozenset({("", "not-open")})
        if move.approval is not None:
            return not_open or (frozenset() if self._asked(login, move, record) else FORBIDDEN)
        named = move.roles is None or any(
            move.roles[role] == "all" or record.owner == login for role in USERS[login] if role in move.roles
        )
        if login != "max" and not (self.may(login, "transition", record) and named):
            return FORBIDDEN
        return not_open

    def _asked(self, login: str, move: Move, record: Made) -> bool:
        """Whether somebody's agreement would count now."""
        assert move.approval is not None
        agreed = record.agreed(move.name)
        empty = move.approval.empty(agreed)
        waiting = empty[:1] if move.approval.in_order else empty
        return login not in agreed and any(move.approval.fits(login, seat) for seat in waiting)

    def has_agreed(self, login: str, name: str, record: Made) -> bool:
        """Whether somebody has agreed to a move already, which to say again changes nothing."""
        return record.state in self.moves[name].sources and login in record.agreed(name)

    def open_starts(self, login: str) -> set[str]:
        """The moves by which somebody may make a record."""
        return {name for name, move in self.starts.items() if not self._may_not_start(login, move)}

    def _may_not_start(self, login: str, move: Move) -> Codes:
        named = move.roles is None or not move.roles.keys().isdisjoint(USERS[login])
        return frozenset() if named or login == "max" else FORBIDDEN

    def open(self, login: str, record: Made) -> set[str]:
        """The moves that are told to be open: guards that the form may change are not judged."""
        return {
            name
            for name, move in self.moves.items()
            if not self.closed(login, move, record)
            and all(CONDITIONS[each](record.values) for each in move.guards if not _reads(each, move))
        }

    def fire(self, login: str, name: str, record: Made, form: Mapping[str, Any]) -> Codes:
        """Move a record or agree to that, or say what it is refused for."""
        move = self.moves[name]
        if self.has_agreed(login, name, record):
            return frozenset()
        against = self.closed(login, move, record) or _form_errors(move, record, form)
        if against or move.approval is None:
            return against or self._made(move, record, form)
        values = _asked_values(move, record, form)
        if not all(CONDITIONS[each](values) for each in move.guards):
            return GUARD
        if len(move.approval.empty([*record.agreed(name), login])) == 0:
            return self._made(move, record, form)
        record.vote(name, login, True)
        return frozenset()

    def reject(self, login: str, name: str, record: Made, comment: str) -> Codes:
        """Refuse to agree to a move."""
        move = self.moves[name]
        assert move.approval is not None
        against = self.closed(login, move, record)
        if against or not comment.strip():
            return against or frozenset({("comment", "required")})
        if move.approval.reject_to:
            return self._made(Move(name, (), move.approval.reject_to, None, (), (), (), ()), record, {})
        record.vote(name, login, False)
        return frozenset()

    def start(self, login: str, name: str, form: Mapping[str, Any]) -> tuple[Codes, Made]:
        """Make a record by a move."""
        move, record = self.starts[name], Made("", login, dict.fromkeys(MEMBERS))
        return (
            self._may_not_start(login, move)
            or _form_errors(move, record, form)
            or self._made(move, record, form)
        ), record

    def _made(self, move: Move, record: Made, form: Mapping[str, Any]) -> Codes:
        """The record after a move that nothing stands in the way of but its conditions and states."""
        values = _asked_values(move, record, form)
        target = _target(move, record.state, values)
        if target is None:
            return frozenset({("", "no-target")})
        if not all(CONDITIONS[each](values) for each in move.guards):
            return GUARD
        state = self.states[target]
        enters = state.enter if move.target != "same" else ()
        for phase in _phases(move, enters):
            before = record.values if phase is _FIRST else values
            values = _given(
                values, phase.sets if phase is not _FIRST else _leading(move, enters), form.get("n")
            )
            against = self._judged(state, before, values)
            if against:
                return against
        record.values, record.state = values, target
        if move.target != "same":
            record.trail.append(target)
            record.votes = {}
        record.votes.pop(move.name, None)
        return frozenset()

    def bring(self, login: str, record: Made, given: Values, to: str | None) -> Codes:
        """A row of a file: the values are changed, and the first way that is open to the state is gone."""
        if not self.may(login, "import", record):
            return FORBIDDEN
        made = replace(record, votes={name: dict(votes) for name, votes in record.votes.items()})
        made.trail = list(record.trail)
        against = self.update(login, made, given)
        if not against and to is not None and to != made.state:
            leading = (
                name
                for name, move in self.moves.items()
                if move.target == to and move.approval is None and not self.closed(login, move, made)
            )
            name = next(leading, None)
            codes = (
                {"no-transition"} if name is None else {code for _, code in self.fire(login, name, made, {})}
            )
            against = frozenset(("state", code) for code in codes)
        if not against:
            record.__dict__.update(made.__dict__)
        return against

    def update(self, login: str, record: Made, given: Values) -> Codes:
        """Change a record, or say what it is refused for."""
        if not self.may(login, "update", record):
            return FORBIDDEN
        state, values = self.states[record.state], record.values | given
        errors = set(self._judged(state, record.values, values))
        frozen = set(MEMBERS) if "update" in state.forbidden else state.frozen
        changed = {name for name in given if values[name] != record.values[name]}
        errors |= {(name, "frozen") for name in changed & frozen}
        errors -= {(name, "required") for name in changed & frozen}
        if not errors:
            record.values = values
        return frozenset(errors)

    def delete(self, login: str, record: Made) -> Codes:
        """What deleting a record is refused for."""
        if not self.may(login, "delete", record):
            return FORBIDDEN
        forbidden = "delete" in self.states[record.state].forbidden
        return frozenset({("", "frozen")}) if forbidden else frozenset()

    def _judged(self, state: State, before: Values, after: Values) -> Codes:
        """What a state has against values that are written."""
        hidden = {
            (name, "not-available")
            for name in state.hidden
            if after[name] is not None and after[name] != before[name]
        }
        missing = {(name, "required") for name in state.required if after[name] is None}
        return frozenset(hidden | missing)


@dataclass
class _Phase:
    sets: tuple[tuple[str, str], ...]


_FIRST = _Phase(())


def _leading(move: Move, enters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What is set together with the change of state."""
    return move.sets if move.later else (*move.sets, *enters)


def _phases(move: Move, enters: tuple[tuple[str, str], ...]) -> Iterator[_Phase]:
    """Everything that is written one after the other: with the change of state, and each value that is set later."""
    yield _FIRST
    if move.later:
        yield from (_Phase((each,)) for each in (*move.later, *enters))


def _given(values: Values, sets: tuple[tuple[str, str], ...], asked: int | None) -> Values:
    for name, expression in sets:
        values = values | {name: GIVEN[expression](values, asked)}
    return values


def _asked_values(move: Move, record: Made, form: Mapping[str, Any]) -> Values:
    """The values with what a form says."""
    asked = {name for name, _ in move.form} - {"n"}
    return record.values | {name: form[name] for name in asked & form.keys()}


def _target(move: Move, state: str, values: Values) -> str | None:
    if isinstance(move.target, tuple):
        a = values["a"]
        return None if a is None else move.target[0] if a > 2 else move.target[1]
    return state if move.target == "same" else move.target


def _form_errors(move: Move, record: Made, form: Mapping[str, Any]) -> Codes:
    asked = dict(move.form)
    errors = {(name, "unknown-property") for name in form.keys() - asked.keys()}
    for name, required in move.form:
        value = form.get(name, record.values.get(name))
        if required and value is None:
            errors.add((name, "required"))
    return frozenset(errors)


def _reads(condition: str, move: Move) -> bool:
    """Whether a guard reads what the form asks for."""
    return any(f"record.{name}" in condition for name, _ in move.form)


def _state(state: State) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, names in (("freeze", state.frozen), ("hide", state.hidden), ("require", state.required)):
        if names:
            said[key] = sorted(names)
    if state.forbidden:
        said["forbid"] = sorted(state.forbidden)
    if state.enter:
        said["enter"] = _sets(state.enter)
    return said


def _sets(sets: tuple[tuple[str, str], ...]) -> list[Any]:
    return [{"set": {name: {"cel": expression}}} for name, expression in sets]


def _move(move: Move) -> dict[str, Any]:
    target: Any = move.target
    if isinstance(target, tuple):
        target = {"cel": f"record.a > 2 ? '{target[0]}' : '{target[1]}'"}
    said: dict[str, Any] = {"from": list(move.sources) or "start", "to": target}
    if move.approval is not None:
        asked = {"roles": list(move.approval.roles), "at_least": move.approval.needed}
        told = {"one_after_another": True} if move.approval.in_order else {}
        refused = {"reject_to": move.approval.reject_to} if move.approval.reject_to else {}
        said["approval"] = asked | told | refused
    if move.roles is not None:
        said["roles"] = dict(move.roles)
    if move.guards:
        said["guard"] = [{"check": each} for each in move.guards]
    form: list[Any] = []
    for name, required in move.form:
        own = {"type": "integer"} if name == "n" else {}
        form.append({name: own | ({"required": True} if required else {})} if own or required else name)
    if form:
        said["form"] = form
    later = [{"comment": "Moved"}, *_sets(move.later)] if move.later else []
    if move.sets or later:
        said["do"] = [*_sets(move.sets), *later]
    return said


# ---- drawing


def draw(random: Random) -> Flow:
    """A workflow of a few states, all of which can be reached and left."""
    names = [f"s{number}" for number in range(random.randint(2, 4))]
    states = {name: _drawn_state(random, name) for name in names}
    moves = {}
    for number, name in enumerate(names):
        following = names[(number + 1) % len(names)]
        moves[f"t{number}"] = _drawn_move(random, f"t{number}", (name,), following, names)
    for number in range(len(names), len(names) + random.randint(1, 4)):
        sources = tuple(random.sample(names, random.randint(1, len(names))))
        target: Any = random.choice([random.choice(names), "same", tuple(random.sample(names, 2))])
        moves[f"t{number}"] = _drawn_move(random, f"t{number}", sources, target, names)
    starts = {}
    for name in ("b0", "b1"):
        begins: Any = random.choice([random.choice(names), tuple(random.sample(names, 2))])
        starts[name] = replace(_drawn_move(random, name, (), begins, names), approval=None)
    levels = ("none", "own", "all", "all")
    grants = {
        (role, action): random.choice(levels if action != "import" else ("none", "all"))
        for role in ROLES
        for action in ACTIONS
    }
    return Flow(states, moves, starts, grants)


def _some(random: Random, chance: float) -> frozenset[str]:
    return frozenset(name for name in MEMBERS if random.random() < chance)


def _drawn_state(random: Random, name: str) -> State:
    if name == "s0":
        return State(name, _some(random, 0.2))
    forbidden = frozenset(each for each in ("update", "delete") if random.random() < 0.2)
    enter = ((random.choice(MEMBERS), "record.b + 1"),) if random.random() < 0.3 else ()
    hidden = _some(random, 0.15)
    return State(name, _some(random, 0.25), hidden, _some(random, 0.15) - hidden, forbidden, enter)


def _drawn_move(random: Random, name: str, sources: tuple[str, ...], target: Any, names: list[str]) -> Move:
    roles: dict[str, str] | None = None
    if random.random() < 0.5:
        roles = {role: random.choice(["own", "all"]) for role in random.sample(ROLES, random.randint(1, 2))}
    guards = tuple(random.sample(list(CONDITIONS), random.choice([0, 0, 1, 2])))
    form = tuple((each, random.random() < 0.4) for each in (*MEMBERS, "n") if random.random() < 0.35)
    given = [each for each in GIVEN if each != "form.n" or "n" in dict(form)]
    several = [
        tuple((random.choice(MEMBERS), random.choice(given)) for _ in range(random.choice([0, 0, 1, 2])))
    ]
    several.append(
        tuple((random.choice(MEMBERS), random.choice(given)) for _ in range(random.choice([0, 0, 1])))
    )
    approval = _drawn_approval(random, names) if sources and random.random() < 0.3 else None
    if approval is not None:
        roles = None
    return Move(name, sources, target, roles, guards, form, several[0], several[1], approval)


def _drawn_approval(random: Random, names: list[str]) -> Approval:
    """One that can be reached by those there are."""
    roles = tuple(random.sample(ROLES, random.randint(1, 2)))
    needed = random.choice(["all", "any", 1, 2])
    in_order = random.random() < 0.2
    return Approval(roles, needed, in_order, random.choice(["", random.choice(names)]))
