"""Labels from names: what is shown where the metadata does not say."""

from __future__ import annotations

UNCOUNTED = ("equipment", "information", "staff", "series", "news")


def words(name: str) -> str:
    """`first_name` → "First name"."""
    spaced = name.replace("_", " ").replace("-", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def with_article(word: str) -> str:
    """`autonumber` → "an autonumber"; words of our own, all lower case."""
    return f"{'an' if word[:1] in 'aeiou' and not word.startswith(('uu', 'un', 'ur')) else 'a'} {word}"


def plural(label: str) -> str:
    """The usual English plural of a label: "Company" → "Companies"."""
    lower = label.lower()
    if lower.endswith(UNCOUNTED):
        return label
    if lower.endswith("y") and lower[-2:-1] not in "aeiou":
        return f"{label[:-1]}ies"
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return f"{label}es"
    return f"{label}s"
