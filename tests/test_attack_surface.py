"""What the engine can be attacked by is known: who fetches, who unpacks, who runs programs; nobody parses XML."""

from __future__ import annotations

import pytest

from tests.support.house import ENGINE, Import, imports, modules

ONLY = {
    "a request of our own to an address (SSRF): the provider of the settings, webhooks of the metadata": (
        {"httpx", "httpx2", "requests", "aiohttp", "urllib.request", "http.client", "authlib"},
        {"signon/oidc.py", "process/webhooks.py"},
    ),
    "a connection of our own: to the mail server and directory of the settings; `serve` listens": (
        {"smtplib", "ldap3", "socket", "ftplib", "telnetlib"},
        {"mailing/server.py", "signon/ldap.py", "cli/serving.py"},
    ),
    "unpacking (zip bombs): what `git archive` makes of the application's own folder": (
        {"zipfile", "tarfile", "gzip", "zlib", "bz2", "lzma"},
        {"matrix/revision.py"},
    ),
    "running a program: git, for `engine diff`": ({"subprocess", "pty", "commands"}, {"matrix/revision.py"}),
    "XML (XXE, entities that grow): nobody": (
        {"xml", "lxml", "defusedxml", "html5lib", "bs4", "expat"},
        set(),
    ),
    "objects made of bytes: nobody": ({"pickle", "marshal", "shelve", "dill"}, set()),
}
"""Modules that open a way in, and the only files that may use them: each is looked at before it is added."""


@pytest.mark.parametrize("what", ONLY)
def test_only_known_files_open_this_way_in(what: str) -> None:
    libraries, allowed = ONLY[what]
    users = {
        str(module.relative_to(ENGINE))
        for module in modules()
        for each in imports(module)
        if _of(each, libraries)
    }
    assert users == allowed


def _of(each: Import, libraries: set[str]) -> bool:
    return any(each.module == name or each.module.startswith(f"{name}.") for name in libraries)
