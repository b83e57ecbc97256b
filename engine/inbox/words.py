"""The words of a mail: decoded whatever it says they are in, HTML as text, an answer without what it quotes."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

from engine.types.html import sanitised

MOST_TEXT: Final = 100_000
"""Characters of a mail that are read; who writes more attaches it."""

MOST_HTML: Final = 400_000
MOST_TAGS: Final = 20_000
"""Of HTML with more only the words are read: what is nested so deep takes a parser many seconds."""

TAG: Final = re.compile(r"<[^<>]{0,10000}>")

CONTROL: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
BLANK_LINES: Final = re.compile(r"\n{3,}")
NO_TEXT: Final = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7", "utf-7"}
)
"""Codecs of Python that are no charsets of mails, or cost more than they are worth."""

BLOCKS: Final = frozenset(
    {"blockquote", "div", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
)

WROTE: Final = re.compile(
    r"^(?:On|Am|Le|El|Il|Em|Op|Pe|În|La|Dnia|W dniu)\b.{0,300}"
    r"(?:wrote|schrieb\b.{0,80}|a écrit|escribió|ha scritto|escreveu|schreef\b.{0,80}|a scris|napisał\(?a?\)?)\s*:$",
    re.IGNORECASE,
)
"""The line above what is quoted, as mail programs write it in the languages of Europe."""

FORWARDED: Final = re.compile(r"^(?:-{2,}\s*.{0,40}\s*-{2,}|_{20,})$")
HEAD: Final = re.compile(r"^\*?(?:From|Von|De|Da|Od|Van)\s*:\*?\s*\S", re.IGNORECASE)


def decoded(data: bytes, charset: str | None) -> str:
    """Bytes as text: in the charset they are said to be in, else in UTF-8, else byte by byte."""
    named = (charset or "utf-8").strip().lower()
    for each in (named, "utf-8"):
        if each in NO_TEXT:
            continue
        try:
            return data.decode(each)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1")


def cleaned(text: str, most: int = MOST_TEXT) -> str:
    """A text of several lines without what no text may hold, and not longer than anybody reads."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (line.rstrip() for line in text.split("\n"))
    text = BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def one_line(text: str, most: int = 1000) -> str:
    """A text on one line."""
    return " ".join(CONTROL.sub(" ", text).split())[:most]


# ---- HTML


def safe_html(html: str) -> str:
    """HTML of a stranger that is safe to show; it may lack its end."""
    html = CONTROL.sub("", html[:MOST_HTML])
    if html.count("<") > MOST_TAGS:
        return as_html(cleaned(unescape(TAG.sub(" ", html))))
    return sanitised(html)


def as_html(text: str) -> str:
    """A plain text as paragraphs."""
    paragraphs = (escape(each, quote=False).replace("\n", "<br>") for each in text.split("\n\n"))
    return "".join(f"<p>{each}</p>" for each in paragraphs if each)


class _Words(HTMLParser):
    """Collects the words of HTML that has been sanitised, line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.links: list[str] = []
        self.exact = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.found.append("\n")
        elif tag in BLOCKS:
            self.found.append("\n- " if tag == "li" else "\n\n" if tag == "p" else "\n")
        elif tag in ("td", "th"):
            self.found.append(" ")
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        self.exact += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            address = self.links.pop()
            said = "".join(self.found[-3:])
            if address.startswith("http") and address not in said:
                self.found.append(f" ({address})")
        elif tag in BLOCKS:
            self.found.append("\n")
        self.exact -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self.found.append(data if self.exact > 0 else re.sub(r"\s+", " ", data))


def words_of(html: str) -> str:
    """The words of safe HTML as a text of several lines."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.found).replace("\xa0", " ").split("\n"))
    return cleaned(unescape("\n".join(lines)))


# ---- answers


def without_quotes(text: str) -> str:
    """What an answer says itself: without the mail it quotes below, and without a signature.

    Who answers between the lines of what they quote is left as they wrote. Nothing is never the answer: where all of
    it seems to be quoted, it is left whole.
    """
    lines = text.split("\n")
    end = next((at for at, _ in enumerate(lines) if _quotes_from(lines, at)), len(lines))
    own = lines[:end]
    sign = next((at for at, line in enumerate(own) if line in ("--", "-- ")), len(own))
    kept = "\n".join(own[:sign]).strip() or "\n".join(own).strip()
    return kept or text


def _quotes_from(lines: list[str], at: int) -> bool:
    """Whether everything from a line on is quoted."""
    line = lines[at].strip()
    if not line:
        return False
    two = f"{line} {lines[at + 1].strip()}" if at + 1 < len(lines) else line
    if line.startswith(">"):
        return _all_quoted(lines[at:])
    for head, rest in ((line, at + 1), (two, at + 2)):
        if WROTE.match(head):
            return _all_quoted(lines[rest:])
    if FORWARDED.match(line) or HEAD.match(line):
        following = [each.strip() for each in lines[at : at + 6]]
        return sum(bool(re.match(r"^\*?[A-ZÀ-Ž][\w -]{1,15}\s*:", each)) for each in following) >= 3
    return False


def _all_quoted(lines: list[str]) -> bool:
    """Whether nobody has written anything between lines that are quoted; HTML quotes without marks."""
    said = [line for line in lines if line.strip()]
    quoted = [line.lstrip().startswith(">") for line in said]
    return not any(quoted) or all(quoted)
