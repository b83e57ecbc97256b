"""Uploading and reading files: who may read a record may read its files, nobody else."""

from __future__ import annotations

from typing import Any, BinaryIO

from engine.access import access
from engine.errors import NotFound
from engine.reading.reading import get_identity
from engine.store import files
from engine.types.file import FileValue
from engine.work.context import Context
from engine.work.gateway import Gateway


def upload(gateway: Gateway, actor: Any, stream: BinaryIO, name: str, declared: str) -> FileValue:
    """Store an uploaded file, not yet of any record; raises Refused."""
    largest = gateway.runtime.application.settings.max_upload_mb * 1024 * 1024
    stored = gateway.files.save(stream, name, declared, largest=largest)
    try:
        gateway.writing(
            actor, "page", lambda context: files.register(context.connection, stored, context.now, actor.id)
        )
    except BaseException:
        gateway.files.delete(stored.value.key)
        raise
    return stored.value


def readable(context: Context, key: str) -> FileValue:
    """A file the actor may read: one of a record they may read, or their own upload; raises NotFound."""
    known, owner = files.describe(context.connection, key), files.owner(context.connection, key)
    if known is None or owner is None:
        raise NotFound("file")
    entity, number, user = owner
    if entity is None or number is None or entity not in context.runtime.entities:
        if user != context.actor.id and not context.actor.administrator:
            raise NotFound("file")
        return known
    access.require(context, entity, "read")
    get_identity(context, entity, number, "read")
    return known
