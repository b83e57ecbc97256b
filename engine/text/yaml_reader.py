"""Reading YAML: the documents of a file as located trees, and every problem, whatever stands in it.

PyYAML's C parser composes the nodes; values are made here by the core schema of YAML 1.2.
"""

from __future__ import annotations

from typing import Any, Final

from yaml import MappingNode, Node, ScalarNode, SequenceNode, YAMLError
from yaml._yaml import CParser

from engine.errors import Place, Problem
from engine.text.scalars import WORDS, NumberRefusedError, plain_value
from engine.text.source import Source
from engine.text.yaml_errors import expression_in, needs_quotes, translate
from engine.text.yaml_tree import Map, Seq, place_of_node, place_of_start

EXPRESSION_KEYS: Final = frozenset(
    (
        "computed",
        "check",
        "guard",
        "where",
        "when",
        "hidden_if",
        "for_each",
        "each",
        "assign",
        "visible_if",
        "required_if",
        "readonly_if",
        "options_where",
        "cel",
    )
)
"""Keys whose value is the text of an expression, whatever YAML would make of it."""

DEEPEST = 60
"""Levels of nesting; the language itself needs about ten."""

MOST_REPEATED = 10_000
"""Values that aliases may repeat in one file; beyond, it is an attack or a mistake."""

KNOWN_TAGS: Final = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))

MISSING: Final = object()
REFUSED: Final = object()
"""What could not be made of a node and has been complained of: its key or item is left out."""


def read_documents(source: Source) -> tuple[list[Map], list[Problem]]:
    """Every document of a file, and every problem: what can be read is read, whatever stands beside it."""
    documents: list[Map] = []
    problems: list[Problem] = []
    text, found, start = source.text, 0, 0
    while True:
        roots, error = _compose(text)
        for root in roots:
            found += _document(source, root, documents, problems)
        if error is None:
            break
        found += 1
        problem = error if isinstance(error, Problem) else translate(source, error, EXPRESSION_KEYS)
        problems.append(_named(source, problem))
        next_start = _next_document(source, max(start + 1, problem.place.line - 1))
        if next_start is None:
            break
        start = next_start
        # empty lines before it, so that places stay right
        text = "\n" * start + "\n".join(source.lines[start:])
    if not found:
        problems.append(_empty(source))
    return documents, problems


def _named(source: Source, problem: Problem) -> Problem:
    if problem.place.file:
        return problem
    place = Place(source.file, problem.place.line, problem.place.column, problem.place.width)
    return source.problem(problem.code, problem.message, place, problem.hint)


def _empty(source: Source) -> Problem:
    what = "nothing but comments" if source.text.strip(" \t\r\n-") else "nothing"
    hint = "delete the file, or declare something: `entity: NAME`"
    return source.problem("empty-file", f"there is {what} in this file", Place(source.file), hint)


def _next_document(source: Source, index: int) -> int | None:
    """The first line from `index` on (counted from 0) that begins a document."""
    return next((n for n in range(index, len(source.lines)) if source.lines[n].startswith("---")), None)


# ---- nodes


