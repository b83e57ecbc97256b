"""HTML that is safe to show: what rich text may hold, and how its words are read."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

import nh3

TAGS: Final = frozenset(
    {
        *(
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "del",
            "div",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "hr",
            "i",
            "li",
            "ol",
        ),
        *("p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
    }
)
CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes={
        "a": {"href", "title"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
)

TAG: Final = re.compile(r"<[^>]*>")
BLOCK: Final = re.compile(
    r"</?(?:blockquote|br|div|h[1-4]|hr|li|ol|p|pre|t[dhr]|table|tbody|thead|ul)\b[^>]*>"
)


def sanitised(html: str) -> str:
    """The HTML without what could act on a page: scripts, styles, forms, images, odd links."""
    return CLEANER.clean(html)


def plain_text(html: str) -> str:
    """The words of sanitised HTML on one line, with a space where a block ends."""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    return " ".join(unescape(TAG.sub("", BLOCK.sub(" ", html))).split())
