"""How somebody is reached: e-mail address, phone number, web address; checked and normalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from engine.types.base import EQUALITY, ORDER, TEXT, ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import machine_text
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown
from engine.types.conditions import plain_condition


@dataclass(frozen=True, kw_only=True)
class _ReachType(PropertyType):
    """What the three have in common: one text column, looked for like a text."""

    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        return plain_condition(operator, columns[0], operand)


@dataclass(frozen=True, kw_only=True)
class EmailType(_ReachType):
    """An e-mail address; its domain is stored in lower case."""

    name = "email"
    summary = "An e-mail address, normalised, shown as a link."
    example = {"type": "email"}

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, 254)
        if not text:
            return ""
        try:
            return validate_email(text, check_deliverability=False, allow_smtputf8=True).normalized
        except EmailNotValidError as error:
            raise Refused("bad-email", f"This is no e-mail address: {error}") from error

    def parse_operand(self, raw: Any) -> str:
        return machine_text(raw, 254)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": 254}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "link", href=f"mailto:{value}")

    def control(self) -> Control:
        return Control("email", {"maxlength": "254", "autocomplete": "email", "inputmode": "email"})

    def sample(self, random: Random, number: int) -> str:
        return f"{random.choice(('info', 'sales', 'office', 'hello'))}{number}@company{number % 97}.example"


@dataclass(frozen=True, kw_only=True)
class PhoneType(_ReachType):
    """A phone number, stored as E.164 with its extension."""

    name = "phone"
    summary = "A phone number, stored in international form, shown as a link that dials."
    example = {"type": "phone", "region": "RO"}

    region: str = option(
        "",
        schema={"type": "string", "pattern": "^[A-Z]{2}$"},
        description="The country whose numbers may be typed without a country code.",
        example="RO",
    )

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, 40)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, self.region or None)
        except phonenumbers.NumberParseException as error:
            hint = "" if self.region or text.startswith("+") else " Begin with + and the country code."
            raise Refused("bad-phone", f"This is no phone number.{hint}") from error
        if not phonenumbers.is_possible_number(number):
            raise Refused("bad-phone", "This is no phone number: it has too few or too many digits.")
        stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{stored};ext={number.extension}" if number.extension else stored

    def parse_operand(self, raw: Any) -> str:
        try:
            return self.parse(raw)
        except Refused:
            return machine_text(raw, 40)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 40}

    def to_text(self, value: str, display: Display) -> str:
        return phonenumbers.format_number(_phone(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def show(self, value: str, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "link", href=f"tel:{value}")

    def control(self) -> Control:
        return Control("tel", {"maxlength": "40", "autocomplete": "tel", "inputmode": "tel"})

    def sample(self, random: Random, number: int) -> str:
        return f"+4021{random.randint(2000000, 7999999)}"


def _phone(value: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(value.replace(";ext=", " ext. "), None)
    except phonenumbers.NumberParseException:
        return phonenumbers.PhoneNumber(raw_input=value)


@dataclass(frozen=True, kw_only=True)
class UrlType(_ReachType):
    """A web address."""

    name = "url"
    summary = "A web address (http or https), shown as a link."
    example = {"type": "url"}

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, 2000)
        if not text:
            return ""
        if "://" not in text and not text.lower().startswith(("javascript:", "data:", "mailto:", "file:")):
            text = f"https://{text}"
        try:
            parts = urlsplit(text)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            valid = False
        if not valid or " " in text:
            raise Refused("bad-url", "This is no web address: it begins with https:// or http:// and names a host.")
        return text

    def parse_operand(self, raw: Any) -> str:
        return machine_text(raw, 2000)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 2000}

    def show(self, value: str, display: Display) -> Shown:
        short = value.removeprefix("https://").removeprefix("http://").removesuffix("/")
        return Shown(short, "link", href=value)

    def control(self) -> Control:
        return Control("url", {"maxlength": "2000", "autocomplete": "url", "inputmode": "url"})

    def sample(self, random: Random, number: int) -> str:
        return f"https://www.company{number}.example"
