"""Who a record belongs to: given by who creates it, changed by who may assign it, within what they may create."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.access import access
from engine.access.reaching import reaches, reaches_all
from engine.build.access import OWNING
from engine.drafts.draft import Draft
from engine.errors import FieldError, Invalid
from engine.work.context import Context


def check_assignment(context: Context, draft: Draft) -> None:
    """Refuse to give a record to somebody else without the grant to assign it."""
    moved = [name for name in OWNING if _moved(draft, name)]
    if not moved or context.actor.administrator:
        return
    if draft.old is None:
        allowed = access.may(context, draft.entity.name, "assign")
    else:
        allowed = reaches(context, draft.entity.name, draft.old.id, "assign")
    for name in moved if not allowed else ():
        label = draft.entity.relations[name].label
        draft.refuse(name, "not-allowed", f"{label}: you may not assign this to somebody else.")


def _moved(draft: Draft, name: str) -> bool:
    relation = draft.entity.relations.get(name)
    if relation is None or not relation.system or name not in draft.keys or name in draft.given:
        return False
    return draft.old is None or draft.keys[name] != draft.old.keys.get(name)


@contextmanager
def creating(context: Context, draft: Draft) -> Iterator[None]:
    """Within it the draft is inserted; what the actor's grants don't let them create is taken back and refused.

    The database decides, by the same condition as everywhere: so the record has to be there to be judged.
    """
    if reaches_all(context, draft.entity.name, "create"):
        yield
        return
    with context.connection.begin_nested():
        yield
        assert draft.number is not None
        if not reaches(context, draft.entity.name, draft.number, "create"):
            raise Invalid([_not_created(draft)])


def _not_created(draft: Draft) -> FieldError:
    entity = draft.entity
    owning = [name for name in OWNING if name in entity.relations and entity.relations[name].system]
    message = f"You may not create {entity.plural.lower()} like this one."
    return FieldError(owning[0] if owning else "", "not-allowed", message)
