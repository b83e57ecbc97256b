"""Grids, views, forms and the navigation: what is read, and what leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.metamodel.page import Related, Section, Timeline
from tests.support.metadata import application, complaints

SHOP = """\
entity: a
features: {tags: true}
properties:
  name: {type: text}
  size: {type: choice, options: [small, large]}
  many: {type: multi_choice, options: [x, y]}
relations:
  boss:  {to: user, inverse: staff}
  about: {to: [user, unit]}
  self:  {to: user, kind: one_to_one, inverse: mirror}
  rows:  {to: b, kind: composition}
---
entity: b
properties: {text: {type: text}}
---
role: agent
---
entity: c
properties: {name: {type: text}}
access: {agent: {read: all}}
# ui_schema/pages.yaml
"""


def said(tmp_path: Path, pages: str) -> list[str]:
    return [line.removeprefix("ui_schema/pages.yaml:") for line in complaints(tmp_path, SHOP + pages)]


def test_paths_walk_the_other_side_of_a_one_to_one(tmp_path: Path) -> None:
    pages = "grid: user\ncolumns: [name, mirror, mirror.name]\nsort: [mirror.size]\nfilters: [mirror.size]\n"
    grid = application(tmp_path, SHOP + pages).grids["user"]
    assert [column.path for column in grid.columns] == ["name", "mirror", "mirror.name"]
    assert (grid.sort, grid.filters) == (("mirror.size",), ("mirror.size",))


def test_a_grid(tmp_path: Path) -> None:
    pages = """\
grid: a
columns: [name, {property: boss.name, label: Boss, as: person}, boss, tags]
sort: [-boss.name, size]
filters: [size, boss, boss.unit.name, tags]
page_size: 25
views:
  small_ones: {filters: {size: small, boss: null}, sort: name, columns: [name], default_for: [agent]}
"""
    grid = application(tmp_path, SHOP + pages).grids["a"]
    assert [(column.path, column.label, column.widget) for column in grid.columns] == [
        ("name", "", ""),
        ("boss.name", "Boss", "person"),
        ("boss", "", ""),
        ("tags", "", ""),
    ]
    assert (grid.sort, grid.filters, grid.page_size) == (
        ("-boss.name", "size"),
        ("size", "boss", "boss.unit.name", "tags"),
        25,
    )
    view = grid.views["small_ones"]
    assert (view.label, view.filters, view.sort) == ("Small ones", {"size": "small", "boss": None}, ("name",))
    assert (len(view.columns), view.default_for) == (1, ("agent",))


def test_a_board(tmp_path: Path) -> None:
    pages = """\
board: by_size
entity: a
by: size
columns: [large]
card: {title: name, lines: [boss, {property: boss.email, label: Mail}], badge: size}
where: record.name != null
sort: [-name]
filters: [boss]
---
navigation: [{board: by_size}, {board: by_size, label: Sizes, icon: ruler}]
"""
    found = application(tmp_path, SHOP + pages)
    board = found.boards["by_size"]
    assert (board.label, board.entity, board.by, board.columns) == ("By size", "a", "size", ("large",))
    assert (board.title, board.badge, board.sort, board.filters) == ("name", "size", ("-name",), ("boss",))
    assert [(line.path, line.label) for line in board.lines] == [("boss", ""), ("boss.email", "Mail")]
    assert board.where is not None
    items = [(item.label, item.entity, item.board, item.icon) for item in found.navigation]
    assert items == [("By size", "a", "by_size", ""), ("Sizes", "a", "by_size", "ruler")]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            "by: name",
            (
                "3:5 error[bad-board] 'name' is no state and no choice: it has no values to make columns of -- name a "
                "property of type state or choice"
            ),
        ),
        ("by: sise", "3:5 error[unknown-property] no property 'sise' on a -- did you mean 'size'?"),
        ("by: size\ncolumns: [big]", "4:11 error[bad-board] size is never 'big' -- there is large, small"),
        (
            "by: size\nsum: name",
            (
                "4:6 error[bad-board] 'name' can't be added up -- "
                "name a number or amount of the record itself; a computed one needs `stored: true`"
            ),
        ),
        (
            "by: size\ncard: {title: nam}",
            "4:15 error[unknown-property] no property 'nam' on a -- did you mean 'name'?",
        ),
    ],
)
def test_a_board_that_can_t_be_drawn(tmp_path: Path, keys: str, expected: str) -> None:
    assert said(tmp_path, f"board: x\nentity: a\n{keys}\n") == [expected]


STEPS = """
extend: a
properties: {step: {type: state, workflow: way}}
actions: {ping: {label: Ping, do: [{comment: Pinged}]}}
---
workflow: way
entity: a
property: step
initial: here
states: {here: {}, there: {}}
transitions:
  go:    {from: here, to: there}
  back:  {from: there, to: here}
  quiet: {from: here, to: there, hidden: true}
  begin: {from: start, to: there}
