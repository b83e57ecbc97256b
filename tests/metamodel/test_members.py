"""Properties and relations: what is read, what is refused in which words, what is accepted without effect."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.loading.load import check
from tests.support.metadata import application, complaints, write


def prop(tmp_path: Path, text: str) -> Any:
    """The property `x` declared by a text."""
    return application(tmp_path, f"entity: a\nproperties:\n  x: {text}\n").entities["a"].properties["x"]


def said(tmp_path: Path, member: str, part: str = "properties") -> list[str]:
    """What is said against a member `x`."""
    return complaints(
        tmp_path,
        f"entity: a\nproperties:\n  n: {{type: text}}\n{part}:\n  x: {member}\n".replace(
            "properties:\n  n: {type: text}\nproperties:\n", "properties:\n  n: {type: text}\n"
        ),
    )


# ---- properties


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("{type: text, default: 12}", "12"),
        ("{type: text, default: no}", "no"),
        ("{type: time, default: 12:30}", "12:30"),
        ("{type: decimal, scale: 3, default: 0.1}", Decimal("0.100")),
        ("{type: integer, default: 5}", 5),
        ("{type: boolean, default: false}", False),
        ("{type: choice, options: [low, high], default: low}", "low"),
        ("{type: multi_choice, options: [low, high], default: [high]}", ("high",)),
        ("{type: duration, default: 48h}", timedelta(hours=48)),
    ],
)
def test_defaults_are_values_of_their_type(text: str, default: object, tmp_path: Path) -> None:
    found = prop(tmp_path, text).default
    assert found == default or str(found)[:5] == default


def test_options_common_to_all_types(tmp_path: Path) -> None:
    made = prop(
        tmp_path,
        "{type: text, label: Name, help: h, placeholder: p, required: true, unique: true, readonly: after_create, "
        "search: true, sensitive: true, copy: false, import: false, export: false, group: g, was: y, "
        "access: {read: [administrator]}}",
    )
    assert (made.label, made.help, made.placeholder, made.group, made.was) == ("Name", "h", "p", "g", "y")
    assert (made.required, made.unique, made.sensitive) == (True, True, True)
    assert (made.readonly, made.search) == ("after_create", "medium")
    assert (made.copy, made.importable, made.exportable) == (False, False, False)
    assert (made.access.read, made.access.create) == (frozenset(["administrator"]), None)


def test_an_expression_keeps_its_text_and_place(tmp_path: Path) -> None:
    text = (
        "entity: a\nproperties:\n  x:\n    type: text\n    visible_if: 'record.y > 1'\n  y: {type: integer}\n"
    )
    app, problems = check(write(tmp_path, text))
    assert app is not None
    condition = app.entities["a"].properties["x"].conditions["visible_if"]
    assert (condition.text, str(condition.place)) == ("record.y > 1", "entities/example.yaml:5:18")
    assert problems == ()


def test_a_computed_value_is_not_asked_for(tmp_path: Path) -> None:
    made = prop(tmp_path, "{type: integer, required: true, computed: 1 + 1}")
    assert (made.required, made.readonly) == (False, "always")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (
            "text",
            "4:3 error[wrong-type] a property is a mapping, and 'x' is the text 'text' -- write x: {type: text}",
        ),
        ("", "4:3 error[wrong-type] a property is a mapping, and 'x' is nothing -- write x: {type: text}"),
        ("{label: X}", "4:7 error[missing-key] a property needs 'type' -- for example type: text"),
        (
            "{to: user}",
            "4:7 error[relation-among-properties] this is a relation -- move it below `relations:`",
        ),
        (
            "{type: relation, to: user}",
            "4:13 error[relation-among-properties] this is a relation -- move it below `relations:`, as {to: user}",
        ),
        (
            "{type: many_to_many}",
            (
                "4:13 error[relation-among-properties] this is a relation"
                " -- move it below `relations:`, as {to: ENTITY, kind: many_to_many}"
            ),
        ),
        ("{type: strng}", "4:13 error[unknown-type] no property type 'strng' -- did you mean 'text'?"),
        ("{type: string}", "4:13 error[unknown-type] no property type 'string' -- did you mean 'text'?"),
        (
            "{type: text, requierd: true}",
            "4:19 error[unknown-key] a property of type text has no key 'requierd' -- did you mean 'required'?",
        ),
        (
            "{type: boolean, scale: 2}",
            "4:22 error[unknown-key] a property of type boolean has no key 'scale' -- it belongs to decimal, percent",
        ),
        (
            "{type:text}",
            "4:7 error[unknown-key] a property has no key 'type:text' -- put a space after the colon: type: text",
        ),
        (
            "{type: text, required:true}",
            (
                "4:19 error[unknown-key] a property of type text has no key 'required:true'"
                " -- put a space after the colon: required: true"
            ),
        ),
        (
            "{type: choice, values: [a, b]}",
            "4:21 error[unknown-key] a property of type choice has no key 'values' -- did you mean 'options'?",
        ),
        (
            "{type: money, currency: EURO}",
            "4:30 error[bad-value] 'currency' can't be the text 'EURO' -- for example EUR",
        ),
        (
            "{type: text, required: yes}",
            "4:29 error[wrong-type] 'required' takes true or false, not the text 'yes' -- write true",
        ),
        (
            "{type: text, max_length: -1}",
            "4:31 error[bad-value] 'max_length' is at least 1, not -1 -- for example 200",
        ),
        (
            "{type: text, readonly: never}",
            "4:29 error[unknown-value] 'readonly' takes one of true, false, after_create, not the text 'never'",
        ),
        (
            "{type: text, label: 5}",
            "4:26 error[wrong-type] 'label' takes a text, not the number 5 -- quote it: \"5\"",
        ),
        (
            "{type: choice}",
            "4:13 error[no-options] a choice needs options -- list them, name a picklist, or make it a text",
        ),
        (
            "{type: [text]}",
            "4:7 error[unknown-type] no property type ['text'] -- did you mean 'text'?",
        ),
        ("{type: , label: Name}", "4:7 error[missing-key] a property needs 'type' -- for example type: text"),
        (
            "{type: text, access: {read: [boss]}}",
            "4:35 error[unknown-role] no role 'boss' -- there is administrator",
        ),
        (
            "{type: text, access: {read: boss}}",
            "4:34 error[wrong-type] 'read' takes a list, not the text 'boss' -- for example [support_manager]",
        ),
        (
            "{type: autonumber, default: 5}",
            "4:25 error[bad-default] an autonumber is set by the engine -- take the default out",
        ),
        ("{type: json, index: true}", "4:19 error[not-indexable] a json can't be indexed -- take it out"),
    ],
)
def test_refusals_of_properties(member: str, expected: str, tmp_path: Path) -> None:
    assert said(tmp_path, member) == [f"example.yaml:{expected}"]


def test_a_default_that_is_refused_says_why(tmp_path: Path) -> None:
    (line,) = said(tmp_path, "{type: choice, options: [low, high], default: hihg}")
    assert line.startswith("example.yaml:4:52 error[bad-default] this default is no choice:")


def test_why_a_default_is_refused_ends_the_sentence(tmp_path: Path) -> None:
    assert said(tmp_path, "{type: text, default: [a]}") == [
        "example.yaml:4:19 error[bad-default] this default is no text: this takes a text, not a list."
    ]


def test_names_of_others_do_no_harm(tmp_path: Path) -> None:
    names = [
        "order",
        "group",
        "end",
        "from",
        "import",
        "class",
        "package",
        "select",
        "table",
        "where",
        "check",
        "user",
        "index",
        "key",
        "type",
        "to",
        "kind",
        "label",
        "default",
        "primary",
        "values",
        "union",
        "limit",
        "offset",
        "and",
        "or",
        "not",
        "null",
        "true",
        "false",
        "is",
        "as",
        "def",
        "lambda",
        "in",
        "self",
        "none",
        "record",
        "old",
        "parent",
        "form",
        "option",
        "properties",
        "relations",
        "options",
    ]
    text = "".join(f"  {name}: {{type: text}}\n" for name in names)
    app = application(tmp_path, f"entity: order\nproperties:\n{text}---\nentity: select\nproperties:\n{text}")
    assert [name for name, each in app.entities["order"].properties.items() if not each.system] == names


def test_a_wide_entity(tmp_path: Path) -> None:
    text = "".join(f"  property_{number}: {{type: text}}\n" for number in range(140))
    assert len(application(tmp_path, f"entity: a\nproperties:\n{text}").entities["a"].properties) == 144


@pytest.mark.parametrize("name", ["id", "version", "created_by"])
def test_system_names_are_reserved(name: str, tmp_path: Path) -> None:
    text = f"entity: a\nproperties:\n  {name}: {{type: text}}\n"
    message = f"every entity has {name!r} by itself -- leave it out, or choose another name"
    assert complaints(tmp_path, text) == [f"example.yaml:3:3 error[reserved-name] {message}"]


def test_a_mistake_in_one_property_leaves_the_others(tmp_path: Path) -> None:
    text = """\
