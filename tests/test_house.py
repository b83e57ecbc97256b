"""The rules of the house, for every module at once: directions of imports, sizes, docstrings, pins."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from tests.support import house
from tests.support.house import Import

MODULES = house.modules()

PIN = re.compile(r"[a-z0-9-]+==[0-9][\w.]*( ; .+)?")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\"resolved\"|@ (file|git)", re.IGNORECASE)


def _imports() -> list[Import]:
    return [found for module in MODULES for found in house.imports(module)]


def _own() -> list[Import]:
    return [found for found in _imports() if found.module.split(".")[0] == "engine"]


def _file(module: str) -> str:
    """The module that a dotted name leads to: itself, its package, or the module it is a name in."""
    path = house.ROOT / module.replace(".", "/")
    if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
        return module
    return module.rpartition(".")[0]


def _complain(found: list[Import], rule: str) -> None:
    assert found == [], rule + "\n  " + "\n  ".join(str(one) for one in found)


def test_there_is_something_to_check() -> None:
    assert len(MODULES) > 20
    assert len(_own()) > 20


def test_every_stage_stands_in_the_pipeline() -> None:
    unknown = {
        house.stage_name(module) for module in MODULES if house.position(house.stage_name(module)) is None
    }
    assert unknown == set(), "tests/support/house.py does not say where these stand"


def test_imports_point_one_way() -> None:
    wrong = [
        found
        for found in _own()
        if found.source != found.target
        and (house.position(found.target) or 0) >= (house.position(found.source) or 0)
    ]
    _complain(wrong, "a stage imports only from those before it:")


def test_faces_never_import_each_other() -> None:
    wrong = [
        found
        for found in _own()
        if {found.source, found.target} <= house.FACES.keys()
        and house.FACES[found.source] != house.FACES[found.target]
    ]
    _complain(wrong, "pages, api, cli and jobs translate; what two of them need belongs to the service:")


def test_modules_do_not_import_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for found in _own():
        if not found.inside_function and not found.for_types_only:
            name = ".".join(found.by.relative_to(house.ROOT).with_suffix("").parts).removesuffix(".__init__")
            graph.setdefault(name, set()).add(_file(found.module))
    assert _circle(graph) == []


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """The first circle found, as a path; empty if there is none."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for target in sorted(graph.get(node, ())):
            circle = visit(target, [*path, node])
            if circle:
                return circle
        done.add(node)
        return []

    return next((circle for node in sorted(graph) if (circle := visit(node, []))), [])


def test_a_circle_is_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _circle({"a": {"b", "c"}, "b": {"c"}}) == []


def test_imports_stand_at_the_top_or_say_why_not() -> None:
    wrong = [found for found in _imports() if found.inside_function and not found.reason_given]
    _complain(wrong, f"an import inside a function carries `{house.LAZY} reason` on its line:")


def test_imports_are_absolute() -> None:
    _complain(
        [found for found in _imports() if found.module.startswith(".")], "`from engine.stage import name`:"
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(house.ENGINE)))
def test_a_module_says_what_it_is_for_and_stays_small(module) -> None:
    text = module.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "begin with a docstring: what is this file for, in a sentence?"
    assert len(text.splitlines()) <= house.MOST_LINES, "find the second noun in this file"


def test_nothing_is_called_helper_manager_or_utils() -> None:
    shapeless = re.compile(r"(^|_)(helpers?|managers?|utils?|misc|common)(_|$)")
    assert [str(module) for module in MODULES if shapeless.search(module.stem)] == []


def test_constraints_pin_versions_and_name_no_host() -> None:
    lines = (house.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["package-lock.json", ".npmrc", "package.json", "pyproject.toml"])
def test_no_file_of_dependencies_names_a_host(name: str) -> None:
    assert ADDRESS.findall((house.ROOT / name).read_text(encoding="utf-8")) == []


def test_every_dependency_is_pinned_and_documented() -> None:
    names = set(_python_dependencies())
    pins = (house.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert names - {pin.partition("==")[0] for pin in pins} == set()
    assert _documented("Python") == names


def test_every_front_end_package_is_documented() -> None:
    package = (house.ROOT / "package.json").read_text(encoding="utf-8")
    names = set(re.findall(r'^    "([^"]+)": "[0-9]', package, re.MULTILINE))
    assert len(names) == package.count('": "') - 2
    assert _documented("Front end") == names


def _python_dependencies() -> list[str]:
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    found = [re.match(r"[A-Za-z0-9._-]+", line) for group in groups for line in group]
    return [match.group().lower() for match in found if match and match.group() != project["name"]]


def _documented(part: str) -> set[str]:
    """The names in the first column of the tables under headings that begin with `part`."""
    text = (house.ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    sections = [section for section in text.split("\n## ") if section.startswith(part)]
    return {name for section in sections for name in re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)}
