"""A page as a browser without scripts has it: its links, its headings, and its forms as they would be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}


@dataclass
class Element:
    """An element with its attributes, children and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    parent: Element | None = None

    @property
    def text(self) -> str:
        """All its text, with single spaces."""
        return " ".join(" ".join(self._pieces()).split())

    def _pieces(self) -> list[str]:
        pieces = list(self.texts)
        for child in self.children:
            pieces += child._pieces()
        return pieces

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Descendants by tag and attributes; `css` is one of the classes, `_` stands for `-` in names."""
        found = []
        for child in self.children:
            if child.fits(tag, attributes):
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def fits(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag and self.tag != tag:
            return False
        for name, wanted in attributes.items():
            if name == "css":
                if wanted not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(name.strip("_").replace("_", "-")) != wanted:
                return False
        return True

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert found, f"no <{tag or '*'}> with {attributes} in {self.text[:300]!r}"
        return found[0]

    def within(self, tag: str) -> bool:
        above = self.parent
        while above is not None:
            if above.tag == tag:
                return True
            above = above.parent
        return False


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, parent=self.stack[-1])
        self.stack[-1].children.append(made)
        if tag not in VOID:
            self.stack.append(made)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        open_tags = [each.tag for each in self.stack]
        assert open_tags[-1] == tag, f"</{tag}> closes <{open_tags[-1]}> at {self.getpos()}: {open_tags}"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].texts.append(data)


@dataclass
class Page:
    """An answered page. Parsing asserts that every element is closed."""

    status: int
    location: str
    text: str
    headers: Any
    root: Element

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        return self.root.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> Element:
        return self.root.one(tag, **attributes)

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def words(self) -> str:
        return self.root.text

    def form(self, identity: str = "") -> Element:
        return self.one("form", id=identity) if identity else self.all("form")[-1]

    def submit(
        self,
        visitor: Any,
        identity: str = "",
        *,
        files: Any = None,
        leave_out: tuple[str, ...] = (),
        **filled: Any,
    ) -> Page:
        """Send a form as a browser would, with some fields filled in (`__` stands for `.` in names)."""
        form = self.form(identity)
        data = fields_of(form)
        data.update({name.replace("__", "."): value for name, value in filled.items()})
        for name in leave_out:
            data.pop(name, None)
        if files is None and form.attributes.get("enctype") == "multipart/form-data":
            files = [("ignored.file", ("", b""))]
        answered: Page = visitor.post(form.attributes["action"], data, files)
        return answered


def fields_of(form: Element) -> dict[str, Any]:
    """What a browser sends of a form when nothing was changed."""
    data: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        data.setdefault(name, []).append(value)

    for element in form.all():
        name = element.attributes.get("name", "")
        if not name or element.within("template"):
            continue
        kind = element.attributes.get("type", "text")
        if element.tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in element.attributes:
                add(name, element.attributes.get("value", "on"))
        elif element.tag == "input" and kind != "file":
            add(name, element.attributes.get("value", ""))
        elif element.tag == "textarea":
            add(name, "".join(element.texts).removeprefix("\n"))
        elif element.tag == "select":
            options = element.all("option")
            chosen = [each for each in options if "selected" in each.attributes]
            if not chosen and "multiple" not in element.attributes:
                chosen = options[:1]
            for each in chosen:
                add(name, each.attributes.get("value", each.text))
    return data


def parse(response: Any) -> Page:
    """A response as a page."""
    builder = _Builder()
    if response.headers.get("content-type", "").startswith("text/html"):
        builder.feed(response.text)
        assert builder.stack == [builder.root], f"not closed: {[each.tag for each in builder.stack]}"
    location = response.headers.get("location", "")
    return Page(response.status_code, location, response.text, response.headers, builder.root)
