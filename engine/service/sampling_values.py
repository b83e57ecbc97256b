"""What a made-up record holds: values that fit its properties' names and types, and fit each other.

A record is seen as about somebody, a company, a thing or an event (its kind, read from the names of the
entity and its properties). What a property's name means proposes a value; the property's type decides
whether it takes it, and makes one of its own where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from html import escape
from random import Random
from typing import Any

from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.service.sampling_moments import moment
from engine.types import samples_companies, samples_people, samples_places, samples_products, samples_texts
from engine.types.base import Choice, Refused
from engine.types.samples_companies import Company
from engine.types.samples_people import Person
from engine.types.samples_places import Place
from engine.types.samples_products import Product

TEXTS = ("text", "textarea", "markdown", "rich_text")
OVER = ("done", "stop")
AGREEMENTS = 40
"""After so many values that came out of the type's parser as they went in, the rest is not parsed."""

LATE = re.compile("(resol|complet|closed|satisf|feedback|finish|shipped|paid|won|lost|cancel|solution|answer)")
"""Beginnings of names that speak of an end: empty while a record is open."""

STORIES = 4_000
"""Different texts of one kind; a million tickets repeat them."""

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
TAGS = (
    "VIP", "Renewal", "Newsletter", "Trade fair", "Reference", "Price-sensitive", "Key account", "New office",
    "Public sector", "Reseller", "Late payer", "Sustainable",
)  # fmt: skip
UNITS = ("Head office", "Sales", "Customer service", "Marketing", "Purchasing", "Logistics", "Finance", "IT")


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
    status_name: str = ""
    business: bool = False  # speaks for a company that the record itself names
    catalogue: int = 0  # the place of a category in the catalogue

    @cached_property
    def known_company(self) -> Company | None:
        return next((face.company for face in self.related if face.company is not None), None)

    @cached_property
    def company(self) -> Company:
        if self.kind != "company" and self.known_company is not None:
            return self.known_company
        return samples_companies.company(self.random, self.number)

    @cached_property
    def place(self) -> Place:
        return self.company.place

    @cached_property
    def person(self) -> Person:
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
        kind, title, text = rows[int(self.random.random() * len(rows))]
        if "{" in title or "{" in text:
            thing = self.known_product.name if self.known_product is not None else "our last delivery"
            thing = f"the {thing.partition(',')[0]}" if self.known_product is not None else thing
            title, text = title.replace("{thing}", thing), text.replace("{thing}", thing)
        return kind, title[:1].upper() + title[1:], text

    @property
    def face(self) -> Face | None:
        """What records that point to this one will know of it."""
        if self.kind == "company":
            return Face(company=self.company)
        if self.kind == "product":
            return Face(product=self.product)
        return Face(company=self.known_company, person=self.person) if self.kind == "person" else None


def stories(kind: str, random: Random, year: int) -> list[tuple[str, str, str]]:
    """Texts of one kind, drawn once: kind, title, text. `{thing}` stands where a product is named."""
    makers: dict[str, Callable[[], tuple[str, str, str]]] = {
        "ticket": lambda: _ticket(random),
        "call": lambda: tuple(samples_texts.call(random)),
        "event": lambda: tuple(samples_texts.event(random)),
        "campaign": lambda: tuple(samples_texts.campaign(random, year)),
        "sale": lambda: ("", samples_texts.sale(random), samples_texts.need(random)),
        "theme": lambda: ("", random.choice(samples_texts.THEMES), samples_texts.sentences(random, 1)),
        "person": lambda: ("", "", samples_texts.sentences(random, 1)),
    }
    make = makers.get(kind, lambda: ("", samples_texts.task(random), samples_texts.sentences(random, 2)))
    return [make() for _ in range(STORIES)]


def _ticket(random: Random) -> tuple[str, str, str]:
    about = samples_texts.ticket(random, "{thing}")
    put = [text.replace("the {thing}", "{thing}").replace("The {thing}", "{thing}") for text in about]
    return put[0], put[1], put[2]


# ---- what a name means

Propose = Callable[[Facts], Any]


@dataclass(frozen=True)
class Meaning:
    """Properties of these controls and names are proposed a value by this; `share` is how many are filled."""

    controls: tuple[str, ...]
    names: re.Pattern[str]
    propose: Propose
    share: float = 0.85


def _means(controls: str | tuple[str, ...], names: str, propose: Propose, share: float = 0.85) -> Meaning:
    kinds = (controls,) if isinstance(controls, str) else controls
    return Meaning(kinds, re.compile(names), propose, share)


def _title(facts: Facts) -> str:
    kind = facts.kind
    if kind == "person":
        return facts.person.name
    if kind == "company":
        return facts.company.name
    if kind == "product":
        return facts.product.name
    if kind == "category":
        return category(facts.catalogue)[0]
    if kind in ("tag", "unit"):
        names = TAGS if kind == "tag" else UNITS
        return names[(facts.number - 1) % len(names)]
    if kind == "sale" and facts.known_company is not None:
        return f"{facts.known_company.name} - {facts.story[1]}"
    return facts.story[1]


