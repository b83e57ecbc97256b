"""Writes docs/reference from the code: schemas, types, functions, problem codes, commands, plugins, public names.

`python -m tools.reference` writes; `tests/docs/test_reference.py` fails where the pages are not what the code says.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from engine import codes, plugins
from engine.cli.main import COMMANDS, app, loaded
from engine.documents.schemas import KINDS, LATER_KINDS, published, published_texts
from engine.metamodel.mailbox import FIELDS
from engine.service.hooks import RecordChange
from engine.types.base import PropertyType
from engine.types.registry import default_registry
from tools.reference_functions import functions_page
from tools.reference_python import function_section, python_page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
SCHEMAS = ROOT / ".schema"
"""What the reference application's documents name, so that an editor knows them in a fresh clone."""

Schema = Mapping[str, Any]

NOTICE = "<!-- Written by tools/reference.py from the code: change it there. -->"

ENVIRONMENT = {
    "ENGINE_DATABASE_URL": (
        "The database. Without it: `settings.database_url`, else `var/app.db` in the application's folder.",
        "postgresql://crm@db.example/crm",
    ),
    "ENGINE_FILES_URL": (
        "Where uploaded files live. Without it: `settings.files_url`, else `var/files` in the application's folder.",
        "file:///srv/crm/files",
    ),
    "ENGINE_SECRET_KEY": (
        "The key that signs cursors and messages between pages, at least 32 bytes; else one kept in the database.",
        "$(openssl rand -hex 32)",
    ),
    "ENGINE_SMTP_URL": (
        "The mail server: `smtp://` (with STARTTLS where it is offered) or `smtps://`. Without it nothing is mailed.",
        "smtp://crm:secret@mail.example:587",
    ),
    "ENGINE_MAILBOX_NAME_URL": (
        "Where a mailbox with `source: imap` is read, NAME being its own in capitals. Without it nothing is read.",
        "imaps://support:secret@mail.example",
    ),
    "ENGINE_OIDC_CLIENT_SECRET": (
        "The secret that the OpenID provider of `settings.oidc` gave the application; a public client has none.",
        "a-long-random-text",
    ),
    "ENGINE_LDAP_PASSWORD": (
        "The password of `settings.ldap.bind_dn`, as which people are searched for in the directory.",
        "a-long-random-text",
    ),
    "ENGINE_LOG": (
        "The log's level (`debug`, `info`: each request, `warning`, `error`), form (`text`, `json`), or both.",
        "info json",
    ),
    "PORT": ("The port `engine serve` listens on. Without it: 8000.", "9000"),
}
"""The variables an operator sets; the test finds every one the code reads."""

LATER = {
    "ENGINE_REDIS_URL": "what several processes share beside the database",
}
"""Variables that belong to the interface, and that nothing reads yet."""

INTERNAL = frozenset({"ENGINE_FOLDER", "ENGINE_NO_WORKER"})
"""Set by `engine serve --workers` for its own processes."""


def page(name: str) -> str:
    """A generated page, by its file's name."""
    return PAGES[name]().rstrip("\n") + "\n"


def main() -> None:
    """Write the pages."""
    for name in PAGES:
        (FOLDER / name).write_text(page(name), encoding="utf-8")
        print(f"docs/reference/{name}")
    SCHEMAS.mkdir(exist_ok=True)
    for name, text in published_texts(default_registry()).items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")
        print(f"{SCHEMAS.name}/{name}")


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([NOTICE, f"# {title}", *parts])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(value: Any) -> str:
    """A value as YAML takes it on one line; JSON is that."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not text:
        return ""
    return f"`` {_cell(text)} ``" if "`" in text else f"`{_cell(text)}`"


# ---- document kinds


def _documents() -> str:
    schemas = published(default_registry())
    intro = (
        "What a document of each kind may hold. The first key names the kind and the thing. `engine schema "
        "--out DIR` writes the same as JSON Schema for editors. An option of one property type only is on the "
        "page of [property types](types.md)."
    )
    parts = [
        intro,
        "\n".join(f"- [`{kind}`](#{kind}): {description}" for kind, (description, *_) in KINDS.items()),
    ]
    for kind, (description, *_) in KINDS.items():
        whole = schemas[f"{kind}.json"]
        declared: Schema = whole.get("else", whole)
        parts += [f"## {kind}", description, *_keys(declared, ())]
        if kind == "mailbox":
            parts += ["### What may be asked of `mail`", _mail_fields()]
        if "then" in whole:
            extends = whole["then"]["properties"]["extend"]
            example = f"`extend: {extends['examples'][0]}`" if kind == "entity" else _extension(kind)
            parts.append(f"{extends['description']} Begins with {example} instead.")
    later = ", ".join(f"`{kind}`" for kind in LATER_KINDS)
    parts += ["## Not read by this version", f"These kinds belong to the language, and come later: {later}."]
    return _page("Documents", *parts)


def _mail_fields() -> str:
    """What expressions and texts of a mailbox may ask of a mail."""
    lines = ["| field | what it says | gives |", "|---|---|---|"]
    lines += [f"| `mail.{name}` | {said} | {kind.word} |" for name, (kind, _, said) in FIELDS.items()]
    return "\n".join(lines)


def _extension(kind: str) -> str:
    return f"`extend: {{{kind}: NAME}}`"


def _keys(schema: Schema, path: tuple[str, ...]) -> Iterator[str]:
    """The table of a mapping's keys, then the tables of what they hold."""
    required = schema.get("required", ())
    lines = ["| key | what it says | takes | example |", "|---|---|---|---|"]
    inner: list[tuple[tuple[str, ...], Schema]] = []
    for name, value in schema["properties"].items():
        needed = " (needed)" if name in required else ""
        example = _code(value["examples"][0]) if value.get("examples") else ""
        said = value.get("description", "")
        lines.append(f"| `{name}`{needed} | {_cell(said)} | {_cell(_takes(value))} | {example} |")
        inner += [((*path, name, *steps), held) for steps, held in _held(value)]
    yield "\n".join(lines)
    for steps, held in inner:
        if steps[-2:] == ("items", "[]") and len(steps) > 4:
            continue  # a menu in a menu holds the same again
        yield f"### `{'.'.join(steps).replace('.[]', '[]')}`"
        yield from _keys(held, steps)


