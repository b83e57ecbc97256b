"""Plans of pages: what a configurator gets without and with `ui_schema/`."""

from __future__ import annotations

from pathlib import Path

from engine.build.navigation import navigation_plan
from engine.build.page import RelatedPlan, RowsPlan, SectionPlan, resolve
from engine.build.page_form import form_plan
from engine.build.page_grid import grid_plan
from engine.build.page_view import view_plan
from engine.declared.application import Application
from tests.support.metadata import application

TICKETS = """
entity: account
plural: Accounts
properties: {name: {type: text, required: true, search: high}}
---
entity: ticket
title: "{number} · {subject}"
ownership: user
features: {tags: true}
properties:
  number:   {type: autonumber, pattern: "T-{seq:04}"}
  note:     {type: long_text}
  colour:   {type: color}
  address:  {type: address}
  subject:  {type: text, required: true}
  status:   {type: choice, options: [new, done], required: true, default: new}
  hours:    {type: decimal}
  billed:   {type: boolean}
  key:      {type: secret}
  phase:    {type: choice, options: [a, b], group: Planning}
  computed_later: {type: integer, readonly: true}
relations:
  account: {to: account, required: true, on_delete: restrict, inverse: tickets}
  lines:   {to: line, kind: composition, inverse: ticket}
---
entity: line
properties:
  what:     {type: text, required: true}
  quantity: {type: integer}
---
entity: person
title: "{first} {last}"
properties: {first: {type: text}, last: {type: text}}
"""


def load(folder: Path, ui_schema: str = "") -> Application:
    return application(folder, TICKETS + (f"---\n{ui_schema}" if ui_schema else ""))


def paths(columns: object) -> list[str]:
    return [column.path for column in columns]  # type: ignore[attr-defined]


def test_a_grid_nobody_described(tmp_path: Path) -> None:
    plan = grid_plan(load(tmp_path), "ticket")
    named = [(column.path, column.role) for column in plan.columns]
    assert named[:2] == [("number", "number"), ("subject", "title")]
    assert named[2:6] == [(path, "plain") for path in ("status", "hours", "phase", "computed_later")]
    assert named[6:] == [("account", "link"), ("owner", "person")]
    assert plan.sort == ("-updated_at",)
    assert [member.path for member in plan.filters] == [
        "status",
        "billed",
        "phase",
        "account",
        "owner",
        "tags",
    ]


def test_a_title_of_several_parts_is_one_column(tmp_path: Path) -> None:
    plan = grid_plan(load(tmp_path), "person")
    assert (plan.columns[0].path, plan.columns[0].role, plan.columns[0].sort) == ("", "title", "first")
    assert paths(plan.columns) == ["", "updated_at"]


def test_a_declared_grid(tmp_path: Path) -> None:
    declared = (
        "grid: ticket\ncolumns: [account, number, subject, {property: account.name, label: Customer}]\nsort: [-hours]\n"
        "views: {open: {label: Open, filters: {status: new}, columns: [subject]}}"
    )
    plan = grid_plan(load(tmp_path, declared), "ticket")
    assert paths(plan.columns) == ["account", "number", "subject", "account.name"]
    assert [column.role for column in plan.columns] == ["link", "number", "title", "plain"]
    assert plan.columns[3].label == "Customer"
    assert plan.columns[3].member.steps == (("ticket", "account"), ("account", "name"))
    tab = plan.tab("open")
    assert tab is not None
    assert (paths(tab.columns), tab.sort, dict(tab.filters)) == (["subject"], ("-hours",), {"status": "new"})
    assert plan.tab("closed") is None


def test_several_columns_make_up_a_title(tmp_path: Path) -> None:
    plan = grid_plan(load(tmp_path, "grid: person\ncolumns: [first, last, updated_at]"), "person")
    assert [(column.role, column.part) for column in plan.columns] == [
        ("title", True),
        ("plain", True),
        ("plain", False),
    ]


