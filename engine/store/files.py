"""Files: bytes behind fsspec (a local folder by default), what is known of them in a table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

import fsspec
import sqlalchemy as sa

from engine.errors import NotFound, OperatorError
from engine.store.system import file
from engine.types.base import Refused
from engine.types.file import FileValue

CHUNK = 256 * 1024
CREDENTIALS = re.compile(r"://[^/@]*@")

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
"""How some kinds of file begin: a picture is one because of its bytes, not because its sender says so."""

LONGEST_SIGNATURE = 16
TOLD_BY_BYTES = {kind for _, kind in SIGNATURES} | {"image/webp"}
ZIPPED = (".document", ".sheet", ".presentation", ".text", ".spreadsheet", "+zip")
"""How the media types of office documents end, which are ZIP files inside."""
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are in the store, and not yet in the database."""

    value: FileValue
    sha256: str


class FileStore:
    """The bytes of files, by key. Keys can't be guessed and are never used twice."""

    def __init__(self, url: str) -> None:
        self.shown = CREDENTIALS.sub("://", url)
        try:
            self.system, self.root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise OperatorError(f"the file store {self.shown} can't be used: {error}") from error

    def save(self, stream: BinaryIO, name: str, declared: str, *, largest: int) -> Stored:
        """Store a stream of at most `largest` bytes; raises Refused beyond that, leaving nothing behind.

        No transaction is needed, and none should be open: a slow upload would hold up every writer.
        """
        key = token_hex(16)
        digest, size, first = hashlib.sha256(), 0, b""
        try:
            with self._faults(), self._create(key) as target:
                while chunk := stream.read(CHUNK):
                    first = first or chunk[:LONGEST_SIGNATURE]
                    size += len(chunk)
                    if size > largest:
                        raise Refused("too-large", f"A file here has at most {largest // 1024 // 1024} MB.")
                    digest.update(chunk)
                    target.write(chunk)
        except BaseException:
            self.delete(key)
            raise
        return Stored(FileValue(key, clean_name(name), size, media_type(first, declared)), digest.hexdigest())

    def open(self, key: str) -> Iterator[bytes]:
        """The bytes of a file, in chunks; raises NotFound at once where they are gone."""
        with self._faults():
            try:
                source = self.system.open(self._path(key), "rb")
            except FileNotFoundError as error:
                raise NotFound("file", key) from error
        return self._chunks(source)

    def _chunks(self, source: BinaryIO) -> Iterator[bytes]:
        with self._faults(), source:
            while chunk := source.read(CHUNK):
                yield chunk

    def delete(self, key: str) -> None:
        """Remove a file's bytes, where they are there."""
        with self._faults(), suppress(FileNotFoundError):
            self.system.rm(self._path(key))

    def _create(self, key: str) -> BinaryIO:
        path = self._path(key)
        self.system.makedirs(path.rpartition("/")[0], exist_ok=True)
        target: BinaryIO = self.system.open(path, "wb")
        return target

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """What is wrong with the disk or the service behind it is the operator's to know."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            raise OperatorError(
                f"the file store {self.shown}: {reason}; check that it is there, may be written, and has room"
            ) from error

    def _path(self, key: str) -> str:
        return f"{self.root}/{key[:2]}/{key}"


def register(connection: sa.Connection, stored: Stored, now: datetime, user: int | None) -> None:
    """Write down what is known of stored bytes, and who uploaded them; no record has them yet."""
    value = stored.value
    row = {
        "key": value.key,
        "name": value.name,
        "size": value.size,
        "media_type": value.media_type,
        "sha256": stored.sha256,
        "created_at": now,
        "created_by": user,
    }
    connection.execute(sa.insert(file).values(row))


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


def abandoned(connection: sa.Connection, before: datetime, most: int = 1000) -> list[str]:
    """The keys of files uploaded before a moment that no record has claimed."""
    statement = (
        sa.select(file.c.key)
        .where(file.c.record_id.is_(None), file.c.created_at < before)
        .order_by(file.c.created_at)
        .limit(most)
    )
    return list(connection.execute(statement).scalars())


def forget(connection: sa.Connection, keys: Sequence[str]) -> list[str]:
    """Forget files that no record has; answers those whose bytes may go, once this is committed."""
    free = sa.delete(file).where(file.c.key.in_(keys), file.c.record_id.is_(None)).returning(file.c.key)
    return list(connection.execute(free).scalars())


def media_type(first: bytes, declared: str) -> str:
    """The kind of a file: by its first bytes where they tell, else as declared; a false picture is none."""
    plain = declared.partition(";")[0].strip().lower()
    if not MEDIA_TYPE.fullmatch(plain):
        plain = UNKNOWN
    for signature, kind in SIGNATURES:
        if first.startswith(signature):
            return plain if kind == "application/zip" and plain.endswith(ZIPPED) else kind
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    return UNKNOWN if plain in TOLD_BY_BYTES else plain


def clean_name(name: str) -> str:
    """A file's name without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and not 0xD800 <= ord(sign) < 0xE000).strip()
    return kept[-255:] or "file"


def files_url_for(folder: Path, setting: str, environment: Mapping[str, str]) -> str:
    """Where files live: by environment, by setting, or the application's `var/files`."""
    return environment.get("ENGINE_FILES_URL") or setting or str((folder / "var" / "files").resolve())
