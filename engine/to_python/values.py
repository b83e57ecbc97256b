"""How values are written in Python; conditions are in conditions.py."""

from __future__ import annotations

from typing import Any

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    DecimalKind,
    Kind,
    ListKind,
    MoneyKind,
)
from engine.expressions.nodes import (
    Aggregate,
    Ambient,
    Apply,
    Arithmetic,
    Choose,
    Coalesce,
    Const,
    Convert,
    Filter,
    Index,
    ListOf,
    Many,
    Map,
    Member,
    Node,
    Null,
    Part,
    Root,
    Variable,
)
from engine.to_python.conditions import ConditionEmitter
from engine.typecheck.checking import item_null

OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder"}


class ValueEmitter(ConditionEmitter):
    """Writes nodes of any kind."""

    def value(self, node: Node) -> str:
        """What a node is; None for null and unknown."""
        if node.kind is BOOL:
            made = self.bool_value(node)
            if made is not None:
                return made
        match node:
            case Const():
                return self.constant(node.value)
            case Root():
                return "record" if node.name == "record" else f"roots.{node.name}"
            case Variable():
                return f"v_{node.name}"
            case Ambient():
                return self._ambient(node)
            case Member():
                return self._member(node)
            case Many():
                return self._when(node.operand, lambda operand: f"{operand}[{node.name!r}]", "()")
            case Part():
                return self._part(node)
            case Convert():
                return self._convert(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Apply():
                return self.applied(node)
            case Choose():
                return self._choose(node)
            case Coalesce():
                return self._coalesce(node)
            case ListOf():
                return self._list_of(node)
            case Index():
                return self.strict((node.operand, node.index), lambda items, index: f"l_at({items}, {index})")
            case Filter() | Map():
                return self._list(node)
            case Aggregate():
                return self._aggregate(node)
        raise AssertionError(f"no value of {type(node).__name__}")

    # ---- names

    def _ambient(self, node: Ambient) -> str:
        name, _, rest = node.name.partition(".")
        if name in ("now", "today", "is_new"):
            return f"roots.{name}"
        if node.name in ("user.roles", "user.subordinates"):
            return f"roots.{rest}"
        if name == "role":
            return f"({rest!r} in roots.roles)"
        if name in ("feature", "can"):
            return f"roots.{name}({rest!r})"
        return f"roots.values[{node.name!r}]"

    def _member(self, node: Member) -> str:
        if isinstance(node.kind, ListKind):
            return self._when(node.operand, lambda operand: f"({operand}[{node.name!r}] or ())", "()")
        return self._when(node.operand, lambda operand: f"{operand}[{node.name!r}]")

    def _part(self, node: Part) -> str:
        if isinstance(node.operand.kind, MoneyKind) and node.name == "amount":
            assert isinstance(node.kind, DecimalKind)
            scale = node.kind.scale
            return self._when(node.operand, lambda operand: f"a_fits({operand}.amount, {scale})")
        temporary = self.temporary()
        return self._when(
            node.operand,
            lambda operand: f"(None if ({temporary} := {operand}.{node.name}) == '' else {temporary})",
        )

    def _when(self, operand: Node, then: Any, otherwise: str = "None") -> str:
        """Something of an operand, where that is there."""
        if operand.null is Null.NEVER:
            return str(then(self.value(operand)))
        temporary = self.temporary()
        return f"({otherwise} if ({temporary} := {self.value(operand)}) is None else {then(temporary)})"

    # ---- operations

    def _convert(self, node: Convert) -> str:
        kind = node.kind
        if isinstance(kind, DecimalKind):
            made = "a_to_decimal" if node.operand.kind is INT else "a_fits"
            return self._when(node.operand, lambda operand: f"{made}({operand}, {kind.scale})")
        if isinstance(kind, MoneyKind):
            return self._when(node.operand, lambda operand: f"a_money_fits({operand}, {kind.extra})")
        return self.value(node.operand)

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right, kind = node.left, node.right, node.kind
        if right is None:
            return self._negated(node)
        operation = OPERATIONS[node.operator]
        if kind is STRING or isinstance(kind, ListKind) or kind is DOUBLE:
            symbol = node.operator
            if kind is DOUBLE and symbol == "/":
                return self.strict((left, right), lambda a, b: f"a_divide_double({a}, {b})")
            if isinstance(kind, ListKind):
                return self.strict((left, right), lambda a, b: f"({self.walked(a)} + {self.walked(b)})")
            return self.strict((left, right), lambda a, b: f"({a} {symbol} {b})")
        name, more = self._operation(operation, left.kind, right.kind, kind)
        return self.strict((left, right), lambda a, b: f"{name}({a}, {b}{more})")

    def _operation(self, operation: str, left: Kind, right: Kind, kind: Kind) -> tuple[str, str]:
        """The function that computes, and what it takes beside the operands."""
        if isinstance(kind, MoneyKind):
            if isinstance(left, MoneyKind):
                return f"a_{operation}_money", f", {kind.extra}"
            return "a_times_money", f", {kind.extra}"
        if isinstance(left, MoneyKind):
            assert isinstance(kind, DecimalKind)
            return "a_ratio", f", {kind.scale}"
        if isinstance(kind, DecimalKind):
            return f"a_{operation}_decimal", f", {kind.scale}"
        if left is DATETIME:
            return ("a_between" if right is DATETIME else f"a_{operation}_moment"), ""
        if left is DATE:
            return ("a_days_apart" if right is DATE else f"a_{operation}_day"), ""
        return (f"a_{operation}_span" if left is DURATION else f"a_{operation}_int"), ""

    def _negated(self, node: Arithmetic) -> str:
        kind = node.kind
        if isinstance(kind, MoneyKind):
            return self._when(node.left, lambda operand: f"a_negate_money({operand}, {kind.extra})")
        if isinstance(kind, DecimalKind):
            return self._when(node.left, lambda operand: f"a_fits(-{operand}, {kind.scale})")
        check = "a_whole" if kind is INT else "a_span" if kind is DURATION else ""
        return self._when(node.left, lambda operand: f"{check}(-{operand})")

    def _choose(self, node: Choose) -> str:
        yes, no = self.value(node.yes), self.value(node.no)
        if node.condition.null is Null.NEVER:
            return f"({yes} if {self.true(node.condition)} else {no})"
        temporary = self.temporary()
        condition = self.value(node.condition)
        return f"({yes} if ({temporary} := {condition}) else None if {temporary} is None else {no})"

    def _coalesce(self, node: Coalesce) -> str:
        parts = []
        for operand in node.operands:
            temporary = self.temporary()
            parts.append(f"{temporary} if ({temporary} := {self.value(operand)}) is not None else ")
        return f"({''.join(parts)}None)"

    # ---- lists

    def _list_of(self, node: ListOf) -> str:
        tests, parts = [], []
        for item in node.items:
            if item.null is Null.UNKNOWN:
                temporary = self.temporary()
                tests.append(f"({temporary} := {self.value(item)}) is None")
                parts.append(temporary)
            else:
                parts.append(self.value(item))
        made = f"({', '.join(parts)}{',' if parts else ''})"
        return f"(None if {' or '.join(tests)} else {made})" if tests else made

    def _list(self, node: Filter | Map) -> str:
        """A filtered or mapped list, None where it is unknown."""
        made = self.rows(node)
        if item_null(node) is Null.UNKNOWN:
            temporary = self.temporary()
            return f"(None if ({temporary} := {made}) is None else l_whole({temporary}))"
        return made

    def rows(self, node: Node) -> str:
        """A list as aggregates see it: an item that is unknown stands there as None."""
        match node:
            case Map():
                return self._over(node.items, lambda items: self._mapped(node, items))
            case Filter():
                return self._over(node.items, lambda items: self._filtered(node, items))
            case _:
                return self.value(node)

    def _mapped(self, node: Map, items: str) -> str:
        body = self.inside(self.value, node.body)
        return f"tuple([{body} for v_{node.variable} in {self.walked(items)}])"

    def _filtered(self, node: Filter, items: str) -> str:
        name, walked = f"v_{node.variable}", self.walked(items)
        if node.condition.null is Null.NEVER:
            condition = self.inside(self.true, node.condition)
            return f"tuple([{name} for {name} in {walked} if {condition}])"
        condition = self.inside(self.value, node.condition)
        return f"l_kept({items}, [{condition} for {name} in {walked}])"

    def _over(self, items: Node, then: Any) -> str:
        """Something over the items of a list, None where that is unknown; Python walks plain names only."""
        temporary = self.temporary()
        return f"(None if ({temporary} := {self.rows(items)}) is None else {then(temporary)})"

    def _aggregate(self, node: Aggregate) -> str:
        if node.name == "size":
            return self._over_value(node.items, lambda items: f"len({items})")
        money = isinstance(node.kind, MoneyKind)
        match node.name:
            case "sum" | "avg":
                name, more = ("l_total" if node.name == "sum" else "l_mean"), f", {self.bind(node.kind)}"
            case "min" | "max":
                name, more = ("l_least" if node.name == "min" else "l_most") + "_money" * money, ""
            case "join":
                return self._join(node)
            case _:
                name, more = f"l_{node.name}", ""
        return self._over(node.items, lambda items: f"{name}({items}{more})")

    def _join(self, node: Aggregate) -> str:
        if node.separator is None:
            return self._over(node.items, lambda items: f"l_joined({items})")
        separator = self.temporary()
        made = self._over(node.items, lambda items: f"l_joined({items}, {separator})")
        return f"(None if ({separator} := {self.value(node.separator)}) is None else {made})"

    def _over_value(self, items: Node, then: Any) -> str:
        temporary = self.temporary()
        return f"(None if ({temporary} := {self.value(items)}) is None else {then(temporary)})"