def category(place: int) -> tuple[str, int | None]:
    """The n-th category of the catalogue, and the place of the one above it; groups come first."""
    groups = list(dict.fromkeys(group for group, _ in samples_products.CATEGORIES))
    if place < len(groups):
        return groups[place], None
    group, name = samples_products.CATEGORIES[(place - len(groups)) % len(samples_products.CATEGORIES)]
    return name, groups.index(group)


CATEGORIES = len(samples_products.CATEGORIES) + len({group for group, _ in samples_products.CATEGORIES})


def _text(facts: Facts) -> str:
    if facts.kind == "product":
        return facts.product.description
    if facts.kind == "company":
        company = facts.company
        trade = company.industry.replace("_", " ")
        return f"{company.name} of {company.place.city}: {trade}, {company.employees} people."
    return facts.story[2]


def _email(facts: Facts) -> str:
    if facts.kind == "company":
        return facts.company.email
    if facts.kind == "person" and (facts.business or facts.known_company is not None):
        return facts.person.email(facts.company.domain)
    return facts.person.private_email(facts.number)


def _phone(facts: Facts) -> str:
    return samples_places.phone(facts.random, facts.place).replace(" ", "")


def _mobile(facts: Facts) -> str:
    return samples_places.mobile(facts.random, facts.place).replace(" ", "")


def _address(facts: Facts) -> dict[str, str]:
    place = facts.place if facts.kind else samples_places.place(facts.random)
    return {
        "street": place.street,
        "postcode": place.postcode,
        "city": place.city,
        "region": place.region,
        "country": place.country,
    }


def _point(facts: Facts) -> dict[str, str]:
    return {"lat": f"{facts.place.latitude:f}", "lon": f"{facts.place.longitude:f}"}


def _amount(facts: Facts) -> str:
    """Many small amounts, few large ones."""
    return f"{round(facts.random.lognormvariate(8.2, 1.0) / 50) * 50 + 50}.00"


def _one(*values: Any) -> Propose:
    return lambda facts: values[int(facts.random.random() * len(values))]


def _nothing(facts: Facts) -> None:
    return None


