"""How the server of warm processes is asked for one; and, run as a program, the command `engine` of bin/.

Bash starts this program for each command of an example, so it imports what is built into Python and nothing else.
It hands its words, folder, environment and streams on, passes signals along, and ends as the command has ended.
"""

from __future__ import annotations

import _signal
import _socket
import marshal
import posix
import sys

Connection = _socket.socket
"""To the server: one for each process. It says how the process has ended; where it is closed, the process is killed."""

OWN = b"WARM_"
"""How the variables begin that are meant for this program."""

LENGTH = 8
"""The bytes of a number on a connection."""


def ask(
    path: str, module: str, words: list[str], folder: str, environment: dict[bytes, bytes], streams: list[int]
) -> tuple[Connection, int]:
    """Have a module, or the command `engine` where that is empty, started; answers its connection and process.

    `streams` are its input, output and errors.
    """
    wanted = marshal.dumps((module, words, folder, environment))
    given = b"".join(number.to_bytes(4, sys.byteorder) for number in streams)
    connection = Connection(_socket.AF_UNIX)
    connection.connect(path)
    connection.sendmsg([number_of(len(wanted))], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, given)])
    connection.sendall(wanted)
    return connection, answer(connection)


def number_of(number: int) -> bytes:
    """A number as it goes through a connection."""
    return number.to_bytes(LENGTH, "big", signed=True)


def answer(connection: Connection) -> int:
    """The next number that the server says: the process, and then its exit status as `subprocess` has it."""
    said = connection.recv(LENGTH, _socket.MSG_WAITALL)
    if len(said) < LENGTH:
        raise EOFError("the server of warm processes has ended")
    return int.from_bytes(said, "big", signed=True)


def main() -> None:
    """Be the command `engine`."""
    environment = {name: value for name, value in posix.environ.items() if not name.startswith(OWN)}
    path = posix.environ[OWN + b"SOCKET"].decode()
    connection, process = ask(path, "", sys.argv[1:], posix.getcwd(), environment, [0, 1, 2])
    for number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(number, lambda number, _: posix.kill(process, number))
    status = answer(connection)
    if status < 0:
        _signal.signal(-status, _signal.SIG_DFL)
        posix.kill(posix.getpid(), -status)
    posix._exit(status)


if __name__ == "__main__":
    main()
