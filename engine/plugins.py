"""Every door for plugins: decorators that mark what a module offers, and the loader that collects it.

A plugin is a module in the `plugins/` folder of the application or of one that it uses, or one an installed
package names under the entry point `entity_engine.plugins`. Decorating only marks; nothing is registered until
the loader has imported the module, so importing a plugin in a test has no effect on anything.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Literal, TypeVar

from engine.documents.layers import layer_folders, shown
from engine.errors import Place, Problem
from engine.expressions.kinds import Kind
from engine.expressions.registry import Function, Functions, Parameter, Sql, Takes
from engine.functions.standard import standard_functions
from engine.text.suggest import did_you_mean
from engine.types.base import PropertyType
from engine.types.registry import Registry

GROUP = "entity_engine.plugins"
"""The entry point group of installed plugins."""

Moment = Literal["before", "after", "after_commit"]
Action = Literal["create", "update", "delete", "restore", "transition"]
HookFunction = Callable[..., None]
F = TypeVar("F", bound=HookFunction)
G = TypeVar("G", bound=Callable[..., Any])
C = TypeVar("C", bound=type[PropertyType])

ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "restore", "transition")


@dataclass(frozen=True)
class Hook:
    """A function that runs when a record is written; `plugin` and `place` name it in errors."""

    moment: Moment
    entity: str
    actions: tuple[Action, ...]
    function: HookFunction
    plugin: str
    place: Place


@dataclass(frozen=True)
class OwnAction:
    """A function that processes call by its name; `plugin` and `place` name it in errors."""

    name: str
    function: Callable[..., None]
    plugin: str
    place: Place


@dataclass(frozen=True)
class Hooks:
    """Every hook of every plugin, as plain lists by (moment, entity, action): that is what runs per record.

    `actions` are those that processes call, by name.
    """

    by_key: Mapping[tuple[str, str, str], tuple[Hook, ...]] = field(default_factory=dict)
    actions: Mapping[str, OwnAction] = field(default_factory=dict)

    def of(self, moment: Moment, entity: str, action: str) -> tuple[Hook, ...]:
        """The hooks to run; `*` stands for every entity."""
        return self.by_key.get((moment, entity, action), ()) + self.by_key.get((moment, "*", action), ())


@dataclass(frozen=True)
class Plugins:
    """What the plugins of an application offer, and the problems of those that could not be loaded."""

    registry: Registry
    functions: Functions
    hooks: Hooks = field(default_factory=Hooks)
    names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


# ---- the doors


def before(entity: str, *actions: Action) -> Callable[[F], F]:
    """Run `function(context, change)` before a record is written (`*`: of any entity; no action: all).

    `change.values` may still be changed; `change.refuse(at, message)` adds a field error.
    """
    return _mark("before", entity, actions)


def after(entity: str, *actions: Action) -> Callable[[F], F]:
    """Run `function(context, change)` after the write, in the same transaction; raising rolls all back."""
    return _mark("after", entity, actions)


def after_commit(entity: str, *actions: Action) -> Callable[[F], F]:
    """Run `function(context, change)` once the transaction is committed; raising is logged only."""
    return _mark("after_commit", entity, actions)


def action(name: str) -> Callable[[F], F]:
    """Offer `function(context, call)` to processes, which do it as `call: NAME`.

    `call.entity` and `call.id` say which record it is about, `call.values` what the process gives it. It runs in
    the transaction of the process; what it raises on purpose refuses that, anything else rolls it back.
    """

    def mark(function: F) -> F:
        function.__engine_actions__ = [*getattr(function, "__engine_actions__", ()), name]  # type: ignore[attr-defined]
        return function

    return mark


def property_type(cls: C) -> C:
    """Offer a subclass of PropertyType as a type for YAML, named by its `name`."""
    cls.__engine_type__ = True  # type: ignore[attr-defined]
    return cls


def expression_function(
    name: str,
    takes: Mapping[str, Takes],
    gives: Kind,
    *,
    summary: str,
    sqlite: Sql | None = None,
    postgresql: Sql | None = None,
) -> Callable[[G], G]:
    """Offer a function to expressions: `takes` names its parameters, `gives` is the kind of its result.

    The Python function is called with values that are never null, and may answer None for unknown; the same
    arguments have to give the same answer always. With `postgresql` it also serves where SQL is needed (SQLite
    then calls the Python function, or uses `sqlite`); without, the engine says so where it is used in a filter.
    """

    def mark(function: G) -> G:
        made = Function(
            name=name,
            parameters=tuple(Parameter(parameter, what) for parameter, what in takes.items()),
            result=lambda arguments: gives,
            python=function,
            summary=summary,
            sqlite=sqlite,
            postgresql=postgresql,
            group="plugin",
        )
        function.__engine_functions__ = [*getattr(function, "__engine_functions__", ()), made]  # type: ignore[attr-defined]
        return function

    return mark


def _mark(moment: Moment, entity: str, actions: tuple[Action, ...]) -> Callable[[F], F]:
    def mark(function: F) -> F:
        marks = [*getattr(function, "__engine_hooks__", ()), (moment, entity, actions or ACTIONS)]
        function.__engine_hooks__ = marks  # type: ignore[attr-defined]
        return function

    return mark


def misdirected(hooks: Hooks, entities: Collection[str]) -> tuple[Problem, ...]:
    """Complaints about hooks of entities that are not there: they would never run, and nobody would know."""
    found = []
    for hook in dict.fromkeys(hook for several in hooks.by_key.values() for hook in several):
        if hook.entity != "*" and hook.entity not in entities:
            guess = did_you_mean(hook.entity, sorted(entities))
            hint = (
                f"did you mean {guess!r}?" if guess else "name an entity of this application, or '*' for all"
            )
            message = f"plugin {hook.plugin!r} has a hook for the entity {hook.entity!r}, which is not there"
            found.append(Problem("unknown-entity", message, hook.place, hint))
    return tuple(found)


# ---- loading


@dataclass(frozen=True)
class Found:
    """A plugin before it is imported; `file` is how problems call it, `folder` the plugins/ it lies in."""

    name: str
    load: Callable[[], ModuleType]
    file: str
    folder: Path | None = None


def load_plugins(folder: Path, registry: Registry) -> Plugins:
    """Import the plugins of what an application uses, its own, and installed ones; add their types to `registry`."""
    functions = standard_functions()
    found = Offered()
    problems: list[Problem] = []
    names: list[str] = []
    layers = [layer / "plugins" for layer in layer_folders(folder)]
    files = [file for layer in layers for file in sorted(layer.glob("*.py"))]
    for plugin in [*_local(folder, files), *_installed()]:
        names.append(plugin.name)
        try:
            module = plugin.load()
            for offered in vars(module).values():
                _collect(offered, plugin, module, found, registry)
                _collect_functions(offered, plugin.name, functions)
        except (Exception, SystemExit) as error:
            problems.append(_failed(plugin, error))
    return Plugins(registry, functions, _index(found), tuple(names), tuple(map(str, files)), tuple(problems))


def _local(folder: Path, files: list[Path]) -> Iterator[Found]:
    """Those that lie in folders; several of one name, in different layers, are different modules."""
    modules: set[str] = set()
    for file in files:
        if not file.name.startswith("_"):
            module = f"engine_plugin_{file.stem}"
            while module in modules:
                module += "_"
            modules.add(module)
            yield Found(file.stem, partial(_import, file, module), shown(file, folder), file.parent)


def _installed() -> Iterator[Found]:
    for entry in importlib.metadata.entry_points(group=GROUP):
        yield Found(entry.name, entry.load, entry.value)


class AsWritten(SourceFileLoader):
    """Compiles a plugin whenever it is read: what Python keeps compiled knows seconds and sizes, not contents."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _import(file: Path, module_name: str) -> ModuleType:
    loader = AsWritten(module_name, str(file))
    spec = importlib.util.spec_from_file_location(module_name, file, loader=loader)
    assert spec is not None, file
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look a class's module up there
    loader.exec_module(module)
    return module


