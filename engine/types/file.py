"""Files and images: the property holds a key and what is known of the file; the bytes live in the file store."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.types.base import ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import clean_text
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FileValue:
    """A stored file: `key` finds its bytes, `size` counts them."""

    key: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class FileType(PropertyType):
    """A file of any kind."""

    name = "file"
    summary = "A file, kept outside the database."
    example = {"type": "file", "max_mb": 10, "accept": ["application/pdf"]}
    expression_type = "file"
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False

    max_mb: int = option(
        25, schema={"type": "integer", "minimum": 1, "maximum": 2000}, description="Megabytes at most.", example=10
    )
    accept: tuple[str, ...] = option(
        (),
        schema={"type": "array", "items": {"type": "string", "pattern": "^[a-z]+/([a-z0-9.+-]+|\\*)$"}},
        description="The media types that are taken; all where none is named.",
        example=["application/pdf", "image/*"],
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (
            ColumnSpec("", CodePointText()),
            ColumnSpec("name", CodePointText()),
            ColumnSpec("size", sa.BigInteger()),
            ColumnSpec("type", CodePointText()),
        )

    def store(self, value: FileValue) -> tuple[Any, ...]:
        return (value.key, value.name, value.size, value.media_type)

    def load(self, cells: Sequence[Any]) -> FileValue:
        return FileValue(*cells)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> FileValue:
        if isinstance(raw, FileValue):
            value = raw
        else:
            if not isinstance(raw, Mapping) or not KEY.fullmatch(str(raw.get("key", ""))):
                raise Refused("bad-file", 'A file is given by what its upload answered: {"key": …}.')
            size = raw.get("size", 0)
            value = FileValue(
                str(raw["key"]),
                clean_text(raw.get("name", "file"), lines=False, longest=255),
                size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**62 else 0,
                clean_text(raw.get("media_type", "application/octet-stream"), lines=False, longest=200),
            )
        self.check_upload(value.size, value.media_type)
        return value

    def check_upload(self, size: int, media_type: str) -> None:
        """Raise Refused for a file this property does not take."""
        if size > self.max_mb * 1024 * 1024:
            raise Refused("too-large", f"A file here has at most {self.max_mb} MB.")
        if self.accept and not any(_fits(media_type, allowed) for allowed in self.accept):
            raise Refused("wrong-type", f"This takes {', '.join(self.accept)}, not {media_type}.")

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> FileValue | None:
        given = parts.get("")
        return self.parse(given) if given else None

    def to_json(self, value: FileValue) -> dict[str, Any]:
        return {"key": value.key, "name": value.name, "size": value.size, "media_type": value.media_type}

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "key": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "name": {"type": "string"},
                "size": {"type": "integer"},
                "media_type": {"type": "string"},
            },
            "required": ["key"],
            "additionalProperties": False,
        }

    def to_text(self, value: FileValue, display: Display) -> str:
        return value.name

    def to_form(self, value: FileValue, display: Display) -> dict[str, Any]:
        return {"": self.to_json(value)}

    def to_export(self, value: FileValue) -> str:
        return f"{value.key} {value.size} {value.media_type} {value.name}"

    def from_export(self, text: str) -> FileValue:
        key, size, media_type, name = (text.split(" ", 3) + ["", "", "", ""])[:4]
        return self.parse({"key": key, "size": int(size) if size.isdigit() else 0, "media_type": media_type, "name": name})

    def show(self, value: FileValue, display: Display) -> Shown:
        return Shown(value.name, "file", href=f"/files/{value.key}", title=_size(value.size))

    def control(self) -> Control:
        return Control("file", {"accept": ",".join(self.accept)} if self.accept else {})

    def sample(self, random: Random, number: int) -> FileValue:
        return FileValue(f"{random.getrandbits(128):032x}", f"document-{number}.pdf", 1024, (self.accept or ("application/pdf",))[0].replace("*", "png"))


@dataclass(frozen=True, kw_only=True)
class ImageType(FileType):
    """A picture."""

    name = "image"
    summary = "A picture (PNG, JPEG, GIF, WebP), shown small in grids and larger on the page."
    example = {"type": "image", "max_mb": 5}

    accept: tuple[str, ...] = option(
        ("image/png", "image/jpeg", "image/gif", "image/webp"),
        schema={"type": "array", "items": {"type": "string", "pattern": "^image/[a-z0-9.+-]+$"}},
        description="The kinds of picture that are taken.",
        example=["image/png"],
    )

    def show(self, value: FileValue, display: Display) -> Shown:
        return Shown(value.name, "image", href=f"/files/{value.key}", title=_size(value.size))

    def control(self) -> Control:
        return Control("image", {"accept": ",".join(self.accept)})


def _fits(media_type: str, allowed: str) -> bool:
    return media_type == allowed or (allowed.endswith("/*") and media_type.startswith(allowed[:-1]))


def _size(size: int) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size //= 1024
    return f"{size} GB"