def test_columns_beyond_the_sixth_are_minor(tmp_path: Path) -> None:
    columns = "[number, subject, status, hours, billed, phase, account, owner]"
    plan = grid_plan(load(tmp_path, f"grid: ticket\ncolumns: {columns}"), "ticket")
    assert [column.minor for column in plan.columns] == [False] * 6 + [True] * 2


def test_a_view_nobody_described(tmp_path: Path) -> None:
    plan = view_plan(load(tmp_path), "ticket")
    sections = [block for block in plan.body if isinstance(block, SectionPlan)]
    assert [section.title for section in sections] == ["Details", "Planning"]
    assert [member.path for member in sections[0].members][-2:] == ["note", "address"], (
        "what is wide comes last"
    )
    related = [block for block in plan.body if isinstance(block, RelatedPlan)]
    assert [(block.name, block.kind, block.back) for block in related] == [("lines", "composition", "ticket")]
    assert [(section.title, [member.path for member in section.members]) for section in plan.aside] == [
        ("Ownership", ["owner"])
    ]


def test_an_inverse_knows_its_way_back(tmp_path: Path) -> None:
    plan = view_plan(load(tmp_path), "account")
    related = [block for block in plan.body if isinstance(block, RelatedPlan)]
    assert [(block.name, block.target, block.back, block.kind) for block in related] == [
        ("tickets", "ticket", "account", "inverse")
    ]
    assert "account" not in paths(related[0].columns)


def test_a_form_nobody_described(tmp_path: Path) -> None:
    plan = form_plan(load(tmp_path), "ticket")
    assert "number" not in [member.path for member in plan.members]
    assert "computed_later" not in [member.path for member in plan.members]
    assert [member.path for member in plan.members][-2:] == ["owner", "tags"]
    assert [(rows.target, [member.path for member in rows.members], rows.inline) for rows in plan.rows] == [
        ("line", ["what", "quantity"], True)
    ]


def test_a_declared_form_is_completed_with_what_is_required(tmp_path: Path) -> None:
    plan = form_plan(
        load(tmp_path, "form: ticket\nlayout: [{section: Only, fields: [hours, status]}]"), "ticket"
    )
    titles = {
        block.title: [m.path for m in block.members]
        for block in plan.blocks
        if isinstance(block, SectionPlan)
    }
    assert titles == {"Only": ["hours", "status"], "More": ["subject", "account", "tags"]}
    assert not [block for block in plan.blocks if isinstance(block, RowsPlan)]


def test_paths_that_lead_nowhere_are_none(tmp_path: Path) -> None:
    app = load(tmp_path)
    assert resolve(app, "ticket", "nix") is None
    assert resolve(app, "ticket", "subject.nix") is None
    assert resolve(app, "ticket", "lines.what") is None
    found = resolve(app, "account", "tickets")
    assert found is not None
    assert found.inverse is not None


def test_the_other_side_of_a_one_to_one_is_a_line_of_the_page(tmp_path: Path) -> None:
    text = (
        "entity: x\nproperties: {name: {type: text}}\n---\nentity: y\nproperties: {size: {type: integer}}\n"
    )
    app = application(tmp_path, text + "relations: {x: {to: x, kind: one_to_one, inverse: y}}\n")
    (section,) = (block for block in view_plan(app, "x").body if isinstance(block, SectionPlan))
    assert [member.path for member in section.members] == ["name", "y"]
    walked = resolve(app, "x", "y.size")
    assert walked is not None
    assert walked.steps == (("y", "x"), ("y", "size"))


def test_navigation_nobody_described(tmp_path: Path) -> None:
    (menu,) = navigation_plan(load(tmp_path))
    assert (menu.title, [each.entity for each in menu.destinations]) == ("", ["account", "ticket", "person"])


def test_what_a_navigation_leaves_out_is_under_more(tmp_path: Path) -> None:
    menus = navigation_plan(
        load(tmp_path, "navigation: [{grid: ticket}, {menu: People, items: [{grid: person}]}]")
    )
    assert [(menu.title, [each.entity for each in menu.destinations]) for menu in menus] == [
        ("", ["ticket"]),
        ("People", ["person"]),
        ("More", ["account"]),
    ]
