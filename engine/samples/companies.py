"""Companies that do not exist: a name built from parts, with a domain, a trade and an address that fit it."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import NamedTuple

from engine.samples.people import POOL, ascii_word
from engine.samples.places import Place, digits, phone, place

STEMS = (
    "Alba", "Arden", "Aurel", "Bellmar", "Borealis", "Brightwell", "Calder", "Castelan", "Cobalt", "Corvin",
    "Delmare", "Dorna", "Eastbrook", "Elmar", "Fenwick", "Ferndale", "Galatea", "Goldregen", "Granit",
    "Halden", "Harborne", "Hollin", "Ilmarin", "Juno", "Kestrel", "Lagan", "Lindenau", "Lumina", "Meridor",
    "Mirador", "Montara", "Nordlicht", "Novalis", "Oakhurst", "Olivar", "Orbea", "Parva", "Pinnet",
    "Quercus", "Ravena", "Rivage", "Rosenau", "Sandholm", "Silvan", "Solara", "Stellmar", "Tamaris",
    "Terrava", "Thornby", "Umbra", "Valdoro", "Veridia", "Vesper", "Westmere", "Winterberg", "Ypsila",
    "Zephyra", "Åland", "Études", "Șoimul", "Łabędź", "Öresund", "Žitava", "Corazón",
)  # fmt: skip

# An industry, and the words companies of that trade put into their names.
TRADES = {
    "agriculture": ("Farms", "Agrar", "Orchards", "Seeds"),
    "automotive": ("Motors", "Auto", "Mobility", "Car Parts"),
    "construction": ("Construct", "Building", "Bau", "Roofing"),
    "consulting": ("Consulting", "Advisors", "Partners"),
    "education": ("Academy", "Learning", "Campus"),
    "energy": ("Energy", "Solar", "Power"),
    "finance": ("Capital", "Finance", "Leasing"),
    "food": ("Foods", "Bakery", "Coffee", "Delicatessen"),
    "healthcare": ("Clinic", "Medical", "Dental", "Care"),
    "hospitality": ("Hotels", "Catering", "Restaurants"),
    "insurance": ("Insurance", "Assurance"),
    "logistics": ("Logistics", "Freight", "Cargo", "Transport"),
    "manufacturing": ("Tools", "Metal", "Industries", "Plastics", "Textiles"),
    "media": ("Media", "Publishing", "Studios", "Film"),
    "non_profit": ("Foundation", "Trust"),
    "public_sector": ("Water Works", "Municipal Services"),
    "real_estate": ("Estates", "Property", "Immobilien"),
    "retail": ("Garden Centres", "Stores", "Market", "Home", "Books"),
    "software": ("Software", "Systems", "Digital", "Data"),
    "telecommunications": ("Telecom", "Networks"),
}
INDUSTRIES = tuple(TRADES)
NAMED = tuple((industry, word) for industry, words in TRADES.items() for word in words)

# Per country: the legal forms companies have, and how their VAT number reads ("#" a digit).
FORMS = {
    "RO": (("SRL", "SRL", "SA"), "RO########"),
    "DE": (("GmbH", "GmbH", "AG", "KG"), "DE#########"),
    "AT": (("GmbH", "AG"), "ATU########"),
    "CH": (("AG", "GmbH"), "CHE#########"),
    "FR": (("SARL", "SAS", "SA"), "FR###########"),
    "BE": (("BV", "NV"), "BE0#########"),
    "GB": (("Ltd", "Ltd", "plc", "LLP"), "GB#########"),
    "IE": (("Ltd", "DAC"), "IE########W"),
    "ES": (("SL", "SA"), "ESB########"),
    "IT": (("Srl", "SpA"), "IT###########"),
    "PL": (("sp. z o.o.", "SA"), "PL##########"),
    "CZ": (("s.r.o.", "a.s."), "CZ########"),
    "HU": (("Kft.", "Zrt."), "HU########"),
    "SE": (("AB",), "SE##########01"),
    "DK": (("ApS", "A/S"), "DK########"),
    "NO": (("AS",), "NO#########"),
    "FI": (("Oy", "Oyj"), "FI########"),
    "NL": (("BV", "NV"), "NL#########B01"),
    "PT": (("Lda", "SA"), "PT#########"),
    "GR": (("EPE", "AE"), "EL#########"),
    "BG": (("OOD", "AD"), "BG#########"),
}
SURNAMES = {
    language: tuple((name.text, name.ascii) for name in names.men_surnames)
    for language, names in POOL.items()
}
SIZES = (3, 5, 8, 12, 18, 25, 40, 60, 85, 120, 180, 260, 420, 750, 1300, 2600)
MAILBOXES = ("office", "info", "contact", "hello")
STEM_DOMAINS = {stem: ascii_word(stem) for stem in STEMS}
WORD_DOMAINS = {word: ascii_word(word) for _, word in NAMED}


class Company(NamedTuple):
    """A company that does not exist; `revenue` is a year's, in whole units of any currency."""

    name: str
    domain: str
    website: str
    email: str
    phone: str
    industry: str
    vat_number: str
    registration_number: str
    employees: int
    revenue: Decimal
    place: Place


def company(random: Random, number: int | None = None) -> Company:
    """A company whose name, domain, trade, address and numbers go together.

    With a `number`, the VAT and registration numbers are different for every number below 10^8;
    without one they are drawn by chance. Names and domains may repeat, as they do in life.
    """
    chance = random.random
    home = place(random)
    forms, vat_pattern = FORMS[home.country]
    industry, word = NAMED[int(chance() * len(NAMED))]
    stem, domain = _stem(random, home.language)
    domain = f"{domain}-{WORD_DOMAINS[word]}.example"
    employees = round(SIZES[int(chance() * len(SIZES))] * (0.8 + chance() * 0.5))
    serial = int(chance() * 100_000_000) if number is None else (number * 48_271 + 1_299_709) % 100_000_000
    return Company(
        f"{stem} {word} {forms[int(chance() * len(forms))]}",
        domain,
        f"https://www.{domain}",
        f"{MAILBOXES[int(chance() * len(MAILBOXES))]}@{domain}",
        phone(random, home),
        industry,
        _filled(vat_pattern, serial),
        f"{home.country}-{serial:08}",
        employees,
        Decimal(employees * (60 + int(chance() * 140)) * 1000),
        home,
    )


def vat_number(random: Random, country: str) -> str:
    """A VAT number as it looks in the country; its check digits are not meant to be right."""
    return digits(random, FORMS[country][1])


def _stem(random: Random, language: str) -> tuple[str, str]:
    """What stands in front of the trade, and how a domain spells it: a made-up word or the founders."""
    chance = random.random()
    if chance < 0.65:
        stem = STEMS[int(random.random() * len(STEMS))]
        return stem, STEM_DOMAINS[stem]
    surnames = SURNAMES[language]
    first = surnames[int(random.random() * len(surnames))]
    if chance < 0.85:
        return first
    second = surnames[int(random.random() * len(surnames))]
    if first == second:
        return first
    return f"{first[0]} & {second[0]}", f"{first[1]}-{second[1]}"


def _filled(pattern: str, serial: int) -> str:
    """The pattern with the last digits of the serial number in its places, the first ones 1."""
    places = pattern.count("#")
    drawn = iter(f"{serial:08}".rjust(places, "1"))
    return "".join([next(drawn) if sign == "#" else sign for sign in pattern])
