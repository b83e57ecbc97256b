"""Operators: which kinds they take, what they give, and when that is unknown."""

from __future__ import annotations

from dataclasses import replace

from engine.expressions.complaint import one_of
from engine.expressions.kinds import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    JSON,
    MOST_SCALE,
    NULL,
    STRING,
    DecimalKind,
    EnumKind,
    ListKind,
    MoneyKind,
    RecordKind,
    is_number,
    is_ordered,
    is_text,
)
from engine.expressions.nodes import Arithmetic, Choose, Compare, Const, In, ListOf, Map, Member, Node, Null
from engine.expressions.syntax import Span
from engine.expressions.unify import common_kind, join, to
from engine.typecheck.checking import Checking, item_kind, item_null, spread, strongest
from engine.typecheck.cures import arithmetic_cure, compare_cure, money_cure

MOST_PRODUCT = 8
"""Decimals that a product keeps, unless a factor has more."""

MOST_EXTRA = 6
"""Decimals beyond a currency's own that an amount keeps in between."""

FEWEST_QUOTIENT = 6
"""Decimals that a quotient has at least."""

EQUALITY = ("==", "!=")


def as_condition(checking: Checking, node: Node, where: str) -> Node:
    """A node used as a condition."""
    if node.kind in (BOOL, ANY):
        return node
    if node.kind is NULL:
        return checking.complain("type-mismatch", "null is no condition", node.span, "write a comparison")
    message = f"{checking.written(node.span)} is {node.kind.word}, and {where} takes a condition"
    hint = f"for example has({checking.written(node.span)}), truthy(…) or a comparison"
    return checking.complain("type-mismatch", message, node.span, hint)


