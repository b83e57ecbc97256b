"""What YAML's parser says, in the words of somebody who writes metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable

from yaml import MappingNode, MarkedYAMLError, ScalarNode, YAMLError

from engine.errors import Place, Problem
from engine.text.source import Source, place_of_offset

QUOTED_THEN_MORE = re.compile(r"""^\s*(-\s+)?[\w.-]+:\s+(["']).*\2\s*\S""")
KEY_WITH_COLON_IN_TEXT = re.compile(r"^\s*(?:-\s+)?[\w.-]+:\s+[^\s'\"|>{\[].*?:(\s|$)")


def translate(source: Source, error: YAMLError, expression_keys: Iterable[str]) -> Problem:
    """The problem behind a parser's error: a cause, a cure, and the place where it is cured."""
    if not isinstance(error, MarkedYAMLError):
        place = place_of_offset(source, getattr(error, "position", 0))
        return source.problem(
            "yaml-control-character", "this character can't stand in YAML", place, "delete it"
        )
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    opened = error.context_mark
    problem = str(error.problem or "")
    text = source.line(line)
    place = Place(source.file, line, column)

    key = _expression_key(source, error, expression_keys)
    if key is not None:
        return needs_quotes(source, key[0], key[1])
    if "\t" in text[: column + 1] and text[: text.find("\t")].strip(" -") == "":
        return _tab(source, line, text)
    for fragment, explain in EXPLANATIONS:
        if fragment in problem:
            start = Place(source.file, opened.line + 1, opened.column + 1) if opened else place
            return explain(source, place, start, text)
    return source.problem(
        "yaml-syntax", f"YAML can't read this: {problem}", place, "look at this line and the one above"
    )


def needs_quotes(source: Source, key: str, place: Place) -> Problem:
    """An expression that YAML takes for something else."""
    message = f"YAML can't read the expression of {key!r} without quotes"
    return source.problem(
        "expression-needs-quotes", message, place, f"quote it: {key}: {_quoted(source, key, place)}"
    )


def expression_in(source: Source, key: str, node: ScalarNode, parent: MappingNode) -> Problem | None:
    """The complaint about an unquoted expression that YAML has cut short, if it has."""
    end = node.end_mark
    rest = source.line(end.line + 1)[end.column :]
    odd = any(node.value.count(quote) % 2 for quote in "'\"")
    place = Place(source.file, node.start_mark.line + 1, node.start_mark.column + 1, max(1, len(node.value)))
    if odd and rest.lstrip().startswith("#"):
        return needs_quotes(source, key, place)
    if parent.flow_style and rest.lstrip().startswith(",") and node.value.count("(") > node.value.count(")"):
        return needs_quotes(source, key, place)
    return None


def _quoted(source: Source, key: str, place: Place) -> str:
    """The expression in quotes where the rest of the line is surely it, else the sign for it."""
    line = source.line(place.line)
    found = re.match(rf"\s*(?:-\s+)?{re.escape(key)}:\s+(.+?)\s*$", line)
    if found is None:
        return "'…'"
    return "'" + found[1].replace("'", "''") + "'"


def _expression_key(source: Source, error: MarkedYAMLError, keys: Iterable[str]) -> tuple[str, Place] | None:
    """The expression key on whose line the parser gave up, and where its text begins."""
    pattern = re.compile(rf"(?:^|[\s{{,])({'|'.join(sorted(keys))}):\s+(?=\S)")
    for mark in (error.problem_mark, error.context_mark):
        if mark is None:
            continue
        text = source.line(mark.line + 1)
        before = [found for found in pattern.finditer(text) if found.end() <= mark.column + 1]
        if before:
            found = before[-1]
            value = text[found.end() :]
            if value[0] in "{[|>" or _closed(value):
                continue
            return found[1], Place(source.file, mark.line + 1, found.end() + 1, max(1, len(value.rstrip())))
    return None


def _closed(value: str) -> bool:
    """Whether a quoted text ends before whatever the parser stumbled over."""
    return bool(re.match(r"""('([^']|'')*'|"([^"\\]|\\.)*")\s*([,}\]]|#|$)""", value))


def _tab(source: Source, line: int, text: str) -> Problem:
    place = Place(source.file, line, text.find("\t") + 1)
    return source.problem("yaml-tab", "a tab can't indent YAML", place, "use spaces")


def _cannot_start(source: Source, place: Place, start: Place, text: str) -> Problem:
    sign = text[place.column - 1 : place.column]
    if sign == "\t":
        return _tab(source, place.line, text)
    message = f"a text can't begin with {sign!r} in YAML"
    return source.problem("yaml-quote", message, place, "put the text in quotes")


def _colon(source: Source, place: Place, start: Place, text: str) -> Problem:
    if KEY_WITH_COLON_IN_TEXT.match(text):
        message = "there is a second ': ' in this line, and YAML takes it for a new key"
        return source.problem("yaml-colon", message, place, "put the text in quotes")
    above = next((n for n in range(place.line - 1, 0, -1) if source.line(n).strip()), 0)
    if above and ":" not in source.line(above) and _indent(source.line(above)) == _indent(text):
        return _no_colon(source, place, Place(source.file, above, _indent(text) + 1), text)
    where = Place(source.file, place.line, _indent(text) + 1, max(1, len(text.strip())))
    message = "this line is indented as if it belonged to the text above it"
    hint = "give keys of one mapping the same indentation"
    return source.problem("yaml-indentation", message, where, hint)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _indentation(source: Source, place: Place, start: Place, text: str) -> Problem:
    if QUOTED_THEN_MORE.match(text):
        message = "text goes on after the closing quote"
        return source.problem("yaml-quote", message, place, "put all of it in one pair of quotes")
    message = "this line's indentation fits none of the lines above it"
    hint = f"the block it stands in begins at line {start.line}, column {start.column}"
    return source.problem("yaml-indentation", message, place, hint)


def _list(source: Source, place: Place, start: Place, text: str) -> Problem:
    message = "this line is no item of the list above it"
    hint = f"begin it with '- ' at column {start.column}, or indent it like the key that holds the list"
    return source.problem("yaml-indentation", message, place, hint)


def _flow(source: Source, place: Place, start: Place, text: str) -> Problem:
    opened = source.line(start.line)[start.column - 1 : start.column]
    closing = {"[": "]", "{": "}"}.get(opened, "]")
    if start.line != place.line:
        message = f"the {opened!r} opened here is not closed where YAML expects it, in line {place.line}"
        return source.problem("yaml-flow", message, start, f"close it with {closing!r}")
    message = f"the {opened!r} opened at column {start.column} does not end as it should"
    return source.problem("yaml-flow", message, place, f"a comma or {closing!r} is missing before this")


def _no_colon(source: Source, place: Place, start: Place, text: str) -> Problem:
    line = source.line(start.line)
    word = line[start.column - 1 :].strip()
    where = Place(source.file, start.line, start.column, max(1, len(word)))
    return source.problem(
        "yaml-colon", f"{word[:40]!r} is no key: it has no ':'", where, "write `key: value`"
    )


def _unclosed_quote(source: Source, place: Place, start: Place, text: str) -> Problem:
    return source.problem("yaml-quote", "the quote opened here is never closed", start, "close it")


def _escape(source: Source, place: Place, start: Place, text: str) -> Problem:
    message = "in double quotes a backslash begins an escape, and this is none"
    return source.problem("yaml-escape", message, place, "double the backslash, or use single quotes")


def _alias(source: Source, place: Place, start: Place, text: str) -> Problem:
    message = "'*' names an anchor, and there is none of this name above"
    return source.problem("yaml-alias", message, place, "quote the text if it begins with '*'")


def _anchor(source: Source, place: Place, start: Place, text: str) -> Problem:
    return source.problem("yaml-alias", "this anchor's name is taken already", place, "use another name")


def _tag(source: Source, place: Place, start: Place, text: str) -> Problem:
    hint = "leave it out; quote the text if it begins with '!'"
    return source.problem("unknown-tag", "this YAML tag means nothing here", place, hint)


def _list_in_line(source: Source, place: Place, start: Place, text: str) -> Problem:
    message = "a list can't begin on the line of its key"
    return source.problem(
        "yaml-list", message, place, "write `key: [a, b]`, or each item on a line of its own"
    )


def _directive(source: Source, place: Place, start: Place, text: str) -> Problem:
    return source.problem(
        "yaml-directive", "YAML directives (lines with '%') are not used here", place, "delete it"
    )


def _second_root(source: Source, place: Place, start: Place, text: str) -> Problem:
    message = "the document has ended before this line"
    return source.problem(
        "yaml-indentation", message, place, "indent it like the lines above, or begin a document by `---`"
    )


def _question(source: Source, place: Place, start: Place, text: str) -> Problem:
    return source.problem(
        "yaml-quote", "a text can't begin with '? ' in YAML", place, "put the text in quotes"
    )


def _no_space(source: Source, place: Place, start: Place, text: str) -> Problem:
    return source.problem("yaml-colon", "there is no space after this ':'", place, "write `key: value`")


EXPLANATIONS = (
    ("cannot start any token", _cannot_start),
    ("mapping values are not allowed", _colon),
    ("did not find expected key", _indentation),
    ("did not find expected '-'", _list),
    ("did not find expected ','", _flow),
    ("did not find expected node content", _flow),
    ("could not find expected ':'", _no_colon),
    ("found unexpected ':'", _no_space),
    ("mapping keys are not allowed", _question),
    ("unexpected end of stream", _unclosed_quote),
    ("unexpected document indicator", _unclosed_quote),
    ("unknown escape", _escape),
    ("parsing a quoted scalar", _escape),
    ("undefined alias", _alias),
    ("expected alphabetic or numeric", _alias),
    ("duplicate anchor", _anchor),
    ("tag", _tag),
    ("expected '>'", _tag),
    ("URI", _tag),
    ("block sequence entries are not allowed", _list_in_line),
    ("directive", _directive),
    ("incompatible YAML", _directive),
    ("<document start>", _second_root),
)
"""Fragments of libyaml's messages, and who explains them."""
