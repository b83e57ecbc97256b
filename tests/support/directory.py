"""A real slapd for tests: a directory of three people and two groups, with TLS, on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import slapd

BASE, READER, READER_PASSWORD = "dc=shop,dc=example", "cn=reader,dc=shop,dc=example", "reader's own"
SCHEMAS = Path("/etc/ldap/schema")

CONFIGURATION = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
pidfile {folder}/slapd.pid
database mdb
directory {folder}/data
suffix "{base}"
rootdn "cn=root,{base}"
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by anonymous auth by * none
"""

PEOPLE = """
dn: {base}
objectClass: dcObject
objectClass: organization
o: Shop
dc: shop

dn: {reader}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {reader_password}

dn: ou=people,{base}
objectClass: organizationalUnit
ou: people

dn: uid=lea,ou=people,{base}
objectClass: inetOrgPerson
uid: lea
cn: Lea Brown
sn: Brown
mail: lea@shop.example
userPassword: lea's long password

dn: uid=ken,ou=people,{base}
objectClass: inetOrgPerson
uid: ken
cn: Ken (Kiosk) * Two
sn: Two
userPassword: ken's long password

dn: uid=twin,ou=people,{base}
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: Twin
userPassword: the same password

dn: cn=Twin Again,ou=people,{base}
objectClass: inetOrgPerson
uid: twin
cn: Twin Again
sn: Twin
userPassword: the same password

dn: cn=sellers,{base}
objectClass: groupOfNames
cn: sellers
member: uid=lea,ou=people,{base}

dn: cn=admins,{base}
objectClass: groupOfNames
cn: admins
member: uid=ken,ou=people,{base}
"""


class NoDirectory(Exception):
    """There is no slapd here; the message says why."""


@dataclass(frozen=True)
class Directory:
    """A directory that runs."""

    url: str
    certificate: Path


@contextmanager
def directory(folder: Path) -> Iterator[Directory]:
    """Make a directory in `folder` and run it."""
    program = slapd.find() or slapd.install()
    if program is None or not SCHEMAS.is_dir() or shutil.which("openssl") is None:
        raise NoDirectory("slapd: `python3 tools/slapd.py --install` as root on Debian brings it")
    (folder / "data").mkdir()
    _certificate(folder)
    values = {"schemas": SCHEMAS, "folder": folder, "base": BASE, "reader": READER}
    configuration = folder / "slapd.conf"
    configuration.write_text(CONFIGURATION.format(**values))
    people = PEOPLE.format(**values, reader_password=READER_PASSWORD).strip() + "\n"
    add = [program.with_name("slapadd"), "-q", "-f", configuration]
    subprocess.run(add, input=people, text=True, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"ldap://127.0.0.1:{port}"
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [program, "-f", configuration, "-h", url, "-d", "0"], stdout=log, stderr=log
        )
    try:
        _wait_for(port, running)
        yield Directory(url, folder / "cert.pem")
    finally:
        running.terminate()
        running.wait(timeout=10)


def _certificate(folder: Path) -> None:
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += [
        "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and running.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NoDirectory("slapd did not start")