class _TooDeepError(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place


class _Composer(CParser):
    """PyYAML's C parser, without its resolution of scalars and with a limit to nesting.

    The limit stands here because the parser recurses in C: without it, 100,000 brackets end the process.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        self.depth = 0

    def resolve(self, kind: type[Node], value: object, implicit: object) -> str:
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            assert parent is not None
            raise _TooDeepError(Place("", parent.start_mark.line + 1, parent.start_mark.column + 1))

    def ascend_resolver(self) -> None:
        self.depth -= 1


def _compose(text: str) -> tuple[list[Node], YAMLError | Problem | None]:
    """The nodes of each document up to the first error, and that error."""
    roots: list[Node] = []
    parser = None
    try:
        parser = _Composer(text)
        while parser.check_node():
            root = parser.get_node()
            assert root is not None
            roots.append(root)
    except YAMLError as error:
        return roots, error
    except _TooDeepError as deep:
        message = f"this is nested more than {DEEPEST} levels deep"
        return roots, Problem("too-deep", message, deep.place, "close brackets, or indent less")
    finally:
        if parser is not None:
            parser.dispose()
    return roots, None


def _document(source: Source, root: Node, documents: list[Map], problems: list[Problem]) -> bool:
    """Make one document; whether there was anything to make one of."""
    if isinstance(root, ScalarNode) and (root.tag, root.style, root.value) == ("", "", ""):
        return False  # nothing between two `---`
    if not isinstance(root, MappingNode):
        what = "a list" if isinstance(root, SequenceNode) else "a single text"
        hint = "start it with what it declares: `entity: NAME`"
        place = place_of_start(source, root, 1)
        message = f"a document is a mapping, and this is {what}"
        problems.append(source.problem("not-a-mapping", message, place, hint))
        return True
    builder = _Builder(source, problems)
    made = builder.build(root, ())
    if isinstance(made, Map):
        documents.append(made)
    return True


class _Builder:
    """Makes values of one document's nodes; what can't be made is a problem and null."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.seen: set[int] = set()
        self.open: set[int] = set()
        self.repeated = 0

    def build(self, node: Node, path: tuple[str | int, ...]) -> Any:
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        identity = id(node)
        if identity in self.seen and not self._may_repeat(node):
            return REFUSED
        self.seen.add(identity)
        if len(path) >= DEEPEST:
            self._refuse("too-deep", f"this is nested more than {DEEPEST} levels deep", node, "nest less")
            return REFUSED
        if node.tag and node.tag not in KNOWN_TAGS:
            self._unknown_tag(node)
            return REFUSED
        self.open.add(identity)
        made = self.mapping(node, path) if isinstance(node, MappingNode) else self._list(node, path)
        self.open.discard(identity)
        return made

    def mapping(self, node: MappingNode, path: tuple[str | int, ...]) -> Map:
        made = Map(self.source, node, path)
        for key_node, value_node in node.value:
            key = key_node.value
            if type(key_node) is not ScalarNode or key_node.tag:
                self._bad_key(node, key_node)
                continue
            if key in made:
                self._duplicate(made, key_node)
                continue
            if type(value_node) is not ScalarNode:
                made[key] = self.build(value_node, (*path, key))
            elif key in EXPRESSION_KEYS:
                made[key] = self.expression(key, value_node, node)
            elif value_node.style == "" and not value_node.tag:
                text = value_node.value
                value = WORDS.get(text, MISSING)
                if value is not MISSING:
                    made[key] = value
                elif text[0] in "0123456789+-.":
                    made[key] = self.number(value_node)
                else:
                    made[key] = text
            else:
                made[key] = self.scalar(value_node)
        if REFUSED in made.values():
            for key in [key for key, value in made.items() if value is REFUSED]:
                made.drop(key)
        if len(made) != len(node.value):
            node.value = [(key, value) for key, value in node.value if type(key) is ScalarNode]
        return made

    def _list(self, node: Node, path: tuple[str | int, ...]) -> Seq:
        assert isinstance(node, SequenceNode)
        made = Seq(self.source, node, path)
        made.extend([self.build(item, (*path, index)) for index, item in enumerate(node.value)])
        for index in [index for index, value in enumerate(made) if value is REFUSED][::-1]:
            made.drop(index)
        return made

    def scalar(self, node: ScalarNode) -> Any:
        if node.tag:
            if node.tag in KNOWN_TAGS or node.tag == "!":
                return node.value
            self._unknown_tag(node)
            return REFUSED
        return self.number(node) if node.style == "" else node.value

    def number(self, node: ScalarNode) -> Any:
        try:
            return plain_value(node.value)
        except NumberRefusedError as refused:
            self._refuse("bad-number", f"this is {refused}", node, "quote it if it is a text")
            return REFUSED

    def expression(self, key: str, node: ScalarNode, parent: MappingNode) -> Any:
        """An expression's text; a tag is an expression that begins with `!`."""
        if node.tag:
            self.problems.append(needs_quotes(self.source, key, place_of_node(self.source, node)))
            return REFUSED
        if node.style == "":
            if WORDS.get(node.value, MISSING) is None:
                return None
            problem = expression_in(self.source, key, node, parent)
            if problem is not None:
                self.problems.append(problem)
                return REFUSED
        return str(node.value)

    # ---- complaints

    def _may_repeat(self, node: Node) -> bool:
        if id(node) in self.open:
            message = "an alias stands inside what it names"
            self._refuse("recursive-alias", message, node, "repeat the text instead")
            return False
        before = self.repeated
        self.repeated += 1 + len(node.value)
        if self.repeated > MOST_REPEATED:
            if before <= MOST_REPEATED:
                message = f"aliases repeat more than {MOST_REPEATED:,} values"
                self._refuse("alias-bomb", message, node, "write the values out, or leave them out")
            return False
        return True

    def _duplicate(self, made: Map, key_node: ScalarNode) -> None:
        first = next(key for key, _ in made.node.value if key.value == key_node.value)
        message = f"the key {key_node.value!r} stands twice in this mapping"
        hint = f"the first is in line {first.start_mark.line + 1}: keep one of them"
        self._refuse("duplicate-key", message, key_node, hint)

    def _bad_key(self, parent: MappingNode, key_node: Node) -> None:
        if isinstance(key_node, ScalarNode):
            self._unknown_tag(key_node)
            return
        hint = "quote it if braces or brackets are meant as text"
        self._refuse("bad-key", "a key is a name, and this is a mapping or a list", key_node, hint)

    def _unknown_tag(self, node: Node) -> None:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        hint = "leave it out; quote the text if it begins with '!'"
        self._refuse("unknown-tag", f"the YAML tag {tag!r} means nothing here", node, hint)

    def _refuse(self, code: str, message: str, node: Node, hint: str) -> None:
        scalar = isinstance(node, ScalarNode)
        place = place_of_node(self.source, node) if scalar else place_of_start(self.source, node, 1)
        self.problems.append(self.source.problem(code, message, place, hint))
