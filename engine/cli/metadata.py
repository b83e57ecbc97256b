"""Commands over metadata alone, without a database: check, schema, new."""

from __future__ import annotations

import json
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from engine.checked import check as check_application
from engine.documents.schemas import published_texts
from engine.errors import UsageError
from engine.matrix.judging import judge
from engine.text import report
from engine.types.registry import default_registry

Folder = Annotated[Path, typer.Argument(help="The application's folder.", show_default="the current one")]
AppFolder = Annotated[Path, typer.Option("--folder", help="The application's folder.")]
HERE = Path()

SCHEMAS = ".schema"
"""Where documents look for their schemas: `# yaml-language-server: $schema=../.schema/entity.json`."""


class Format(StrEnum):
    """How problems are printed."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(schema)
    app.command()(new)


def check(
    folder: Folder = HERE,
    output: Annotated[Format, typer.Option("--format", help="How problems are printed.")] = Format.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    locked: Annotated[
        bool, typer.Option("--locked", help="Fail where more may be done than metadata/access.lock says.")
    ] = False,
) -> None:
    """Find every problem in the metadata and plugins of an application."""
    checked = check_application(folder)
    problems = checked.problems
    if locked and checked.application is not None:
        problems += judge(checked.application)
    chosen = Format.json if as_json else output
    if chosen is Format.json:
        print(json.dumps(report.as_json(problems), ensure_ascii=False, indent=2))
    elif chosen is Format.sarif:
        print(json.dumps(report.as_sarif(problems), ensure_ascii=False, indent=2))
    elif chosen is Format.github:
        print(report.as_github(problems))
    else:
        if problems:
            print(report.as_text(problems), end="\n\n")
        print(report.summary(problems))
    raise typer.Exit(1 if any(problem.level == "error" for problem in problems) else 0)


def schema(
    out: Annotated[Path, typer.Option("--out", help="Where the schemas are written.")] = Path(SCHEMAS),
) -> None:
    """Write the JSON Schema of each document kind, for editors."""
    print(f"{_write_schemas(out)} schemas written to {out}/")


def _write_schemas(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    files = published_texts(default_registry())
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(files)


def new(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Make a smallest application that runs, commented."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder")
    template = resources.files("engine") / "cli" / "template"
    name = (
        "".join(sign if sign.isalnum() else "_" for sign in folder.resolve().name.lower()).strip("_") or "app"
    )
    name = name if name[0].isalpha() else f"app_{name}"
    count = _copy(Path(str(template)), folder, name)
    _write_schemas(folder / SCHEMAS)
    print(f"{folder}: {count} files, and {SCHEMAS}/ for editors. Next:")
    print(f"  engine user create me --role administrator {'--folder ' + str(folder)}")
    print(f"  engine serve {folder} --watch --apply")


def _copy(source: Path, target: Path, name: str) -> int:
    count = 0
    for file in sorted(source.rglob("*")):
        if file.is_file():
            to = target / file.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(file.read_text(encoding="utf-8").replace("APP_NAME", name), encoding="utf-8")
            count += 1
    for empty in ("entities", "workflows", "ui_schema", "plugins"):
        (target / empty).mkdir(parents=True, exist_ok=True)
    return count
