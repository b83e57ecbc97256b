"""Files: the property holds a key and what is known of the file; the bytes live in the file store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from engine.types.base import ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import INVISIBLE, clean_text, kind_of, machine_text, quoted
from engine.types.columns import CodePointText, dump_json
from engine.types.conditions import Columns, plain_condition
from engine.types.display import Display, Shown

MEGABYTE: Final = 1024 * 1024
KEY: Final = re.compile(r"[0-9a-f]{32}")
MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
PARTS: Final = ("key", "name", "size", "media_type")
LONGEST_NAME: Final = 255
NAME_PATTERN: Final = r"^[^\x00-\x1F\x7F-\x9F/\\]+$"


@dataclass(frozen=True, slots=True)
class FileValue:
    """A stored file: `key` finds its bytes (128 random bits: who has it was given it), `size` counts them."""

    key: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class FileType(PropertyType):
    """One file. It is uploaded first; the value is what the upload answered."""

    name = "file"
    summary = "A file, kept outside the database."
    example: ClassVar[Mapping[str, Any]] = {"type": "file", "max_mb": 10, "accept": ["application/pdf"]}
    expression_type = "file"
    operators = ("contains", "empty", "not_empty")
    sortable = False
    indexable = False
    kind: ClassVar[str] = "file"

    max_mb: int = option(
        25,
        schema={"type": "integer", "minimum": 1, "maximum": 2000},
        description="Megabytes at most.",
        example=10,
    )
    accept: tuple[str, ...] = option(
        (),
        schema={
            "type": "array",
            "items": {"type": "string", "pattern": r"^[a-z0-9.+-]+/([a-z0-9.+-]+|\*)$"},
        },
        description="The media types that are taken; all where none is named.",
        example=["application/pdf", "image/*"],
    )

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"parts": {"name": "string", "size": "int"}}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (
            ColumnSpec("", CodePointText()),
            ColumnSpec("name", CodePointText()),
            ColumnSpec("size", sa.BigInteger()),
            ColumnSpec("type", CodePointText()),
        )

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """All of it is there, or nothing."""
        none = sa.and_(*(column.is_(None) for column in columns))
        return sa.or_(none, sa.and_(*(column.is_not(None) for column in columns)))

    def store(self, value: FileValue) -> tuple[Any, ...]:
        return (value.key, value.name, value.size, value.media_type)

    def load(self, cells: Sequence[Any]) -> FileValue:
        return FileValue(*cells)

    def empty(self, value: Any) -> bool:
        return False

    # ---- from outside

    def parse(self, raw: Any) -> FileValue:
        if isinstance(raw, FileValue):
            raw = {"key": raw.key, "name": raw.name, "size": raw.size, "media_type": raw.media_type}
        if not isinstance(raw, Mapping):
            raise Refused(
                "bad-file", f"A file is given by what its upload answered, an object, not {kind_of(raw)}."
            )
        unknown = sorted(set(map(str, raw)) - set(PARTS))
        if unknown:
            raise Refused("bad-file", f"A file has no {quoted(unknown[0])}; it has {', '.join(PARTS)}.")
        missing = [part for part in PARTS if part not in raw]
        if missing:
            raise Refused("bad-file", f"A file is given by all its upload answered: {missing[0]} is missing.")
        value = FileValue(
            _key(raw["key"]), _name(raw["name"]), _size(raw["size"]), _media_type(raw["media_type"])
        )
        self.check_upload(value.size, value.media_type)
        return value

    def check_upload(self, size: int, media_type: str) -> None:
        """Raise Refused for a file that this property does not take."""
        if size > self.max_mb * MEGABYTE:
            message = f"A file here has at most {self.max_mb:,} MB; this has {show_size(size)}."
            raise Refused("too-large", message)
        if self.accept and not any(_fits(media_type, allowed) for allowed in self.accept):
            raise Refused("wrong-media-type", f"This takes {', '.join(self.accept)}, not {media_type}.")

    def parse_text(self, text: str, display: Display) -> FileValue:
        return self.from_export(text)

    def from_export(self, text: str) -> FileValue:
        try:
            found = json.loads(text) if len(text) < 2000 else None
        except ValueError:
            found = None
        return self.parse(found if found is not None else text)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> FileValue | None:
        """The page stores an upload, and knows the file that was there: it hands over a FileValue, or nothing."""
        given = parts.get("")
        return self.parse(given) if isinstance(given, FileValue | Mapping) else None

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=False, longest=LONGEST_NAME, trim=False)

    # ---- to outside

    def to_json(self, value: FileValue) -> dict[str, Any]:
        return {"key": value.key, "name": value.name, "size": value.size, "media_type": value.media_type}

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "key": {"type": "string", "pattern": f"^{KEY.pattern}$"},
                "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST_NAME,
                    "pattern": NAME_PATTERN,
                },
                "size": {"type": "integer", "minimum": 0, "maximum": self.max_mb * MEGABYTE},
                "media_type": {"type": "string", "pattern": self._media_pattern()},
            },
            "required": list(PARTS),
            "additionalProperties": False,
        }

    def _media_pattern(self) -> str:
        if not self.accept:
            return f"^{MEDIA_TYPE.pattern}$"
        rest = MEDIA_TYPE.pattern.partition("/")[2]
        ways = [
            re.escape(each[:-1]) + rest if each.endswith("/*") else re.escape(each) for each in self.accept
        ]
        return f"^(?:{'|'.join(ways)})$"

    def to_text(self, value: FileValue, display: Display) -> str:
        return value.name

    def to_form(self, value: FileValue, display: Display) -> dict[str, Any]:
        return {"": self.to_json(value)}

    def to_export(self, value: FileValue) -> str:
        return dump_json(self.to_json(value))

    def show(self, value: FileValue, display: Display) -> Shown:
        return Shown(value.name, self.kind, href=f"/files/{value.key}", title=show_size(value.size))

    def control(self) -> Control:
        return Control(self.kind, {"accept": ",".join(self.accept)} if self.accept else {})

    # ---- comparing

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        """`contains` looks into the file's name."""
        return plain_condition(operator, columns[1] if operator == "contains" else columns[0], operand)

    def sample(self, random: Random, number: int) -> FileValue:
        media_type = (self.accept or ("application/pdf",))[0].replace("*", "png")
        ending = media_type.rpartition("/")[2].rpartition("+")[0] or media_type.rpartition("/")[2]
        size = random.randint(10_000, 900_000)
        return FileValue(f"{random.getrandbits(128):032x}", f"document-{number}.{ending}", size, media_type)


