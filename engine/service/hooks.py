"""Running the hooks of plugins around a write: what they may change, and what happens when they raise."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.drafts.draft import Draft
from engine.errors import Place, PluginError, RecordError
from engine.plugins import Hook, OwnAction
from engine.work.context import Context


@dataclass
class RecordChange:
    """What a hook is given: the operation on one record.

    `values` are the domain values about to be written by name; a hook before the write may set
    them. `old` gives the value of a property before (None on create). `id` is None until a new record is
    written.
    """

    action: str
    draft: Draft
    id: int | None = None

    @property
    def entity(self) -> str:
        return self.draft.entity.name

    @property
    def values(self) -> dict[str, Any]:
        return self.draft.values

    def old(self, name: str) -> Any:
        return self.draft.old.values.get(name) if self.draft.old else None

    def value(self, name: str) -> Any:
        """The value a property will have, changed or not."""
        return self.draft.value(name)

    def refuse(self, at: str, message: str, code: str = "refused") -> None:
        """Add a field error: the operation will be refused with all of them."""
        self.draft.refuse(at, code, message)


def run_before(context: Context, action: str, draft: Draft) -> None:
    """Run the hooks before a write."""
    for hook in context.runtime.hooks.of("before", draft.entity.name, action):
        _run(hook, context, RecordChange(action, draft, draft.old.id if draft.old else None))


def run_after(context: Context, action: str, draft: Draft, number: int) -> None:
    """Run the hooks after a write, and leave those after the commit to the unit of work."""
    change = RecordChange(action, draft, number)
    for hook in context.runtime.hooks.of("after", draft.entity.name, action):
        _run(hook, context, change)
    for hook in context.runtime.hooks.of("after_commit", draft.entity.name, action):
        context.after_commit.append(_later(hook, context, change))


def _later(hook: Hook, context: Context, change: RecordChange) -> Callable[[], None]:
    return lambda: _run(hook, context, change)


def failed(offered: Hook | OwnAction, what: str, error: Exception) -> PluginError:
    """What a plugin's failure is told as: with its line, even if what it called there failed deeper down."""
    file = offered.function.__code__.co_filename
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    place = Place(offered.place.file, (lines[-1] if lines else None) or offered.place.line)
    return PluginError(offered.plugin, what, place, f"{type(error).__name__}: {error}")


def _run(hook: Hook, context: Context, change: RecordChange) -> None:
    """Call a hook; what it raises on purpose passes, anything else is told with the plugin's name and line."""
    try:
        hook.function(context, change)
    except RecordError:
        raise
    except Exception as error:
        raise failed(hook, f"{hook.moment} {change.action} of {change.entity}", error) from error
