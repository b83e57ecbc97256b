"""The catalogue of problem codes: what each means, what cures it, and an example, read from `codes.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of complaint about metadata; `example` is metadata that gets it, or "" where no text can."""

    title: str
    cause: str
    cure: str
    example: str = ""


def _read() -> dict[str, Code]:
    text = (resources.files("engine") / "codes.yaml").read_text(encoding="utf-8")
    declared: Mapping[str, Mapping[str, str]] = yaml.load(text, yaml.CSafeLoader)
    return {code: Code(**said) for code, said in declared.items()}


CODES = _read()
