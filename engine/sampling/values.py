"""The values of made-up records: what a property's name means, if its type takes it, or the type's own."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import Any

from engine.metamodel.property import Property
from engine.sampling.currencies import propose_currency
from engine.sampling.facts import STORIES, Facts
from engine.sampling.meanings import MEANINGS, Propose, address, done, nothing, over, point
from engine.sampling.moments import moment, start_of
from engine.types.base import Refused

AGREEMENTS = 40
"""After so many texts that came out of the type's parser as they went in, the rest is not parsed."""

LATE = re.compile(
    "(resol|complet|closed|satisf|feedback|finish|shipped|paid|won|lost|cancel|solution|answer)"
)
"""Beginnings of names that speak of an end: empty while a record is open."""

REACHED = ("shipp", "paid", "won")
"""Of these beginnings of names: empty too when the record was given up."""


class Maker:
    """Makes the values of one property; compiled once per entity, used for every record."""

    def __init__(self, prop: Property, kind: str, says_currency: bool = False) -> None:
        self.prop = prop
        self.type = prop.type
        self.control = prop.type.control().kind
        self.options = {choice.name: choice for choice in prop.type.control().options}
        self.propose, self.share = self._meaning(prop, kind)
        if says_currency:
            self.propose, self.share = propose_currency(prop), 1.0
        limits = ("min", "max", "pattern")
        self.limited = any(getattr(prop.type, name, None) is not None for name in limits)
        self.longest = int(getattr(prop.type, "max_length", 1_000_000))
        self.agreed = 0
        self.known: dict[str, Any] = {}
        self.late = LATE.match(prop.name) is not None

    def _meaning(self, prop: Property, kind: str) -> tuple[Propose | None, float]:
        dated = moment(prop.name, self.control)
        if dated is not None:
            return dated
        control = self.control
        if control == "group":
            parts = {name for name, _, _ in prop.type.control().parts}
            if "street" in parts:
                return address, 0.85
            if "lat" in parts:
                return point, 0.6
        for meaning in MEANINGS:
            if control in meaning.controls and meaning.names.fullmatch(prop.name):
                return meaning.propose, meaning.share
        return None, 0.0 if control in ("file", "image", "password") else 0.75

    def value(self, facts: Facts, *, required: bool) -> Any:
        """A value, or None; with `required` never None."""
        chance = facts.random.random
        default = self.prop.default
        if not self.type.writable:  # a workflow's state: only transitions move it
            return default
        if default is not None and (self.share < 1 or self.propose is None):
            usual = (
                1.0 if self.prop.name.startswith("initial") else 0.8 if self.control == "checkbox" else 0.3
            )
            if chance() < usual:
                return default
        if not required and (self._too_early(facts) or chance() >= self.share):
            return default if self.control == "checkbox" else None
        if self.propose is not None:
            found = self._taken(self.propose(facts))
            if found is not None or (not required and self.propose is nothing):
                return found
            if default is not None:
                return default
        return self.own(facts, required=required)

    def own(self, facts: Facts, *, required: bool) -> Any:
        """What the type makes by itself."""
        value = self.type.sample(facts.random, facts.number)
        for _ in range(10):
            if not self.type.empty(value) or not required:
                break
            value = self.type.sample(facts.random, facts.number)
        return None if self.type.empty(value) else value

    def another(self, facts: Facts, attempt: int) -> Any:
        """A further value for a unique property, after one that is taken."""
        if attempt == 1 and self.control == "email":
            return self._taken(facts.person.private_email(facts.number))
        value = facts.values[self.prop.name]
        if attempt <= 3 and isinstance(value, str) and self.control == "text":
            tail = f" {facts.number}" if " " in value else f"{facts.number}"
            longer = self._taken(f"{value[: self.longest - len(tail)]}{tail}")
            if longer is not None:
                return longer
        return self.type.sample(facts.random, facts.number + attempt * 100_003)

    def _too_early(self, facts: Facts) -> bool:
        """Whether the name speaks of an end that it has not reached (`resolved_at`, `lost_because`)."""
        if not self.late:
            return False
        if facts.status is None:
            start = start_of(facts.values)
            return isinstance(start, datetime) and start > facts.now
        if self.prop.name.startswith("lost"):
            return facts.status.name != "lost"
        return not (done if self.prop.name.startswith(REACHED) else over)(facts.status)

    def _taken(self, raw: Any) -> Any:
        """The value of a proposal, or None where the type refuses it."""
        if raw is None:
            return None
        text = isinstance(raw, str)
        if text:
            if self.control == "rich_text":
                raw = f"<p>{escape(raw, quote=False)}</p>"
            if len(raw) > self.longest:
                return None
            if self.agreed >= AGREEMENTS:
                return raw
            if raw in self.known:
                return self.known[raw]
        try:
            value = self.type.parse(raw)
        except Refused:
            value = None
        if text:
            self._learn(raw, value)
        return None if value is None or self.type.empty(value) else value

    def _learn(self, raw: str, value: Any) -> None:
        """Trust a parser that changes nothing; and remember the values of texts that come again."""
        if value == raw and not self.limited and not self.options:
            self.agreed += 1
        else:
            self.limited = True
            if len(self.known) < STORIES:
                self.known[raw] = None if value is None or self.type.empty(value) else value
