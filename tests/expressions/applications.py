"""Applications at random, as YAML: every type of property, every kind of relation, names that SQL or Python know.

Values and rows of them are in `tests.expressions.rows`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import yaml

ENTITIES = (
    "order",
    "select",
    "table",
    "case",
    "join",
    "column",
    "class",
    "lambda",
    "session",
    "values",
    "limit",
    "row",
)
MEMBERS = """
from where group import def user record value count size contains exists all map filter then offset desc asc today
now in true false null not and or has parent old form like between end key timestamp date time interval function
package loop is by having union into left right natural primary check default cast collate index trigger begin
commit cascade array sum avg min max first last_name self none pass raise with yield global del try except finally
while for as break continue return assert async await print range list dict tuple object type name_ title_ amount
currency_ street_ city_ length year month day hour second zone
""".split()  # noqa: SIM905
CURRENCIES = ("EUR", "JPY", "KWD", "USD")

OPTIONS: tuple[Any, ...] = (
    ["new", "won", "lost", "on hold"],
    ["low", "normal", "high", "100%", "a_b"],
    {
        "red": {"weight": 10, "share": 0.25, "final": True, "word": "fresh"},
        "green": {"weight": 0, "share": 1, "final": False},
        "blue": {"word": "gone", "final": True},
    },
)
"""Lists of options; those of the last say more of themselves."""


def types(random: Random, currency: str) -> list[dict[str, Any]]:
    """One property of every type that expressions can see, most of them twice, with options at random."""
    scale = random.choice((0, 1, 2, 4, 6, 8))
    made: list[dict[str, Any]] = [
        *(
            {"type": name}
            for name in ("text", "integer", "integer", "date", "datetime", "duration", "boolean")
        ),
        *(
            {"type": name}
            for name in ("text", "email", "long_text", "datetime", "boolean", "date", "duration")
        ),
        *(
            {"type": name}
            for name in ("markdown", "rich_text", "url", "phone", "color", "uuid", "json", "time")
        ),
        {"type": "decimal", "scale": scale},
        {"type": "decimal", "scale": 2},
        {"type": "percent"},
        {"type": "rating"},
        {"type": "money", "currency": currency},
        {"type": "money", "currency": currency},
        {"type": "money"},
        {"type": "money"},
        {"type": "address"},
        {"type": "geo_point"},
        {"type": "choice", "options": random.choice(OPTIONS)},
        {"type": "choice", "options": OPTIONS[2]},
        {"type": "multi_choice", "options": random.choice(OPTIONS)},
    ]
    return made


@dataclass
class Drawn:
    """An application; the first of `entities` is the one that expressions are asked of."""

    currency: str
    entities: list[str]
    documents: list[dict[str, Any]] = field(default_factory=list)

    @property
    def yaml(self) -> str:
        return "---\n".join(
            yaml.safe_dump(each, sort_keys=False, allow_unicode=True) for each in self.documents
        )


def draw(seed: int) -> Drawn:
    """An application of five entities and one between two of them."""
    random = Random(seed)
    names = random.sample(ENTITIES, 6)
    drawn = Drawn(random.choice(CURRENCIES), [*names, "user"])
    drawn.documents.append({"app": "drawn", "settings": {"currency": drawn.currency}})
    drawn.documents += [
        {"role": "chief"},
        {"role": "seller", "parent": "chief"},
        {"role": "clerk", "parent": "seller"},
    ]
    base, other, third, row, between, last = names
    members = {name: _Members(random, drawn.currency) for name in names}
    for name in names:
        members[name].properties(full=name == base, most=8)
    members[base].compute()
    members[other].compute()
    first = members[base]
    first.relate("many_to_one", other, inverse=members[other].name())
    first.relate("many_to_one", third, required=random.random() < 0.4, inverse=members[third].name())
    first.relate("many_to_one", "user")
    first.relate("tree", base, inverse=first.name())
    first.relate("one_to_one", third, inverse=members[third].name())
    first.relate("many_to_many", last, inverse=members[last].name())
    first.relate("composition", row, inverse=members[row].name())
    first.relate("many_to_one", [other, third], inverse=members[other].shared(members[third]))
    members[other].relate("one_to_one", base, inverse=first.name())
    members[other].relate("many_to_one", "user")
    members[other].relate("many_to_many", base, through=between, inverse=first.name())
    members[between].relate("many_to_one", other, required=True, on_delete="cascade")
    members[between].relate("many_to_one", base, required=True, on_delete="cascade")
    members[row].relate("many_to_one", random.choice((other, last)), inverse="")
    members[row].relate("many_to_one", [third, last, base])
    members[last].relate("many_to_many", last, inverse=members[last].name())
    members[third].relate("tree", third, inverse=members[third].name())
    for name in (third, row, other, last, between, base):
        drawn.documents.append(members[name].document(name, owned=name == base or random.random() < 0.3))
    return drawn


class _Members:
    """Members of one entity, each with a name of its own."""

    def __init__(self, random: Random, currency: str) -> None:
        self.random, self.currency = random, currency
        self.free = random.sample(MEMBERS, len(MEMBERS))
        self.made: dict[str, dict[str, Any]] = {}
        self.relations: dict[str, dict[str, Any]] = {}

    def name(self) -> str:
        return self.free.pop()

    def shared(self, other: _Members) -> str:
        """A name that is free in another entity too."""
        name = next(each for each in self.free if each in other.free)
        self.free.remove(name)
        other.free.remove(name)
        return name

    def properties(self, *, full: bool, most: int) -> None:
        made = types(self.random, self.currency)
        chosen = made if full else self.random.sample(made, self.random.randrange(4, most + 1))
        for prop in chosen:
            required = prop["type"] not in ("multi_choice", "json") and self.random.random() < 0.3
            self.made[self.name()] = {**prop, "required": True} if required else dict(prop)

    def compute(self) -> None:
        """Properties that have no column: what they stand for is written in their place."""
        numbers = [name for name, prop in self.made.items() if prop["type"] in ("integer", "rating")]
        texts = [name for name, prop in self.made.items() if prop["type"] in ("text", "long_text", "email")]
        if numbers:
            one, two = self.random.choice(numbers), self.random.choice(numbers)
            self.made[self.name()] = {
                "type": "integer",
                "computed": f"record.{_word(one)} * 2 - record.{_word(two)}",
            }
        if texts:
            one = self.random.choice(texts)
            self.made[self.name()] = {"type": "text", "computed": f"upper(record.{_word(one)}) + '%'"}

    def relate(self, kind: str, to: str | list[str], **more: Any) -> None:
        if kind not in ("composition", "many_to_many"):
            more.setdefault("on_delete", "restrict" if more.get("required") else "clear")
        options = {name: value for name, value in more.items() if value not in ("", False)}
        self.relations[self.name()] = {"to": to, "kind": kind, **options}

    def document(self, name: str, *, owned: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"entity": name, "title": "{id}"}
        if owned:
            made["ownership"] = "user"
        return {**made, "features": {"tags": owned}, "properties": self.made, "relations": self.relations}


def _word(name: str) -> str:
    return f"`{name}`" if name in ("in", "true", "false", "null") else name
