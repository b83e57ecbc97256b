"""Access told a second time, in the plainest Python: what the SQL conditions of the engine are held against.

`World` is drawn at random: an application's YAML, its users, groups, units and records. `reaches` answers for one
user, action and record by looking at all of it, without a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

LEVELS = ("none", "own", "group", "unit", "unit_tree", "organization", "all")
ROLES = ("chief", "head", "clerk", "guest")
ACTIONS = ("read", "update", "delete")
SHARED = {"private": (), "read": ("read",), "edit": ("read", "update"), "full": ("read", "update", "delete")}

Record = dict[str, Any]
CONDITIONS: dict[str, Callable[[Record, Record], bool]] = {
    "record.flag": lambda record, user: record["flag"] is True,
    "!record.flag": lambda record, user: record["flag"] is False,
    "record.size > 2": lambda record, user: record["size"] is not None and record["size"] > 2,
    "record.owner == user": lambda record, user: record["owner"] == user["login"],
    "record.owner.unit == user.unit": lambda record, user: record["owner_unit"] == user["unit"],
    "record.size == null || user.has_role('guest')": lambda record, user: (
        record["size"] is None or "guest" in user["roles"]
    ),
}


@dataclass
class World:
    """Everything drawn: grants by (role, action), sharing, and who and what there is."""

    parents: dict[str, str | None]
    grants: dict[tuple[str, str], tuple[str, str | None]]
    default: str
    rules: list[tuple[tuple[str, str] | None, tuple[str, str], str, str | None]]
    declared: dict[str, dict[str, list[str]]]  # groups of the metadata
    units: dict[str, str | None]
    users: dict[str, Record]
    members: dict[str, list[str]]
    records: list[Record]
    shares: list[tuple[int, str, str, str]] = field(default_factory=list)  # record, kind, name, level

    # ---- as YAML

    def yaml(self) -> str:
        """The application of this world."""
        parts = ["app: world"]
        for role, parent in self.parents.items():
            parts.append(f"role: {role}" + (f"\nparent: {parent}" if parent else ""))
        for name, held in self.declared.items():
            parts.append(f"group: {name}\nmembers: {held}")
        lines = ["entity: thing", "ownership: group", "properties:", "  flag: {type: boolean}"]
        lines += ["  size: {type: integer}", "access:"]
        for role in ROLES:
            said = [
                f"{action}: {level}" if where is None else f'{action}: {{level: {level}, where: "{where}"}}'
                for (each, action), (level, where) in self.grants.items()
                if each == role
            ]
            lines.append(f"  {role}: {{create: true, share: own, {', '.join(said)}}}")
        lines += ["sharing:", f"  default: {self.default}", *(["  rules:"] if self.rules else [])]
        for source, target, level, where in self.rules:
            whose = f"from: {{{source[0]}: {source[1]}}}, " if source else ""
            when = f', where: "{where}"' if where else ""
            lines.append(f"    - {{{whose}to: {{{target[0]}: {target[1]}}}, level: {level}{when}}}")
        return "\n---\n".join([*parts, "\n".join(lines)])

    # ---- the answer

    def reaches(self, login: str, action: str, record: Record) -> bool:
        """Whether a user may do something to a record, from first principles."""
        user = self.users[login]
        grants = [self.grants.get((role, action), ("none", None)) for role in user["roles"]]
        grants = [(level, where) for level, where in grants if level != "none"]
        if not grants:
            return False
        return (
            any(
                self.at_level(user, level, record) and (where is None or CONDITIONS[where](record, user))
                for level, where in grants
            )
            or (action == "read" and self.owned_below(user, record))
            or action in SHARED[self.default]
            or any(self.by_rule(user, action, record, rule) for rule in self.rules)
            or any(self.by_share(user, action, record, share) for share in self.shares)
        )

    def at_level(self, user: Record, level: str, record: Record) -> bool:
        if level == "all":
            return True
        owner = self.users.get(record["owner"]) if record["owner"] else None
        reach = LEVELS.index(level)
        found = owner is user
        if reach >= LEVELS.index("group"):
            found |= record["owner_group"] in self.groups_of(user)
        if reach >= LEVELS.index("unit") and owner is not None:
            found |= owner["unit"] is not None and owner["unit"] == user["unit"]
        if level in ("unit_tree", "organization") and owner is not None:
            found |= user["unit"] is not None and user["unit"] in self.above(owner["unit"])
        if level == "organization" and owner is not None:
            found |= user["organization"] and (owner["organization"] or owner["unit"] is not None)
        return bool(found)

    def above(self, unit: str | None) -> list[str]:
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.units[unit]
        return found

    def below(self, roles: list[str]) -> set[str]:
        return {role for role in ROLES if set(self.chain(role)[1:]) & set(roles)}

    def chain(self, role: str | None) -> list[str]:
        found = []
        while role is not None:
            found.append(role)
            role = self.parents[role]
        return found

    def owned_below(self, user: Record, record: Record) -> bool:
        owner = self.users.get(record["owner"]) if record["owner"] else None
        strictly = self.below(user["roles"]) - set(user["roles"])
        return owner is not None and bool(strictly & set(owner["roles"]))

    def groups_of(self, user: Record) -> set[str]:
        found = {name for name, logins in self.members.items() if user["login"] in logins}
        for name, held in self.declared.items():
            if user["login"] in held["users"] or set(user["roles"]) & set(held["roles"]):
                found.add(name)
            if any(set(self.chain(role)) & set(held["roles_below"]) for role in user["roles"]):
                found.add(name)
        for _ in self.declared:
            found |= {name for name, held in self.declared.items() if set(held["groups"]) & found}
        return found

    def is_of(self, user: Record, party: tuple[str, str]) -> bool:
        kind, name = party
        if kind == "group":
            return name in self.groups_of(user)
        if kind == "role":
            return name in user["roles"]
        return any(name in self.chain(role) for role in user["roles"])

    def by_rule(self, user: Record, action: str, record: Record, rule: Any) -> bool:
        source, target, level, where = rule
        owner = self.users.get(record["owner"]) if record["owner"] else None
        return (
            action in SHARED[level]
            and self.is_of(user, target)
            and (source is None or (owner is not None and self.is_of(owner, source)))
            and (where is None or CONDITIONS[where](record, user))
        )

    def by_share(self, user: Record, action: str, record: Record, share: tuple[int, str, str, str]) -> bool:
        number, kind, name, level = share
        to = {"user": [user["login"]], "role": user["roles"], "group": self.groups_of(user)}[kind]
        return number == record["number"] and action in SHARED[level] and name in to


def draw(random: Random) -> World:
    """A world at random."""
    chain: list[str] = []
    parents: dict[str, str | None] = {}
    for role in ROLES:
        parents[role] = random.choice([None, *chain]) if chain else None
        chain.append(role)
    grants = {}
    for role in ROLES:
        for action in ACTIONS:
            if random.random() < 0.75:
                where = random.choice(list(CONDITIONS)) if random.random() < 0.3 else None
                grants[role, action] = (random.choice(LEVELS), where)
    units: dict[str, str | None] = {"u0": None, "u1": "u0", "u2": "u1", "u3": "u0"}
    users = {f"p{number}": _user(random, number, units) for number in range(7)}
    logins = list(users)
    declared = {
        name: {
            "users": random.sample(logins, random.randrange(2)),
            "roles": random.sample(ROLES, random.randrange(2)),
            "roles_below": random.sample(ROLES, random.randrange(2)),
            "groups": [f"g{below}"] if (below := number + 1) < 3 and random.random() < 0.5 else [],
        }
        for number, name in enumerate(("g0", "g1", "g2"))
    }
    return World(
        parents=parents,
        grants=grants,
        default=random.choice(["private", "private", "private", "read", "edit"]),
        rules=[_rule(random) for _ in range(random.randrange(3))],
        declared=declared,
        units=units,
        users=users,
        members={name: random.sample(logins, random.randrange(3)) for name in declared},
        records=[_record(random, number, users, declared) for number in range(14)],
        shares=[_share(random, logins) for _ in range(random.randrange(4))],
    )


def _user(random: Random, number: int, units: dict[str, str | None]) -> Record:
    unit = random.choice([*units, None])
    roles = random.sample(ROLES, random.choice([1, 1, 1, 2]))
    return {"login": f"p{number}", "roles": roles, "unit": unit, "organization": random.random() < 0.7}


def _party(random: Random) -> tuple[str, str]:
    kind = random.choice(["role", "roles_below", "group"])
    return kind, random.choice(("g0", "g1", "g2") if kind == "group" else ROLES)


def _rule(random: Random) -> Any:
    source = _party(random) if random.random() < 0.7 else None
    where = random.choice(list(CONDITIONS)) if random.random() < 0.4 else None
    return source, _party(random), random.choice(["read", "edit", "full"]), where


def _record(random: Random, number: int, users: dict[str, Record], groups: Any) -> Record:
    owner = random.choice([*users, None])
    return {
        "number": number,
        "owner": owner,
        "owner_unit": users[owner]["unit"] if owner else None,
        "owner_group": random.choice([*groups, None, None]),
        "flag": random.choice([True, False, None]),
        "size": random.choice([None, 1, 2, 3, 4]),
    }


def _share(random: Random, logins: list[str]) -> tuple[int, str, str, str]:
    kind = random.choice(["user", "role", "group"])
    names = {"user": logins, "role": list(ROLES), "group": ["g0", "g1", "g2"]}[kind]
    return random.randrange(14), kind, random.choice(names), random.choice(["read", "edit", "full"])
