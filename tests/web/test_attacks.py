"""What attackers try at web applications, each against the real pages: none of it gets anywhere."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.app import Engine, check, open_app
from engine.identity.identity import actor_of_session, create_token, create_user
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD
from tests.support.metadata import write
from tests.web.browsing import Page
from tests.web.conftest import Create, Visitor, stored

EVIL = "https://evil.example/"


def csrf(visitor: Visitor) -> str:
    return str(visitor.get("/preferences").one("meta", name="csrf").attributes["content"])


# ---- sessions


def test_a_planted_session_is_not_the_one_that_is_opened(engine: Engine, anybody: Visitor) -> None:
    """Session fixation: whatever cookie a browser had before, signing in gives it another secret."""
    planted = "x" * 43
    anybody.client.cookies.set("engine_session", planted)
    anybody.sign_in("lib")
    own = anybody.client.cookies.get("engine_session", domain="testserver.local")
    assert own not in (None, planted)
    assert actor_of_session(engine.gateway, planted) is None
    attacker = Visitor(engine)
    attacker.sign_in("vis")
    theirs = str(attacker.client.cookies.get("engine_session"))
    victim = Visitor(engine)
    page = victim.get("/sign-in")
    victim.client.cookies.set("engine_session", theirs, domain="testserver.local")
    page.submit(victim, login="lib", password=PASSWORD)
    found = actor_of_session(engine.gateway, theirs)
    assert found is not None
    assert found[0].login == "vis"


# ---- redirects and headers


AWAY = (
    EVIL,
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "/x\r\nX-Evil: 1",
    "/\t/evil.example",
)


@pytest.mark.parametrize("target", AWAY)
def test_no_form_leads_elsewhere(engine: Engine, librarian: Visitor, create: Create, target: str) -> None:
    token, number = csrf(librarian), create("author", last_name="Gone").id
    fields = {"_csrf": token, "_next": target, "next": target}
    version = {"_version": str(stored(engine, "author", number).version)}
    answers = [
        librarian.post("/preferences", {**fields, "theme": "dark"}),
        librarian.post(f"/author/{number}/delete", {**fields, **version}),
        librarian.post("/author/bulk", {**fields, "action": "restore", "id": str(number)}),
        librarian.post("/author/bulk", {**fields}),
        librarian.post("/author/new", {**fields, "last_name": "New"}),
    ]
    anybody = Visitor(engine)
    page = anybody.get("/sign-in")
    answers.append(page.submit(anybody, login="lib", password=PASSWORD, _next=target, next=target))
    for answered in answers:
        assert answered.status == 303, answered.text[:500]
        assert _here(answered)
        assert "x-evil" not in answered.headers


def _here(answered: Page) -> bool:
    return answered.location.startswith("/") and not answered.location.startswith(("//", "/\\"))


def test_a_host_that_somebody_made_up_leads_nowhere(librarian: Visitor) -> None:
    """Addresses in answers are paths: no header of a request gets into them."""
    made_up = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    for path in ("/", "/book", "/book?q=x", "/author/new", "/preferences"):
        page = librarian.get(path, None, **made_up)
        assert "evil.example" not in page.text + str(page.headers)
    answered = librarian.client.post("/sign-out", headers=made_up)
    assert "evil.example" not in str(answered.headers)


@pytest.mark.parametrize(
    "name",
    ['a"; filename=evil.html', "a\r\nX-Evil: 1.txt", "../../etc/passwd", "a\0b.txt", "–ä\u202etxt.exe"],
)
def test_a_file_s_name_stays_in_its_header(
    engine: Engine, librarian: Visitor, author: Record, name: str
) -> None:
    page = librarian.get("/book/new")
    files = {"scan": (name, b"words", "text/html")}
    answered = page.submit(librarian, "form", author=str(author.id), name="Scan", files=files)
    value = stored(engine, "book", int(answered.location.rpartition("/")[2])).values["scan"]
    sent = librarian.client.get(f"/files/{value.key}")
    assert sent.content == b"words"
    assert sent.headers["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert not set('"\r\n/\\;') & set(sent.headers["content-disposition"].partition("''")[2])
    assert sent.headers["content-security-policy"] == "default-src 'none'; sandbox"


# ---- files


@pytest.mark.parametrize(
    "path",
    [
        "/files/../metadata/app.yaml",
        "/files/..%2f..%2fmetadata%2fapp.yaml",
        "/files/%2e%2e/%2e%2e/etc/passwd",
        "/files/%252e%252e%252fetc%252fpasswd",
        "/files/..\\..\\library.db",
        "/files//etc/passwd",
        "/files/%00",
        "/static/../app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/templates/base.html",
        "/static/..\\templates\\base.html",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_its_folder(librarian: Visitor, path: str) -> None:
    answered = librarian.client.get(path)
    assert answered.status_code in (404, 405), path
    assert "root:" not in answered.text
    assert "entity:" not in answered.text


SVG = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><text>&a;</text></svg>"""


