"""A web address: http or https unless said otherwise, shown as a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from engine.types.base import EQUALITY, ORDER, TEXT, ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import machine_text, quoted, typed_code
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

LONGEST = 2000
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9]+(?:/|$))")
"""A scheme; `example.com:8080/x` has none."""

HOST = re.compile(r"[^\s<>\"'`{}|\\^%@\x00-\x20]{1,253}")
UNSAFE = re.compile(r"[\s<>\"`{}|\\^]")
RUNS_CODE = ("javascript", "data", "vbscript", "file", "blob", "about")


@dataclass(frozen=True, kw_only=True)
class UrlType(PropertyType):
    """An absolute address with a host. A name and password inside are refused: everyone would see them."""

    name = "url"
    summary = "A web address (http or https), shown as a link."
    example: ClassVar[Mapping[str, Any]] = {"type": "url"}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True

    schemes: tuple[str, ...] = option(
        ("https", "http"),
        schema={
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*$", "not": {"enum": list(RUNS_CODE)}},
        },
        description="The schemes that are taken; the first is added where a person leaves it out.",
        example=["https", "ftp"],
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, LONGEST)
        parts = _split(text)
        if parts is None or UNSAFE.search(text) or parts.scheme not in self.schemes or not _good_host(parts):
            begin = " or ".join(f"{scheme}://" for scheme in self.schemes)
            message = f"{quoted(text)} is not a web address: it begins with {begin} and names a host."
            raise Refused("bad-url", message)
        if "@" in parts.netloc:
            message = "A web address is kept without a name and password: take out what is before the @."
            raise Refused("bad-url", message)
        return f"{parts.scheme}://{parts.netloc.lower()}{text[text.index('//') + 2 + len(parts.netloc) :]}"

    def parse_text(self, text: str, display: Display) -> str:
        typed = typed_code(text)
        return self.parse(typed if SCHEME.match(typed) else f"{self.schemes[0]}://{typed.removeprefix('//')}")

    def parse_operand(self, raw: Any) -> str:
        return machine_text(raw, LONGEST)

    def json_schema(self) -> dict[str, Any]:
        schemes = "|".join(_any_case(scheme) for scheme in self.schemes)
        pattern = rf"^(?:{schemes})://[^\s<>\"`{{}}|\\^]+$"
        return {"type": "string", "format": "iri", "maxLength": LONGEST, "pattern": pattern}

    def show(self, value: str, display: Display) -> Shown:
        short = value.removeprefix("https://").removeprefix("http://").removesuffix("/")
        return Shown(short, "link", href=value, title=value)

    def control(self) -> Control:
        return Control("url", {"maxlength": str(LONGEST), "autocomplete": "url", "inputmode": "url"})

    def sample(self, random: Random, number: int) -> str:
        return f"{self.schemes[0]}://www.company{number}.example"


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number is found only when asked for
    except ValueError:
        return None
    return parts if text[len(parts.scheme) :].startswith("://") else None


def _good_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return bool(HOST.fullmatch(host)) and ".." not in host and not host.startswith(("-", "."))


def _any_case(scheme: str) -> str:
    return "".join(f"[{sign}{sign.upper()}]" if sign.isalpha() else re.escape(sign) for sign in scheme)
