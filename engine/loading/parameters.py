"""Reading the parameters of a workflow: values that administrators set, declared as properties are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.declared.shapes import kind_of
from engine.documents.schemas.workflows import PARAMETER
from engine.expressions.kinds import ANY
from engine.loading.members import Reading, read_property
from engine.metamodel.property import Property
from engine.text.yaml_tree import Map
from engine.typecheck.schema import MemberShape


@dataclass(frozen=True)
class Parameters:
    """The parameters of a workflow that are right; `lost` are the names of the others, which were complained of."""

    workflow: str = ""
    properties: Mapping[str, Property] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    @cached_property
    def shapes(self) -> dict[str, MemberShape]:
        """How expressions see them, by name: each is called by its workflow too, so that none stands for another."""
        kinds = {name: kind_of(each.type) or ANY for name, each in self.properties.items()}
        known = {
            name: MemberShape(f"{self.workflow}.{name}", kind, self.properties[name].required)
            for name, kind in kinds.items()
        }
        return {**{name: MemberShape(name, ANY) for name in self.lost}, **known}


NONE = Parameters()


def read_parameters(workflow: str, root: Map, reading: Reading) -> Parameters:
    """The parameters that a workflow declares; what is wrong has been complained of."""
    declared = root.map("parameters")
    read = {name: _parameter(name, declared, reading) for name in declared}
    made = {name: each for name, each in read.items() if each is not None}
    return Parameters(workflow, made, frozenset({*read, *declared.broken} - made.keys()))


def _parameter(name: str, declared: Map, reading: Reading) -> Property | None:
    said = declared[name]
    if not isinstance(said, Map):
        return None  # it has been complained of
    made = read_property(name, said, reading)
    if made is None:
        return None
    message, hint = _unfit(said, made)
    if not message:
        return made
    reading.complaints.at_map(said, "bad-workflow-parameter", message, hint)
    return None


def _unfit(said: Map, made: Property) -> tuple[str, str]:
    """Why a property can't be a parameter, and what would do; "" where it can."""
    options = type(made.type).option_schemas()
    stray = next((key for key in said if key not in PARAMETER and key not in options), None)
    kind = made.type
    if stray is not None:
        return f"a parameter has no {stray!r}: no record holds it", "take it out"
    if (
        kind.secret
        or not kind.writable
        or kind_of(kind) is None
        or kind.control().kind in FILES
        or kind.follows
    ):
        return f"no parameter is of type {kind.name}", "for example type: integer"
    if "default" in made.conditions:
        return (
            "the default of a parameter is a value",
            "write the value that holds until somebody sets another",
        )
    if made.required and made.default is None:
        return "a required parameter needs a default", "say what holds until somebody sets it: `default: …`"
    return "", ""


FILES = ("file", "image")
"""Controls by which files are sent: they belong to records."""