---
"""


def test_the_actions_of_a_view(tmp_path: Path) -> None:
    new = "{create: c, label: One more, icon: box, with: {name: {cel: record.name}}}"
    view = application(
        tmp_path, SHOP + STEPS + f"view: a\nactions: [go, ping, edit, {new}, {{create: c}}]\n"
    ).views["a"]
    assert view.actions is not None
    told = [
        (each.name, each.word, each.create, each.label, each.icon, sorted(each.values))
        for each in view.actions
    ]
    assert told == [
        ("go", False, False, "", "", []),
        ("ping", False, False, "", "", []),
        ("edit", True, False, "", "", []),
        ("c", False, True, "One more", "box", ["name"]),
        ("c", False, True, "New c", "plus", []),
    ]
    assert application(tmp_path, SHOP + STEPS + "view: a\nactions: []\n").views["a"].actions == ()
    assert application(tmp_path, SHOP + STEPS + "view: a\n").views["a"].actions is None


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (
            "[og]",
            "a has no transition, button or page 'og' -- there is back, copy, delete, edit, go, history, ping, share",
        ),
        (
            "[edti]",
            "error[unknown-transition] a has no transition, button or page 'edti' -- did you mean 'edit'?",
        ),
        ("[go, go]", "error[duplicate-name] 'go' is in the list already -- name it once"),
        (
            "[quiet]",
            "error[bad-layout] 'quiet' is fired by actions only: no record's page offers it -- take it out",
        ),
        ("[begin]", "error[bad-layout] 'begin' makes a record: no record's page offers it -- take it out"),
        ("[{create: z}]", "error[unknown-entity] no entity 'z'"),
        ("[{create: b}]", "error[bad-layout] no b is created on a form of its own -- take it out"),
        (
            "[{create: c, with: {nam: x}}]",
            "error[unknown-property] no property 'nam' on c -- did you mean 'name'?",
        ),
        ("[{create: c, with: {name: {cel: record.nam}}}]", "error[unknown-property]"),
        (
            "[{create: c, with: {name: {cel: 'record.name + record.name'}}}]",
            "error[bad-value] the form of a new record is given this record, a value of it, or a constant",
        ),
        ("[{create: c, with: {name: 'A {name}'}}]", "error[bad-value] the form of a new record is given"),
    ],
)
def test_actions_that_a_view_can_t_have(tmp_path: Path, actions: str, expected: str) -> None:
    (told,) = said(tmp_path, STEPS + f"view: a\nactions: {actions}\n")
    assert expected in told


def test_a_view(tmp_path: Path) -> None:
    pages = """\
view: a
layout:
  - {section: Main, columns: 3, fields: [name, boss.email], aside: true}
  - {related: rows, label: Lines, columns: [text], sort: -text, rows: 5}
  - {tab: History, timeline: true}
---
view: user
layout: [{related: staff, columns: [name, size]}]
"""
    views = application(tmp_path, SHOP + pages).views
    main, rows, history = views["a"].layout
    assert isinstance(main, Section)
    assert (main.title, main.columns, main.aside, len(main.fields)) == ("Main", 3, True, 2)
    assert isinstance(rows, Related)
    assert (rows.relation, rows.label, rows.sort, rows.rows) == ("rows", "Lines", ("-text",), 5)
    assert isinstance(history, Timeline)
    assert (history.title, history.tab) == ("History", "History")
    (staff,) = views["user"].layout
    assert isinstance(staff, Related)
    assert [column.path for column in staff.columns] == ["name", "size"]


def test_a_form(tmp_path: Path) -> None:
    pages = "form: a\nlayout:\n  - {section: Main, fields: [name, boss, tags]}\n  - {related: rows, columns: [text]}\n"
    assert len(application(tmp_path, SHOP + pages).forms["a"].layout) == 2


def test_a_navigation_adds_up(tmp_path: Path) -> None:
    pages = """\
navigation:
  - {grid: a, label: Things, icon: box, roles: [agent]}
  - menu: More
    items: [{grid: b}, {menu: Deeper, items: [{grid: c, view: mine}]}]
