"""Entities linked: what each gets by itself, what the other side sees, and circles that can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.declared.cycles import cycles
from engine.metamodel.entity import Entity
from tests.support.metadata import application, complaints


def entity(tmp_path: Path, text: str, name: str = "a") -> Entity:
    return application(tmp_path, text).entities[name]


NAME = "properties: {name: {type: text}}\n"


def test_what_every_entity_has(tmp_path: Path) -> None:
    made = entity(tmp_path, f"entity: a\n{NAME}")
    assert list(made.properties) == ["name", "id", "created_at", "updated_at", "version"]
    assert list(made.relations) == ["created_by", "updated_by"]
    assert all(relation.system and relation.targets == ("user",) for relation in made.relations.values())


@pytest.mark.parametrize(
    ("key", "name", "target"),
    [
        ("ownership: user", "owner", "user"),
        ("ownership: unit", "unit", "unit"),
        ("ownership: organization", "organization", "organization"),
        ("features: {tags: true}", "tags", "tag"),
    ],
)
def test_what_comes_with_a_key(key: str, name: str, target: str, tmp_path: Path) -> None:
    relation = entity(tmp_path, f"entity: a\n{key}\n{NAME}").relations[name]
    assert (relation.targets, relation.system) == ((target,), True)
    assert relation.holds_key is (name != "tags")


def test_record_types_add_a_property(tmp_path: Path) -> None:
    made = entity(
        tmp_path, f"entity: a\n{NAME}record_types: {{b2c: {{hidden: [name]}}, b2b: {{label: Business}}}}\n"
    )
    kind = made.properties["record_type"]
    assert (kind.required, kind.system) == (True, False)
    assert [choice.label for choice in kind.type.options] == ["B2c", "Business"]  # type: ignore[attr-defined]


def test_features_have_defaults_in_the_application(tmp_path: Path) -> None:
    text = f"# metadata/app.yaml\napp: x\nfeatures: {{tags: true, trash: false}}\n# entities/a.yaml\nentity: a\n{NAME}"
    made = entity(tmp_path, text)
    assert (made.features.tags, made.features.trash, made.features.audit) == (True, False, True)


def test_a_composition_gives_the_child_its_parent(tmp_path: Path) -> None:
    text = f"entity: a\n{NAME}relations: {{lines: {{to: b, kind: composition}}}}\n---\nentity: b\n{NAME}"
    app = application(tmp_path, text)
    child = app.entities["b"]
    key = child.relations["a"]
    assert (key.targets, key.required, key.on_delete, key.owner_of_row) == (("a",), True, "cascade", True)
    assert (child.child_of, next(iter(child.relations))) == (("a",), "a")
    assert app.entities["a"].inverses == {}


def test_a_row_of_several_parents_has_one_of_them(tmp_path: Path) -> None:
    text = (
        f"entity: a\n{NAME}relations: {{lines: {{to: c, kind: composition}}}}\n---\n"
        f"entity: b\n{NAME}relations: {{lines: {{to: c, kind: composition, inverse: owner_b}}}}\n---\nentity: c\n{NAME}"
    )
    child = application(tmp_path, text).entities["c"]
    assert child.child_of == ("a", "b")
    assert [
        (child.relations[name].required, child.relations[name].owner_of_row) for name in ("a", "owner_b")
    ] == [
        (False, True),
        (False, True),
    ]


def test_the_entity_in_between_may_be_a_composition_of_one_side(tmp_path: Path) -> None:
    text = f"""\
