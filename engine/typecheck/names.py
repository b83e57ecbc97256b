"""Names: roots, variables, members of records along a path, parts of composite values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.expressions import syntax
from engine.expressions.complaint import ExpressionError, one_of
from engine.expressions.kinds import (
    ANY,
    STRING,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
)
from engine.expressions.nodes import Ambient, Const, Many, Member, Node, Null, Part, Root
from engine.expressions.parse import parse
from engine.typecheck.assign import assigned
from engine.typecheck.attributes import attribute
from engine.typecheck.checking import MOST_EXPANDED, MOST_HOPS, MOST_LEVELS, Checking, strongest
from engine.typecheck.schema import MemberShape
from engine.types.currency import digits

Visit = Callable[[Checking, syntax.Syntax], Node]

EVERY_ROOT = ("record", "old", "user", "parent", "form", "option", "settings", "parameters", "mail")
CONSTANTS = {
    **dict.fromkeys(("None", "NULL", "Null", "nil", "undefined"), "null"),
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
}
"""Constants as other languages write them."""

MOST_PLACES = 4
"""Decimals of the currency with most."""


def name(checking: Checking, node: syntax.Name, visit: Visit) -> Node:
    """A root or a variable standing alone."""
    if node.name in checking.variables:
        return checking.variables[node.name]
    if node.name in checking.bound:
        return checking.bound[node.name]
    roots = checking.roots
    if node.name in roots.records:
        null = Null.VALUE if node.name in roots.optional else Null.NEVER
        return Root(RecordKind(roots.records[node.name]), null, node.span, node.name)
    if node.name == "parent" and "record" in roots.records:
        return _parent(checking, node, visit)
    if node.name in roots.values:
        message = f"{node.name} is not a value by itself"
        hint = one_of("", roots.values[node.name], f"write {node.name}. and one of")
        return checking.complain("wrong-root", message, node.span, hint)
    return _unknown_name(checking, node)


def _parent(checking: Checking, node: syntax.Name, visit: Visit) -> Node:
    """The record a row belongs to: a path like any other."""
    entity = checking.roots.records["record"][0]
    relation = checking.schema.parent_of(entity)
    if relation is None:
        message = f"{entity} is not the row of one parent"
        return checking.complain("wrong-root", message, node.span, _walk(checking, entity))
    record = syntax.Name("record", node.span)
    return visit(checking, syntax.Select(record, relation, node.span, node.span))


def _walk(checking: Checking, entity: str) -> str:
    """A relation that could have been meant."""
    for name in checking.schema.names(entity):
        shape = checking.schema.member(entity, name)
        if shape is not None and isinstance(shape.kind, RecordKind):
            return f"walk a relation: record.{name}"
    return ""


def _unknown_name(checking: Checking, node: syntax.Name) -> Node:
    known = [*checking.roots.records, *checking.roots.values, *checking.variables]
    where = f" in {checking.roots.key!r}" if checking.roots.key else " here"
    if node.name in EVERY_ROOT:
        message = f"{node.name!r} does not exist{where}"
        return checking.complain(
            "wrong-root", message, node.span, f"here there are {', '.join(sorted(known))}"
        )
    entity = checking.roots.records.get("record", ("",))[0]
    if entity and checking.schema.member(entity, node.name):
        hint = f"write record.{node.name}"
    elif checking.functions.named(node.name) or node.name in ("now", "today", "is_new"):
        hint = f"it is a function: {node.name}(…)"
    elif node.name in CONSTANTS:
        hint = f"here it is written {CONSTANTS[node.name]}"
    else:
        hint = one_of(node.name, known, "here there are")
    return checking.complain("unknown-name", f"nothing is called {node.name!r}", node.span, hint)


def select(checking: Checking, node: syntax.Select, visit: Visit) -> Node:
    """`operand.name`."""
    if isinstance(node.operand, syntax.Name) and node.operand.name not in checking.variables:
        found = _surrounding(checking, node, node.operand.name)
        if found is not None:
            return found
    operand = visit(checking, node.operand)
    match operand.kind:
        case RecordKind():
            return _member(checking, node, operand, operand.kind, visit)
        case StructKind():
            return _part(checking, node, operand, operand.kind.parts)
        case MoneyKind():
            return _part(checking, node, operand, money_parts(operand.kind))
        case ListKind() if isinstance(operand.kind.item, RecordKind):
            message = f"{checking.written(operand.span)} leads to many records"
            hint = f"say which: .exists(x, x.{node.name} …), .map(x, x.{node.name}), .first().{node.name}"
            return checking.complain("to-many-as-one", message, node.word, hint)
        case EnumKind() if operand.kind.of == "choice" and not checking.functions.named(node.name):
            return attribute(checking, node, operand, operand.kind)
        case _ if operand.kind is ANY:
            return Const(ANY, Null.NEVER, node.span, None)
        case _:
            message = f"{operand.kind.word} has no part {node.name!r}"
            known = checking.functions.named(node.name) or node.name == "size"
            hint = f"it is a function: {node.name}()" if known else ""
            return checking.complain("unknown-property", message, node.word, hint)


def money_parts(kind: MoneyKind) -> dict[str, Kind]:
    """An amount has a number and a currency."""
    places = (digits(kind.currency) if kind.currency else MOST_PLACES) + kind.extra
    return {"amount": DecimalKind(places), "currency": STRING}


def _surrounding(checking: Checking, node: syntax.Select, root: str) -> Node | None:
    """What is no record's member: `settings.x`, `form.x`, `parameters.x`, `user.roles`, `user.subordinates`."""
    values = checking.roots.values.get(root)
    if values is not None:
        shape = values.get(node.name)
        if shape is None:
            if root in checking.roots.records:
                return None
            message = f"there is no {root}.{node.name}"
            return checking.complain("unknown-property", message, node.word, one_of(node.name, values))
        if shape.kind is ANY:
            return checking.unresolved(node.span)
        return Ambient(
            shape.kind, Null.NEVER if shape.required else Null.VALUE, node.span, f"{root}.{shape.name}"
        )
    if root == "user" and "user" in checking.roots.records:
        if node.name == "roles":
            return Ambient(ListKind(STRING), Null.NEVER, node.span, "user.roles")
        if node.name == "subordinates":
            return Ambient(ListKind(RecordKind(("user",))), Null.NEVER, node.span, "user.subordinates")
    return None


