"""What computed properties hang on: what each reads, and what is computed from each member of an entity."""

from __future__ import annotations

from collections.abc import Iterator

from engine.declared.application import Application
from engine.declared.computing import read_by
from engine.declared.rules import Rule
from engine.expressions.nodes import Ambient, walk
from engine.expressions.reads import reads


def computed_lines(application: Application, name: str) -> Iterator[str]:
    """Lines of comment about an entity: its computed properties, and those anywhere that are computed from it."""
    rules = [rule for rule in application.rules if rule.key == "computed"]
    own = [rule for rule in rules if rule.entity == name]
    if own:
        yield ""
        yield "# computed:"
        yield from (f"#   {rule.member}{_kept(application, rule)}: {_read(rule)}" for rule in own)
    hanging = dict(_hanging(application, name, rules))
    if hanging:
        yield ""
        yield "# what is computed from it:"
        yield from (f"#   {member} → {', '.join(found)}" for member, found in hanging.items())


def _kept(application: Application, rule: Rule) -> str:
    stored = application.entities[rule.entity].properties[rule.member].stored
    return " (stored)" if stored else ""


def _read(rule: Rule) -> str:
    """The paths from the record, and the clock."""
    needs = reads(rule.checked.node)
    paths = [*needs["record"].paths()] if "record" in needs else []
    clocks = {f"{each.name}()" for each in walk(rule.checked.node) if isinstance(each, Ambient)}
    return ", ".join([*paths, *sorted(clocks)]) or "nothing"


def _hanging(application: Application, name: str, rules: list[Rule]) -> Iterator[tuple[str, list[str]]]:
    """Members of an entity, each with the computed properties that read it, of whatever entity."""
    entity = application.entities[name]
    reading = {f"{rule.entity}.{rule.member}": set(read_by(rule, application.entities)) for rule in rules}
    for member in (*entity.properties, *entity.relations, *entity.inverses):
        found = [computed for computed, read in reading.items() if f"{name}.{member}" in read]
        if found:
            yield member, [each.removeprefix(f"{name}.") for each in found]
