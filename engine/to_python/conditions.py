"""How conditions are written in Python, in the three modes; values are in values.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.expressions.kinds import (
    BOOL,
    DOUBLE,
    DURATION,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    is_number,
    is_text,
)
from engine.expressions.nodes import (
    Ambient,
    Apply,
    Choose,
    Compare,
    Const,
    In,
    ListOf,
    Logic,
    Node,
    Not,
    Null,
    Special,
    Test,
)
from engine.expressions.unify import bare, null_of

NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class ConditionEmitter:
    """Writes conditions; `bound` are the constants and functions the source names."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self.spends = False  # whether the source counts the items of lists in lists
        self._temporaries = 0
        self._loops = 0

    # ---- what all of it needs

    def value(self, node: Node) -> str:
        raise NotImplementedError

    def rows(self, node: Node) -> str:
        raise NotImplementedError

    def temporary(self) -> str:
        self._temporaries += 1
        return f"_{self._temporaries}"

    def inside(self, write: Callable[[Node], str], node: Node) -> str:
        """The source of what is done for each item of a list."""
        self._loops += 1
        made = write(node)
        self._loops -= 1
        return made

    def walked(self, items: str) -> str:
        """A list that is walked: for each item of another one, it is paid for."""
        if not self._loops:
            return items
        self.spends = True
        return f"spend({items})"

    def bind(self, value: Any) -> str:
        """The name of a constant."""
        name = f"k_{len(self.bound)}"
        self.bound[name] = value
        return name

    def constant(self, value: Any) -> str:
        """A constant: written as itself where it is simple, else bound."""
        return repr(value) if value is None or type(value) in (bool, int, str) else self.bind(value)

    def strict(self, operands: Sequence[Node], then: Callable[..., str]) -> str:
        """Something of operands that are all there, else None."""
        tests, names = [], []
        for operand in operands:
            written = self.value(operand)
            if operand.null is Null.NEVER:
                names.append(written)
                continue
            temporary = self.temporary()
            tests.append(f"({temporary} := {written}) is None")
            names.append(temporary)
        made = then(*names)
        return f"(None if {' or '.join(tests)} else {made})" if tests else made

    def applied(self, node: Apply) -> str:
        """The call of a function."""
        function = node.function
        more = ", zone=roots.zone" if function.zoned else ""
        if function.kinded:
            more += f", kinds={self.bind((*(each.kind for each in node.arguments), node.kind))}"
        name = self.bind(function.python)
        return self.strict(node.arguments, lambda *arguments: f"{name}({', '.join(arguments)}{more})")

    # ---- true and false

    def true(self, node: Node) -> str:
        """Whether a node is true."""
        return self._decided(node, True)

    def false(self, node: Node) -> str:
        """Whether a node is false."""
        return self._decided(node, False)

    def _decided(self, node: Node, wanted: bool) -> str:
        match node:
            case Const():
                return repr(node.value is wanted)
            case Not():
                return self._decided(node.operand, not wanted)
            case Logic():
                word = " and " if (node.operator == "&&") == wanted else " or "
                return f"({word.join(self._decided(operand, wanted) for operand in node.operands)})"
            case Compare():
                return self._compared(node, wanted)
            case In():
                return self._among(node, wanted)
            case Choose():
                return self._chosen(node, wanted)
            case Special():
                made = self._special(node)
                return made if wanted else f"(not {made})"
            case Test() if node.name != "exists_one":
                return self._tested(node, wanted)
            case Ambient():
                return f"({self.value(node)} is {wanted})"
            case _:
                return f"({self.value(node)} is {wanted})"

    def _chosen(self, node: Choose, wanted: bool) -> str:
        yes, no = self._decided(node.yes, wanted), self._decided(node.no, wanted)
        if node.condition.null is Null.NEVER:
            return f"({yes} if {self.true(node.condition)} else {no})"
        temporary = self.temporary()
        condition = self.value(node.condition)
        return f"({yes} if ({temporary} := {condition}) else ({temporary} is False and {no}))"

    # ---- values of conditions

    def bool_value(self, node: Node) -> str | None:
        """A condition as a value, or None where it is no operation of ours."""
        match node:
            case Not():
                if node.null is Null.NEVER:
                    return f"(not {self.true(node.operand)})"
                temporary = self.temporary()
                return f"(None if ({temporary} := {self.value(node.operand)}) is None else not {temporary})"
            case Logic():
                return self.true(node) if node.null is Null.NEVER else self._three_valued(node)
            case Compare() | In():
                if node.null is Null.NEVER:
                    return self.true(node)
                return self._compared_value(node) if isinstance(node, Compare) else self._among_value(node)
            case Special():
                return self._special(node)
            case Test():
                return self._test_value(node)
            case _:
                return None

    def _three_valued(self, node: Logic) -> str:
        """`&&` is false where one is, `||` true; otherwise unknown where one is."""
        decides = node.operator == "||"
        names = [self.temporary() for _ in node.operands]
        parts = [
            f"({name} := {self.value(operand)}) is {decides}"
            for name, operand in zip(names, node.operands, strict=True)
        ]
        unknown = " or ".join(f"{name} is None" for name in names)
        return f"({decides} if {' or '.join(parts)} else None if {unknown} else {not decides})"

    # ---- comparing

    def _operand(self, node: Node) -> str:
        """An operand of a comparison: numbers of different scales compare as they are, records by their key."""
        return self.value(bare(node))

    def _keys(self, node: Node, several: bool) -> str:
        """A record as what is compared: its id, and its entity where that is not always the same."""
        if isinstance(node, Const):
            return "None"
        assert isinstance(node.kind, RecordKind)
        entity = repr(node.kind.entities[0])
        key = "{0}['id']" if not several else f"({{0}}.get('_entity', {entity}), {{0}}['id'])"
        written = self.value(node)
        if node.null is Null.NEVER:
            return key.format(written)
        temporary = self.temporary()
        return f"(None if ({temporary} := {written}) is None else {key.format(temporary)})"

    def _pair(self, left: Node, right: Node) -> tuple[str, str]:
        kinds = [node.kind for node in (left, right) if isinstance(node.kind, RecordKind)]
        if not kinds:
            return self._operand(left), self._operand(right)
        several = len({entity for kind in kinds for entity in kind.entities}) > 1
        return self._keys(left, several), self._keys(right, several)

    def _guarded(self, node: Compare) -> tuple[list[str], str, str]:
        """What has to be tested before two operands are compared, and their names."""
        left, right = self._pair(node.left, node.right)
        equality = node.operator in ("==", "!=")
        tests, names = [], []
        for operand, written in ((node.left, left), (node.right, right)):
            null = null_of(operand)
            matters = null is Null.UNKNOWN or (null is Null.VALUE and not equality)
            if not matters:
                names.append(written)
                continue
            temporary = self.temporary()
            tests.append(f"({temporary} := {written}) is not None")
            names.append(temporary)
        return tests, names[0], names[1]

    def _comparison(self, node: Compare, operator: str, left: str, right: str) -> str:
        kind = _compared_kind(node)
        if isinstance(kind, MoneyKind) and operator in ("==", "!="):
            same = f"a_same_money({left}, {right})"
            return same if operator == "==" else f"(not {same})"
        return f"({left} {operator} {right})"

    def _compared(self, node: Compare, wanted: bool) -> str:
        operator = node.operator if wanted else NEGATED[node.operator]
        tests, left, right = self._guarded(node)
        if not wanted and node.left.kind is DOUBLE:  # what is no number is neither less nor not less
            return f"({' and '.join([*tests, f'not ({left} {node.operator} {right})'])})"
        if isinstance(_compared_kind(node), MoneyKind) and operator not in ("==", "!="):
            temporary = self.temporary()
            tests.append(f"({temporary} := a_order_money({left}, {right})) is not None")
            left, right = temporary, "0"
            made = f"({left} {operator} {right})"
        else:
            made = self._comparison(node, operator, left, right)
        return f"({' and '.join([*tests, made])})" if tests else made

    def _compared_value(self, node: Compare) -> str:
        tests, left, right = self._guarded(node)
        if isinstance(_compared_kind(node), MoneyKind) and node.operator not in ("==", "!="):
            temporary = self.temporary()
            tests.append(f"({temporary} := a_order_money({left}, {right})) is not None")
            made = f"({temporary} {node.operator} 0)"
        else:
            made = self._comparison(node, node.operator, left, right)
        return f"({made} if {' and '.join(tests)} else None)" if tests else made

    # ---- in

    def _among_parts(self, node: In) -> tuple[list[str], str, str]:
        tests, item = [], self._item(node)
        if null_of(node.item) is Null.UNKNOWN:
            temporary = self.temporary()
            tests.append(f"({temporary} := {item}) is not None")
            item = temporary
        items = self._items(node)
        if node.items.null is not Null.NEVER:
            temporary = self.temporary()
            tests.append(f"({temporary} := {items}) is not None")
            items = temporary
        if not isinstance(node.items, ListOf | Const) and not isinstance(node.item.kind, RecordKind):
            items = self.walked(items)
        return tests, item, items

    def _several(self, node: In) -> bool:
        assert isinstance(node.items.kind, ListKind)
        kinds = [kind for kind in (node.item.kind, node.items.kind.item) if isinstance(kind, RecordKind)]
        return len({entity for kind in kinds for entity in kind.entities}) > 1

    def _item(self, node: In) -> str:
        if isinstance(node.item.kind, RecordKind):
            return self._keys(node.item, self._several(node))
        return self._operand(node.item)

    def _items(self, node: In) -> str:
        items = node.items
        assert isinstance(items.kind, ListKind)
        if isinstance(items.kind.item, RecordKind):
            return self._keys_of(node, items)
        if isinstance(items, ListOf):
            if all(isinstance(item, Const) for item in items.items) and not isinstance(
                node.item.kind, MoneyKind
            ):
                return self.bind(frozenset(item.value for item in items.items if isinstance(item, Const)))
            parts = [self._operand(item) for item in items.items]
            made = f"({', '.join(parts)}{',' if parts else ''})"
            return made if items.null is Null.NEVER else self.value(items)
        return self.value(items)

    def _keys_of(self, node: In, items: Node) -> str:
        """The keys of a list of records."""
        several = self._several(node)
        if isinstance(items, ListOf):
            parts = [self._keys(item, several) for item in items.items]
            return f"({', '.join(parts)}{',' if parts else ''})"
        assert isinstance(items.kind, ListKind)
        assert isinstance(items.kind.item, RecordKind)
        entity = repr(items.kind.item.entities[0])
        key = f"(_r.get('_entity', {entity}), _r['id'])" if several else "_r['id']"
        temporary = self.temporary()
        return (
            f"(None if ({temporary} := {self.value(items)}) is None "
            f"else [{key} for _r in {self.walked(temporary)} if _r])"
        )

    def _contained(self, node: In, item: str, items: str) -> str:
        if isinstance(node.item.kind, MoneyKind):
            return f"a_among_money({item}, {items})"
        return f"({item} in {items})"

    def _among(self, node: In, wanted: bool) -> str:
        tests, item, items = self._among_parts(node)
        made = self._contained(node, item, items)
        made = made if wanted else f"(not {made})"
        return f"({' and '.join([*tests, made])})" if tests else made

    def _among_value(self, node: In) -> str:
        tests, item, items = self._among_parts(node)
        made = self._contained(node, item, items)
        return f"({made} if {' and '.join(tests)} else None)" if tests else made

    # ---- has, empty, truthy; exists, all

    def _special(self, node: Special) -> str:
        kind, written = node.operand.kind, self.value(node.operand)
        if node.name == "truthy":
            if isinstance(kind, MoneyKind):
                temporary = self.temporary()
                return f"(({temporary} := {written}) is not None and {temporary}.amount != 0)"
            if (
                kind is BOOL
                or is_number(kind)
                or is_text(kind)
                or isinstance(kind, ListKind)
                or kind is DURATION
            ):
                return f"bool({written})"
            return self._there(node.operand, written)
        there = f"bool({written})" if isinstance(kind, ListKind) else self._there(node.operand, written)
        if node.name == "has":
            return there
        return f"(not {written})" if is_text(kind) or isinstance(kind, ListKind) else f"(not {there})"

    def _there(self, operand: Node, written: str) -> str:
        """Whether something is there; Python warns of a literal that is compared with None."""
        return "True" if operand.null is Null.NEVER else f"({written} is not None)"

    def _tested(self, node: Test, wanted: bool) -> str:
        """`exists` is true where one is true, false where all are false; `all` the other way round."""
        word = "any" if (node.name == "exists") == wanted else "all"
        condition = self.inside(lambda each: self._decided(each, wanted), node.condition)
        items = self.temporary()
        made = f"{word}([{condition} for v_{node.variable} in {self.walked(items)}])"
        return f"(({items} := {self.value(node.items)}) is not None and {made})"

    def _test_value(self, node: Test) -> str:
        word = {"exists": "l_any_of", "all": "l_all_of", "exists_one": "l_one_of"}[node.name]
        items = self.temporary()
        condition = self.inside(self.value, node.condition)
        made = f"{word}([{condition} for v_{node.variable} in {self.walked(items)}])"
        return f"(None if ({items} := {self.value(node.items)}) is None else {made})"


def _compared_kind(node: Compare) -> Kind:
    return node.left.kind if isinstance(node.left.kind, MoneyKind) else node.right.kind
