"""Calls: functions of the registry, and those the language itself knows (`has`, `changed`, `exists` …)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from engine.expressions import syntax
from engine.expressions.complaint import one_of
from engine.expressions.kinds import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    STRING,
    TIME,
    DecimalKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
)
from engine.expressions.literals import (
    literal_date,
    literal_decimal,
    literal_duration,
    literal_moment,
    literal_money,
    literal_time,
)
from engine.expressions.nodes import (
    Ambient,
    Apply,
    Coalesce,
    Const,
    Logic,
    Many,
    Member,
    Node,
    Null,
    Part,
    Root,
    Special,
)
from engine.expressions.registry import Function, Parameter
from engine.expressions.unify import common_kind, join, scale_of
from engine.typecheck.checking import Checking, spread
from engine.typecheck.lists import LISTS, on_list
from engine.typecheck.operators import compare

Visit = Callable[[Checking, syntax.Syntax], Node]

NAMESPACES = frozenset({"math", "strings"})


def call(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    """`name(…)` or `target.name(…)`."""
    target, name = node.target, node.name
    if (
        isinstance(target, syntax.Name)
        and target.name in NAMESPACES
        and target.name not in checking.variables
    ):
        arguments = [visit(checking, argument) for argument in node.arguments]
        return _apply(checking, node, f"{target.name}.{name}", arguments, method=False)
    if target is None:
        special = SPECIAL.get(name)
        if special is not None:
            return special(checking, node, visit)
    elif isinstance(target, syntax.Name) and target.name == "user" and name in ("has_role", "can"):
        return _user(checking, node, visit)
    elif name in LISTS:
        subject = visit(checking, target)
        if isinstance(subject.kind, ListKind) or name not in ("size", "join", "min", "max"):
            return on_list(checking, node, subject, visit)
        return _apply(
            checking, node, name, [subject, *(visit(checking, each) for each in node.arguments)], method=True
        )
    subjects = [] if target is None else [visit(checking, target)]
    if target is not None and not checking.functions.named(name):
        return _unknown_function(checking, node, name, subjects, method=True)
    arguments = [visit(checking, argument) for argument in node.arguments]
    if (
        name == "size"
        and len(subjects + arguments) == 1
        and isinstance((subjects + arguments)[0].kind, ListKind)
    ):
        return on_list(checking, node, (subjects + arguments)[0], visit)
    return _apply(checking, node, name, subjects + arguments, method=target is not None)


# ---- functions of the registry


def _apply(checking: Checking, node: syntax.Call, name: str, arguments: list[Node], *, method: bool) -> Node:
    usages = ("method", "both") if method else ("free", "both")
    known = [function for function in checking.functions.named(name) if function.usage in usages]
    if not known:
        return _unknown_function(checking, node, name, arguments, method)
    if any(argument.kind is ANY for argument in arguments):
        return Const(ANY, Null.NEVER, node.span, None)
    fitting = [function for function in known if _count_fits(function, len(arguments))]
    if not fitting:
        shown = _signatures(known)
        message = f"{name} does not take {_counted(len(arguments) - method)}"
        return checking.complain("wrong-arguments", message, node.word, f"it is written {shown}")
    for function in fitting:
        made = _fit(function, arguments)
        if made is not None:
            return _applied(checking, node, function, made)
    return _wrong_arguments(checking, node, fitting, arguments)


def _signatures(functions: Sequence[Function]) -> str:
    return " or ".join(dict.fromkeys(function.signature for function in functions))


def _at(function: Function, position: int) -> Parameter:
    """The parameter at a position; the last one may be repeated."""
    return function.parameters[min(position, len(function.parameters) - 1)]


def _count_fits(function: Function, given: int) -> bool:
    most = len(function.parameters)
    return most - function.optional <= given and (given <= most or function.repeated)


def _counted(number: int) -> str:
    return f"{number} argument{'s' if number != 1 else ''}"


def _fit(function: Function, arguments: list[Node]) -> list[Node] | None:
    """The arguments as a function takes them; those of a repeated parameter in one kind."""
    parameters = [*function.parameters]
    while len(parameters) < len(arguments):
        parameters.append(parameters[-1])
    for parameter, argument in zip(parameters, arguments, strict=False):
        if not parameter.takes.accepts(argument.kind):
            return None
    if not function.repeated:
        return arguments
    made = [*arguments]
    for _ in range(2):
        for position in range(1, len(made)):
            joined = join(made[0], made[position])
            if joined is None:
                return None
            made[0], made[position] = joined
    return made


def _applied(checking: Checking, node: syntax.Call, function: Function, arguments: list[Node]) -> Node:
    for parameter, argument in zip(function.parameters, arguments, strict=False):
        if parameter.literal and not isinstance(argument, Const):
            message = f"{parameter.name} of {function.name} has to be written out"
            return checking.complain(
                "wrong-arguments", message, argument.span, f"it is written {function.signature}"
            )
    try:
        kind = function.result(arguments)
    except ValueError as error:
        pairs = zip(function.parameters, arguments, strict=False)
        spans = [argument.span for parameter, argument in pairs if parameter.literal]
        return checking.complain("wrong-arguments", str(error), spans[0] if len(spans) == 1 else node.span)
    null = spread(*arguments) if function.total else Null.UNKNOWN
    return Apply(kind, null, node.span, function, tuple(arguments))


def _wrong_arguments(
    checking: Checking, node: syntax.Call, functions: list[Function], arguments: list[Node]
) -> Node:
    function = functions[0]
    parameters = [*function.parameters, *[function.parameters[-1]] * len(arguments)]
    for position, (parameter, argument) in enumerate(zip(parameters, arguments, strict=False)):
        if not any(_at(each, position).takes.accepts(argument.kind) for each in functions):
            words = dict.fromkeys(_at(each, position).takes.word for each in functions)
            message = f"{parameter.name} of {node.name} is {' or '.join(words)}, not {argument.kind.word}"
            shown = _signatures(functions)
            return checking.complain("wrong-arguments", message, argument.span, f"it is written {shown}")
    message = f"the arguments of {node.name} are of different kinds"
    return checking.complain("wrong-arguments", message, node.span)


def _unknown_function(
    checking: Checking, node: syntax.Call, name: str, arguments: list[Node], method: bool
) -> Node:
    if checking.functions.named(name):
        shown = checking.functions.named(name)[0].signature
        message = f"{name} is not called like that"
        return checking.complain("wrong-arguments", message, node.word, f"it is written {shown}")
    names = [*checking.functions.names(), *SPECIAL, *LISTS]
    message = f"there is no function {name!r}"
    hint = INSTEAD.get(name) or one_of(name, names, "see the reference of functions; there are")
    if method and arguments and isinstance(arguments[0].kind, RecordKind):
        entity = arguments[0].kind.entities[0]
        if checking.schema.member(entity, name):
            hint = f"{name} is a property: leave out the parentheses"
    return checking.complain("unknown-function", message, node.word, hint)


INSTEAD = {
    **dict.fromkeys(("len", "length"), "it is called size(x)"),
    **dict.fromkeys(("lowercase", "toLowerCase"), "it is called lower(x)"),
    **dict.fromkeys(("uppercase", "toUpperCase"), "it is called upper(x)"),
    **dict.fromkeys(("some", "any"), "it is called exists(x, …)"),
    **dict.fromkeys(("ifnull", "isnull", "nvl"), "it is called coalesce(a, b)"),
    **dict.fromkeys(("if", "iif"), "write condition ? a : b"),
    **dict.fromkeys(("average", "mean"), "it is called avg()"),
    "isEmpty": "it is called empty(x)",
    "includes": "write value in list, or text.contains(…)",
    "every": "it is called all(x, …)",
    "reduce": "write .map(x, …).sum()",
    "find": "write .filter(x, …).first()",
    "concat": "write a + b",
    "startswith": "it is called startsWith",
    "endswith": "it is called endsWith",
}
"""Names other languages have for what is here, and how it is written here."""


# ---- the language's own


def _arity(checking: Checking, node: syntax.Call, least: int, most: int, form: str) -> Node | None:
    if least <= len(node.arguments) <= most:
        return None
    message = f"{node.name} does not take {_counted(len(node.arguments))}"
    return checking.complain("wrong-arguments", message, node.word, f"it is written {form}")


def _special(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    wrong = _arity(checking, node, 1, 1, f"{node.name}(x)")
    if wrong is not None:
        return wrong
    operand = visit(checking, node.arguments[0])
    if operand.kind is ANY:
        return Const(BOOL, Null.NEVER, node.span, None)
    name = cast(Literal["has", "empty", "truthy"], node.name)
    return Special(BOOL, Null.NEVER, node.span, name, operand)


def _coalesce(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    wrong = _arity(checking, node, 2, 20, "coalesce(a, b)")
    if wrong is not None:
        return wrong
    made = [visit(checking, argument) for argument in node.arguments]
    for _ in range(2):
        for position in range(1, len(made)):
            joined = join(made[0], made[position])
            if joined is None:
                message = f"this is either {made[0].kind.word} or {made[position].kind.word}"
                return checking.complain("type-mismatch", message, made[position].span, "all need one kind")
            made[0], made[position] = joined
    kind: Kind = made[0].kind
    for node_ in made[1:]:
        kind = common_kind(kind, node_.kind)
    null = Null.NEVER if any(each.null is Null.NEVER for each in made) else Null.VALUE
    return Coalesce(kind, null, node.span, tuple(made))


def _moment(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    wrong = _arity(checking, node, 0, 0, f"{node.name}()")
    kind = DATETIME if node.name == "now" else DATE
    return wrong or Ambient(kind, Null.NEVER, node.span, node.name)


def _judging(checking: Checking, node: syntax.Call) -> Node | None:
    if checking.roots.changes:
        return None
    where = f" in {checking.roots.key!r}" if checking.roots.key else " here"
    message = f"{node.name} makes no sense{where}: no change is judged"
    return checking.complain(
        "wrong-root", message, node.word, "it is for validations, guards and conditions of fields"
    )


def _is_new(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    wrong = _arity(checking, node, 0, 0, "is_new()") or _judging(checking, node)
    return wrong or Ambient(BOOL, Null.NEVER, node.span, "is_new")


def _changed(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    """`changed(record.x)` is `record.x != old.x`; `changed_to(record.x, v)` also that it is `v` now."""
    to = node.name == "changed_to"
    form = "changed_to(record.x, value)" if to else "changed(record.x)"
    wrong = _arity(checking, node, 1 + to, 1 + to, form) or _judging(checking, node)
    if wrong is not None:
        return wrong
    now = visit(checking, node.arguments[0])
    if now.kind is ANY:
        return Const(BOOL, Null.NEVER, node.span, None)
    before = _before(now)
    if before is None:
        message = "this is no property of the record"
        return checking.complain("wrong-arguments", message, now.span, f"it is written {form}")
    wrong = _kept_elsewhere(checking, now)
    if wrong is not None:
        return wrong
    differs = compare(checking, "!=", now, before, node.span)
    if not to:
        return differs
    is_now = compare(checking, "==", now, visit(checking, node.arguments[1]), node.span)
    return Logic(BOOL, spread(is_now, differs), node.span, "&&", (is_now, differs))


def _kept_elsewhere(checking: Checking, now: Node) -> Node | None:
    """A complaint where it is the other record that says which one belongs to this: it would never be different."""
    match now:
        case Member(operand=Root(name="record")):
            shape = checking.schema.member(now.entity, now.name)
            if shape is None or not shape.elsewhere:
                return None
            message = f"{now.name!r} is kept by the other record: no change of this one changes it"
            return checking.complain("wrong-arguments", message, now.span, "ask it in a rule of that record")
        case Member() | Part():
            return _kept_elsewhere(checking, now.operand)
    return None


def _before(now: Node) -> Node | None:
    """What stood there before the change."""
    match now:
        case Root() if now.name == "record":
            return Root(now.kind, Null.VALUE, now.span, "old")
        case Member():
            below = _before(now.operand)
            return (
                None if below is None else Member(now.kind, Null.VALUE, now.span, below, now.entity, now.name)
            )
        case Part():
            below = _before(now.operand)
            return None if below is None else Part(now.kind, Null.VALUE, now.span, below, now.name)
        case Many():
            return None
        case _:
            return None


def _feature(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    wrong = _arity(checking, node, 1, 1, "feature('name')")
    if wrong is not None:
        return wrong
    return _named(checking, node, visit, checking.roots.features, "feature", "feature")


def _user(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    """`user.has_role('x')`, `user.can('x')`."""
    wrong = _arity(checking, node, 1, 1, f"user.{node.name}('name')")
    if wrong is not None:
        return wrong
    if "user" not in checking.roots.records:
        return visit(checking, cast(Any, node.target))
    what, known = (
        ("role", checking.roots.roles) if node.name == "has_role" else ("can", checking.roots.capabilities)
    )
    return _named(checking, node, visit, known, what, "role" if what == "role" else "capability")


def _named(
    checking: Checking, node: syntax.Call, visit: Visit, known: frozenset[str] | None, prefix: str, word: str
) -> Node:
    argument = visit(checking, node.arguments[0])
    if not isinstance(argument, Const) or argument.kind is not STRING:
        message = f"{node.name} takes the name of a {word}"
        return checking.complain(
            "wrong-arguments", message, argument.span, f"it is written {node.name}('name')"
        )
    if known is not None and argument.value not in known:
        message = f"there is no {word} {argument.value!r}"
        return checking.complain(UNKNOWN[word], message, argument.span, one_of(argument.value, known))
    return Ambient(BOOL, Null.NEVER, node.span, f"{prefix}.{argument.value}")


UNKNOWN = {"feature": "unknown-feature", "role": "unknown-role", "capability": "unknown-capability"}
"""The code for a name that nothing of its kind has."""


# ---- literals of other kinds


def _from_text(checking: Checking, node: syntax.Call, visit: Visit) -> Node:
    """`date('2026-01-31')` and its kin are constants; with anything else in them they are functions."""
    arguments = [visit(checking, argument) for argument in node.arguments]
    texts = [each.value for each in arguments if isinstance(each, Const) and each.kind is STRING]
    if len(arguments) == 1 and arguments[0].kind is SAME.get(node.name):
        return arguments[0]
    read, count, form = LITERALS[node.name]
    if len(texts) != len(arguments) or len(texts) != count:
        if not checking.functions.named(node.name):
            message = f"{node.name} takes {'texts that are' if count > 1 else 'a text that is'} written out"
            return checking.complain("wrong-arguments", message, node.word, f"it is written {form}")
        return _apply(checking, node, node.name, arguments, method=False)
    try:
        value = read(*texts)
    except ValueError as error:
        return checking.complain("bad-literal", str(error), node.span)
    return Const(_kind_of(node.name, value), Null.NEVER, node.span, value)


def _kind_of(name: str, value: Any) -> Kind:
    if name == "decimal":
        return DecimalKind(scale_of(value))
    if name == "money":
        return MoneyKind(value.currency)
    return SAME[name]


SAME: Mapping[str, Kind] = {"date": DATE, "timestamp": DATETIME, "duration": DURATION, "time": TIME}
"""The kind that each of these makes; of a value of that kind it makes nothing else."""


LITERALS: Mapping[str, tuple[Callable[..., Any], int, str]] = {
    "date": (literal_date, 1, "date('2026-01-31')"),
    "time": (literal_time, 1, "time('10:00')"),
    "timestamp": (literal_moment, 1, "timestamp('2026-01-31T12:00:00Z')"),
    "duration": (literal_duration, 1, "duration('48h')"),
    "decimal": (literal_decimal, 1, "decimal('10.50')"),
    "money": (literal_money, 2, "money('10.50', 'EUR')"),
}
"""What reads each, how many texts it takes, and how it is written."""

Own = Callable[[Checking, syntax.Call, Visit], Node]

SPECIAL: Mapping[str, Own] = {
    "has": _special,
    "empty": _special,
    "truthy": _special,
    "coalesce": _coalesce,
    "now": _moment,
    "today": _moment,
    "is_new": _is_new,
    "changed": _changed,
    "changed_to": _changed,
    "feature": _feature,
    **dict.fromkeys(LITERALS, _from_text),
}
