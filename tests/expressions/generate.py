"""Well-typed expressions at random: texts over everything the language has."""

from __future__ import annotations

from random import Random

from tests.expressions.generate_names import PATTERNS, TEXT_LITERALS
from tests.expressions.generate_values import Values


class Generator(Values):
    """Writes expressions of every kind."""

    def any_bool(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("bool", ("true", "false", "(record.count > 2)"), 0.9)
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
            self.of_colours,
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
        if kind in ("stage", "clock"):
            operator = self.pick(("==", "!=")) if kind == "stage" else operator
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
                "colours",
                "place",
            )
        )
        if kind in ("colours", "place"):
            return f"{name}(record.{kind})"
        return f"{name}({self.of(kind, depth - 1)})"

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
        if self.random.random() < 0.4:
            path, _ = self.record(2)
            if path != "record" and path not in [name for name, _ in self.records]:
                return f"({path} {self.pick(('==', '!='))} null)"
        return f"({self.of(kind, depth - 1)} {self.pick(('==', '!='))} null)"

    def same_record(self, depth: int) -> str:
        paths = [f"{path}.owner" for path, entity in self.records if entity != "user" and entity != "tag"]
        left = self.random.choice(paths)
        right = self.pick(("user", self.random.choice(paths), f"{self.random.choice(paths)}.boss"))
        if self.random.random() < 0.3:
            return f"({left} in user.subordinates)"
        return f"({left} {self.pick(('==', '!='))} {right})"

    def of_colours(self, depth: int) -> str:
        items = "record.colours"
        variable = self.name()
        return self.pick(
            (
                f"('red' in {items})",
                f"('blue' in {items})",
                f"({items}.size() > {self.pick(('0', '1', '2'))})",
                f"{items}.exists({variable}, {variable} == 'green')",
                f"{items}.all({variable}, {variable} != 'red')",
                f"({items}.join('+') == 'red+blue')",
                f"(size({items}) == 2)",
                f"({items}[0] == 'green')",
                f"({items}.first() != 'red')",
                f"user.roles.exists({variable}, {variable} == record.title)",
            )
        )


KINDS = ("bool", "bool", "bool", "bool", "int", "decimal", "eur", "money", "text", "date", "moment", "length")


def expressions(seed: int, number: int) -> list[str]:
    """Texts of expressions, the same for the same seed."""
    random = Random(seed)
    made = []
    for _ in range(number):
        generator = Generator(random)
        made.append(generator.of(random.choice(KINDS), random.choice((1, 2, 2, 2, 3, 3, 4))))
    return made
