"""Things to sell that do not exist: a small catalogue of goods and services with believable prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

# Group, category, what it is | its variants | lowest and highest price | kilograms | unit | sentence.
CATALOGUE = """
Furniture > Desks > Standing desk | oak, walnut, white, graphite | 349-899 | 38 | piece | Height-adjustable with two quiet motors and a memory for four positions.
Furniture > Desks > Writing desk | ash, oak, birch | 199-459 | 24 | piece | A plain desk with a drawer for what should not lie around.
Furniture > Chairs > Office chair | black, grey, blue, green | 179-649 | 16 | piece | Synchronous mechanism, adjustable lumbar support and soft castors.
Furniture > Chairs > Visitor chair | beech, steel, oak | 69-189 | 7 | piece | Stacks up to eight high and forgives long meetings.
Furniture > Storage > Filing cabinet | two drawers, three drawers, four drawers | 129-399 | 31 | piece | Lockable, on full-extension runners, safe against tipping.
Furniture > Storage > Bookshelf | oak, white, black | 99-329 | 22 | piece | Five shelves that carry forty kilograms each.
Furniture > Meeting rooms > Conference table | six seats, eight seats, twelve seats | 690-2490 | 74 | piece | With a cable duct and sockets in the middle.
Lighting > Lamps > Desk lamp | brass, black, white | 39-149 | 1.4 | piece | Dimmable, with a warm and a neutral light.
Lighting > Lamps > Floor lamp | linen, black, copper | 89-349 | 5.2 | piece | Lights the ceiling and the page at once.
Lighting > Ceiling > Panel light | 60 cm, 120 cm | 49-129 | 3.1 | piece | Even light without flicker, 40,000 hours.
Devices > Printing > Laser printer | mono, colour, duplex | 149-799 | 14 | piece | Thirty pages a minute, on the network or without it.
Devices > Printing > Label printer | desktop, mobile | 89-359 | 1.8 | piece | For parcels, shelves and name badges.
Devices > Displays > Monitor | 24 inch, 27 inch, 32 inch | 139-589 | 6.5 | piece | Matt, with one cable for picture, power and network.
Devices > Displays > Meeting screen | 55 inch, 65 inch, 75 inch | 890-2990 | 33 | piece | Shares what is on a laptop without a cable.
Devices > Sound > Headset | wired, wireless | 35-249 | 0.3 | piece | Keeps the office out of the conversation.
Devices > Sound > Conference speaker | small, large | 119-429 | 0.9 | piece | Understands a voice from four metres away.
Devices > Network > Access point | indoor, outdoor | 89-319 | 0.7 | piece | One management page for up to fifty of them.
Office supplies > Paper > Copy paper | A4, A3, recycled | 4-12 | 2.5 | box | 500 sheets, 80 grams, does not jam.
Office supplies > Paper > Notebook | dotted, lined, blank | 3-19 | 0.4 | piece | Thread-stitched, lies flat, numbered pages.
Office supplies > Writing > Fountain pen | black, blue, red | 19-129 | 0.05 | piece | A steel nib that writes the moment it touches paper.
Office supplies > Writing > Whiteboard marker set | four colours, eight colours | 6-18 | 0.2 | box | Refillable and without smell.
Office supplies > Packaging > Shipping box | small, medium, large | 1-6 | 0.3 | piece | Double-walled cardboard, folded in three seconds.
Kitchen > Coffee > Coffee machine | compact, office, bar | 289-1890 | 11 | piece | Grinds for every cup and cleans itself at night.
Kitchen > Coffee > Coffee beans | mild, strong, decaffeinated | 12-29 | 1 | kilogram | Roasted slowly in small batches, every Tuesday.
Kitchen > Water > Water dispenser | table, floor | 249-990 | 19 | piece | Still, sparkling and hot, from the mains.
Services > Installation > Assembly on site | up to five places, up to twenty places | 59-390 | 0 | hour | Delivered, assembled, and the packaging taken away.
Services > Installation > Network installation | per room, per floor | 79-490 | 0 | hour | Cabling, labelling and a measured protocol.
Services > Advice > Workplace planning | half a day, one day | 390-890 | 0 | day | A plan of the rooms with furniture, light and sound.
Services > Training > User training | online, on site | 190-690 | 0 | day | For up to ten people, with exercises to keep.
Services > Care > Maintenance contract | basic, standard, premium | 19-249 | 0 | month | Yearly inspection, wearing parts and a reply the same day.
Software > Licences > Room booking | per user, per room | 3-29 | 0 | month | Shows at the door whether a room is free.
Software > Licences > Asset register | 100 items, 1,000 items, unlimited | 9-149 | 0 | month | Knows where every device is and when its warranty ends.
"""  # noqa: E501 -- one product a line

SERIES = (
    "Arden", "Bruma", "Cado", "Delta", "Elva", "Fjell", "Gala", "Halo", "Isar", "Jura", "Kalma", "Linea",
    "Mira", "Nido", "Orla", "Piano", "Quadra", "Riva", "Sola", "Tarn", "Ulmo", "Vela", "Wega", "Zeno",
)  # fmt: skip


class Kind(NamedTuple):
    """One line of the catalogue."""

    group: str
    category: str
    noun: str
    variants: tuple[str, ...]
    low: int
    high: int
    weight: Decimal
    unit: str
    sentence: str
    code: str


class Product(NamedTuple):
    """A product or service. `category` stands inside `group`; money is in units of any currency.

    `weight` is in kilograms, 0 for what can't be carried; `kind` is goods, service or subscription.
    """

    name: str
    sku: str
    barcode: str
    group: str
    category: str
    kind: str
    price: Decimal
    cost: Decimal
    unit: str
    weight: Decimal
    stock: int
    delivery_time: timedelta
    description: str


def product(random: Random, number: int) -> Product:
    """A product; name, unit, price and weight go together, `sku` and `barcode` differ for every number."""
    chance = random.random
    kind = KINDS[number % len(KINDS)]
    goods = kind.weight > 0
    series = SERIES[int(chance() * len(SERIES))]
    place = int(chance() * len(kind.variants))
    share = (place + chance()) / len(kind.variants)  # later variants are larger, and cost more
    cents = int(kind.low + share * (kind.high - kind.low)) * 100 + (90 if kind.high < 500 else 0)
    price = Decimal(cents).scaleb(-2)
    return Product(
        f"{series} {kind.noun.lower()}, {kind.variants[place]}"
        if goods
        else f"{kind.noun}, {kind.variants[place]}",
        f"{kind.code}-{series[:2].upper()}-{number:05}",
        ean(200_000_000_000 + number % 100_000_000_000),
        kind.group,
        kind.category,
        "goods" if goods else "subscription" if kind.unit == "month" else "service",
        price,
        (price * int(45 + chance() * 25) / 100).quantize(Decimal("0.01")),
        kind.unit,
        kind.weight,
        int(chance() * chance() * 400) if goods else 0,
        timedelta(days=1 + int(chance() * 12)) if goods else timedelta(0),
        kind.sentence,
    )


def ean(body: int) -> str:
    """An EAN-13 with its check digit; numbers from 200… are set aside for use inside a shop."""
    digits = f"{body:012}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _kind(line: str) -> Kind:
    path, variants, prices, weight, unit, sentence = (part.strip() for part in line.split("|"))
    group, category, noun = (part.strip() for part in path.split(">"))
    low, _, high = prices.partition("-")
    names = tuple(variant.strip() for variant in variants.split(","))
    code = "".join(word[:3] for word in noun.upper().split()[:2])
    return Kind(group, category, noun, names, int(low), int(high), Decimal(weight), unit, sentence, code)


KINDS = tuple(_kind(line) for line in CATALOGUE.strip().splitlines())
CATEGORIES: tuple[tuple[str, str], ...] = tuple(dict.fromkeys((kind.group, kind.category) for kind in KINDS))
"""Every (group, category) of the catalogue, to make the tree of categories from."""