---
navigation: [{grid: user}]
---
grid: c
views: {mine: {}}
"""
    items = application(tmp_path, SHOP + pages).navigation
    assert [(item.label, item.entity, item.icon) for item in items] == [
        ("Things", "a", "box"),
        ("More", "", ""),
        ("Users", "user", "circle-user"),
    ]
    assert items[0].roles == frozenset(["agent"])
    assert items[1].items[1].items[0].view == "mine"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (
            "grid: aa",
            "1:7 error[unknown-entity] no entity 'aa' -- did you mean 'a'?",
        ),
        (
            "grid: a\ncolumns: [nme]",
            "2:11 error[unknown-property] no property 'nme' on a -- did you mean 'name'?",
        ),
        (
            "grid: a\ncolumns: [boss.unit.nme]",
            "2:21 error[unknown-property] no property 'nme' on unit -- did you mean 'name'?",
        ),
        (
            "grid: a\ncolumns: [{property: about.name}]",
            (
                "2:22 error[bad-path] 'about' leads to several entities: a path can't go through it "
                "-- it may be user, unit"
            ),
        ),
        (
            "grid: user\ncolumns: [staff]",
            (
                "2:11 error[to-many-path] 'staff' leads to many records -- 'staff' are many records of a: "
                "show them as a related list"
            ),
        ),
        (
            "grid: a\ncolumns: [{property: [name], label: Name}, name]",
            "2:12 error[wrong-type] 'property' takes a text, not a list -- for example account.owner",
        ),
        (
            "grid: a\ncolumns: [{proprety: name}]",
            "2:12 error[unknown-key] an item of 'columns' has no key 'proprety' -- did you mean 'property'?",
        ),
        (
            "grid: a\ncolumns: [{property: name, lable: Name}]",
            "2:28 error[unknown-key] an item of 'columns' has no key 'lable' -- did you mean 'label'?",
        ),
        (
            "grid: a\nsort: [many]",
            "2:8 error[unsortable] records can't be sorted by 'many' -- sort by another property",
        ),
        (
            "grid: a\nsort: -about",
            "2:7 error[unsortable] records can't be sorted by 'about' -- sort by another property",
        ),
        (
            "grid: a\nsort: [-nme]",
            "2:9 error[unknown-property] no property 'nme' on a -- did you mean 'name'?",
        ),
        ("grid: a\npage_size: 2", "2:12 error[bad-value] 'page_size' is at least 5, not 2 -- for example 50"),
        (
            "navigation: [{grid: a, roles: [agnt]}]",
            "1:32 error[unknown-role] no role 'agnt' -- did you mean 'agent'?",
        ),
        (
            "view: a\nlayout: [{related: boss}]",
            (
                "2:20 error[bad-layout] 'boss' leads to one record: it is a field, not a list -- "
                "list it among the `fields` of a section"
            ),
        ),
        (
            "view: user\nlayout: [{related: mirror}]",
            (
                "2:20 error[bad-layout] 'mirror' leads to one record: it is a field, not a list -- "
                "list it among the `fields` of a section"
            ),
        ),
        (
            "grid: user\ncolumns: [mirror.nme]",
            "2:18 error[unknown-property] no property 'nme' on a -- did you mean 'name'?",
        ),
        (
            "view: a\nlayout: [{related: row}]",
            "2:20 error[unknown-relation] no relation 'row' -- did you mean 'rows'?",
        ),
        (
            "view: a\nlayout: [{section: X}]",
            (
                "2:11 error[bad-layout] this block shows nothing -- "
                "give it `fields: […]`, `related: RELATION` or `timeline: true`"
            ),
        ),
        (
            "view: a\nlayout: [{section: X, fields: [name], columns: [name]}]",
            "2:39 error[bad-layout] a section's `columns` is a number -- list what it shows as `fields`",
        ),
        (
            "form: a\nlayout: [{section: X, fields: [boss.email]}]",
            (
                "2:32 error[bad-layout] 'boss.email' belongs to another record: a form edits its own -- "
                "name 'boss', or show the path on the view page"
            ),
        ),
        (
            "form: a\nlayout: [{related: tags}]",
            (
                "2:20 error[bad-layout] 'tags' is no composition: a form edits only rows of its own -- "
                "show it on the view page"
            ),
        ),
        (
            "form: a\nlayout: [{timeline: true}]",
            "2:21 error[bad-layout] a form has no timeline -- show it on the view page",
        ),
        ("form: a", "1:1 error[missing-key] a form needs 'layout' -- add `layout: …`"),
        (
            "navigation: [{grid: d}]",
            (
                "1:21 error[unknown-entity] no entity 'd' -- there is a, absence, b, c, group, organization, "
                "tag, unit, user"
            ),
        ),
        (
            "navigation: [{label: X}]",
            "1:15 error[bad-layout] this item leads nowhere -- write {grid: ENTITY}, or {menu: TITLE, items: […]}",
        ),
        (
            "navigation: [{calendar: x}]",
            "1:15 error[kind-not-available] a calendar is not shown by this version -- take it out of the menu",
        ),
        (
            "navigation: [{grid: a, view: mine}]",
            "1:30 error[unknown-grid-view] no preset 'mine' -- there is none",
        ),
        (
            "navigation: {grid: a}",
            (
                "1:1 error[wrong-type] 'navigation' takes a list, not a mapping -- for example "
                "[{menu: Support, items: [{grid: ticket}]}]"
            ),
        ),
    ],
)
def test_what_leads_nowhere(pages: str, expected: str, tmp_path: Path) -> None:
    assert said(tmp_path, pages) == [expected]


def test_a_preset_of_an_impossible_value(tmp_path: Path) -> None:
    (line,) = said(tmp_path, "grid: a\nviews: {x: {filters: {size: huge}}}")
    assert line.startswith("2:29 error[bad-filter] size: ")
