"""The generated reference is what the code says, and names every setting, address and code there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest

from engine.api.app import api
from engine.codes import CODES
from engine.documents.layers import FOLDERS
from engine.documents.schemas import published_texts
from engine.types.registry import default_registry
from tools import reference

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    written = (reference.FOLDER / name).read_text(encoding="utf-8")
    assert written == reference.page(name), "run `.venv/bin/python -m tools.reference`"


def test_the_schemas_that_editors_read_are_what_the_code_says() -> None:
    """The documents of the reference application name them, and so a fresh clone has them."""
    written = {file.name: file.read_text("utf-8") for file in reference.SCHEMAS.glob("*.json")}
    assert written == published_texts(default_registry()), "run `.venv/bin/python -m tools.reference`"


@pytest.mark.parametrize("folder", [ROOT, ROOT / "engine" / "cli" / "template"], ids=["crm", "new"])
def test_every_document_names_its_schema(folder: Path) -> None:
    files = [file for name in FOLDERS for file in sorted((folder / name).rglob("*.yaml"))]
    assert files
    for file in files:
        first, *rest = file.read_text("utf-8").splitlines()
        kind = next(line for line in rest if line and line[0] not in "#-").partition(":")[0]
        depth = "../" * len(file.parent.relative_to(folder).parts)
        wanted = f"{depth}.schema/{'entity' if kind == 'extend' else kind}.json"
        assert first == f"# yaml-language-server: $schema={wanted}", file


def test_every_type_and_code_has_its_place() -> None:
    types, codes = reference.page("types.md"), reference.page("problems.md")
    assert [name for name in default_registry().names() if f"\n## {name}\n" not in types] == []
    assert [name for name in CODES if f"\n## {name}\n" not in codes] == []


def test_every_variable_that_the_code_reads_is_told() -> None:
    found: set[str] = set()
    for file in (ROOT / "engine").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"\bENGINE_[A-Z_]+\b", text)) | set(re.findall(r'envvar="(\w+)"', text))
    assert found == set(reference.ENVIRONMENT) | reference.INTERNAL


def test_every_code_that_the_metamodel_complains_with_is_explained() -> None:
    used: set[str] = set()
    for file in [*(ROOT / "engine" / "metamodel").rglob("*.py"), *(ROOT / "engine" / "text").rglob("*.py")]:
        used |= set(
            re.findall(r'"((?:unknown|bad|yaml|duplicate|not|wrong)-[a-z-]+)"', file.read_text("utf-8"))
        )
    assert used - set(CODES) == set()


def test_every_address_of_the_api_is_told() -> None:
    told = (reference.FOLDER / "api.md").read_text(encoding="utf-8")
    routes = api(cast(Any, None))
    paths = [cast(Any, route).path for route in routes]
    assert [path for path in paths if f"`{path}`" not in told and "rest:path" not in path] == []


def test_links_between_the_pages_lead_somewhere() -> None:
    dead = []
    for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            if "://" not in target and not (file.parent / target).exists():
                dead.append(f"{file.relative_to(ROOT)}: {target}")
    assert [link for link in dead if not link.endswith("docs/images/grid.png")] == []
