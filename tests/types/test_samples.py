"""The sample pools: what they make fits together, is the same for the same seed, and names nothing real."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import phonenumbers
import pytest
from email_validator import validate_email

from engine.samples import companies as samples_companies
from engine.samples import people as samples_people
from engine.samples import places as samples_places
from engine.samples import products as samples_products
from engine.samples import texts as samples_texts

MAKERS: dict[str, Callable[[Random], object]] = {
    "place": samples_places.place,
    "person": lambda random: samples_people.person(random, "ro"),
    "company": samples_companies.company,
    "product": lambda random: samples_products.product(random, 7),
    "ticket": lambda random: samples_texts.ticket(random, "Arden office chair, black"),
    "task": samples_texts.task,
    "call": samples_texts.call,
    "event": samples_texts.event,
    "campaign": lambda random: samples_texts.campaign(random, 2026),
    "sale": samples_texts.sale,
    "need": samples_texts.need,
    "sentences": lambda random: samples_texts.sentences(random, 3),
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_the_same_seed_makes_the_same(maker: Callable[[Random], object]) -> None:
    def run(seed: int) -> list[object]:
        random = Random(seed)
        return [maker(random) for _ in range(20)]

    assert run(5) == run(5)
    assert run(5) != run(6)


@pytest.mark.parametrize("city", sorted(set(samples_places.DRAWN)), ids=lambda city: city.name)
def test_a_citys_numbers_are_valid_and_of_its_country(city: samples_places.City) -> None:
    random = Random(1)
    somewhere = samples_places.place_in(random, city)
    for made in [samples_places.phone(random, somewhere) for _ in range(20)] + [
        samples_places.mobile(random, somewhere) for _ in range(20)
    ]:
        number = phonenumbers.parse(made)
        assert phonenumbers.is_valid_number(number), made
        assert phonenumbers.region_code_for_number(number) == city.country, made


def test_a_place_lies_near_its_city_and_speaks_a_language_that_has_names() -> None:
    random = Random(2)
    for city in samples_places.DRAWN:
        somewhere = samples_places.place_in(random, city)
        assert abs(float(somewhere.latitude) - city.latitude / 100_000) < 0.05
        assert abs(float(somewhere.longitude) - city.longitude / 100_000) < 0.05
        assert somewhere.language in samples_people.POOL
        assert "#" not in somewhere.postcode
        assert "{" not in somewhere.street


@pytest.mark.parametrize("language", samples_people.LANGUAGES)
def test_every_name_can_stand_in_an_e_mail_address(language: str) -> None:
    random = Random(3)
    for number in range(200):
        someone = samples_people.person(random, language)
        for address in (someone.email("acme.example"), someone.private_email(number)):
            assert validate_email(address, check_deliverability=False).normalized == address


def test_a_mailbox_comes_from_the_name() -> None:
    assert samples_people.ascii_word("Łukasz Weiß-Ångström") == "lukaszweissangstrom"
    someone = samples_people.person(Random(4), "ro")
    first, _, last = someone.mailbox.partition(".")
    assert (first, last) == tuple(map(samples_people.ascii_word, (someone.first_name, someone.last_name)))


def test_a_womans_surname_follows_her_language() -> None:
    random = Random(5)
    surnames = {
        someone.salutation: someone.last_name
        for someone in (samples_people.person(random, "cs") for _ in range(400))
        if someone.last_name.startswith("Svobod")
    }
    assert surnames == {"ms": "Svobodová", "mr": "Svoboda"}


def test_private_addresses_never_repeat() -> None:
    random = Random(6)
    made = {samples_people.person(random, "el").private_email(number) for number in range(5000)}
    assert len(made) == 5000


def test_a_company_fits_together() -> None:
    random = Random(7)
    for number in range(500):
        made = samples_companies.company(random, number)
        assert made.domain.endswith(".example")
        assert made.email.endswith("@" + made.domain)
        assert made.website == f"https://www.{made.domain}"
        assert made.name.rpartition(" ")[2] in " ".join(samples_companies.FORMS[made.place.country][0])
        assert phonenumbers.region_code_for_number(phonenumbers.parse(made.phone)) == made.place.country
        assert made.industry in samples_companies.INDUSTRIES


def test_numbered_companies_never_share_a_vat_number() -> None:
    random = Random(8)
    made = {samples_companies.company(random, number).vat_number for number in range(20_000)}
    assert len(made) == 20_000


def test_products_have_their_own_number_and_a_true_check_digit() -> None:
    random = Random(9)
    made = [samples_products.product(random, number) for number in range(2000)]
    assert len({product.sku for product in made}) == len({product.barcode for product in made}) == 2000
    for product in made:
        weights = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(product.barcode))
        assert weights % 10 == 0
        assert 0 < product.cost < product.price
        assert (product.group, product.category) in samples_products.CATEGORIES
        assert (product.weight > 0) == (product.kind == "goods")


def test_a_ticket_is_about_the_product_or_about_none() -> None:
    random = Random(10)
    about = [samples_texts.ticket(random, "Arden office chair, black") for _ in range(200)]
    assert any("Arden office chair" in made.subject for made in about)
    for made in about + [samples_texts.ticket(random) for _ in range(200)]:
        assert "{" not in made.subject + made.description
        assert made.subject[0].isupper()
        assert len(made.subject) <= 200
    assert not any("Arden" in samples_texts.ticket(random).subject for _ in range(200))
