"""The application's settings: what holds for everything and everybody, unless an operator says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PasswordSettings:
    """What a password has to be. Names of its owner are refused always."""

    min_length: int = 8
    refuse_common: bool = True


@dataclass(frozen=True, kw_only=True)
class SignInSettings:
    """How often one may fail to sign in, and how long one waits after that: twice as long each time."""

    attempts: int = 5
    wait_seconds: int = 30
    longest_wait_minutes: int = 60

    @property
    def first_wait(self) -> timedelta:
        return timedelta(seconds=self.wait_seconds)

    @property
    def longest_wait(self) -> timedelta:
        return timedelta(minutes=self.longest_wait_minutes)


@dataclass(frozen=True, kw_only=True)
class SecondFactorSettings:
    """Who has to have a second factor; everybody may."""

    required_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What any system that vouches for people says: whom it may bring, and which groups are which roles."""

    create: bool = False
    same_names: bool = False
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class OidcSettings(Outside):
    """An OpenID provider; the client's secret comes from the environment."""

    issuer: str
    client_id: str
    label: str = "Single sign-on"
    scopes: tuple[str, ...] = ("profile", "email")
    login: str = "preferred_username"
    groups: str = "groups"
    second_factor: bool = False


@dataclass(frozen=True, kw_only=True)
class LdapSettings(Outside):
    """A directory that knows passwords; that of `bind_dn` comes from the environment."""

    url: str
    base: str
    bind_dn: str = ""
    start_tls: bool = True
    ca_file: str = ""
    filter: str = "(uid={login})"
    login: str = "uid"
    name: str = "cn"
    email: str = "mail"
    id: str = "entryUUID"
    groups_base: str = ""
    groups_filter: str = "(member={dn})"
    groups_name: str = "cn"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The application's settings; environment variables override those an operator decides."""

    currency: str = "EUR"
    timezone: str = "UTC"
    language: str = "en"
    database_url: str = ""
    files_url: str = ""
    session_hours: int = 12
    max_upload_mb: int = 25
    base_url: str = ""
    mail_from: str = ""
    password: PasswordSettings = field(default_factory=PasswordSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    second_factor: SecondFactorSettings = field(default_factory=SecondFactorSettings)
    oidc: OidcSettings | None = None
    ldap: LdapSettings | None = None


GROUPS: Mapping[str, Any] = {
    "password": PasswordSettings,
    "sign_in": SignInSettings,
    "second_factor": SecondFactorSettings,
    "oidc": OidcSettings,
    "ldap": LdapSettings,
}
"""The settings that are mappings, and what each is made into."""


def settings_of(declared: Mapping[str, Any]) -> Settings:
    """Settings as the metadata declares them. Their shape is checked before: what lacks something was complained of."""
    made = {
        name: _group(name, value) if name in GROUPS else value
        for name, value in declared.items()
        if name not in GROUPS or _needed(name) <= value.keys()
    }
    return Settings(**made)


def _needed(name: str) -> set[str]:
    """The keys that a group can't be made without."""
    return {
        each.name
        for each in fields(GROUPS[name])
        if each.default is MISSING and each.default_factory is MISSING
    }


def _group(name: str, declared: Mapping[str, Any]) -> Any:
    return GROUPS[name](**{key: _unchanging(value) for key, value in declared.items()})


def _unchanging(value: Any) -> Any:
    """Lists and mappings as tuples: settings are compared and kept as keys."""
    if isinstance(value, Mapping):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value