def test_a_drawing_with_scripts_and_entities_is_bytes(
    engine: Engine, librarian: Visitor, author: Record
) -> None:
    """XXE, and scripts in SVG: nothing reads it, no browser shows it, and no picture property takes it."""
    page = librarian.get("/book/new")
    as_picture = page.submit(librarian, "form", files={"cover": ("x.svg", SVG, "image/svg+xml")})
    assert as_picture.status == 422
    as_file = page.submit(
        librarian,
        "form",
        author=str(author.id),
        name="Drawn",
        files={"scan": ("x.svg", SVG, "image/svg+xml")},
    )
    value = stored(engine, "book", int(as_file.location.rpartition("/")[2])).values["scan"]
    sent = librarian.client.get(f"/files/{value.key}")
    assert sent.content == SVG
    assert sent.headers["content-disposition"].startswith("attachment")
    assert sent.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert f"/files/{value.key}" not in [
        each.attributes.get("src") for each in librarian.get(as_file.location).all("img")
    ]


# ---- bodies


def test_a_body_is_never_unpacked(engine: Engine) -> None:
    """A zip bomb: what says that it is compressed is bytes like any other, and those are not JSON."""
    bomb = gzip.compress(b'{"last_name": "' + b"x" * 10_000_000 + b'"}')
    token = create_token(engine.gateway, "lib", "t")
    visitor = Visitor(engine)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
    }
    answered = visitor.client.post("/api/author", content=bomb, headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (400, "not-json")


def test_a_form_of_very_many_fields_or_a_deep_body_is_refused(engine: Engine, librarian: Visitor) -> None:
    many = {"_csrf": csrf(librarian), **{f"f{number}": "x" for number in range(20_001)}}
    files = {"x": ("x", b"", "text/plain")}  # so that it goes as multipart
    assert librarian.post("/author/new", many, files=files).status == 400
    token = create_token(engine.gateway, "lib", "t")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    deep = '{"last_name": ' + "[" * 100_000 + "]" * 100_000 + "}"
    assert librarian.client.post("/api/author", content=deep, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"id": 999},
        {"created_by": 1},
        {"created_at": "2001-01-01T00:00:00Z"},
        {"updated_by": 1},
        {"owner": 1},
        {"_deleted_at": "2001-01-01T00:00:00Z"},
        {"_position": 1},
        {"number": "B-9999"},
        {"nothing": 1},
    ],
)
def test_nobody_sets_what_is_not_theirs_to_set(
    engine: Engine, librarian: Visitor, author: Record, more: dict[str, Any]
) -> None:
    """Mass assignment: the API names what it does not take; a form that is sent with more leaves it alone."""
    token = create_token(engine.gateway, "lib", "t")
    headers = {"Authorization": f"Bearer {token}"}
    values = {"name": "Mine", "author": author.id}
    made = librarian.client.post("/api/book", json=values, headers=headers).json()
    for answered in (
        librarian.client.post("/api/book", json={**values, **more}, headers=headers),
        librarian.client.patch(f"/api/book/{made['id']}", json=more, headers=headers),
    ):
        assert answered.status_code == 422, answered.text
        assert [each["at"] for each in answered.json()["errors"]] == list(more)
    page = librarian.get(f"/book/{made['id']}/edit")
    fields = {name: str(value) for name, value in more.items()}
    answered = page.submit(librarian, "form", **fields)
    assert answered.status in (303, 422)
    after = stored(engine, "book", made["id"])
    before = {name: made[name] for name in ("created_at", "number")}
    assert after.values["number"] == before["number"]
    assert after.values["created_at"].isoformat().replace("+00:00", "Z") == before["created_at"]
    assert after.values["owner"].title == "Libby Rarian"


