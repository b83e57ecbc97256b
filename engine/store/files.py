"""Files: bytes behind fsspec (a local folder by default), what is known of them in a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

import fsspec
import sqlalchemy as sa

from engine.errors import OperatorError
from engine.store.system import file
from engine.types.base import Refused
from engine.types.file import FileValue

CHUNK = 256 * 1024

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
"""How some kinds of file begin: a picture is one because of its bytes, not because its sender says so."""


class FileStore:
    """The bytes of files, by key. Keys can't be guessed and are never used twice."""

    def __init__(self, url: str) -> None:
        try:
            self.system, self.root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise OperatorError(f"the file store {url!r} can't be used: {error}") from error

    def save(
        self,
        connection: sa.Connection,
        stream: BinaryIO,
        name: str,
        declared: str,
        *,
        largest: int,
        now: datetime,
        user: int | None,
    ) -> FileValue:
        """Store a stream of at most `largest` bytes; raises Refused beyond that, leaving nothing behind."""
        key = token_hex(16)
        path = self._path(key)
        digest, size, first = hashlib.sha256(), 0, b""
        self.system.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            with self.system.open(path, "wb") as target:
                while chunk := stream.read(CHUNK):
                    first = first or chunk[:16]
                    size += len(chunk)
                    if size > largest:
                        raise Refused("too-large", f"A file here has at most {largest // 1024 // 1024} MB.")
                    digest.update(chunk)
                    target.write(chunk)
        except BaseException:
            self.delete(key)
            raise
        kind = media_type(first, declared)
        value = FileValue(key, clean_name(name), size, kind)
        row = {
            "key": key,
            "name": value.name,
            "size": size,
            "media_type": kind,
            "sha256": digest.hexdigest(),
            "created_at": now,
            "created_by": user,
        }
        connection.execute(sa.insert(file).values(row))
        return value

    def open(self, key: str) -> Iterator[bytes]:
        """The bytes of a file, in chunks."""
        with self.system.open(self._path(key), "rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk

    def delete(self, key: str) -> None:
        """Remove a file's bytes, where they are there."""
        if self.system.exists(self._path(key)):
            self.system.rm(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self.root}/{key[:2]}/{key}"


def describe(connection: sa.Connection, key: str) -> FileValue | None:
    """What is known of a stored file."""
    row = connection.execute(sa.select(file).where(file.c.key == key)).first()
    return None if row is None else FileValue(row.key, row.name, row.size, row.media_type)


def owner(connection: sa.Connection, key: str) -> tuple[str | None, int | None, int | None] | None:
    """The record a file belongs to (entity, id), and who uploaded it; None for no such file."""
    row = connection.execute(sa.select(file).where(file.c.key == key)).first()
    return None if row is None else (row.entity, row.record_id, row.created_by)


def claim(connection: sa.Connection, key: str, entity: str, record_id: int) -> None:
    """Say which record a file belongs to; who may read the record may read the file."""
    connection.execute(sa.update(file).where(file.c.key == key).values(entity=entity, record_id=record_id))


def media_type(first: bytes, declared: str) -> str:
    """The kind of a file: by its first bytes where they tell, else as declared; a false picture is no picture."""
    for signature, kind in SIGNATURES:
        if first.startswith(signature):
            return declared if kind == "application/zip" and "officedocument" in declared else kind
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    known = {kind for _, kind in SIGNATURES}
    return "application/octet-stream" if declared in known or "/" not in declared else declared


def clean_name(name: str) -> str:
    """A file's name without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and not 0xD800 <= ord(sign) < 0xE000).strip()
    return kept[-255:] or "file"


def files_url_for(folder: Path, setting: str, environment: Mapping[str, str]) -> str:
    """Where files live: by environment, by setting, or the application's `var/files`."""
    return environment.get("ENGINE_FILES_URL") or setting or str((folder / "var" / "files").resolve())
