"""Time in tests of the configuration: timers, and what is done at set times, in the order of their moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trials import clock
from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import proven, write

run = run_fixture

LAMPS = """# metadata/app.yaml
app: lamps
settings: {timezone: Europe/Bucharest}
---
role: agent
---
entity: note
properties:
  text: {type: text}
---
entity: lamp
properties:
  name:  {type: text, required: true}
  count: {type: integer, default: 0}
  said:  {type: text, default: ""}
  life:  {type: state, workflow: life}
access: {agent: {create: true, read: all, update: all, transition: all}}
---
workflow: life
entity: lamp
property: life
initial: "off"
states: {"off": {}, "on": {}, broken: {}, thrown: {final: true}}
transitions:
  switch_on: {from: "off", to: "on"}
  break:     {from: "on", to: broken, after: 30h, do: [{set: {said: {cel: "record.said + 'broken, '"}}}]}
  collect:   {from: broken, to: thrown, schedule: "0 12 * * *", do: [{set: {said: {cel: "record.said + 'collected'"}}}]}
---
automation: count_lamps
schedule: "0 8 * * *"
entity: lamp
each: record.life == 'on'
when: record.count < 3
do:
  - set: {count: {cel: record.count + 1}, said: {cel: "record.said + 'counted, '"}}
  - create: {entity: note, with: {text: "{name}"}}
# metadata/tests/example.yaml
"""
GIVEN = """test: it
as: agent
now: "2026-03-02 07:00"
given: {a: {lamp: {name: A}}, b: {lamp: {name: B}}}
steps:
  - {transition: switch_on, on: a}
"""

HOLDS = {
    "each moment that passes": GIVEN + "when: {at: +26h}\nthen: {expect: [a.count == 2, b.count == 0]}\n",
    "not before its moment": GIVEN + "when: {at: +59m}\nthen: {expect: [a.count == 0]}\n",
    "at its moment": GIVEN + "when: {at: +60m}\nthen: {expect: [a.count == 1]}\n",
    "in the order of time": GIVEN + "when: {at: +3d}\n"
    "then: {expect: [\"a.said == 'counted,counted,broken,collected'\", a.life == 'thrown']}\n",
    "no moment twice": GIVEN + "  - {at: +1h}\nwhen: {at: +1h}\nthen: {expect: [a.count == 1]}\n",
    "the condition": GIVEN.replace("name: A", "name: A, count: 3")
    + "when: {at: +24h}\nthen: {expect: [a.count == 3]}\n",
    "on the application's clock": GIVEN.replace("07:00", "08:30") + "when: {read: a}\n"
    "then: {expect: [now() == timestamp('2026-03-02T06:30:00Z')]}\n",
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_is_due_happens(name: str, run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, LAMPS + HOLDS[name]))
    assert told.status == 0, told.out + told.err


def test_a_transition_at_set_times_is_exercised(run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, LAMPS + HOLDS["in the order of time"]), "--coverage").out
    assert "3 of 3 transitions and guards exercised" in told


def test_what_would_take_too_long_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "MOST_MOMENTS", 10)
    told = run("test", write(tmp_path, LAMPS + GIVEN + "when: {at: +30d}\nthen: {expect: [a.count == 3]}\n"))
    assert told.status == 1
    assert "expected: the time passes" in told.out
    assert "more than 10 things are due before 30 days" in told.out


def test_what_it_is_refused_for_stands_in_the_history_and_the_test_goes_on(run: Run, tmp_path: Path) -> None:
    broken = LAMPS.replace("text: {type: text}", "text: {type: text, max_length: 1}")
    test = GIVEN.replace("name: A", "name: Long") + "when: {at: +24h}\nthen: {expect: [a.count == 0]}\n"
    told = run("test", write(tmp_path, broken + test))
    assert told.status == 0, told.out + told.err


def test_a_moment_there_is_not_is_told(tmp_path: Path) -> None:
    wrong = GIVEN.replace("03-02", "02-30") + "when: {read: a}\nthen: {expect: [a.count == 0]}\n"
    assert [each.code for each in proven(tmp_path, LAMPS + wrong)] == ["bad-value"]
