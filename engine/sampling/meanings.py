"""What the names of properties mean: by control and name, which fact of a record is proposed as the value.

The first row that fits counts. A proposal is in JSON form; the property's type takes or refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.samples import companies as samples_companies
from engine.samples import people as samples_people
from engine.samples import places as samples_places
from engine.samples import texts as samples_texts
from engine.sampling.facts import Facts, category
from engine.types.base import Choice

TEXTS = ("text", "textarea", "markdown", "rich_text")
LONG = ("textarea", "markdown", "rich_text")
OVER = ("done", "stop")
SEASONS = ("winter", "spring", "summer", "autumn")

TAGS = (
    "VIP", "Renewal", "Newsletter", "Trade fair", "Reference", "Price-sensitive", "Key account", "New office",
    "Public sector", "Reseller", "Late payer", "Sustainable",
)  # fmt: skip
UNITS = ("Head office", "Sales", "Customer service", "Marketing", "Purchasing", "Logistics", "Finance", "IT")


def over(status: Choice | None) -> bool:
    """Whether a record in this status is finished with."""
    return status is not None and status.phase in OVER


def done(status: Choice | None) -> bool:
    """Whether a record in this status has reached what it was for."""
    return status is not None and status.phase == "done"


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


def _text(facts: Facts) -> str:
    if facts.kind == "product":
        return facts.product.description
    if facts.kind == "company":
        company = facts.company
        trade = company.industry.replace("_", " ")
        return f"{company.name} of {company.place.city}: {trade}, {company.employees} people."
    if facts.kind == "event":  # its text is the place
        return samples_texts.sentences(facts.random, 2)
    return facts.story[2]


def _email(facts: Facts) -> str:
    if facts.kind == "company":
        return facts.company.email
    if facts.kind == "unit" and facts.known_company is not None:
        return f"{samples_people.ascii_word(_title(facts))}@{facts.company.domain}"
    if facts.kind == "person" and (facts.business or facts.known_company is not None):
        return facts.person.email(facts.company.domain)
    return facts.person.private_email(facts.number)


def _phone(facts: Facts) -> str:
    return samples_places.phone(facts.random, facts.place).replace(" ", "")


def _mobile(facts: Facts) -> str:
    return samples_places.mobile(facts.random, facts.place).replace(" ", "")


def address(facts: Facts) -> dict[str, str]:
    place = facts.place
    return {
        "street": place.street,
        "postcode": place.postcode,
        "city": place.city,
        "region": place.region,
        "country": place.country,
    }


def point(facts: Facts) -> dict[str, str]:
    return {"lat": f"{facts.place.latitude:f}", "lon": f"{facts.place.longitude:f}"}


def _amount(facts: Facts) -> str:
    """Many small amounts, few large ones."""
    return f"{round(facts.random.lognormvariate(8.2, 1.0) / 50) * 50 + 50}.00"


PAID = 0.85
"""Of what is delivered, so much is paid."""

DEALINGS = ("customer", "customer", "customer", "customer", "prospect", "prospect", "partner", "supplier")
"""What a company usually is to one's own."""


def _kind(facts: Facts) -> str:
    if facts.kind == "product":
        return facts.product.kind
    if facts.kind == "company":
        return DEALINGS[int(facts.random.random() * len(DEALINGS))]
    return facts.story[0]


def _cost(facts: Facts) -> str:
    """Of a product, what it was bought for; of what has a budget, mostly less than that."""
    if facts.kind == "product":
        return f"{facts.product.cost:f}"
    budget = getattr(facts.values.get("budget"), "amount", None)
    if budget is None:
        return _amount(facts)
    return f"{round(float(budget) * facts.random.uniform(0.2, 1.15) / 50) * 50}.00"


def _one(*values: Any) -> Propose:
    return lambda facts: values[int(facts.random.random() * len(values))]


def nothing(facts: Facts) -> None:
    return None


