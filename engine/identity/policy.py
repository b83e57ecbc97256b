"""Which passwords are accepted: long enough, not what very many people have, not a name of their owner.

Kinds of letters are not asked for, and passwords do not expire: both make people choose worse ones
(NIST SP 800-63B, section 3.1.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from unicodedata import normalize

from engine.declared.settings import PasswordSettings
from engine.errors import FieldError

LONGEST = 200
"""Characters of a password at most: hashing takes its time."""

SHORTEST_NAME = 3
"""Shorter words of a name stand in any password."""

FEWEST_OF_ITS_OWN = 4
"""Characters that a password must have beside a name or a common word, and different characters it must have."""


def complaints(settings: PasswordSettings, password: str, names: Sequence[str]) -> list[FieldError]:
    """What is wrong with a password, at `password`; `names` are its owner's and the application's."""
    if not settings.min_length <= len(password) <= LONGEST:
        message = f"A password has between {settings.min_length} and {LONGEST} characters."
        return [FieldError("password", "bad-password", message)]
    folded = _folded(password)
    if len(_without(folded, names)) < FEWEST_OF_ITS_OWN:
        message = "This is little more than a name of yours, or of this application: choose something else."
        return [FieldError("password", "password-is-a-name", message)]
    if settings.refuse_common and _is_common(folded):
        message = "Very many people have this password, or nearly this one: choose something else."
        return [FieldError("password", "common-password", message)]
    return []


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _without(folded: str, names: Sequence[str]) -> str:
    """What is left of a password without the names in it."""
    for word in sorted(_words(names), key=len, reverse=True):
        folded = folded.replace(word, "")
    return folded


def _words(names: Sequence[str]) -> Iterator[str]:
    """Names whole, and word by word; a mail address is its name and its host."""
    for name in names:
        folded = _folded(name)
        for word in (folded, *re.split(r"[\W_]+", folded)):
            if len(word) >= SHORTEST_NAME:
                yield word


def _is_common(folded: str) -> bool:
    """Whether a password is a common one, with digits and signs around it or not, or hardly varies at all."""
    inner = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    added = len(folded) - len(inner)
    return (
        len(set(folded)) < FEWEST_OF_ITS_OWN
        or folded in _common()
        or (inner in _common() and (added <= FEWEST_OF_ITS_OWN or len(inner) < FEWEST_OF_ITS_OWN))
    )


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # lazy: a megabyte of words

    return frozenset(FREQUENCY_LISTS["passwords"])