entity: a
title: "{x} {y}"
properties:
  x: {type: text, max_length: lots}
  y: {type: nothing}
  z: {type: text, colour: red}
unique: [[x, y, z]]
---
grid: a
columns: [x, y, z]
"""
    assert [line.split()[1] for line in complaints(tmp_path, text)] == [
        "error[wrong-type]",
        "error[unknown-type]",
        "error[unknown-key]",
    ]


def test_what_has_no_effect_is_said_once_per_file_and_key(tmp_path: Path) -> None:
    text = (
        "entity: a\nproperties:\n  x: {type: text, was: w}\n  y: {type: text, was: v}\n"
        "features: {comments: true}\n"
    )
    reason = "this version renames nothing in the database, and takes it for something new"
    assert complaints(tmp_path, text) == [
        (
            f"example.yaml:3:19 warning[not-enforced-yet] 'was' has no effect yet: {reason} "
            "(here and in 1 more place of this file) -- keep it for later, or take it out"
        ),
        (
            "example.yaml:5:12 warning[not-enforced-yet] 'comments' has no effect yet: this version keeps no comments "
            "-- keep it for later, or take it out"
        ),
    ]


# ---- relations


def test_relations_as_they_are_declared(tmp_path: Path) -> None:
    text = """\
entity: a
properties: {n: {type: text}}
relations:
  one:     {to: user}
  needed:  {to: user, required: true}
  several: {to: [user, unit], inverse: about_a, index: false, readonly: true}
  many:    {to: user, kind: many_to_many}
  above:   {to: a, kind: tree, inverse: below, label: Part of}