def test_nobody_makes_themself_an_administrator(engine: Engine, librarian: Visitor) -> None:
    token = create_token(engine.gateway, "lib", "t")
    headers = {"Authorization": f"Bearer {token}"}
    me = librarian.client.get("/api/me", headers=headers).json()["id"]
    for body in ({"roles": ["administrator"]}, {"password": "x"}, {"active": True}):
        assert librarian.client.patch(f"/api/user/{me}", json=body, headers=headers).status_code in (403, 404)
    librarian.post("/preferences", {"_csrf": csrf(librarian), "roles": "administrator", "theme": "dark"})
    assert librarian.client.get("/api/me", headers=headers).json()["roles"] == ["librarian"]


def test_a_pattern_does_not_explode(engine: Engine, create: Create) -> None:
    """ReDoS: what would take a backtracking matcher longer than the sun lasts takes a moment."""
    create("author", last_name="a" * 60 + "!")
    token = create_token(engine.gateway, "lib", "t")
    client = Visitor(engine).client
    for pattern in ("^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){25}$", "(a{0,60}){2}b"):
        asked = {"where": f"record.last_name.matches('{pattern}')", "fields": "last_name"}
        answered = client.get("/api/author", params=asked, headers={"Authorization": f"Bearer {token}"})
        assert answered.status_code in (200, 400), answered.text


# ---- scripts

MARK = "<xss onerror=alert(1)>\"'><script>alert(1)</script>"
LINK = "javascript:alert(1)"
ATTACKS: dict[str, Any] = {
    "name": MARK[:80],
    "data": {MARK: [MARK, {MARK: MARK}]},
    "secret": MARK,
    "notes": MARK,
    "summary": f'<p>{MARK}<a href="{LINK}">x</a><img src=x onerror=alert(1)><b onclick=alert(1)>b</b></p>',
    "review": f"{MARK} [x]({LINK}) ![x]({LINK}) <img src=x onerror=alert(1)> <{LINK}>\n\n```\n{MARK}\n```",
    "origin": {"street": MARK, "street2": MARK, "city": MARK, "region": MARK, "postcode": "<b>1"},
    "site": "https://example.com/?q=%22%3E<xss onerror=alert(1)>".replace(" ", "%20"),
    "contact": '"<xss>"@example.com',
    "call": "+40 21 3000000",
}


def test_no_value_of_any_property_type_becomes_a_script(
    engine: Engine, librarian: Visitor, create: Create
) -> None:
    """Whatever a type takes is text on every page: grid, view, form, history, picker, related list, questions."""
    writer = create("author", first_name=MARK, last_name=MARK).id
    values: dict[str, Any] = {}
    for name, value in ATTACKS.items():
        kind = engine.gateway.runtime.entities["book"].properties[name].type
        try:
            kind.parse(value)
        except ValueError:
            continue  # a type that takes no such thing
        values[name] = value
    assert {"name", "data", "notes", "summary", "review", "origin"} <= set(values)
    rows = [{"label": MARK, "holder": writer}]
    book = create("book", author=writer, copies=rows, tags=[], **values).id
    with engine.gateway.write(SYSTEM, "cli") as context:
        tag = records.create(context, "tag", {"name": MARK[:50]}).id
        records.update(context, "book", book, {"tags": [tag], "kind": "poetry", "notes": f"{MARK} again"})
    page = librarian.get(f"/book/{book}/edit")
    named = {"scan": ("<xss onerror=alert(1)>.html", b"<script>alert(1)</script>", "text/html")}
    assert page.submit(librarian, "form", files=named).status == 303
    paths = [
        "/",
        "/book",
        f"/book?q={MARK[:20]}&where={MARK[:20]}",
        f"/book?filter.author={writer}&view={MARK}",
        f"/book?sort={MARK}",
        f"/book/{book}",
        f"/book/{book}/edit",
        f"/book/{book}/history",
        f"/book/{book}/delete",
        f"/book/{book}/why",
        f"/book/{book}/related/copies",
        f"/book/new?copy={book}",
        f"/author/{writer}",
        f"/author/{writer}/edit",
        f"/author/{writer}/related/books",
        f"/author/{writer}/related/held",
        f"/book/options/author?q={MARK[:8]}",
        f"/book/names?path={MARK}",
        f"/{MARK}",
        f"/book/{MARK}",
        f"/sign-in?next=/{MARK}",
    ]
    for path in paths:
        _harmless(librarian.get(path.replace(" ", "%20").replace("#", "%23"), status=None), path)
    refused = librarian.get("/book/new").submit(librarian, "form", name=MARK * 3, site=MARK, contact=MARK)
    assert refused.status == 422
    _harmless(refused, "a form that is refused")