entity: campaign
{NAME}relations: {{members: {{to: member, kind: composition}}}}
---
entity: member
{NAME}relations: {{contact: {{to: user, required: true}}}}
---
extend: user
relations: {{campaigns: {{to: campaign, kind: many_to_many, through: member}}}}
"""
    assert application(tmp_path, text).entities["user"].relations["campaigns"].through == "member"


def test_inverses(tmp_path: Path) -> None:
    text = (
        f"entity: a\n{NAME}relations:\n  boss: {{to: user, inverse: staff, inverse_label: My people}}\n"
        "  twin: {to: a, kind: one_to_one, inverse: twin_of}\n  about: {to: [user, unit], inverse: notes}\n"
    )
    app = application(tmp_path, text)
    staff = app.entities["user"].inverses["staff"]
    assert (staff.source, staff.relation, staff.label, staff.many) == ("a", "boss", "My people", True)
    assert not app.entities["a"].inverses["twin_of"].many
    assert "notes" in app.entities["user"].inverses
    assert "notes" in app.entities["unit"].inverses


@pytest.mark.parametrize(
    ("properties", "title"),
    [
        ("{code: {type: text}, name: {type: text}}", "{name}"),
        ("{note: {type: long_text}, subject: {type: text}}", "{subject}"),
        ("{first_name: {type: text}, last_name: {type: text}}", "{first_name} {last_name}"),
        ("{amount: {type: integer}, city: {type: text}}", "{city}"),
        ("{amount: {type: integer}}", "Purchase #{id}"),
    ],
)
def test_the_title_an_entity_has_by_itself(properties: str, title: str, tmp_path: Path) -> None:
    assert entity(tmp_path, f"entity: purchase\nproperties: {properties}\n", "purchase").title.text == title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("{nme}", "2:10 error[unknown-property] no property 'nme' on a -- did you mean 'name'?"),
        ("{boss.nme} x", "2:15 error[unknown-property] no property 'nme' on user -- did you mean 'name'?"),
        ("{name", "2:9 error[bad-template] this title can't be read: a lone '{': write '{{' for a brace"),
        (
            "{name.x}",
            (
                "2:10 error[bad-path] 'name' is a property of a: a path can't go on behind it -- "
                "end the path at 'name'"
            ),
        ),
        (
            "{name:05}",
            (
                "2:10 error[bad-template] 'name' is shown as everywhere: a title gives it no form of its own -- "
                "write {name}"
            ),
        ),
        ("{team}", "2:10 error[to-many-path] 'team' leads to many records: a title names one thing"),
    ],
)
def test_titles_that_cannot_be(title: str, expected: str, tmp_path: Path) -> None:
    relations = "relations:\n  boss: {to: user}\n  team: {to: user, kind: many_to_many}\n"
    text = f'entity: a\ntitle: "{title}"\n{NAME}{relations}'
    assert complaints(tmp_path, text) == [f"example.yaml:{expected}"]


@pytest.mark.parametrize(
    ("title", "hint"), [("name", "{name}"), ("A thing", "{PROPERTY}"), ("boss", "{boss}")]
)
def test_a_title_without_braces_is_the_same_for_every_record(title: str, hint: str, tmp_path: Path) -> None:
    text = f"entity: a\ntitle: {title}\n{NAME}relations:\n  boss: {{to: user}}\n"
    told = f'every a would have the same title -- write "{hint}": what stands in braces is of the record'
    assert complaints(tmp_path, text) == [f"example.yaml:2:8 warning[constant-title] {told}"]
    assert complaints(tmp_path, f"{text}singleton: true\n") == []


def test_names_clash_where_the_later_is_written(tmp_path: Path) -> None:
    text = f"""\
entity: a
{NAME}relations:
  x: {{to: b, inverse: items}}
  y: {{to: b, inverse: items}}
  z: {{to: b, kind: composition, inverse: name}}
---
entity: b
{NAME}"""
    assert complaints(tmp_path, text) == [
        "example.yaml:5:23 error[name-clash] 'b' has 'items' already (the inverse of a.x) -- name another `inverse`",
        (
            "example.yaml:6:42 error[name-clash] 'b' has 'name' already, and the composition gives it a relation of "
            "this name -- take it out there, or name another `inverse` here: b sees its parent by it"
        ),
    ]


def test_a_member_that_comes_by_itself(tmp_path: Path) -> None:
    text = f"entity: a\nownership: user\n{NAME}relations: {{owner: {{to: user}}}}\n"
    assert complaints(tmp_path, text) == [
        "example.yaml:4:13 error[reserved-name] 'owner' comes by itself here -- leave it out, or set ownership: none"
    ]


def test_access_is_checked(tmp_path: Path) -> None:
    text = f"""\
entity: a
{NAME}access:
  agent: {{read: al, wriet: true}}
  agnet: {{read: all}}
  chief: {{read: {{where: record.name != null}}, update: own, delete: false}}
