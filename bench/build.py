"""Reading, checking and building an application of 1,000 entities, against PyYAML's C loader reading its files."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import yaml

from engine.app import build
from engine.checked import check

ENTITIES, PROPERTIES, RELATIONS = 1_000, 15, 3
TYPES = (
    "{type: text, required: true, max_length: 200}",
    "{type: long_text}",
    "{type: integer, min: 0}",
    "{type: money, currency: EUR}",
    "{type: date}",
    "{type: datetime}",
    "{type: boolean, default: false}",
    "{type: choice, options: {low: {color: gray}, normal: {color: blue}, high: {color: red}}, default: normal}",
    "{type: decimal, scale: 3}",
    "{type: email, label: E-mail}",
)


def generate(folder: Path, entities: int = ENTITIES) -> list[Path]:
    """Write an application of so many entities; the same every time."""
    chosen = random.Random(1)
    (folder / "metadata").mkdir(parents=True)
    (folder / "entities").mkdir()
    (folder / "metadata" / "app.yaml").write_text("app: generated\n", encoding="utf-8")
    for number in range(entities):
        lines = [f"entity: thing_{number}", f"label: Thing {number}", "icon: box", "properties:"]
        lines += [f"  field_{index}: {TYPES[(number + index) % len(TYPES)]}" for index in range(PROPERTIES)]
        lines.append("relations:")
        for index in range(RELATIONS):
            target = chosen.randrange(entities)
            lines.append(f"  link_{index}: {{to: thing_{target}, inverse: back_{number}_{index}}}")
        (folder / "entities" / f"thing_{number}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sorted(folder.rglob("*.yaml"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        files = generate(Path(name) / "app")
        loads, ours, checks = [], [], []
        for _ in range(3):
            start = time.perf_counter()
            for file in files:
                with file.open("rb") as stream:
                    list(yaml.load_all(stream, Loader=yaml.CSafeLoader))
            loads.append(time.perf_counter() - start)
            start = time.perf_counter()
            checked = check(Path(name) / "app")
            assert checked.application is not None, checked.problems[:3]
            checks.append(time.perf_counter() - start)
            build(checked, "sqlite", b"x" * 32)
            ours.append(time.perf_counter() - start)
        plain, read, whole = min(loads), min(checks), min(ours)
        print("| what | time | times PyYAML's C loader alone |\n|---|--:|--:|")
        print(f"| PyYAML's C loader reads {len(files):,} files | {plain:.2f} s | 1.0 |")
        print(f"| read and checked | {read:.2f} s | {read / plain:.1f} |")
        print(f"| read, checked and built | {whole:.2f} s | {whole / plain:.1f} |")


if __name__ == "__main__":
    main()
