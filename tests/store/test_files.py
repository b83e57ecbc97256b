"""Files: bytes that come back as they were, limits that hold while they stream in, kinds told by their bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NotFound, OperatorError
from engine.store import files
from engine.store.database import Database
from engine.store.files import FileStore, Stored, clean_name, files_url_for, media_type
from engine.types.base import Refused

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return FileStore(str(tmp_path / "files") if request.param == "folder" else f"memory://{tmp_path.name}")


def save(store: FileStore, content: bytes, declared: str = "text/plain", name: str = "note.txt") -> Stored:
    return store.save(io.BytesIO(content), name, declared, largest=1024 * 1024)


def stored_files(store: FileStore) -> list[str]:
    return list(store.system.find(store.root)) if store.system.exists(store.root) else []


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 3000])
def test_bytes_come_back_as_they_were(store: FileStore, content: bytes) -> None:
    stored = save(store, content)
    assert b"".join(store.open(stored.value.key)) == content
    assert (stored.value.size, stored.sha256) == (len(content), sha256(content).hexdigest())


def test_keys_can_not_be_guessed(store: FileStore) -> None:
    keys = {save(store, b"same").value.key for _ in range(10)}
    assert len(keys) == 10
    assert {len(key) for key in keys} == {32}


def test_too_much_is_refused_while_it_streams_and_leaves_nothing(store: FileStore) -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def read(self, size: int = -1) -> bytes:
            self.read_so_far += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(Refused, match="A file here has at most 1 MB") as refused:
        store.save(endless, "x", "text/plain", largest=1024 * 1024)  # type: ignore[arg-type]
    assert refused.value.code == "too-large"
    assert endless.read_so_far < 3 * 1024 * 1024
    assert stored_files(store) == []


def test_an_upload_that_breaks_off_leaves_nothing(store: FileStore) -> None:
    class Broken(io.RawIOBase):
        parts: list[Any] = [b"x" * 1000, ConnectionResetError("gone")]  # noqa: RUF012

        def read(self, size: int = -1) -> bytes:
            part = self.parts.pop(0)
            if isinstance(part, Exception):
                raise KeyboardInterrupt from part
            return bytes(part)

    with pytest.raises(KeyboardInterrupt):
        store.save(Broken(), "x", "text/plain", largest=10**6)  # type: ignore[arg-type]
    assert stored_files(store) == []


def test_bytes_that_are_gone_are_said_before_any_is_sent(store: FileStore) -> None:
    key = save(store, b"x").value.key
    store.delete(key)
    store.delete(key)
    with pytest.raises(NotFound):
        store.open(key)


def test_a_store_that_can_not_be_written_is_the_operators(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(OperatorError, match="check that it is there, may be written, and has room"):
        save(FileStore(str(tmp_path / "files")), b"x")


def test_a_store_of_an_unknown_kind_is_said_without_its_password() -> None:
    with pytest.raises(OperatorError, match="can't be used") as error:
        FileStore("carrier-pigeon://ann:secret@coop/files")
    assert "secret" not in str(error.value).partition("can't be used")[0]


@pytest.mark.parametrize(
    ("first", "declared", "kind"),
    [
        (PNG, "text/plain", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/png", "image/jpeg"),
        (b"GIF89a", "image/gif", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp"),
        (b"%PDF-1.7", "text/html", "application/pdf"),
        (b"<script>", "image/png", "application/octet-stream"),
        (b"<script>", "image/webp", "application/octet-stream"),
        (b"<html>", "Text/HTML; charset=utf-8", "text/html"),
        (b"a,b", "text/csv", "text/csv"),
        (b"PK\x03\x04", "application/zip", "application/zip"),
        (
            b"PK\x03\x04",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (b"PK\x03\x04", "image/png", "application/zip"),
        (b"abc", "", "application/octet-stream"),
        (b"abc", "nonsense", "application/octet-stream"),
        (b"abc", "text/plain\r\nX-Header: 1", "application/octet-stream"),
        (b"", "text/plain", "text/plain"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_bytes(first: bytes, declared: str, kind: str) -> None:
    assert media_type(first, declared) == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\a b.txt", "a b.txt"),
        ("a\r\nb\0c\u202e.txt", "abc.txt"),
        ("\ud800", "file"),
        ("", "file"),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
        ("șir 👩.txt", "șir 👩.txt"),
    ],
)
def test_names_keep_no_folders_and_no_tricks(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_what_no_record_claims_is_forgotten_after_a_while(database: Database, store: FileStore) -> None:
    old, claimed, young = (save(store, b"x") for _ in range(3))
    with database.write() as connection:
        for stored, at in ((old, NOW), (claimed, NOW), (young, NOW + timedelta(days=1))):
            files.register(connection, stored, at, 7)
        files.claim(connection, claimed.value.key, "ticket", 3)
    with database.write() as connection:
        found = files.abandoned(connection, NOW + timedelta(hours=1))
        assert found == [old.value.key]
        assert files.forget(connection, [*found, claimed.value.key]) == found
    with database.read() as connection:
        assert files.describe(connection, old.value.key) is None
        assert files.describe(connection, claimed.value.key) == claimed.value
        assert files.owner(connection, claimed.value.key) == ("ticket", 3, 7)
        assert files.owner(connection, young.value.key) == (None, None, 7)


def test_where_files_are(tmp_path: Path) -> None:
    assert files_url_for(tmp_path, "s3://b", {"ENGINE_FILES_URL": "s3://a"}) == "s3://a"
    assert files_url_for(tmp_path, "s3://b", {}) == "s3://b"
    assert files_url_for(tmp_path, "", {}) == str(tmp_path / "var" / "files")