---
role: agent
---
role: chief
"""
    assert complaints(tmp_path, text) == [
        (
            "example.yaml:4:17 error[unknown-value] 'read' takes one of true, false, none, own, group, unit, "
            "unit_tree, organization, all, not the text 'al' -- did you mean 'all'?"
        ),
        (
            "example.yaml:4:21 error[unknown-action] no action 'wriet' -- "
            "there is assign, audit, create, delete, export, import, read, share, transition, update"
        ),
        "example.yaml:5:3 error[unknown-role] no role 'agnet' -- did you mean 'agent'?",
        (
            "example.yaml:6:55 warning[level-without-owner] records of 'a' have no such owner: 'own' reaches none "
            "of them -- set `ownership: user`, or grant another level"
        ),
    ]


def test_grants(tmp_path: Path) -> None:
    access = "{create: true, read: unit, update: {where: record.name == null}, delete: false}"
    text = f"entity: a\n{NAME}access:\n  agent: {access}\n---\nrole: agent\n"
    grant = entity(tmp_path, text).grants["agent"]
    levels = {action: reach.level for action, reach in grant.actions.items()}
    assert levels == {"create": "all", "read": "unit", "update": "all", "delete": "none"}
    where = grant.actions["update"].where
    assert where is not None
    assert where.text == "record.name == null"


# ---- circles


def test_cycles() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": []}) == []
    assert cycles({"a": ["a"]}) == [["a"]]
    assert cycles({"a": ["b", "c"], "b": ["c"], "c": ["b", "a"], "d": ["a"]}) == [["a", "c"]]
    assert cycles({"a": ["b"], "b": ["a"], "x": ["y"], "y": ["x"]}) == [["a", "b"], ["x", "y"]]
    assert cycles({str(n): [str((n + 1) % 5000)] for n in range(5000)})[0][:2] == ["0", "1"]


def test_a_circle_is_reported_once_with_the_way_around(tmp_path: Path) -> None:
    text = "---\n".join(
        f"entity: e{n}\n{NAME}relations: {{next: {{to: e{(n + 1) % 3}, required: true}}}}\n" for n in range(3)
    )
    assert complaints(tmp_path, text) == [
        (
            "example.yaml:3:28 error[required-cycle] no record can ever be the first: e0 needs e1 needs e2 needs e0 -- "
            "make one of these relations optional"
        )
    ]


def test_a_parent_that_needs_one_of_its_rows(tmp_path: Path) -> None:
    text = (
        f"entity: a\n{NAME}relations:\n  rows: {{to: b, kind: composition}}\n  first: {{to: b, required: true}}\n"
        f"---\nentity: b\n{NAME}"
    )
    (line,) = complaints(tmp_path, text)
    assert "no record can ever be the first: a needs b needs a" in line


def test_titles_in_a_circle(tmp_path: Path) -> None:
    text = f"""\
entity: a
title: "{{b}}"
{NAME}relations: {{b: {{to: b}}}}
---
entity: b
title: "{{a}}"
{NAME}relations: {{a: {{to: a}}}}
"""
    assert complaints(tmp_path, text) == [
        (
            "example.yaml:2:8 error[title-cycle] the title of a would never end: a → b → a -- "
            "name a property of the related record, for example {account.name}"
        )
    ]


# ---- workflows and picklists


FLOW = """\
workflow: life
entity: a
property: status
initial: open
states: {open: {color: blue}, closed: {final: true}}
"""
STATE = "entity: a\nproperties: {status: {type: state, workflow: life}}\n"


def test_a_state_begins_where_its_workflow_says(tmp_path: Path) -> None:
    app = application(tmp_path, f"{FLOW}transitions: {{close: {{from: open, to: closed}}}}\n---\n{STATE}")
    status = app.entities["a"].properties["status"]
    assert status.default == "open"
    assert list(app.workflows["life"].states) == ["open", "closed"]
    assert app.warnings == ()


def test_a_broken_picklist_or_workflow_is_complained_of_once(tmp_path: Path) -> None:
    text = """\
entity: a
properties:
  x: {type: choice, options: levels, default: low}
  status: {type: state, workflow: life}
---
picklist: levels
options: []
---
workflow: life
entity: a
property: status
states: {open: {}}
"""
    assert [line.split(" ", 1)[1] for line in complaints(tmp_path, text)] == [
        "error[bad-value] 'options' is empty -- for example {low: null, high: {color: red}}",
        "error[missing-key] a workflow needs 'initial' -- add `initial: …`",
    ]


def test_roles_are_a_picklist_of_every_application(tmp_path: Path) -> None:
    app = application(tmp_path, f"role: agent\n---\nentity: a\n{NAME}access: {{agent: {{read: all}}}}\n")
    roles = app.entities["user"].properties["roles"].type
    assert [choice.name for choice in roles.options] == ["administrator", "agent"]  # type: ignore[attr-defined]


def test_of_very_many_names_none_is_listed(tmp_path: Path) -> None:
    entities = "".join(f"---\nentity: thing_{n}\n{NAME}" for n in range(60))
    assert complaints(tmp_path, f"entity: a\n{NAME}relations: {{role: {{to: role}}}}\n{entities}") == [
        (
            "example.yaml:3:24 error[unknown-entity] no entity 'role' -- none of the 67 there are is spelt like "
            "it: correct it, or declare it"
        )
    ]
