"""Whatever is granted: a lock accepts only what reaches no record that it did not reach before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

from engine.matrix.compare import widened
from engine.matrix.facts import Closed, Fact, May, SharedByDefault, SharedWith
from engine.matrix.lock import as_text, read_lines
from engine.matrix.matrix import Matrix
from engine.metamodel.access import LEVELS, SHARED_ACTIONS, Party

ROLES = ("agent", "manager")
ACTIONS = ("read", "update", "audit")
TYPES = ("small", "large")
CONDITIONS = ("record.urgent", "record.status == 'open'")
ROUNDS = 4_000


def some_facts(chance: random.Random) -> Iterator[Fact]:
    """A few grants, sharing rules and closed members, few enough to include each other often."""
    for _ in range(chance.randint(0, 4)):
        types = chance.choice((None, frozenset({"small"}), frozenset(TYPES)))
        where = chance.choice(("", *CONDITIONS))
        level = chance.choice(LEVELS[1:4])
        role, action = chance.choice(ROLES), chance.choice(ACTIONS)
        yield May(entity="plan", role=role, action=action, level=level, types=types, where=where)
    if chance.random() < 0.3:
        yield SharedByDefault(entity="plan", level=chance.choice(("read", "edit")))
    if chance.random() < 0.5:
        source = chance.choice(
            (None, Party(kind="role", name="agent"), Party(kind="roles_below", name="agent"))
        )
        target = Party(kind=chance.choice(("role", "roles_below")), name="agent")
        where = chance.choice(("", CONDITIONS[0]))
        yield SharedWith(
            entity="plan", target=target, level=chance.choice(("read", "edit")), source=source, where=where
        )
    if chance.random() < 0.4:
        access = chance.choice(("hidden", "read", "create", "update"))
        yield Closed(entity="plan", member="cost", role=chance.choice(ROLES), access=access)


World = tuple[int, str, frozenset[str], str]
"""A record as grants see it: how far from the actor, its type, the conditions it meets, whose it is."""

WORLDS: list[World] = [
    (distance, kind, frozenset(true), owner)
    for distance, kind, true, owner in product(
        (1, 2, 3, 4), TYPES, ((), CONDITIONS[:1], CONDITIONS[1:], CONDITIONS), ("agent", "below", "other")
    )
]


def reached(facts: frozenset[Fact], role: str, action: str) -> set[World]:
    """The records of the small world that a role reaches, told from first principles."""
    found = set()
    grants = [each for each in facts if isinstance(each, May) and (each.role, each.action) == (role, action)]
    for world in WORLDS if grants else ():
        distance, kind, true, owner = world
        by_grant = any(
            distance <= LEVELS.index(each.level)
            and (each.types is None or kind in each.types)
            and (not each.where or each.where in true)
            for each in grants
        )
        by_default = any(
            isinstance(each, SharedByDefault) and action in SHARED_ACTIONS[each.level] for each in facts
        )
        by_rule = any(
            isinstance(each, SharedWith)
            and action in SHARED_ACTIONS[each.level]
            and (role == "agent" or (role == "manager" and each.target.kind == "roles_below"))
            and (
                each.source is None
                or owner == "agent"
                or (owner == "below" and each.source.kind == "roles_below")
            )
            and (not each.where or each.where in true)
            for each in facts
        )
        if by_grant or by_default or by_rule:
            found.add(world)
    return found


USES = {"hidden": set(), "read": {"r"}, "create": {"r", "c"}, "update": {"r", "u"}}


def uses(facts: frozenset[Fact], role: str) -> set[str]:
    """What a role may do with the one property, where it may do anything."""
    if not any(isinstance(each, May) and each.role == role for each in facts):
        return set()
    closed = [each for each in facts if isinstance(each, Closed) and each.role == role]
    return USES[closed[0].access] if closed else {"r", "c", "u"}


def included(now: frozenset[Fact], before: frozenset[Fact]) -> bool:
    return all(
        reached(now, role, action) <= reached(before, role, action)
        for role, action in product(ROLES, ACTIONS)
    ) and all(uses(now, role) <= uses(before, role) for role in ROLES)


def sound(facts: frozenset[Fact]) -> frozenset[Fact]:
    """Without closed members of a role that may do nothing: no matrix has such a line."""
    may = {each.role for each in facts if isinstance(each, May)}
    return frozenset(each for each in facts if not isinstance(each, Closed) or each.role in may)


def test_a_lock_accepts_only_what_it_includes() -> None:
    chance = random.Random(20)
    accepted = refused = 0
    for _ in range(ROUNDS):
        before = sound(frozenset(some_facts(chance)))
        kept = frozenset(each for each in before if isinstance(each, Closed) or chance.random() < 0.8)
        now = sound(kept | (frozenset(some_facts(chance)) if chance.random() < 0.5 else frozenset()))
        now = frozenset({(each.topic if isinstance(each, Closed) else each): each for each in now}.values())
        locked, problems = read_lines(as_text(Matrix(before)))
        assert problems == ()
        assert locked.facts == before
        if next(widened(locked, Matrix(now)), None) is None:
            accepted += 1
            assert included(now, before), (sorted(f.text for f in before), sorted(f.text for f in now))
        else:
            refused += 1
    assert accepted > ROUNDS / 4
    assert refused > ROUNDS / 4


def test_everything_accepts_itself_and_less() -> None:
    chance = random.Random(21)
    for _ in range(ROUNDS // 10):
        whole = sound(frozenset(some_facts(chance)))
        gone = chance.choice(sorted(whole, key=lambda each: each.text)) if whole else None
        assert list(widened(Matrix(whole), Matrix(whole))) == []
        if gone is not None and not isinstance(gone, Closed):
            assert list(widened(Matrix(whole), Matrix(sound(whole - {gone})))) == []
