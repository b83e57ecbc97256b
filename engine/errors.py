"""Every error a person can meet: problems in metadata, and the exceptions of the running engine.

The tree of exceptions::

    EngineError
    ├── MetadataError        the metadata has problems; carries all of them
    ├── UsageError           the command or call was used wrongly                       (exit status 2)
    ├── OperatorError        something outside is wrong: database, setting, disk        (exit status 3)
    │   └── SchemaDiffers    the database is not what the metadata says; names each difference
    ├── PluginError          a plugin raised; names plugin, hook and line
    └── RecordError          the answer to an operation on a record
        ├── NotFound         no such record, or none this actor may see
        ├── Forbidden        this actor may not do this; carries a decision id
        ├── Invalid          values were refused; carries one FieldError per complaint
        ├── Conflict         somebody else changed the record; carries both versions
        └── BadQuery         a sort, field, filter or cursor that can't be answered
            └── BadExpression    a condition somebody wrote is wrong; carries each complaint with its place
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a text file. Line and column count from 1; `width` is the length to underline."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about the metadata: what is wrong, where, and what would cure it.

    `code` is stable and explained by `engine explain error CODE`; `message` says what was found;
    `hint` what is allowed or was probably meant; `path` is the way to the value inside its document
    (`("properties", "status", "type")`); `source` is the text of the line, for the caret.
    """

    code: str
    message: str
    place: Place
    hint: str = ""
    level: Level = "error"
    path: tuple[str | int, ...] = ()
    source: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.place
        return (place.file, place.line, place.column, self.code, self.message)


class EngineError(Exception):
    """The root of everything the engine raises on purpose."""


class MetadataError(EngineError):
    """The metadata has problems; `problems` holds all of them, errors and warnings, in order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        errors = sum(problem.level == "error" for problem in self.problems)
        super().__init__(f"the metadata has {errors} error{'s' if errors != 1 else ''}")


class UsageError(EngineError):
    """A command, setting or call was used wrongly; the message says how it is used."""


class OperatorError(EngineError):
    """Something outside the engine is wrong; the message says what to do about it."""


class SchemaDiffers(OperatorError):
    """The database is not what the metadata says, and the difference is not applied by itself.

    `additions` are the differences that `engine apply` makes; `refused` those it does not.
    """

    def __init__(self, additions: Iterable[str], refused: Iterable[str]) -> None:
        self.additions = tuple(additions)
        self.refused = tuple(refused)
        lines = [f"  {line}" for line in (*self.refused, *self.additions)]
        cure = (
            "change the metadata back, or bring the database to it by hand"
            if self.refused
            else "run `engine apply`, or start with `engine serve --apply`"
        )
        super().__init__(
            "\n".join(["the database differs from the metadata:", *lines, f"What to do: {cure}."])
        )


class PluginError(EngineError):
    """A plugin raised something that is not a record error; the transaction was rolled back."""

    def __init__(self, plugin: str, hook: str, place: Place, cause: str) -> None:
        self.plugin, self.hook, self.place, self.cause = plugin, hook, place, cause
        super().__init__(f"plugin {plugin!r} failed in {hook} at {place}: {cause}")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint about a value of a record.

    `at` is the property's path as a form names it: `subject`, `lines.0.quantity`, `address.country`,
    or "" for the record as a whole. `code` is stable (`required`, `unique`, `too-long` …).
    """

    at: str
    code: str
    message: str


class RecordError(EngineError):
    """The answer to an operation on a record is no; subclasses say why."""


class NotFound(RecordError):
    """There is no such record, or none that this actor may see: the two are not told apart."""

    def __init__(self, entity: str, key: object = None) -> None:
        self.entity, self.key = entity, key
        super().__init__(f"there is no {entity} {key}" if key is not None else f"there is no {entity}")


class Forbidden(RecordError):
    """This actor may not do this. `decision` identifies the refusal in the log."""

    def __init__(self, message: str, decision: str) -> None:
        self.decision = decision
        super().__init__(message)


class Invalid(RecordError):
    """Values were refused; `errors` holds every complaint of the operation at once."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.at or 'record'}: {error.message}" for error in self.errors))


class Conflict(RecordError):
    """The record was changed since the version the caller had seen.

    `given` and `current` are version numbers; `theirs` maps each property changed since to
    its current value, in JSON form.
    """

    def __init__(self, given: int, current: int, theirs: Mapping[str, Any] | None = None) -> None:
        self.given, self.current, self.theirs = given, current, dict(theirs or {})
        super().__init__(f"the record was changed meanwhile: version {given} was given, {current} is current")


class BadQuery(RecordError):
    """A sort, field, filter, limit or cursor that can't be answered; `name` is the one at fault."""

    def __init__(self, code: str, name: str, message: str) -> None:
        self.code, self.name = code, name
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """One complaint about an expression somebody wrote: `start` and `end` are offsets in its text."""

    code: str
    message: str
    start: int
    end: int
    hint: str = ""


class BadExpression(BadQuery):
    """A condition somebody wrote can't be used; `faults` holds every complaint, `text` what was written."""

    def __init__(self, name: str, text: str, faults: Iterable[ExpressionFault]) -> None:
        self.text, self.faults = text, tuple(faults)
        said = "; ".join(
            f"{fault.message}{f' ({fault.hint})' if fault.hint else ''}" for fault in self.faults
        )
        super().__init__("bad-expression", name, said)
