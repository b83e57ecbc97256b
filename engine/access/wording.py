"""Ways in words, for whoever is told why."""

from __future__ import annotations

from engine.access.ways import Way
from engine.build.access import Granted, Shared
from engine.expressions.written import written
from engine.metamodel.access import Level, Party
from engine.work.context import Context

LEVELS: dict[Level, str] = {
    "none": "none",
    "own": "their own",
    "group": "their own and those of their groups",
    "unit": "those of their unit",
    "unit_tree": "those of their unit and the units below it",
    "organization": "those of their organization",
    "all": "all",
}


def way_in_words(context: Context, entity: str, way: Way) -> str:
    """What a way says, as one line."""
    label = context.runtime.entities[entity].plural.lower()
    match way.kind:
        case "administrator":
            return "the role administrator may do everything"
        case "grant":
            assert way.granted is not None
            return grant_in_words(way.granted, label)
        case "below":
            return f"who stands above a role sees what its users own: {', '.join(_below(context))}"
        case "default":
            return f"{label} are shared with everybody who may do this at all"
        case "rule":
            assert way.shared is not None
            return _rule(way.shared, label)
        case "shared":
            return "somebody shared the record with them, their role or a group of theirs"
        case "through":
            assert way.parent is not None
            return f"{way.parent[1]} decides: who may do this to the {way.parent[0]} may do it here"


def without_conditions(context: Context, entity: str, way: Way) -> str:
    """A way in words for the person it is about: that there is a condition, and not what it says."""
    whole = way_in_words(context, entity, way)
    plain, where, _ = whole.partition(", where ")
    return f"{plain}, under a condition" if where else plain


def grant_in_words(granted: Granted, label: str) -> str:
    """`role agent (profile staff) may update their own tickets, where …`"""
    by = f" (profile {granted.profile})" if granted.profile else ""
    types = f" of type {', '.join(sorted(granted.record_types))}" if granted.record_types is not None else ""
    where = f", where {written(granted.rule.checked.node)}" if granted.rule is not None else ""
    which = "any" if granted.level == "all" else LEVELS[granted.level]
    return f"role {granted.role}{by} may {granted.action} {label}{types}: {which}{where}"


def _rule(shared: Shared, label: str) -> str:
    declared = shared.declared
    whose = f" owned by {party_in_words(declared.source)}" if declared.source is not None else ""
    where = f", where {written(shared.rule.checked.node)}" if shared.rule is not None else ""
    return f"{label}{whose} are shared with {party_in_words(declared.target)} to {declared.level}{where}"


def party_in_words(party: Party) -> str:
    """`role agent`, `role manager and those below it`, `group first_line`."""
    match party.kind:
        case "group":
            return f"group {party.name}"
        case "roles_below":
            return f"role {party.name} and those below it"
        case "role":
            return f"role {party.name}"


def _below(context: Context) -> list[str]:
    return sorted(context.runtime.access.below_all(context.actor.roles) - context.actor.roles)
