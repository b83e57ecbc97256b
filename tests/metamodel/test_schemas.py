"""The published schemas: each key explains itself, its example fits, and what is checked is what is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from engine.documents.schemas import KINDS, published
from engine.types.registry import default_registry

ROOT = Path(__file__).parents[2]
SCHEMAS = published(default_registry())


def keys(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of every mapping in a schema, with its path; conditions of `if` are no keys."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from keys(item, f"{path}[{index}]")
    elif isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties":
                for each, inner in value.items():
                    yield f"{path}.{each}", inner
                    yield from keys(inner, f"{path}.{each}")
            elif name not in ("if", "examples"):
                yield from keys(value, f"{path}.{name}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_there_is_one_for_each_kind() -> None:
    assert set(SCHEMAS) == {f"{kind}.json" for kind in KINDS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_has_a_title_a_description_and_an_example_that_fits(name: str) -> None:
    found = list(keys(SCHEMAS[name]))
    assert found
    for path, schema in found:
        if set(schema) == {"const"}:
            continue  # the type that a condition has tested already
        assert schema.get("title"), path
        assert schema.get("description"), path
        assert len(schema.get("examples", ())) >= 1, path
        for example in schema["examples"]:
            errors = list(Draft202012Validator(schema).iter_errors(example))
            assert not errors, f"{path}: {errors[0].message}"


class Yaml12(yaml.SafeLoader):
    """YAML as editors and the engine read it: `on` and `yes` are words."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, form) for tag, form in found if not tag.endswith(":bool") or first in "tTfF"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


FILES = [
    file
    for folder in ("metadata", "entities", "workflows", "ui_schema")
    for file in sorted((ROOT / folder).rglob("*.yaml"))
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_editor_finds_nothing_wrong_with_the_reference_application(file: Path) -> None:
    documents = [found for found in yaml.load_all(file.read_text(encoding="utf-8"), Yaml12) if found]
    assert documents
    for document in documents:
        kind = next(iter(document))
        name = "entity" if kind == "extend" else kind
        errors = Draft202012Validator(SCHEMAS[f"{name}.json"]).iter_errors(document)
        assert [error.message for error in errors] == []


@pytest.mark.parametrize(
    "document",
    [
        {"entity": "a", "properties": {"x": {"type": "text", "scale": 2}}},
        {"entity": "a", "properties": {"x": {"type": "nothing"}}},
        {"entity": "a", "propertis": {}},
        {"entity": "A"},
        {"extend": "user", "propertis": {}},
        {"properties": {}},
    ],
)
def test_an_editor_finds_what_check_finds(document: dict[str, Any]) -> None:
    assert list(Draft202012Validator(SCHEMAS["entity.json"]).iter_errors(document))


@pytest.mark.parametrize(
    "document",
    [
        {"extend": "user", "properties": {"name": {"max_length": 20}, "email": None}},
        {"extend": "user", "unique": {"add": [["name"]], "remove": [["login"]]}, "label": None},
        {"entity": "a", "properties": {"x": {"type": "money", "currency": "EUR", "default": {"cel": "1"}}}},
    ],
)
def test_an_editor_takes_what_check_takes(document: dict[str, Any]) -> None:
    errors = [error.message for error in Draft202012Validator(SCHEMAS["entity.json"]).iter_errors(document)]
    assert errors == []
