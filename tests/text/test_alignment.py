"""Where the characters of scalars stand, in every way YAML can write a text."""

from __future__ import annotations

import pytest
import yaml

from engine.text.alignment import Located
from engine.text.source import Source

WRITTEN = {
    "plain": "check: record.a == record.b\n",
    "plain over lines": "check: record.a\n    == record.b\n",
    "single": "check: 'record.a == record.b'\n",
    "single with a quote": "check: 'record.t == ''x'' && record.b'\n",
    "double": 'check: "record.a == record.b"\n',
    "double with escapes": 'check: "record.t == \\"x\\" \\u00e9 && \\trecord.b"\n',
    "double over lines": 'check: "record.a\n  == record.b"\n',
    "literal": "check: |\n  record.a ==\n    record.b\nnext: 1\n",
    "folded": "check: >-\n  record.a ==\n  record.b\nnext: 1\n",
    "folded with an empty line": "check: >\n  record.a ==\n\n  record.b\n",
    "not ASCII before": "check: 'é 😀 record.b'\n",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_word_is_found_where_it_stands(text: str) -> None:
    root = yaml.compose(text, yaml.CLoader)
    node = root.value[0][1]
    located = Located(Source("f.yaml", text), node)
    start = located.text.index("record.b")
    place = located.place(start, start + len("record.b"))
    lines = text.split("\n")
    line = next(number for number, each in enumerate(lines) if "record.b" in each)
    assert (place.line, place.column, place.width) == (line + 1, lines[line].index("record.b") + 1, 8)


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_the_end_of_a_text_has_a_place(text: str) -> None:
    root = yaml.compose(text, yaml.CLoader)
    located = Located(Source("f.yaml", text), root.value[0][1])
    end = len(located.text)
    assert located.place(end, end + 1).line >= 1
    assert located.place(0, end).column >= 1