"""
    relations = application(tmp_path, text).entities["a"].relations
    assert relations["one"].on_delete == "clear"
    assert relations["needed"].on_delete == "restrict"
    several = relations["several"]
    assert (several.targets, several.polymorphic, several.index, several.readonly) == (
        ("user", "unit"),
        True,
        False,
        "always",
    )
    assert not relations["many"].holds_key
    assert (relations["above"].on_delete, relations["above"].label) == ("restrict", "Part of")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (
            "user",
            "5:3 error[wrong-type] a relation is a mapping, and 'x' is the text 'user' -- write x: {to: user}",
        ),
        ("{to: usr}", "5:11 error[unknown-entity] no entity 'usr' -- did you mean 'user'?"),
        ("{to: [user, tga]}", "5:18 error[unknown-entity] no entity 'tga' -- did you mean 'tag'?"),
        ("{kind: tree}", "5:7 error[missing-key] a relation needs 'to' -- add `to: …`"),
        (
            "{type: text}",
            (
                "5:7 error[property-among-relations] this is a property -- "
                "move it below `properties:`, or say where it leads: `to: ENTITY`"
            ),
        ),
        (
            "{to: user, kind: one_to_many}",
            (
                "5:23 error[unknown-value] no kind of relation 'one_to_many' -- "
                "declare it on the side of the many, and name this list there by `inverse`; "
                "rows of its own: composition"
            ),
        ),
        (
            "{to: a, kind: tree, required: true}",
            (
                "5:26 error[bad-relation] a tree's parent can't be required: the topmost record has none -- "
                "take `required` out"
            ),
        ),
        (
            "{to: user, kind: tree}",
            "5:7 error[bad-relation] a tree leads to its own entity, 'a' -- write to: a, or another kind",
        ),
        (
            "{to: [user, unit], kind: many_to_many}",
            "5:25 error[bad-relation] a many_to_many leads to one entity -- name one entity, or leave `kind` out",
        ),
        (
            "{to: user, required: true, on_delete: clear}",
            "5:33 error[bad-relation] what is required can't be cleared -- use restrict or cascade",
        ),
        (
            "{to: user, kind: many_to_many, on_delete: cascade}",
            "5:37 error[bad-relation] a many_to_many has no `on_delete`: links go with either record -- take it out",
        ),
        (
            "{to: a, required: true}",
            (
                "5:14 error[required-cycle] no record can ever be the first: a needs a -- "
                "make one of these relations optional"
            ),
        ),
        (
            "{to: user, inverse: name}",
            "5:26 error[name-clash] 'user' has 'name' already -- name another `inverse`",
        ),
    ],
)
def test_refusals_of_relations(member: str, expected: str, tmp_path: Path) -> None:
    assert said(tmp_path, member, "relations") == [f"example.yaml:{expected}"]
