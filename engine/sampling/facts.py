"""What is known of a made-up record while it is made: who and what it is about, and who it belongs to.

A record is about somebody, a company, a thing or an event: its kind, read from the names of the entity and
its properties. Everything that is drawn is drawn once, so that a record's values fit each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from engine.metamodel.entity import Entity
from engine.samples import companies as samples_companies
from engine.samples import people as samples_people
from engine.samples import places as samples_places
from engine.samples import products as samples_products
from engine.samples import texts as samples_texts
from engine.samples.companies import Company
from engine.samples.people import Person
from engine.samples.places import Place
from engine.samples.products import Product
from engine.types.base import Choice

STORIES = 4_000
"""Different texts of one kind; a million tickets repeat them."""

DRAWS = 200
"""How often a place is drawn anew until it is in the wanted country."""

KINDS: tuple[tuple[str, str], ...] = (
    ("user", "person"),
    ("order|invoice|purchase", "sale"),
    ("ticket|case|issue|incident|complaint|request|bug", "ticket"),
    ("task|todo|step|activity|note|reminder", "task"),
    ("call", "call"),
    ("event|meeting|appointment|visit", "event"),
    ("campaign", "campaign"),
    ("opportunity|deal|sale|offer|quote|project|contract", "sale"),
    ("category", "category"),
    ("unit|department|team|group", "unit"),
    ("tag|label|keyword", "tag"),
    ("list|segment|topic", "theme"),
    ("person|contact|employee|lead|member|patient|student|candidate|customer|author", "person"),
    ("company|account|organization|organisation|supplier|vendor|partner|client|firm", "company"),
    ("product|article|item|asset|device|good", "product"),
)


def kind_of(entity: Entity) -> str:
    """What the entity's records are, from the words of its name and the properties it has."""
    names = set(entity.properties)
    if {"first_name", "last_name"} <= names:
        return "person"
    words = entity.name.split("_")
    titled = bool(names & {"name", "title", "subject", "summary"})
    for word in reversed(words):
        for pattern, kind in KINDS:
            if titled and re.fullmatch(f"({pattern})s?", word):
                return kind
    return "product" if titled and names & {"sku", "barcode", "price"} else ""


@dataclass(frozen=True, slots=True)
class Face:
    """What other records need to know of a record to fit to it."""

    company: Company | None = None
    person: Person | None = None
    product: Product | None = None
    label: str = ""


@dataclass
class Facts:
    """One record while it is made. `related` are the faces of the records its keys point to."""

    random: Random
    number: int
    kind: str
    now: datetime
    created: datetime
    related: tuple[Face, ...] = ()
    stories: Mapping[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    status: Choice | None = None
    above: Choice | None = None  # where the record stands that this row belongs to
    status_name: str = ""
    business: bool = False  # speaks for a company that the record itself names
    catalogue: int = 0  # the place of a category in the catalogue
    same_person: Person | None = None  # who the record is about, where another one is about them too
    country: str = ""  # where the record is at home; anywhere where it is empty

    @cached_property
    def known_company(self) -> Company | None:
        return next((face.company for face in self.related if face.company is not None), None)

    @cached_property
    def company(self) -> Company:
        if self.kind != "company" and self.known_company is not None:
            return self.known_company
        found = samples_companies.company(self.random, self.number)
        for _ in range(DRAWS if self.country else 0):
            if found.place.country == self.country:
                break
            found = samples_companies.company(self.random, self.number)
        return found

    @cached_property
    def place(self) -> Place:
        """Where somebody or a company is; of other records, somewhere in their company's country."""
        if self.kind:
            return self.company.place
        found = samples_places.place(self.random)
        for _ in range(DRAWS if self.known_company is not None else 0):
            if found.country == self.company.place.country:
                break
            found = samples_places.place(self.random)
        return found

    @cached_property
    def person(self) -> Person:
        if self.same_person is not None and self.kind == "person":
            return self.same_person
        if self.kind != "person":
            known = next((face.person for face in self.related if face.person is not None), None)
            if known is not None:
                return known
        return samples_people.person(self.random, self.place.language)

    @cached_property
    def product(self) -> Product:
        if self.kind != "product":
            known = self.known_product
            if known is not None:
                return known
        return samples_products.product(self.random, self.number)

    @property
    def known_product(self) -> Product | None:
        return next((face.product for face in self.related if face.product is not None), None)

    @cached_property
    def story(self) -> tuple[str, str, str]:
        """Kind, title and text of what the record is about."""
        rows = self.stories[self.kind if self.kind in self.stories else ""]
        product = self.known_product
        goods = product is not None and product.weight > 0
        kind, title, text = rows[int(self.random.random() * len(rows))]
        while not goods and ("{" in title or "{" in text):  # of nothing in particular
            kind, title, text = rows[int(self.random.random() * len(rows))]
        if product is not None and goods:
            thing = f"the {product.name.partition(',')[0]}"
            title, text = title.replace("{thing}", thing), text.replace("{thing}", thing)
        return kind, title[:1].upper() + title[1:], text

    @property
    def face(self) -> Face | None:
        """What records that point to this one will know of it."""
        if self.kind == "company":
            return Face(company=self.company)
        if self.kind == "product":
            return Face(product=self.product)
        if self.kind == "category":
            return Face(label=category(self.catalogue)[0])
        return Face(company=self.known_company, person=self.person) if self.kind == "person" else None


def stories(kind: str, random: Random, year: int) -> list[tuple[str, str, str]]:
    """Texts of one kind, drawn once: kind, title, text. `{thing}` stands where a product is named."""
    makers: dict[str, Callable[[], tuple[str, str, str]]] = {
        "ticket": lambda: _ticket(random),
        "call": lambda: _note(samples_texts.call(random)),
        "event": lambda: _note(samples_texts.event(random)),
        "campaign": lambda: _note(samples_texts.campaign(random, year)),
        "sale": lambda: ("", samples_texts.sale(random), samples_texts.need(random)),
        "theme": lambda: ("", random.choice(samples_texts.THEMES), samples_texts.sentences(random, 1)),
        "person": lambda: ("", "", samples_texts.sentences(random, 1)),
    }
    make = makers.get(kind, lambda: ("", samples_texts.task(random), samples_texts.sentences(random, 2)))
    return [make() for _ in range(STORIES)]


def _note(note: samples_texts.Note) -> tuple[str, str, str]:
    return note.kind, note.subject, note.text


def _ticket(random: Random) -> tuple[str, str, str]:
    about = samples_texts.ticket(random, "{thing}")
    put = [text.replace("the {thing}", "{thing}").replace("The {thing}", "{thing}") for text in about]
    return put[0], put[1], put[2]


def category(place: int) -> tuple[str, int | None]:
    """The n-th category of the catalogue, and the place of the one above it; groups come first."""
    groups = list(dict.fromkeys(group for group, _ in samples_products.CATEGORIES))
    if place < len(groups):
        return groups[place], None
    group, name = samples_products.CATEGORIES[(place - len(groups)) % len(samples_products.CATEGORIES)]
    return name, groups.index(group)


CATEGORIES = len(samples_products.CATEGORIES) + len({group for group, _ in samples_products.CATEGORIES})
