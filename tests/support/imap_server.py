"""A real IMAP server for tests (pymap, in memory), and what it holds."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from engine.inbox.imap import Source
from tests.support.house import ROOT

USER, PASSWORD = "desk", 'correct horse "battery"'


@dataclass
class Post:
    """The server, as the test that plays the sender sees it."""

    port: int

    @property
    def source(self) -> Source:
        return Source("imap", "127.0.0.1", self.port, USER, PASSWORD)

    @property
    def url(self) -> str:
        return f"imap://{USER}:correct%20horse%20%22battery%22@127.0.0.1:{self.port}"

    @contextmanager
    def connected(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=30) as connection:
            connection.login(USER, PASSWORD)
            yield connection

    def put(self, *mails: bytes, folder: str = "INBOX", seen: bool = False) -> None:
        """Mails arrive."""
        with self.connected() as connection:
            for raw in mails:
                flags = r"(\Seen)" if seen else "()"
                status, said = connection.append(folder, flags, "", raw.replace(b"\n", b"\r\n"))  # type: ignore[arg-type]
                assert status == "OK", said

    def make(self, folder: str) -> None:
        with self.connected() as connection:
            assert connection.create(folder)[0] == "OK"

    def clear(self) -> None:
        """Nothing is left, and no folder but the first."""
        with self.connected() as connection:
            for listed in connection.list()[1]:
                folder = listed.decode().rpartition(" ")[2].strip('"') if isinstance(listed, bytes) else ""
                if folder.upper() != "INBOX":
                    connection.delete(folder)
            connection.select("INBOX")
            connection.store("1:*", "+FLAGS", r"(\Deleted)")
            connection.expunge()

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of every mail of a folder."""
        with self.connected() as connection:
            assert connection.select(folder, readonly=True)[0] == "OK"
            found = connection.fetch("1:*", "(FLAGS)")[1]
            flags = [
                each.partition(b"FLAGS (")[2].partition(b")")[0].decode()
                for each in found
                if isinstance(each, bytes)
            ]
        return [" ".join(each for each in said.split() if each != r"\Recent") for said in flags]


@contextmanager
def imap_server() -> Iterator[Post]:
    """A server on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-user", USER]
    command = [sys.executable, "-m", "tests.support.imap_program", *words, "--demo-password", PASSWORD]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet) as process:
        try:
            _listens(port, process)
            yield Post(port)
        finally:
            process.kill()


def _listens(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the IMAP server does not listen")