def binary(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    """A comparison, `in`, or arithmetic."""
    if ANY in (left.kind, right.kind):
        compares = operator in ("==", "!=", "<", "<=", ">", ">=", "in")
        return Const(BOOL if compares else ANY, Null.NEVER, span, None)
    if operator == "in":
        return _in(checking, left, right, span)
    if operator in ("==", "!=", "<", "<=", ">", ">="):
        return compare(checking, operator, left, right, span)
    return _arithmetic(checking, operator, left, right, span)


# ---- comparing


def compare(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    """`== != < <= > >=`."""
    if operator in EQUALITY and (_mixed(left) or _mixed(right)):
        return _inside(checking, operator, left, right, span)
    joined = join(left, right)
    if joined is None:
        return _unlike(checking, left, right, span)
    left, right = joined
    if operator in EQUALITY:
        return _equality(checking, operator, left, right, span)
    for node, other in ((left, right), (right, left)):
        if not is_ordered(node.kind):
            word = "null" if node.kind is NULL else node.kind.word
            message = f"{word} is neither less nor more than {other.kind.word}"
            hint = "compare it with == or in" if isinstance(node.kind, EnumKind) else ""
            return checking.complain("type-mismatch", message, node.span, hint)
    null = spread(left, right)
    if (
        isinstance(left.kind, MoneyKind)
        and not left.kind.currency
        and not _neutral(left)
        and not _neutral(right)
    ):
        null = Null.UNKNOWN  # currencies may differ
    return Compare(BOOL, null, span, operator, left, right)  # type: ignore[arg-type]


def _neutral(node: Node) -> bool:
    return isinstance(node, Const) and isinstance(node.kind, MoneyKind) and not node.value.currency


def _mixed(node: Node) -> bool:
    """Whether a choice gives values and unknowns alike: then it is compared inside, branch by branch."""
    if not isinstance(node, Choose) or node.null is not Null.UNKNOWN:
        return False
    return Null.VALUE in (node.yes.null, node.no.null) or _mixed(node.yes) or _mixed(node.no)


def _inside(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    """`(c ? a : b) == y` as `c ? a == y : b == y`."""
    choice = left if _mixed(left) else right
    assert isinstance(choice, Choose)
    other = right if choice is left else left
    branches = [_branch(checking, operator, branch, other, span) for branch in (choice.yes, choice.no)]
    return _decide(choice, span, *branches)


def _decide(choice: Choose, span: Span, yes: Node, no: Node) -> Node:
    """A choice between two conditions."""
    null = spread(choice.condition, yes, no)
    return Choose(BOOL, null, span, choice.condition, yes, no)


def _branch(checking: Checking, operator: str, branch: Node, other: Node, span: Span) -> Node:
    """One branch of a choice compared; that it is never null is no mistake here."""
    if other.kind is NULL and branch.null is Null.NEVER:
        return Const(BOOL, Null.NEVER, span, operator == "!=")
    return compare(checking, operator, branch, other, span)


def _equality(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    for node, other in ((left, right), (right, left)):
        if isinstance(node.kind, EnumKind) and not _possible(checking, node, node.kind, other):
            return Const(ANY, Null.NEVER, span, None)
        if other.kind is NULL and node.null is Null.NEVER and node.kind is not NULL:
            required = isinstance(node, Member) and not isinstance(node.kind, ListKind)
            written = checking.written(node.span)
            message = f"{written} is {'required, and ' if required else ''}never null"
            hint = f"write empty({written})" if isinstance(node.kind, ListKind) else "take this condition out"
            return checking.complain("constant-condition", message, span, hint)
        if node.kind is JSON and other.kind is not NULL:
            message = "JSON can't be compared with JSON"
            return checking.complain("type-mismatch", message, span, "JSON is compared with null only")
    null = Null.UNKNOWN if Null.UNKNOWN in (left.null, right.null) else Null.NEVER
    return Compare(BOOL, null, span, operator, left, right)  # type: ignore[arg-type]


def _possible(checking: Checking, node: Node, kind: EnumKind, other: Node) -> bool:
    """Whether a choice can have the value it is compared with; complains where not."""
    wrong = None
    if isinstance(other, Const) and other.kind is STRING and other.value not in kind.names:
        wrong = repr(other.value)
        word = other.value
    elif isinstance(other.kind, EnumKind) and not set(other.kind.names) & set(kind.names):
        wrong, word = checking.written(other.span), ""
    if wrong is None:
        return True
    label = f"{kind.of} {node.name!r}" if isinstance(node, Member) else kind.word
    values = ", ".join(kind.names[:12]) + (" …" if len(kind.names) > 12 else "")
    guess = one_of(word, kind.names)
    guess = f"; {guess}" if guess.startswith("did you mean") else ""
    guess = "; where nothing is chosen it is null" if wrong == "''" else guess
    checking.complain(
        "unknown-choice", f"can't compare {label} with {wrong}", other.span, f"its values are {values}{guess}"
    )
    return False


def _unlike(checking: Checking, left: Node, right: Node, span: Span) -> Node:
    for record, other in ((left, right), (right, left)):
        if isinstance(record.kind, RecordKind) and other.kind is INT:
            written = checking.written(record.span)
            message = f"{written} is {record.kind.word}, not a number"
            return checking.complain(
                "type-mismatch", message, span, f"compare {written}.id, or a record with a record"
            )
    words = [left.kind.word, right.kind.word]
    if isinstance(left.kind, ListKind) and isinstance(right.kind, ListKind):
        words = [f"a list of {left.kind.item.word}", f"a list of {right.kind.item.word}"]
    message = f"can't compare {words[0]} with {words[1]}"
    return checking.complain("type-mismatch", message, span, compare_cure(left, right))


def _in(checking: Checking, item: Node, items: Node, span: Span) -> Node:
    if isinstance(item, Choose) and _mixed(item):
        return _decide(item, span, *(_in(checking, each, items, span) for each in (item.yes, item.no)))
    if not isinstance(items.kind, ListKind):
        message = f"{checking.written(items.span)} is {items.kind.word}, not a list"
        return checking.complain("not-a-list", message, items.span, "write a list: [a, b]")
    if isinstance(items, ListOf):
        items, item = _same_items(checking, item, items)
        if items.kind is ANY:
            return Const(BOOL, Null.NEVER, span, None)
    else:
        items = _names_of(checking, item, items)
        sample = Const(item_kind(items), item_null(items), items.span, None)
        if isinstance(sample.kind, EnumKind) and not _possible(checking, sample, sample.kind, item):
            return Const(ANY, Null.NEVER, span, None)
        joined = join(item, sample)
        if joined is None:
            return _unlike(checking, item, sample, span)
        item = joined[0]
    null = Null.UNKNOWN if Null.UNKNOWN in (item.null, items.null) else Null.NEVER
    return In(BOOL, null, span, item, items)


def _names_of(checking: Checking, item: Node, items: Node) -> Node:
    """Records among which a text is looked for, as their names: `'VIP' in record.tags`."""
    kind = item_kind(items)
    if not is_text(item.kind) or not isinstance(kind, RecordKind) or len(kind.entities) > 1:
        return items
    name = checking.schema.named_by(kind.entities[0])
    if name is None:
        return items
    _, variable = checking.with_variable("name", Const(kind, Null.NEVER, items.span, None))
    shape = checking.schema.member(kind.entities[0], name)
    null = Null.NEVER if shape is not None and shape.required else Null.VALUE
    body = Member(STRING, null, items.span, variable, kind.entities[0], name)
    return Map(ListKind(STRING, null is Null.VALUE), items.null, items.span, items, variable.name, body)


def _same_items(checking: Checking, item: Node, items: ListOf) -> tuple[Node, Node]:
    """A list's items and the one looked for, in one kind."""
    made, kind = [], item.kind
    for each in items.items:
        if isinstance(item.kind, EnumKind) and not _possible(checking, item, item.kind, each):
            continue
        joined = join(item, each)
        if joined is None:
            return _unlike(checking, item, each, each.span), item
        item = joined[0]
        made.append(joined[1])
        kind = common_kind(kind, joined[1].kind)
    again = [(join(item, each) or (item, each))[1] for each in made]
    nulls = any(each.null is Null.VALUE for each in again)
    return replace(items, items=tuple(again), kind=ListKind(kind, nulls)), item


# ---- arithmetic


def negate(checking: Checking, node: Node, span: Span) -> Node:
    """Unary minus."""
    if node.kind is ANY:
        return node
    if is_number(node.kind) or isinstance(node.kind, MoneyKind) or node.kind is DURATION:
        if (isinstance(node, Const) and isinstance(node.kind, DecimalKind)) or (
            node.kind is DOUBLE and isinstance(node, Const)
        ):
            return replace(node, value=-node.value, span=span)
        null = node.null if node.kind is DOUBLE and node.null is Null.NEVER else Null.UNKNOWN
        return Arithmetic(node.kind, null, span, "-", node, None)
    return checking.complain("type-mismatch", f"{node.kind.word} can't be negative", span)


def _arithmetic(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    made = _of_time(operator, left, right, span) or _of_lists(operator, left, right, span)
    if made is not None:
        return made
    if operator in ("/", "%") and isinstance(right, Const) and right.value == 0 and is_number(right.kind):
        return checking.complain("division-by-zero", "this divides by zero", right.span)
    if isinstance(left.kind, MoneyKind) or isinstance(right.kind, MoneyKind):
        return _of_money(checking, operator, left, right, span)
    if is_number(left.kind) and is_number(right.kind):
        return _of_numbers(checking, operator, left, right, span)
    message = f"can't {WORDS[operator]} {left.kind.word} and {right.kind.word}"
    return checking.complain("type-mismatch", message, span, arithmetic_cure(operator, left, right))


WORDS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "take the remainder of"}


def _of_time(operator: str, left: Node, right: Node, span: Span) -> Node | None:
    given = (left.kind, right.kind)
    if operator == "+" and given in ((DURATION, DATETIME), (DURATION, DATE)):
        left, right = right, left
        given = (left.kind, right.kind)
    if operator in ("+", "-") and right.kind is DURATION and left.kind in (DATE, DATETIME, DURATION):
        return Arithmetic(left.kind, Null.UNKNOWN, span, operator, left, right)  # type: ignore[arg-type]
    if operator == "-" and given in ((DATE, DATE), (DATETIME, DATETIME)):
        null = spread(left, right) if left.kind is DATE else Null.UNKNOWN
        return Arithmetic(DURATION, null, span, "-", left, right)
    return None


def _of_lists(operator: str, left: Node, right: Node, span: Span) -> Node | None:
    """`+` of texts, and of lists."""
    if operator != "+":
        return None
    if is_text(left.kind) and is_text(right.kind):
        return Arithmetic(STRING, spread(left, right), span, "+", left, right)
    if isinstance(left.kind, ListKind) and isinstance(right.kind, ListKind) and join(left, right):
        kind = common_kind(left.kind, right.kind)
        return Arithmetic(kind, strongest(left.null, right.null), span, "+", left, right)
    return None


def _of_numbers(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    if DOUBLE in (left.kind, right.kind):
        joined = join(left, right)
        if joined is None or operator == "%":
            message = f"can't {WORDS[operator]} {left.kind.word} and {right.kind.word}"
            return checking.complain("type-mismatch", message, span, "write double(…) around the other one")
        return Arithmetic(DOUBLE, spread(left, right), span, operator, *joined)  # type: ignore[arg-type]
    if left.kind is INT and right.kind is INT:
        return Arithmetic(INT, Null.UNKNOWN, span, operator, left, right)  # type: ignore[arg-type]
    ours, theirs = _scale(left), _scale(right)
    most = max(ours, theirs)
    if operator in ("+", "-", "%"):
        kind = DecimalKind(most)
        return Arithmetic(kind, Null.UNKNOWN, span, operator, to(left, kind), to(right, kind))  # type: ignore[arg-type]
    product = min(ours + theirs, max(MOST_PRODUCT, most))
    scale = product if operator == "*" else _quotient_scale(ours, right, most)
    return Arithmetic(DecimalKind(min(scale, MOST_SCALE)), Null.UNKNOWN, span, operator, left, right)  # type: ignore[arg-type]


def _scale(node: Node) -> int:
    return node.kind.scale if isinstance(node.kind, DecimalKind) else 0


def _quotient_scale(ours: int, divisor: Node, most: int) -> int:
    """A quotient by a power of ten is exact; any other has six decimals or as many as an operand."""
    if isinstance(divisor, Const):
        text = f"{divisor.value:f}" if isinstance(divisor.kind, DecimalKind) else str(abs(divisor.value))
        if text.rstrip("0") == "1":
            return min(ours + len(text) - 1, max(MOST_PRODUCT, most))
    return max(most, FEWEST_QUOTIENT)


def _of_money(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    if operator in ("+", "-"):
        return _sum_of_money(checking, operator, left, right, span)
    if operator == "*" and is_number(left.kind):
        left, right = right, left
    if (
        isinstance(left.kind, MoneyKind)
        and is_number(right.kind)
        and right.kind is not DOUBLE
        and operator in "*/"
    ):
        extra = left.kind.extra
        if operator == "*":
            extra = min(extra + _scale(right), max(MOST_EXTRA, extra))
        else:
            extra = min(_quotient_scale(extra, right, extra), max(MOST_EXTRA, extra))
        kind = MoneyKind(left.kind.currency, extra)
        return Arithmetic(kind, Null.UNKNOWN, span, operator, left, right)  # type: ignore[arg-type]
    if operator == "/" and isinstance(left.kind, MoneyKind) and isinstance(right.kind, MoneyKind):
        joined = join(left, right)
        if joined is not None:
            return Arithmetic(DecimalKind(FEWEST_QUOTIENT), Null.UNKNOWN, span, "/", *joined)
    message = f"can't {WORDS[operator]} {left.kind.word} and {right.kind.word}"
    return checking.complain("type-mismatch", message, span, money_cure(left, right))


def _sum_of_money(checking: Checking, operator: str, left: Node, right: Node, span: Span) -> Node:
    joined = join(left, right)
    if joined is None:
        message = f"can't {WORDS[operator]} {left.kind.word} and {right.kind.word}"
        return checking.complain("type-mismatch", message, span, money_cure(left, right))
    for node, other in (joined, joined[::-1]):
        if _neutral(node) and node.value.amount != 0:  # type: ignore[attr-defined]
            kind = other.kind
            assert isinstance(kind, MoneyKind)
            message = "it is not known in which currency this number is meant"
            return checking.complain("type-mismatch", message, node.span, "write money('5.00', 'EUR')")
    return Arithmetic(joined[0].kind, Null.UNKNOWN, span, operator, *joined)  # type: ignore[arg-type]