def _held(schema: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The mappings of known keys inside a schema, each with the steps to it."""
    if "allOf" in schema:
        yield (), _common(schema)
    elif schema.get("properties"):
        yield (), schema
    for option in schema.get("anyOf", ()):
        yield from _held(option)
    if isinstance(schema.get("items"), dict):
        yield from ((("[]", *steps), held) for steps, held in _held(schema["items"]))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from ((("NAME", *steps), held) for steps, held in _held(schema["additionalProperties"]))


def _common(schema: Schema) -> Schema:
    """The keys that properties of every type have."""
    cases = [case["then"]["properties"] for case in schema["allOf"] if "properties" in case["then"]]
    first = {**cases[0], **schema["properties"]}
    return {
        "properties": {name: value for name, value in first.items() if all(name in case for case in cases)},
        "required": schema.get("required", ()),
    }


def _takes(schema: Schema) -> str:
    """What a key takes, in words."""
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return ", ".join(_code(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_takes(option) for option in schema["anyOf"]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(_takes({**schema, "type": each}) for each in kind)
    if kind == "array":
        return f"list of {_takes(schema['items'])}" if schema.get("items") else "list"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "object": "mapping"}
    said = words.get(str(kind), str(kind)) if kind else "anything"
    return said + _limits(schema)


def _limits(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and abs(low) < 10**16 > abs(high):
        return f" from {low} to {high}"
    return f" from {low}" if low is not None and abs(low) < 10**16 else ""


# ---- property types


def _types() -> str:
    registry = default_registry()
    classes = [cls for name in registry.names() if (cls := registry.get(name)) is not None]
    index = ["| type | what it holds |", "|---|---|"]
    index += [f"| [`{cls.name}`](#{cls.name}) | {_cell(cls.summary)} |" for cls in classes]
    intro = (
        "What a property can be. The keys that all types share are on the page of "
        "[documents](documents.md#entitypropertiesname); below each type stand its own. `sort` and `index` say "
        "whether records can be sorted by it, and whether it may carry `unique` or `index`; the operators are "
        "those a filter may use."
    )
    return _page("Property types", intro, "\n".join(index), *(_type(cls) for cls in classes))


def _type(cls: type[PropertyType]) -> str:
    written = {"example": json.loads(json.dumps(dict(cls.example)))}
    example = yaml.safe_dump({"properties": written}, allow_unicode=True, sort_keys=False).rstrip()
    facts = [
        f"- operators: {', '.join(f'`{name}`' for name in cls.operators) or 'none'}",
        f"- sort: {_yes(cls.sortable)} · index: {_yes(cls.indexable)} · search: {_yes(cls.searchable)}",
        f"- in expressions: `{cls.expression_type}`",
    ]
    if not cls.writable:
        facts.append(f"- not written by anybody: {cls.not_writable[1]}")
    parts = [f"## {cls.name}", cls.summary, f"```yaml\n{example}\n```", "\n".join(facts)]
    options = cls.option_schemas()
    if options:
        parts += _keys({"properties": options, "required": _needed(cls)}, (cls.name,))
    return "\n\n".join(parts)


def _needed(cls: type[PropertyType]) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


# ---- problems


def _problems() -> str:
    intro = (
        "What `engine check` can complain of. `engine explain error CODE` prints the same. A warning does not "
        "keep an application from running, an error does. Below each stands metadata that gets it."
    )
    index = " · ".join(f"[`{name}`](#{name})" for name in sorted(codes.CODES))
    return _page("Problems of metadata", intro, index, *map(_problem, sorted(codes.CODES)))


def _problem(name: str) -> str:
    code = codes.CODES[name]
    parts = [f"## {name}", f"**{code.title}.** {code.cause}", f"Cure: {code.cure}"]
    if code.example:
        parts.append(f"```yaml\n{code.example.rstrip()}\n```")
    return "\n\n".join(parts)


# ---- commands


def _commands() -> str:
    intro = (
        "Each command as it describes itself. Exit status: 0 done, 1 the answer is no (problems were found, the "
        "database differs), 2 wrong usage, 3 something outside is wrong (no database, no permission)."
    )
    parts = [intro]
    for names in (leaf for module in COMMANDS for leaf in _module_leaves(module)):
        parts += [f"## engine {' '.join(names)}", f"```text\n{_help(names)}\n```"]
    return _page("Commands", *parts)


def _module_leaves(module: str) -> Iterator[tuple[str, ...]]:
    for name, command in loaded(module).items():
        yield from _leaves(command, (name,))


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield path
        return
    for name, each in inner.items():
        yield from _leaves(each, (*path, name))


def _help(names: tuple[str, ...]) -> str:
    plain = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    answer = CliRunner().invoke(app, [*names, "--help"], env=plain, prog_name="engine", terminal_width=100)
    return "\n".join(line.rstrip() for line in answer.output.strip().splitlines())


# ---- plugins


def _plugins() -> str:
    doors: tuple[Callable[..., Any], ...] = (
        plugins.before,
        plugins.after,
        plugins.after_commit,
        plugins.action,
        plugins.property_type,
        plugins.expression_function,
    )
    intro = (
        "A plugin is a module in the `plugins/` folder of the application or of one that it `uses`, or one an "
        f"installed package names under the entry point `{plugins.GROUP}`. A file whose name begins with `_` is "
        "left alone. How to write one: "
        "[a property type](../how-to/property-type.md), [a hook](../how-to/hook.md), "
        "[a function of expressions](../how-to/expression-function.md)."
    )
    parts = [intro, "## Doors", "Imported from `engine.plugins`."]
    parts += [function_section(f"@{door.__name__}", door).replace("type(cls)", "type") for door in doors]
    actions = ", ".join(f"`{action}`" for action in plugins.ACTIONS)
    parts.append(f"The actions of hooks: {actions}.")
    parts += ["## What a hook is given", inspect.getdoc(RecordChange) or ""]
    parts += [
        function_section(f"change.{name}", member)
        for name, member in vars(RecordChange).items()
        if inspect.isfunction(member) and not name.startswith("_")
    ]
    parts += ["## What a property type answers", inspect.getdoc(PropertyType) or ""]
    parts += [_member(name, member) for name, member in vars(PropertyType).items() if _public(name, member)]
    return _page("Doors for plugins", *parts)


def _public(name: str, member: Any) -> bool:
    return not name.startswith("_") and (
        inspect.isfunction(member) or isinstance(member, classmethod | property)
    )


def _member(name: str, member: Any) -> str:
    if isinstance(member, property):
        return f"### `{name}`\n\n{inspect.getdoc(member) or ''}"
    return function_section(name, member.__func__ if isinstance(member, classmethod) else member)


# ---- environment


def _environment() -> str:
    lines = ["| variable | what it says | example |", "|---|---|---|"]
    lines += [f"| `{name}` | {text} | `{example}` |" for name, (text, example) in ENVIRONMENT.items()]
    settings = published(default_registry())["app.json"]["properties"]["settings"]
    intro = "An operator's settings come from the environment and go before those of `metadata/app.yaml`."
    later = " and ".join(f"`{name}` ({text})" for name, text in LATER.items())
    parts = [intro, "\n".join(lines), f"This version does not read {later}: that is to come."]
    return _page("Settings", *parts, "## `settings` of app.yaml", *_keys(settings, ("settings",)))


PAGES: dict[str, Callable[[], str]] = {
    "documents.md": _documents,
    "types.md": _types,
    "functions.md": lambda: _page("Functions", *functions_page()),
    "problems.md": _problems,
    "commands.md": _commands,
    "plugins.md": _plugins,
    "python.md": lambda: _page("Python", *python_page()),
    "environment.md": _environment,
}
"""What makes each generated page, by its file's name."""


if __name__ == "__main__":
    main()
