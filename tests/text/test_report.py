"""Problems as people and programs read them."""

from __future__ import annotations

from engine.errors import Place, Problem
from engine.text.report import as_github, as_json, as_sarif, as_text, summary

UNKNOWN = Problem(
    "unknown-property",
    "no property 'prioriti' on ticket",
    Place("entities/ticket.yaml", 14, 19, 8),
    "did you mean 'priority'?",
    path=("transitions", "assign", "guard"),
    source='    guard: record.prioriti == "high"',
)
BARE = Problem("no-application", "no document says what application this is", Place("metadata/app.yaml"))
WARNING = Problem("unused-role", "nothing uses role 'x'", Place("metadata/roles.yaml", 2), level="warning")


def test_as_text() -> None:
    assert as_text([UNKNOWN, BARE]) == (
        "entities/ticket.yaml:14:19  error[unknown-property]  no property 'prioriti' on ticket\n"
        '   14 |     guard: record.prioriti == "high"\n'
        "      |                   ^^^^^^^^\n"
        "      help: did you mean 'priority'?\n"
        "\n"
        "metadata/app.yaml:1:1  error[no-application]  no document says what application this is"
    )


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    line = f"{'a' * 500}HERE{'b' * 500}"
    _, shown, carets = as_text([Problem("x", "m", Place("f", 1, 501, 4), source=line)]).splitlines()
    assert len(shown) < 180
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_carets_never_go_beyond_the_line() -> None:
    _, shown, carets = as_text([Problem("x", "m", Place("f", 1, 5, 100), source="key: value")]).splitlines()
    assert len(carets) == len(shown)


def test_as_json() -> None:
    assert as_json([UNKNOWN]) == {
        "problems": [
            {
                "code": "unknown-property",
                "level": "error",
                "message": "no property 'prioriti' on ticket",
                "file": "entities/ticket.yaml",
                "line": 14,
                "column": 19,
                "hint": "did you mean 'priority'?",
                "path": ["transitions", "assign", "guard"],
            }
        ]
    }


def test_as_github() -> None:
    assert as_github([UNKNOWN, WARNING]) == (
        "::error file=entities/ticket.yaml,line=14,col=19,title=unknown-property::"
        "no property 'prioriti' on ticket. did you mean 'priority'?\n"
        "::warning file=metadata/roles.yaml,line=2,col=1,title=unused-role::nothing uses role 'x'"
    )
    odd = Problem("x", "100%\nsure: yes, no", Place("a,b:c.yaml"))
    assert as_github([odd]) == "::error file=a%2Cb%3Ac.yaml,line=1,col=1,title=x::100%25%0Asure: yes, no"


def test_as_sarif() -> None:
    made = as_sarif([UNKNOWN, WARNING])
    (run,) = made["runs"]
    assert made["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-property", "unused-role"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "entities/ticket.yaml"}
    assert location["region"] == {"startLine": 14, "startColumn": 19, "endColumn": 27}


def test_summary() -> None:
    assert summary([]) == "no problems"
    assert summary([UNKNOWN]) == "1 error"
    assert summary([UNKNOWN, BARE, WARNING]) == "2 errors, 1 warning"
