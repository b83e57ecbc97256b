"""Well-typed expressions at random: texts over everything the language has."""

from __future__ import annotations

from random import Random

from tests.expressions.generate_names import PATTERNS, TEXT_LITERALS
from tests.expressions.generate_values import Values
from tests.expressions.vocabulary import Vocabulary, vocabulary_of
from tests.expressions.world import World


class Generator(Values):
    """Writes expressions of every kind."""

    def any_bool(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("bool", ("true", "false", "(record.id > 2)"), 0.9)
        options = [
            self.compared,
            self.compared,
            self.compared,
            self.logic,
            self.logic,
            self.among,
            self.special,
            self.of_text,
            self.tested,
            self.tested_values,
            self.with_null,
            self.same_record,
            self.of_list,
        ]
        made = self.random.choice(options)(depth)
        if made is None or self.random.random() < 0.1:
            return self.leaf("bool", ("true",), 0.95) if made is None else f"!({made})"
        if self.random.random() < 0.05:
            return self.choice("bool", depth)
        return made

    def compared(self, depth: int) -> str:
        kind = self.pick(
            (
                "int",
                "int",
                "decimal",
                "eur",
                "money",
                "text",
                "text",
                "stage",
                "date",
                "moment",
                "length",
                "clock",
                "bool",
            )
        )
        operator = self.pick(("==", "!=", "<", "<=", ">", ">="))
        if kind == "stage":
            kind, operator = self.any_options(), self.pick(("==", "!="))
        if kind == "clock" or kind in self.vocabulary.options:
            return f"({self.of(kind, depth - 1)} {operator} {self.of(kind, depth - 1)})"
        left, right = self.of(kind, depth - 1), self.of(kind, depth - 1)
        if kind in ("int", "decimal") and self.random.random() < 0.3:
            right = self.of("decimal" if kind == "int" else "int", depth - 1)
        if kind in ("eur", "money") and self.random.random() < 0.3:
            right = self.pick(("0", "5", "2.5", "10.005", "money('10', 'USD')" if kind == "money" else "1"))
        return f"({left} {operator} {right})"

    def logic(self, depth: int) -> str:
        operator = self.pick((" && ", " || "))
        return (
            "(" + operator.join(self.any_bool(depth - 1) for _ in range(self.random.choice((2, 2, 3)))) + ")"
        )

    def among(self, depth: int) -> str:
        kind = self.pick(("int", "text", "stage", "decimal", "date", "eur"))
        kind = self.any_options() if kind == "stage" else kind
        item = self.of(kind, depth - 1)
        if kind == "text" and self.random.random() < 0.3:
            return f"({item} in user.roles)"
        if kind in ("int", "text", "date") and self.random.random() < 0.3:
            made = self.over(
                depth,
                lambda items, variable, entity: f"({item} in {items}.map({variable}, {self.of(kind, 0)}))",
            )
            if made is not None:
                return made
        items = [
            self.of(kind, 0 if self.random.random() < 0.3 else -1)
            for _ in range(self.random.choice((1, 2, 3)))
        ]
        if self.random.random() < 0.3:
            items.append("null")
        return f"({item} in [{', '.join(items)}])"

    def special(self, depth: int) -> str:
        name = self.pick(("has", "empty", "truthy"))
        if self.random.random() < 0.2:
            found = self.many()
            if found is not None and self.nested < 2:
                return f"{name}({found[0]})"
        kind = self.pick(
            (
                "int",
                "text",
                "decimal",
                "eur",
                "money",
                "date",
                "moment",
                "bool",
                "stage",
                "length",
                "list",
                "whole",
                "other",
                "several",
            )
        )
        if kind in ("list", "whole", "other", "several"):
            return f"{name}({self.any_other(kind)})"
        return f"{name}({self.of(kind, depth - 1)})"

    def any_other(self, kind: str) -> str:
        """A member of a kind that only some functions take."""
        path, entity = self.record(1)
        fields = self.fields[entity]
        if kind == "list":
            options = self.vocabulary.options
            names = [name for each in options for name in fields.by_kind.get(f"list of {each}", ())]
        else:
            names = fields.several if kind == "several" else fields.by_kind.get(kind, [])
        return f"{path}.{self.random.choice(names)}" if names else self.any_int(0)

    def of_text(self, depth: int) -> str:
        text, part = self.any_text(depth - 1), self.any_text(depth - 2)
        name = self.pick(("contains", "startsWith", "endsWith", "matches"))
        if name == "matches":
            return f"{text}.matches('{self.pick(PATTERNS)}')"
        return f"{text}.{name}({part if self.random.random() < 0.5 else self.pick(TEXT_LITERALS)})"

    def tested(self, depth: int) -> str | None:
        name = self.pick(("exists", "all", "exists", "all", "exists_one"))
        return self.over(
            depth, lambda items, variable, entity: f"{items}.{name}({variable}, {self.any_bool(depth - 1)})"
        )

    def tested_values(self, depth: int) -> str | None:
        """A test of the values that a list is mapped to, perhaps filtered once more."""
        kind = self.pick(("int", "text", "date", "decimal", "money", "length"))

        def write(items: str, variable: str, entity: str) -> str:
            mapped = f"{items}.map({variable}, {self.of(kind, depth - 2)})"
            value = self.name()
            self.values.append((value, kind))
            if self.random.random() < 0.4:
                mapped = f"{mapped}.filter({value}, {self.any_bool(depth - 2)})"
            condition = self.any_bool(depth - 2)
            self.values.pop()
            name = self.pick(("exists", "all", "exists_one"))
            return self.pick(
                (
                    f"{mapped}.{name}({value}, {condition})",
                    f"({self.of(kind, 0)} in {mapped})",
                    f"(size({mapped}) > 1)",
                )
            )

        return self.over(depth, write)

    def with_null(self, depth: int) -> str:
        kind = self.pick(("int", "text", "date", "money", "decimal", "stage"))
        if self.random.random() < 0.15:
            found = self.any_other(self.pick(("whole", "other", "several")))
            return f"({found} {self.pick(('==', '!='))} null)"
        if self.random.random() < 0.4:
            path, _ = self.record(2)
            if path != "record" and path not in [name for name, _ in self.records]:
                return f"({path} {self.pick(('==', '!='))} null)"
        return f"({self.of(kind, depth - 1)} {self.pick(('==', '!='))} null)"

    def same_record(self, depth: int) -> str | None:
        """Two paths to a record of the same entity, perhaps to one of several entities."""
        ways = [
            (f"{path}.{name}", target)
            for path, entity in self.records
            for name, target in [
                *self.fields[entity].one,
                *((each, "") for each in self.fields[entity].several),
            ]
        ]
        ways += [
            (f"{path}.{name}", further)
            for path, target in ways
            if target
            for name, further in self.fields[target].one
        ]
        if not ways:
            return None
        left, entity = self.random.choice(ways)
        if entity == "user" and self.random.random() < 0.3:
            return f"({left} in user.subordinates)"
        return f"({left} {self.pick(('==', '!='))} {self.random.choice(self.alike(ways, entity))})"

    def alike(self, ways: list[tuple[str, str]], entity: str) -> list[str]:
        """What a record of an entity can be compared with."""
        found = [path for path, target in ways if entity in (target, "") or target == ""]
        found += [path for path, target in self.records if target == entity]
        return [*found, "user", "user"] if entity == "user" else found

    def of_list(self, depth: int) -> str | None:
        lists = self.vocabulary.lists()
        if not lists:
            return None
        found, options = self.random.choice(lists)
        items, variable, option = f"record.{found}", self.name(), repr(self.pick(options))
        joined = "+".join(options[:2])
        return self.pick(
            (
                f"({option} in {items})",
                f"({items}.size() > {self.pick(('0', '1', '2'))})",
                f"{items}.exists({variable}, {variable} == {option})",
                f"{items}.all({variable}, {variable} != {option})",
                f"({items}.join('+') == {joined!r})",
                f"(size({items}) == 2)",
                f"({items}[0] == {option})",
                f"({items}.first() != {option})",
                f"user.roles.exists({variable}, {variable} == {self.any_text(0)})",
            )
        )


WORDS = vocabulary_of(World(), ("deal", "account", "line", "tag", "user"))
"""What there is to name in the small world."""

KINDS = ("bool", "bool", "bool", "bool", "int", "decimal", "eur", "money", "text", "date", "moment", "length")


def expressions(seed: int, number: int, vocabulary: Vocabulary = WORDS) -> list[str]:
    """Texts of expressions, the same for the same seed."""
    random = Random(seed)
    made = []
    for _ in range(number):
        generator = Generator(random, vocabulary)
        made.append(generator.of(random.choice(KINDS), random.choice((1, 2, 2, 2, 3, 3, 4))))
    return made