@dataclass
class Offered:
    """What plugins have offered so far."""

    hooks: list[Hook] = field(default_factory=list)
    actions: dict[str, OwnAction] = field(default_factory=dict)


def _collect(offered: Any, plugin: Found, module: ModuleType, found: Offered, registry: Registry) -> None:
    if getattr(offered, "__module__", None) != module.__name__:
        return  # imported from elsewhere: it is offered there
    for moment, entity, actions in getattr(offered, "__engine_hooks__", ()):
        place = Place(plugin.file, offered.__code__.co_firstlineno)
        found.hooks.append(Hook(moment, entity, actions, offered, plugin.name, place))
    for name in getattr(offered, "__engine_actions__", ()):
        place = Place(plugin.file, offered.__code__.co_firstlineno)
        found.actions[name] = OwnAction(name, offered, plugin.name, place)
    if isinstance(offered, type) and "__engine_type__" in vars(offered):
        registry.register(offered)


def _collect_functions(offered: Any, name: str, functions: Functions) -> None:
    for function in getattr(offered, "__engine_functions__", ()):
        functions.register(replace(function, plugin=name))


def _failed(plugin: Found, error: BaseException) -> Problem:
    """What went wrong, at the last line of the plugin's own folder that led there."""
    place, source = Place(plugin.file), ""
    if isinstance(error, SyntaxError) and error.filename:
        place = Place(plugin.file, error.lineno or 1, error.offset or 1)
        source = (error.text or "").rstrip("\n")
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if plugin.folder is not None and Path(frame.filename).is_relative_to(plugin.folder):
                place, source = Place(plugin.file, frame.lineno or 1), frame.line or ""
    message = f"plugin {plugin.name!r} can't be loaded: {type(error).__name__}: {error}"
    hint = "mend the plugin, or take its file out of plugins/"
    return Problem("plugin-failed", message, place, hint, source=source)


def _index(offered: Offered) -> Hooks:
    found: dict[tuple[str, str, str], list[Hook]] = {}
    for hook in offered.hooks:
        for action in hook.actions:
            found.setdefault((hook.moment, hook.entity, action), []).append(hook)
    return Hooks({key: tuple(several) for key, several in found.items()}, offered.actions)