SELECTS = ("select", "text")
MEANINGS: tuple[Meaning, ...] = (
    _means(TEXTS, "(first|given|fore)_?name", lambda facts: facts.person.first_name, 1),
    _means(TEXTS, "(last|family|sur)_?name", lambda facts: facts.person.last_name, 1),
    _means("text", "middle_name|language|locale|time_?zone|currency", _nothing),
    _means(SELECTS, "salutation|gender", lambda facts: facts.person.salutation),
    _means("text", "(full_|contact_)?name_of_person|full_name|contact_name|author|speaker", lambda f: f.person.name),
    _means("text", "recipient", lambda facts: facts.person.name, 0.2),
    _means("text", "job_?title|position|function|occupation", lambda facts: facts.person.job_title),
    _means(SELECTS, "department", lambda facts: facts.person.department),
    _means("text", "login|user_?name|skype|nick(name)?", lambda facts: facts.person.mailbox, 0.4),
    _means("text", "(company|employer|organi[sz]ation|firm)(_name)?", lambda facts: facts.company.name, 0.95),
    _means("text", "vat(_number|_id)?|tax_(id|number)", lambda facts: facts.company.vat_number, 0.9),
    _means("text", "registration_number|company_number", lambda facts: facts.company.registration_number, 0.9),
    _means("text", "street|address(_line)?", lambda facts: facts.place.street),
    _means("text", "city|town", lambda facts: facts.place.city),
    _means("text", "region|county|province", lambda facts: facts.place.region),
    _means("text", "post_?code|zip(_?code)?|postal_code", lambda facts: facts.place.postcode),
    _means(SELECTS, "country(_code)?", lambda facts: facts.place.country),
    _means("text", "sku|(article|part|item)_(number|code)|product_code", lambda facts: facts.product.sku, 1),
    _means("text", "(ean_?|bar_?)(code)?|gtin", lambda facts: facts.product.barcode),
    _means("text", "next_step", lambda facts: samples_texts.next_step(facts.random)),
    _means("text", "competitors?", lambda facts: samples_companies.company(facts.random).name, 0.3),
    _means("text", "location|room|venue|where", lambda facts: facts.story[2] if facts.kind == "event" else facts.place.city),
    _means("text", "coupon.*|voucher.*", lambda facts: f"HELLO{5 * (1 + facts.number % 4)}", 0.15),
    _means("text", "cost_cent(er|re)", lambda facts: f"CC-{100 + facts.number}"),
    _means("text", "purchase_order_number|reference(_number)?|order_number", lambda facts: f"PO-{facts.number:06}", 0.5),
    _means("text", "code|key", lambda facts: f"{_title(facts)[:3].upper().strip()}-{facts.number:03}", 1),
    _means(TEXTS, "resolution|solution|answer|feedback", lambda facts: samples_texts.answer(facts.random)),
    _means(TEXTS, "needs?|requirements?", lambda facts: samples_texts.need(facts.random)),
    _means(TEXTS, "subject|title|name|summary|topic|headline", _title, 1),
    _means("text", "description|comment|remark|note", lambda facts: facts.product.name, 0.5),
    _means(("textarea", "markdown", "rich_text"), "terms.*", _one("Payable within 30 days. Goods stay ours until paid."), 0.3),
    _means(("textarea", "markdown", "rich_text"), "signature", lambda f: f"{f.person.name}, {f.person.job_title}"),
    _means(("textarea", "markdown", "rich_text"), ".*", _text, 0.7),
    _means("email", ".*", _email, 0.95),
    _means("tel", "mobile.*|cell.*", _mobile, 0.7),
    _means("tel", ".*", _phone, 0.8),
    _means("url", "profile.*", lambda facts: f"https://people.example/{facts.person.mailbox}", 0.4),
    _means("url", "online.*|meeting.*", lambda facts: f"https://meet.example/{facts.number}", 0.4),
    _means("url", "track.*", lambda facts: f"https://parcels.example/{facts.number}", 0.5),
    _means("url", ".*", lambda facts: facts.company.website, 0.8),
    _means("number", "(number_of_)?employees|staff|headcount", lambda facts: facts.company.employees),
    _means("number", "stock|in_stock", lambda facts: facts.product.stock, 1),
    _means("number", "weight", lambda facts: f"{facts.product.weight:f}" if facts.product.weight else None, 1),
    _means("number", "quantity|qty|count|pieces", _one(1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 12), 1),
    _means("number", "payment_terms|days.*", _one(14, 30, 30, 60)),
    _means("number", "discount|rebate", _one(0, 0, 0, 0, 5, 10, 15), 1),
    _means("number", "progress|complete(d|ness)?", lambda f: 100 if over(f.status) else f.random.randrange(0, 95, 5), 1),
    _means("money", "(unit_|list_)?price", lambda facts: f"{facts.product.price:f}", 1),
    _means("money", "cost|purchase_.*", lambda f: f"{f.product.cost:f}" if f.kind == "product" else _amount(f)),
    _means("money", "(annual_)?(revenue|turnover)", lambda facts: f"{facts.company.revenue:f}"),
    _means("money", "shipping.*|delivery.*|postage", _one("0.00", "0.00", "4.90", "9.90", "24.00"), 1),
    _means("money", ".*", _amount, 0.9),
    _means("select", "industry|trade|sector", lambda facts: facts.company.industry),
    _means("select", "unit", lambda facts: facts.product.unit, 1),
    _means("select", "type|kind|category", lambda f: f.product.kind if f.kind == "product" else f.story[0], 1),
    _means("multi_select", "roles?", _nothing),
    _means("date", "birth.*|born.*", lambda facts: facts.person.birthday.isoformat(), 0.6),
    _means("color", ".*", _one("#2563eb", "#16a34a", "#d97706", "#dc2626", "#7c3aed", "#64748b", "#0891b2")),
    _means("rating", ".*", _one(1, 2, 3, 3, 4, 4, 4, 5, 5), 0.7),
    _means("duration", "delivery.*", lambda facts: f"{facts.product.delivery_time.days}d" if facts.product.stock else None),
    _means("duration", "remind.*", _one("15m", "30m", "1h", "1d")),
    _means("duration", ".*", _one("10m", "15m", "20m", "30m", "45m", "1h", "1h 30m", "2h", "3h")),
    _means("json", ".*", lambda facts: {"source": "newsletter", "page": facts.number % 9 + 1}, 0.3),
)


def over(status: Choice | None) -> bool:
    """Whether a record in this status is finished with."""
    return status is not None and status.phase in OVER


# ---- making a property's value


class Maker:
    """Makes the values of one property; compiled once per entity, used for every record."""

    def __init__(self, prop: Property, kind: str) -> None:
        self.prop = prop
        self.type = prop.type
        self.control = prop.type.control().kind
        self.options = {choice.name: choice for choice in prop.type.control().options}
        self.propose, self.share = self._meaning(prop, kind)
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
                return _address, 0.85
            if "lat" in parts:
                return _point, 0.6
        for meaning in MEANINGS:
            if control in meaning.controls and meaning.names.fullmatch(prop.name):
                return meaning.propose, meaning.share
        return None, 0.0 if control in ("file", "image", "password") else 0.75

    def value(self, facts: Facts, *, required: bool) -> Any:
        """A value, or None; with `required` never None."""
        chance = facts.random.random
        default = self.prop.default
        if default is not None and chance() < (0.8 if self.control == "checkbox" else 0.3):
            return default
        if not required and (self._too_early(facts.status) or chance() >= self.share):
            return None
        if self.propose is not None:
            found = self._taken(self.propose(facts))
            if found is not None or (not required and self.propose is _nothing):
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

    def _too_early(self, status: Choice | None) -> bool:
        """Whether the name speaks of an end that the record's status has not reached: `resolved_at`, `lost_because`."""
        if status is None or not self.late:
            return False
        return status.name != "lost" if self.prop.name.startswith("lost") else not over(status)

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