def _harmless(page: Page, path: str) -> None:
    assert page.status < 500, path
    for element in page.all():
        assert element.tag != "xss", path
        assert not [name for name in element.attributes if name.startswith("on")], path
        for name in ("href", "src", "action", "formaction", "data", "srcdoc"):
            target = (element.attributes.get(name) or "").strip().lower()
            assert not target.startswith(("javascript:", "data:text", "vbscript:")), path
        if element.tag == "script":
            assert (element.attributes.get("src") or "").startswith("/static/"), path


def test_answers_of_the_api_are_never_taken_for_pages(engine: Engine, create: Create) -> None:
    number = create("author", last_name=MARK).id
    token = create_token(engine.gateway, "lib", "t")
    for path in (f"/api/author/{number}", "/api/author", f"/api/{MARK}", "/api/author?sort=<xss>"):
        answered = Visitor(engine).client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answered.headers["content-type"].startswith(("application/json", "application/problem+json"))
        json.loads(answered.text)


# ---- words of the metadata

WORDED = """
entity: claim
label: {0}
plural: {0}
properties:
  name:  {{type: text, required: true, label: {0}, help: {0}}}
  size:  {{type: integer, label: {0}}}
  state: {{type: state, workflow: settling, label: {0}}}
actions:
  remind: {{label: {0}, description: {0}, do: [{{comment: {0}}}]}}
  refuse: {{label: {0}, guard: {{check: record.size > 5, message: {0}}}, do: [{{comment: {0}}}]}}
---
entity: part
label: {0}
plural: {0}
properties: {{name: {{type: text, label: {0}}}}}
relations: {{claim: {{to: claim, inverse: parts, label: {0}, inverse_label: {0}}}}}
---
workflow: settling
label: {0}
entity: claim
property: state
initial: open
states: {{open: {{label: {0}}}, looked_at: {{label: {0}}}, paid: {{label: {0}, final: true}}}}
transitions:
  look: {{label: {0}, description: {0}, from: open, to: looked_at, do: [{{comment: {0}}}, {{set: {{size: 1}}}}]}}
  pay:  {{label: {0}, from: [open, looked_at], to: paid, guard: {{check: record.size > 5, message: {0}}}}}
---
view: claim
layout: [{{section: {0}, fields: [name, size, state]}}, {{related: parts, columns: [name]}}]
"""


def test_no_word_of_the_metadata_becomes_a_script(tmp_path: Path) -> None:
    """Labels, messages and descriptions are text, wherever the page of a record, its history and its grid say them."""
    folder = write(tmp_path, WORDED.format(json.dumps(MARK)))
    assert [str(each) for each in check(folder).problems if each.level == "error"] == []
    made = open_app(folder, apply=True, environment={})
    try:
        with made.gateway.write(SYSTEM, "cli") as context:
            create_user(context, "root", PASSWORD, ["administrator"], MARK)
            claim = records.create(context, "claim", {"name": MARK}).id
            records.create(context, "part", {"name": MARK, "claim": claim})
        root = Visitor(made)
        root.sign_in("root")
        token = csrf(root)
        for _ in range(2):
            for path in (
                "/claim",
                "/part",
                f"/claim/{claim}",
                f"/claim/{claim}/history",
                f"/claim/{claim}/edit",
            ):
                page = root.get(path)
                assert "&lt;xss" in page.text, path
                _harmless(page, path)
            for deed in ("actions/remind", "transitions/look"):
                root.post(f"/claim/{claim}/{deed}", {"_csrf": token})
        with made.gateway.read(SYSTEM, "cli") as context:
            assert records.get(context, "claim", claim).values["state"] == "looked_at"
    finally:
        made.close()