def _member(checking: Checking, node: syntax.Select, operand: Node, kind: RecordKind, visit: Visit) -> Node:
    if len(kind.entities) > 1 and node.name != "id":
        message = f"{checking.written(operand.span)} leads to {' or '.join(kind.entities)}"
        hint = "compare it with a record or with null; its properties depend on which it is"
        return checking.complain("several-entities", message, node.word, hint)
    entity = kind.entities[0]
    shape = checking.schema.member(entity, node.name)
    if shape is None:
        names = checking.schema.names(entity)
        message = f"no property {node.name!r} on {entity}"
        return checking.complain("unknown-property", message, node.word, one_of(node.name, names, "it has"))
    if _hops(operand) >= MOST_HOPS and isinstance(shape.kind, RecordKind | ListKind):
        message = f"this path has more than {MOST_HOPS} steps"
        return checking.complain(
            "path-too-long", message, node.word, "keep a part of it in a computed property"
        )
    if shape.kind is ANY:
        return checking.unresolved(node.span)
    if shape.computed:
        return _computed(checking, node, operand, entity, shape, visit)
    if shape.many:
        return Many(shape.kind, Null.NEVER, node.span, operand, entity, node.name)
    if shape.required and operand.null is Null.NEVER:
        null = Null.NEVER
    elif isinstance(shape.kind, ListKind):
        null = Null.NEVER  # no list is an empty list
    else:
        null = strongest(Null.VALUE, operand.null)
    return Member(shape.kind, null, node.span, operand, entity, node.name)


def _computed(
    checking: Checking, node: syntax.Select, operand: Node, entity: str, shape: MemberShape, visit: Visit
) -> Node:
    """A computed property that is not stored: its own expression, on this record."""
    here = (entity, shape.name)
    if here in checking.computing:
        way = " → ".join(f"{entity}.{name}" for entity, name in (*checking.computing, here))
        message = f"this is computed from itself: {way}"
        return checking.complain("computed-cycle", message, node.word, "take one of these out of the circle")
    inner = replace(
        checking,
        text=shape.computed,
        roots=replace(
            checking.roots, records={"record": (entity,)}, values={}, changes=False, key="computed"
        ),
        variables={},
        bound={"record": operand},
        computing=(*checking.computing, here),
        complaints=[],
    )
    try:
        tree = parse(shape.computed)
    except ExpressionError:
        return checking.unresolved(node.span)
    made = assigned(visit(inner, tree), shape.kind)
    for each in inner.complaints:
        if each.code in OF_THE_WHOLE:
            checking.complain(each.code, each.message, node.word, each.hint)
    if checking.size.exceeded and not inner.complaints:
        message = (
            f"with what it is computed of, this has more than {MOST_EXPANDED:,} parts or {MOST_LEVELS} levels"
        )
        hint = "keep a part of it in the database: stored: true"
        checking.complain("expression-too-large", message, node.word, hint)
    if inner.complaints or made is None:
        return checking.unresolved(node.span)
    return replace(made, span=node.span)


OF_THE_WHOLE = frozenset({"computed-cycle", "expression-too-deep", "expression-too-large"})
"""What is wrong with several expressions together, each of which may be right by itself."""


def _hops(node: Node) -> int:
    hops = 0
    while isinstance(node, Member | Many):
        hops, node = hops + 1, node.operand
    return hops


def _part(checking: Checking, node: syntax.Select, operand: Node, parts: object) -> Node:
    assert isinstance(parts, dict)
    kind = parts.get(node.name)
    if kind is None:
        message = f"{operand.kind.word} has no part {node.name!r}"
        return checking.complain("unknown-property", message, node.word, one_of(node.name, parts, "it has"))
    return Part(kind, _part_null(operand, node.name), node.span, operand, node.name)


def _part_null(operand: Node, name: str) -> Null:
    """What it means that a part is null; a computed amount may be too large for the decimals of every currency."""
    if not isinstance(operand.kind, MoneyKind):
        return strongest(Null.VALUE, operand.null)
    computed = name == "amount" and not operand.kind.currency and not isinstance(operand, Member)
    return Null.UNKNOWN if computed else operand.null
