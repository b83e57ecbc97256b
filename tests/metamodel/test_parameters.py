"""Mistakes in the parameters of a workflow, and in what reads them: each is told once, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.metadata import application, complaints

LIFE = """
entity: ticket
properties:
  subject: {type: text}
  days: {type: integer}
  status: {type: state, workflow: life}
---
workflow: life
entity: ticket
property: status
initial: new
states: {new: {}, closed: {final: true}}
"""

DECLARED = [
    ("{type: integer, required: true}", "a required parameter needs a default"),
    ("{type: integer, default: many}", "bad-default"),
    ("{type: integr, default: 1}", "did you mean 'integer'?"),
    ("{type: integer, min: 3, max: 1}", "min 3 is above max 1"),
    ("{default: 3}", "a property needs 'type'"),
    ("3", "wrong-type"),
    ("{type: secret}", "no parameter is of type secret"),
    ("{type: file}", "no parameter is of type file"),
    ("{type: autonumber, pattern: 'A-{seq}'}", "no parameter is of type autonumber"),
    ("{type: state, workflow: life}", "no parameter is of type state"),
    ("{type: money, currency: code}", "no parameter is of type money"),
    ("{type: integer, unique: true}", "a parameter has no 'unique': no record holds it"),
    ("{type: integer, readonly_if: record.days > 1}", "a parameter has no 'readonly_if'"),
    ("{type: date, default: {cel: today()}}", "the default of a parameter is a value"),
    ("{type: integer, colour: red}", "colour"),
]


@pytest.mark.parametrize(("said", "words"), DECLARED)
def test_a_mistake_in_a_parameter_is_told_once(said: str, words: str, tmp_path: Path) -> None:
    close = "transitions: {close: {from: new, to: closed, guard: record.days > parameters.most}}"
    found = complaints(tmp_path, f"{LIFE}parameters: {{most: {said}}}\n{close}\n")
    assert len(found) == 1, found
    assert words in found[0]


READ = [
    ("guard: record.days > parameters.mots", "there is no parameters.mots -- did you mean 'most'?"),
    ("guard: record.subject == parameters.most", "can't compare"),
    ("guard: parameters == 3", "parameters is not a value by itself"),
    ("guard: has(record.days) && parameters.most == null", "never null"),
    (
        "do: [{comment: 'Up to {parameters.mots}'}]",
        "there is no parameter 'mots' here -- did you mean 'most'?",
    ),
    ("do: [{create: {entity: ticket, as: parameters}}]", "'parameters' means something else here"),
]


@pytest.mark.parametrize(("said", "words"), READ)
def test_a_mistake_in_what_reads_one_is_told_once(said: str, words: str, tmp_path: Path) -> None:
    most = "parameters: {most: {type: integer, default: 3, required: true}}"
    found = complaints(tmp_path, f"{LIFE}{most}\ntransitions: {{close: {{from: new, to: closed, {said}}}}}\n")
    assert len(found) == 1, found
    assert words in found[0]


ELSEWHERE = [
    (
        "automation: it\non: ticket.updated\nwhen: record.days > parameters.most\ndo: [{set: {days: 1}}]",
        "wrong-root",
    ),
    ("extend: ticket\nvalidations: [{check: record.days > parameters.most, message: No}]", "wrong-root"),
    ("automation: it\non: ticket.updated\ndo: [{comment: 'Up to {parameters.most}'}]", "bad-template"),
]


@pytest.mark.parametrize(("said", "code"), ELSEWHERE)
def test_they_are_those_of_the_workflow_alone(said: str, code: str, tmp_path: Path) -> None:
    rest = "parameters: {most: {type: integer}}\ntransitions: {close: {from: new, to: closed}}\n"
    found = complaints(tmp_path, f"{LIFE}{rest}---\n{said}\n")
    assert [each for each in found if "error[" in each] == found[-1:]
    assert f"error[{code}]" in found[-1]


def test_a_member_of_the_same_name_is_meant_by_texts(tmp_path: Path) -> None:
    text = LIFE.replace("days:", "parameters: {type: text}\n  days:").replace(
        "initial", "parameters: {most: {type: integer}}\ninitial"
    )
    made = application(
        tmp_path,
        text + "transitions: {close: {from: new, to: closed, do: [{comment: 'It is {parameters}'}]}}\n",
    )
    assert list(made.workflows["life"].parameters) == ["most"]


def test_a_picklist_that_only_processes_use_is_used(tmp_path: Path) -> None:
    lists = "".join(f"---\npicklist: {name}\noptions: [low, high]\n" for name in ("levels", "kinds"))
    text = f"{LIFE}parameters: {{level: {{type: choice, options: levels, default: low}}}}\n"
    close = "{from: new, to: closed, guard: parameters.level == 'low', form: [{kind: {type: choice, options: kinds}}]}"
    assert complaints(tmp_path, f"{text}transitions: {{close: {close}}}\n{lists}") == []
