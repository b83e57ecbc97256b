"""The rules of the house as data: what a module imports, and which way imports may point."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "engine"

# A package imports only from those further up; packages on one line never import each other.
STAGES: tuple[tuple[str, ...], ...] = (
    ("errors", "codes"),
    ("text", "cron"),
    ("samples",),
    ("types",),
    ("expressions",),
    ("typecheck", "sql"),
    ("functions",),
    ("to_python", "to_sql"),
    ("metamodel",),
    ("drawing",),
    ("documents",),
    ("declared",),
    ("loading",),
    ("plugins",),
    ("build",),
    ("proving",),
    ("checked",),
    ("store",),
    ("work",),
    ("outbox",),
    ("access",),
    ("drafts",),
    ("reading",),
    ("service",),
    ("mailing",),
    ("process",),
    ("inbox",),
    ("importing",),
    ("identity",),
    ("signon",),
    ("sampling",),
    ("recording",),
    ("web", "api", "jobs"),
    ("pages", "entrance"),
    ("site",),
    ("app",),
    ("matrix",),
    ("trials",),
    ("engine",),  # the package itself: its public names
    ("cli",),  # the console script: the one face that opens an application by itself
)

# The packages of each face. `cli` stands above `app`, and is a face all the same.
FACES = {
    "web": "pages",
    "pages": "pages",
    "site": "pages",
    "entrance": "pages",
    "api": "api",
    "jobs": "jobs",
    "cli": "cli",
}

MOST_LINES = 500
LAZY = "# lazy:"


@dataclass(frozen=True)
class Import:
    """One import of a module of the engine by another."""

    by: Path
    line: int
    module: str
    inside_function: bool
    for_types_only: bool
    reason_given: bool

    @property
    def source(self) -> str:
        """The stage that imports."""
        return stage_name(self.by)

    @property
    def target(self) -> str:
        """The stage that is imported."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else "engine"

    def __str__(self) -> str:
        return f"{self.by.relative_to(ROOT)}:{self.line} imports {self.module}"


def modules() -> list[Path]:
    """Every module of the engine; the pieces of an application in `template` folders are none."""
    return sorted(path for path in ENGINE.rglob("*.py") if "template" not in path.parts)


def stage_name(module: Path) -> str:
    """`engine/pages/grid.py` is of `web`, `engine/app.py` of `app`, `engine/__init__.py` of `engine`."""
    first = module.relative_to(ENGINE).parts[0].removesuffix(".py")
    return "engine" if first == "__init__" else first


def position(stage: str) -> int | None:
    """How far along the pipeline a stage stands; None for one that no line of `STAGES` names."""
    return next((number for number, stages in enumerate(STAGES) if stage in stages), None)


@cache
def imports(module: Path) -> tuple[Import, ...]:
    """Every import in a module, of whatever library, wherever it stands."""
    text = module.read_text(encoding="utf-8")
    lines = text.splitlines()
    return tuple(
        Import(module, node.lineno, name, inside_function, for_types_only, LAZY in lines[node.lineno - 1])
        for node, inside_function, for_types_only in _walk(ast.parse(text), False, False)
        for name in _imported(node)
    )


def _walk(
    node: ast.AST, inside_function: bool, for_types_only: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside_function, for_types_only
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _walk(child, inside_function or function, for_types_only or _is_type_checking(child))


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    module = node.module or ""
    if node.level:
        return ["." * node.level + module]
    # `from engine import web` names a stage, `from engine.web import grid` a module or a name in it.
    return [f"{module}.{name.name}" for name in node.names]
