"""A process that is started warm is as a cold one: in what it is given, what it says, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import ROOT
from tests.support.postgres import RUN_FOLDER
from tests.support.warm import BARE, COMMANDS, ENGINE, PIPE, SERVER, Process

SEEING = "tests.support.seeing"
DYING = """
import os, signal
from tests.support.warm import Process
begun = [Process("tests.support.seeing", "wait") for _ in range(2)]
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A program that starts two processes, and does not come to its end."""

OWN = {**BARE, "COLUMNS": "60", "LANG": "C.UTF-8", "TZ": "Asia/Tokyo", "ENGINE_LOG": "debug", "ZOË": "\udcff"}

Outcome = tuple[str, str, int | None]


def cold(words: list[str], given: str = "", folder: Path = ROOT) -> Outcome:
    """What a fresh process says, complains, and ends with."""
    done = subprocess.run(
        [sys.executable, *words] if words[0] == "-m" else words,
        input=given,
        env=OWN,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


def warm(module: str, *words: str, given: str = "", folder: Path = ROOT) -> Outcome:
    process = Process(module, *words, folder=folder, environment=OWN, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    assert process.stdin is not None
    process.stdin.write(given)
    said, complained = process.communicate()
    return said, complained, process.returncode


@pytest.fixture
def waiting() -> Iterator[Any]:
    """Starts processes that have begun and wait."""
    begun: list[Process] = []

    def start() -> Process:
        process = Process(SEEING, "wait", stdin=PIPE, stdout=PIPE)
        begun.append(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.stdout is not None
        assert process.stdout.readline().startswith("{")
        process.stdout.readline()
        return process

    yield start
    for each in begun:
        with each:
            each.kill()


def bash(script: str) -> Outcome:
    """What bash says where the command `engine` is started warm."""
    done = subprocess.run(
        ["bash", "-c", script],
        env={**OWN, **SERVER.told(), "PATH": f"{COMMANDS}:{OWN['PATH']}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


# ---- what it is given


def test_it_sees_what_a_cold_one_sees_and_has_random_numbers_of_its_own(tmp_path: Path) -> None:
    words = [SEEING, "3", "Zoë", ""]
    outcomes = [
        cold(["-m", *words], "typed\n", tmp_path),
        warm(*words, given="typed\n", folder=tmp_path),
        warm(*words, given="typed\n", folder=tmp_path),
    ]
    seen, numbers = zip(*(said.splitlines() for said, _, _ in outcomes), strict=True)
    facts = [json.loads(each) for each in seen]
    assert facts[0] == facts[1] == facts[2]
    assert (facts[0]["input"], facts[0]["folder"]) == ("typed\n", str(tmp_path))
    assert len(set(numbers)) == 3
    assert [rest for _, *rest in outcomes] == [["", 3]] * 3


# ---- how it ends


@pytest.mark.parametrize("how", ["0", "words", "error"])
def test_it_ends_as_a_cold_one(how: str) -> None:
    _, complained, status = warm(SEEING, how)
    _, same, wanted = cold(["-m", SEEING, how])
    assert (complained.splitlines()[-1:], status) == (same.splitlines()[-1:], wanted)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_is_killed_alone_and_leaves_nothing_open(waiting: Any, number: signal.Signals) -> None:
    one, other = waiting(), waiting()
    assert one.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0)
    one.send_signal(number)
    assert one.stdout.read() == ""
    assert one.wait() == -number
    one.kill()
    assert other.poll() is None


def test_all_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    """Its output comes to an end only when nobody is left who could write to it."""
    done = subprocess.run(
        [sys.executable, "-c", DYING],
        env={**OWN, RUN_FOLDER: str(tmp_path)},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", -signal.SIGKILL)


# ---- the command


@pytest.mark.parametrize("words", [["--help"], ["chekc"], ["check", "nowhere"]])
def test_the_command_says_the_same(words: list[str]) -> None:
    installed = Path(sys.executable).with_name("engine")
    assert cold([str(installed), *words]) == warm(ENGINE, *words) == bash(f"engine {' '.join(words)}")


def test_its_streams_are_those_of_the_shell(tmp_path: Path) -> None:
    script = f"""
        cd {tmp_path}
        engine new notes > /dev/null && engine apply notes | tail -n 1
        echo 'pass the long word' | engine user create ana --role administrator --password-stdin --folder notes
        engine user list --folder notes > users && grep -c ana users
        engine chekc 2> complaints || echo $? && grep -c chekc complaints
    """
    said, complained, status = bash(script)
    assert (complained, status) == ("", 0)
    assert said.splitlines()[1:] == ["user ana created, with administrator", "1", "2", "1"]


WORKER = """
    cd {folder}
    engine new notes > /dev/null && engine apply notes > /dev/null
    coproc engine worker notes --threads 1
    answers=${{COPROC[0]}} worker=$COPROC_PID
    read -r line <&$answers; echo $line
    kill -{signal} $worker; cat <&$answers; wait $worker; echo $?
"""


@pytest.mark.parametrize(("name", "status"), [("TERM", 0), ("INT", 0), ("KILL", 128 + signal.SIGKILL)])
def test_a_signal_reaches_it(tmp_path: Path, name: str, status: int) -> None:
    said, _, _ = bash(WORKER.format(folder=tmp_path, signal=name))
    assert said.splitlines() == ["Notes: 1 job at once", str(status)]


def test_killed_by_a_signal_it_says_so_to_the_shell(tmp_path: Path) -> None:
    said, _, _ = bash("coproc engine mail deliver desk; kill -TERM $COPROC_PID; wait $COPROC_PID; echo $?")
    assert said == f"{128 + signal.SIGTERM}\n"
