"""The registry of functions: each once, with what it takes and gives, its Python, and its SQL on each database.

A function is strict: it is not called with null, and its result is then unknown. In Python it may answer None
for unknown. A plugin registers one in the same way as the built-in ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine.expressions.kinds import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    TIME,
    DecimalKind,
    Kind,
    MoneyKind,
    is_number,
    is_text,
)
from engine.expressions.nodes import Const, Node


@dataclass(frozen=True, slots=True)
class Takes:
    """What an argument may be; `word` names it in messages."""

    word: str
    accepts: Callable[[Kind], bool]


def _exactly(kind: Kind) -> Takes:
    return Takes(kind.word, lambda given: given is kind or given is ANY)


TEXT = Takes("a text", lambda kind: is_text(kind) or kind is ANY)
WHOLE = _exactly(INT)
CONDITION = _exactly(BOOL)
DAY = _exactly(DATE)
MOMENT = _exactly(DATETIME)
SPAN = _exactly(DURATION)
CLOCK = _exactly(TIME)
DAY_OR_MOMENT = Takes("a date or moment", lambda kind: kind in (DATE, DATETIME, ANY))
NUMBER = Takes("a number", lambda kind: is_number(kind) or kind is ANY)
EXACT = Takes("a whole or decimal number", lambda kind: kind in (INT, ANY) or isinstance(kind, DecimalKind))
AMOUNT = Takes("an amount of money", lambda kind: isinstance(kind, MoneyKind) or kind is ANY)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name for the reference, what it takes, and whether it must be a literal."""

    name: str
    takes: Takes
    literal: bool = False


@dataclass(frozen=True, slots=True)
class SqlCall:
    """A call as a function's SQL sees it.

    `arguments` are clauses in the stored form of their kinds: on SQLite a decimal is an integer scaled by its
    kind's scale, a moment an integer of microseconds, a date a text; on PostgreSQL they are native. Of an amount
    of money only the amount is given, in minor units times ten to the `extra`; its currency stays as it is.
    `values` has the value of each argument that is a literal. `zone` is the name of the zone days begin in.
    """

    arguments: tuple[sa.ColumnElement[Any], ...]
    kinds: tuple[Kind, ...]
    values: tuple[Any, ...]
    result: Kind
    zone: sa.ColumnElement[str]


Sql = Callable[[SqlCall], sa.ColumnElement[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the language.

    `python` takes the arguments' values, none of them None, and with `zoned` a keyword `zone` (a ZoneInfo);
    with `kinded` a keyword `kinds` (of the arguments, then of the result). `postgresql` makes a clause, None
    where the function can't be said in SQL; `sqlite` too, where None means that SQLite calls `python`.
    `total`: never unknown for arguments that are not null. `usage` is `method` (`x.trim()`), `free`
    (`abs(x)`) or `both`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Callable[[Sequence[Node]], Kind]
    python: Callable[..., Any]
    summary: str
    example: tuple[str, str] = ("", "")  # an expression, and the value it has as an expression
    postgresql: Sql | None = None
    sqlite: Sql | None = None
    usage: str = "both"
    optional: int = 0  # how many of the last parameters may be left out
    repeated: bool = False  # the last parameter may be given several times
    zoned: bool = False
    kinded: bool = False
    total: bool = False
    group: str = "text"
    plugin: str = ""

    @property
    def in_sql(self) -> bool:
        """Whether both databases can compute it."""
        return self.postgresql is not None

    @property
    def signature(self) -> str:
        """As the reference and messages show it: `round(x, n)`."""
        names = [parameter.name for parameter in self.parameters]
        shown = ", ".join(names) + (", …" if self.repeated else "")
        if self.usage == "method":
            return f"{names[0]}.{self.name}({', '.join(names[1:])})"
        return f"{self.name}({shown})"


def gives(kind: Kind) -> Callable[[Sequence[Node]], Kind]:
    """A result that is always of one kind."""
    return lambda arguments: kind


def like_first(arguments: Sequence[Node]) -> Kind:
    """A result of the first argument's kind."""
    return arguments[0].kind


def literal(node: Node) -> Any:
    """The value of a literal argument."""
    assert isinstance(node, Const)
    return node.value


@dataclass
class Functions:
    """Functions by name; several of one name differ in what they take."""

    by_name: dict[str, list[Function]] = field(default_factory=dict)

    def register(self, *functions: Function) -> None:
        """Add functions. Raises ValueError for a name that another plugin, or the language, has."""
        for function in functions:
            known = self.by_name.setdefault(function.name, [])
            if known and known[0].plugin != function.plugin:
                raise ValueError(f"there is a function {function.name!r} already")
            known.append(function)

    def named(self, name: str) -> Sequence[Function]:
        return self.by_name.get(name, ())

    def names(self) -> Iterable[str]:
        return self.by_name

    def copy(self) -> Functions:
        return Functions({name: list(functions) for name, functions in self.by_name.items()})

    @property
    def all(self) -> list[Function]:
        return [function for functions in self.by_name.values() for function in functions]


def takes(**parameters: Takes) -> tuple[Parameter, ...]:
    """Parameters by name."""
    return tuple(Parameter(name, what) for name, what in parameters.items())


Members = Mapping[str, Any]
