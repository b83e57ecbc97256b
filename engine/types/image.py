"""Pictures: files of the kinds that every browser shows and none of which can hold scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.types.base import option
from engine.types.file import FileType

KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")


@dataclass(frozen=True, kw_only=True)
class ImageType(FileType):
    """One picture. SVG is left out on purpose: it can hold scripts."""

    name = "image"
    summary = "A picture (PNG, JPEG, GIF, WebP, AVIF), shown small in grids and larger on the page."
    example: ClassVar[Mapping[str, Any]] = {"type": "image", "max_mb": 5}
    kind = "image"

    accept: tuple[str, ...] = option(
        KINDS,
        schema={"type": "array", "minItems": 1, "items": {"enum": list(KINDS)}},
        description="The kinds of picture that are taken.",
        example=["image/png"],
    )