def _key(raw: Any) -> str:
    if not isinstance(raw, str) or not KEY.fullmatch(raw):
        raise Refused("bad-file", "A file's key is the 32 hexadecimal digits that its upload answered.")
    return raw


def _name(raw: Any) -> str:
    """A file's name without a folder; marks that turn the direction of writing would disguise its ending."""
    name = INVISIBLE.sub("", clean_text(raw, lines=False, longest=LONGEST_NAME, trim=False))
    if not name or "/" in name or "\\" in name:
        raise Refused("bad-file", f"{quoted(raw)} is not a file's name.")
    return name


def _size(raw: Any) -> int:
    whole = isinstance(raw, int) or (isinstance(raw, float) and raw.is_integer())
    if isinstance(raw, bool) or not whole or not 0 <= raw < 2**53:
        raise Refused("bad-file", "A file's size is a number of bytes.")
    return int(raw)


def _media_type(raw: Any) -> str:
    text = machine_text(raw, 200)
    if not MEDIA_TYPE.fullmatch(text):
        raise Refused("bad-file", f"{quoted(text)} is not a media type, such as application/pdf.")
    return text


def _fits(media_type: str, allowed: str) -> bool:
    return media_type == allowed or (allowed.endswith("/*") and media_type.startswith(allowed[:-1]))


def show_size(size: int) -> str:
    """A number of bytes in words: 640 KB, 1.2 MB."""
    amount = float(size)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit != "MB" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"