SELECTS = ("select", "text")
MEANINGS: tuple[Meaning, ...] = (
    _means(TEXTS, "(first|given|fore)_?name", lambda facts: facts.person.first_name, 1),
    _means(TEXTS, "(last|family|sur)_?name", lambda facts: facts.person.last_name, 1),
    _means("text", "middle_name|language|locale|time_?zone|currency", nothing),
    _means(SELECTS, "salutation|gender", lambda facts: facts.person.salutation),
    _means(
        "text",
        "(full_|contact_)?name_of_person|full_name|contact_name|author|speaker",
        lambda f: f.person.name,
    ),
    _means("text", "recipient", lambda facts: facts.person.name, 0.2),
    _means("text", "job_?title|position|function|occupation", lambda facts: facts.person.job_title),
    _means(SELECTS, "department", lambda facts: facts.person.department),
    _means("text", "login|user_?name|skype|nick(name)?", lambda facts: facts.person.mailbox, 0.4),
    _means("text", "(company|employer|organi[sz]ation|firm)(_name)?", lambda facts: facts.company.name, 0.95),
    _means("text", "vat(_number|_id)?|tax_(id|number)", lambda facts: facts.company.vat_number, 0.9),
    _means(
        "text", "registration_number|company_number", lambda facts: facts.company.registration_number, 0.9
    ),
    _means("text", "street|address(_line)?", lambda facts: facts.place.street),
    _means("text", "city|town", lambda facts: facts.place.city),
    _means("text", "region|county|province", lambda facts: facts.place.region),
    _means("text", "post_?code|zip(_?code)?|postal_code", lambda facts: facts.place.postcode),
    _means(SELECTS, "country(_code)?", lambda facts: facts.place.country),
    _means("text", "sku|(article|part|item)_(number|code)|product_code", lambda facts: facts.product.sku, 1),
    _means("text", "(ean_?|bar_?)(code)?|gtin", lambda facts: facts.product.barcode),
    _means("text", "next_step", lambda facts: samples_texts.next_step(facts.random)),
    _means("text", "competitors?", lambda facts: samples_companies.company(facts.random).name, 0.3),
    _means(
        "text",
        "location|room|venue|where",
        lambda facts: facts.story[2] if facts.kind == "event" else facts.place.city,
    ),
    _means("text", "coupon.*|voucher.*", lambda facts: f"HELLO{5 * (1 + facts.number % 4)}", 0.15),
    _means("text", "cost_cent(er|re)", lambda facts: f"CC-{100 + facts.number}"),
    _means(
        "text",
        "purchase_order_number|reference(_number)?|order_number",
        lambda facts: f"PO-{facts.number:06}",
        0.5,
    ),
    _means("text", "code|key", lambda facts: f"{_title(facts)[:3].upper().strip()}-{facts.number:03}", 1),
    _means(TEXTS, "resolution|solution|answer|feedback", lambda facts: samples_texts.answer(facts.random)),
    _means(TEXTS, "needs?|requirements?", lambda facts: samples_texts.need(facts.random)),
    _means(TEXTS, "subject|title|name|summary|topic|headline", _title, 1),
    _means("text", "description|comment|remark|note", lambda facts: facts.product.name, 0.5),
    _means(LONG, "terms.*", _one("Payable within 30 days. Goods stay ours until paid."), 0.3),
    _means(LONG, "signature", lambda f: f"{f.person.name}, {f.person.job_title}"),
    _means(LONG, ".*", _text, 0.7),
    _means("email", ".*", _email, 0.95),
    _means("tel", "mobile.*|cell.*", _mobile, 0.7),
    _means("tel", ".*", _phone, 0.8),
    _means("url", "profile.*", lambda facts: f"https://people.example/{facts.person.mailbox}", 0.4),
    _means("url", "online.*|meeting.*", lambda facts: f"https://meet.example/{facts.number}", 0.4),
    _means("url", "track.*", lambda facts: f"https://parcels.example/{facts.number}", 0.5),
    _means("url", ".*", lambda facts: facts.company.website, 0.8),
    _means("number", "(number_of_)?employees|staff|headcount", lambda facts: facts.company.employees),
    _means("number", "stock|in_stock", lambda facts: facts.product.stock, 1),
    _means(
        "number", "weight", lambda facts: f"{facts.product.weight:f}" if facts.product.weight else None, 1
    ),
    _means("number", "quantity|qty|count|pieces", _one(1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 12), 1),
    _means("number", "received|delivered", lambda f: f.values.get("quantity") if done(f.above) else 0, 1),
    _means("number", "payment_terms|days.*", _one(14, 30, 30, 60)),
    _means("number", "discount|rebate", _one(0, 0, 0, 0, 5, 10, 15), 1),
    _means(
        "number",
        "progress|complete(d|ness)?",
        lambda f: 100 if done(f.status) else f.random.randrange(0, 95, 5),
        1,
    ),
    _means("number", "(tax|vat)(_rate)?", _one(21, 21, 21, 11), 1),
    _means("number", "(expected_)?(response|commission|conversion).*", _one(1, 2, 2, 3, 4, 5, 8)),
    _means("money", "(unit_|list_)?price", lambda facts: f"{facts.product.price:f}", 1),
    _means("money", "cost|purchase_.*", _cost),
    _means("money", "(annual_)?(revenue|turnover)", lambda facts: f"{facts.company.revenue:f}"),
    _means("money", "shipping.*|delivery.*|postage", _one("0.00", "0.00", "4.90", "9.90", "24.00"), 1),
    _means("money", ".*", _amount, 0.9),
    _means("checkbox", "paid|payed", lambda f: done(f.status) and f.random.random() < PAID, 1),
    _means("checkbox", "purchased|done|closed|completed", lambda facts: done(facts.status), 1),
    _means("select", "industry|trade|sector", lambda facts: facts.company.industry),
    _means("select", "unit", lambda facts: facts.product.unit, 1),
    _means("select", "type|kind|category", _kind, 1),
    _means("multi_select", "roles?", nothing),
    _means("date", "birth.*|born.*", lambda facts: facts.person.birthday.isoformat(), 0.6),
    _means("color", ".*", _one("#2563eb", "#16a34a", "#d97706", "#dc2626", "#7c3aed", "#64748b", "#0891b2")),
    _means("rating", ".*", _one(1, 2, 3, 3, 4, 4, 4, 5, 5), 0.7),
    _means(
        "duration",
        "delivery.*",
        lambda facts: f"{facts.product.delivery_time.days}d" if facts.product.stock else None,
    ),
    _means("duration", "remind.*", _one("15m", "30m", "1h", "1d")),
    _means("duration", ".*", _one("10m", "15m", "20m", "30m", "45m", "1h", "1h 30m", "2h", "3h")),
    _means("json", ".*", lambda facts: {"source": "newsletter", "page": facts.number % 9 + 1}, 0.3),
)
