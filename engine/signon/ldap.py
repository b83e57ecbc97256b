"""Passwords that a directory knows: somebody is searched for, then bound as with what they typed (RFC 4511, 4513)."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from engine.declared.settings import LdapSettings
from engine.errors import OperatorError
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.signon.person import Person, user_of
from engine.work.context import Context
from engine.work.gateway import Gateway

if TYPE_CHECKING:
    from ldap3 import Connection

log = logging.getLogger("engine.signon")

VARIABLE = "ENGINE_LDAP_PASSWORD"
PROVIDER = "ldap"
SECONDS = 10
MOST_GROUPS = 1000
NO_ANSWER = (
    "The directory does not answer, so only those with a password of their own get in. Try again later."
)


def elsewhere(
    gateway: Gateway, origin: Origin
) -> Callable[[str, str], Callable[[Context], Any] | None] | None:
    """What asks the directory for somebody whose password is not known here; None without a directory."""
    settings = gateway.runtime.application.settings.ldap
    if settings is None:
        return None

    def ask(login: str, password: str) -> Callable[[Context], Any] | None:
        person = person_of(settings, login, password)
        return None if person is None else lambda context: user_of(context, person, settings, origin)

    return ask


def person_of(settings: LdapSettings, login: str, password: str) -> Person | None:
    """Who has this name and password in the directory; None for nobody. Raises SignInRefused when it is away."""
    if (
        not login or not password
    ):  # a bind without a password is anonymous, and succeeds (RFC 4513, section 5.1.2)
        return None
    _required()
    from ldap3.core.exceptions import LDAPException  # lazy: an extra, needed here only

    try:
        return _found(settings, login, password)
    except (LDAPException, OSError, ssl.SSLError) as error:
        log.warning("the directory %s can't be asked: %s: %s", settings.url, type(error).__name__, error)
        raise SignInRefused(NO_ANSWER) from error


def _found(settings: LdapSettings, login: str, password: str) -> Person | None:
    from ldap3.utils.conv import escape_filter_chars  # lazy: an extra, needed here only

    with _connected(settings, settings.bind_dn, os.environ.get(VARIABLE, "")) as directory:
        wanted = settings.filter.replace("{login}", escape_filter_chars(login))
        names = [settings.login, settings.name, settings.email, settings.id]
        entries = _search(directory, settings.base, wanted, [*names, *_membership(settings)], 2)
        if len(entries) != 1:
            if entries:
                log.warning("several people in the directory are found by the filter %s", wanted)
            return None
        entry = entries[0]
        if not _may_bind(settings, entry["dn"], password):
            return None
        return Person(
            PROVIDER,
            _one(entry, settings.id) or entry["dn"],
            _one(entry, settings.login) or login,
            _one(entry, settings.name),
            _one(entry, settings.email),
            _groups(settings, directory, entry),
        )


def _groups(settings: LdapSettings, directory: Connection, entry: Any) -> frozenset[str]:
    """Groups by the attribute that names them, or, where they are not searched for, those the entry lists."""
    from ldap3.utils.conv import escape_filter_chars  # lazy: an extra, needed here only

    if not settings.groups_base:
        return frozenset(_all(entry, "memberOf"))
    values = {"{dn}": entry["dn"], "{login}": _one(entry, settings.login)}
    wanted = settings.groups_filter
    for sign, value in values.items():
        wanted = wanted.replace(sign, escape_filter_chars(value))
    found = _search(directory, settings.groups_base, wanted, [settings.groups_name], MOST_GROUPS)
    return frozenset(name for each in found for name in _all(each, settings.groups_name))


def _membership(settings: LdapSettings) -> list[str]:
    return [] if settings.groups_base else ["memberOf"]


def _may_bind(settings: LdapSettings, dn: str, password: str) -> bool:
    """Whether the directory lets somebody in with this password."""
    with _open(settings, dn, password) as connection:
        return bool(connection.bind())


@contextmanager
def _connected(settings: LdapSettings, dn: str, password: str) -> Iterator[Connection]:
    from ldap3.core.exceptions import LDAPBindError  # lazy: an extra, needed here only

    with _open(settings, dn, password) as connection:
        if not connection.bind():
            raise LDAPBindError(f"{dn or 'anonymous'} may not search: {connection.result['description']}")
        yield connection


@contextmanager
def _open(settings: LdapSettings, dn: str, password: str) -> Iterator[Connection]:
    """A connection that nobody listens to: with TLS, or refused; not bound yet."""
    import ldap3  # lazy: an extra, needed here only
    from ldap3.core.exceptions import LDAPStartTLSError  # lazy: as above

    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=settings.ca_file or None)
    server = ldap3.Server(settings.url, tls=tls, connect_timeout=SECONDS, get_info=ldap3.NONE)
    connection = ldap3.Connection(
        server,
        user=dn or None,
        password=password if dn else None,
        receive_timeout=SECONDS,
        read_only=True,
        auto_referrals=False,
        check_names=False,
    )
    try:
        connection.open()
        if settings.start_tls and not settings.url.startswith("ldaps:") and not connection.start_tls():
            raise LDAPStartTLSError("the directory offers no StartTLS")
        yield connection
    finally:
        _close(connection)


def _close(connection: Connection) -> None:
    """Take leave, and close the socket: what failed half-way would keep it."""
    from ldap3.core.exceptions import LDAPException  # lazy: an extra, needed here only

    socket = connection.socket
    with suppress(LDAPException, OSError):
        connection.unbind()
    if socket is not None:
        socket.close()


def _search(directory: Connection, base: str, wanted: str, names: list[str], most: int) -> list[Any]:
    directory.search(base, wanted, attributes=names, size_limit=most)
    return [each for each in directory.response or () if each.get("type") == "searchResEntry"]


def _all(entry: Any, name: str) -> list[str]:
    """The values of an attribute as texts."""
    return [
        value.decode("utf-8", "replace")
        for key, values in entry["raw_attributes"].items()
        if key.lower() == name.lower()
        for value in values
    ]


def _one(entry: Any, name: str) -> str:
    return next(iter(_all(entry, name)), "")


def _required() -> None:
    try:
        import ldap3  # noqa: F401  # lazy: an extra, needed here only
    except ImportError as error:
        raise OperatorError(
            "asking a directory needs the extra `ldap`: install entity-engine[ldap]"
        ) from error
