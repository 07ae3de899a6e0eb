"""Who makes models: the table `authors.toml`, read once."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("authors.toml")


@dataclass(frozen=True, slots=True)
class AuthorEntry:
    """One lab: its slug, the names ids carry for it, where it sells, how its bare ids begin."""

    slug: str
    name: str
    aliases: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    homepage: str | None = None
    month_day_snapshots: bool = False
    switches: tuple[str, ...] = ()


@cache
def entries() -> dict[str, AuthorEntry]:
    """Every author by slug, in the table's order."""
    table = tomllib.loads(TABLE.read_text())
    return {
        slug: AuthorEntry(
            slug,
            row["name"],
            tuple(row.get("aliases", ())),
            tuple(row.get("providers", ())),
            tuple(row.get("begins", ())),
            row.get("homepage"),
            row.get("month_day_snapshots", False),
            tuple(row.get("switches", ())),
        )
        for slug, row in table.items()
    }


@cache
def names() -> dict[str, str]:
    """Every name an id may carry for an author → its slug."""
    return {
        alias: entry.slug for entry in entries().values() for alias in (entry.slug, *entry.aliases)
    }


@cache
def sellers() -> dict[str, str]:
    """Provider slug → the author that sells its own models there."""
    return {provider: entry.slug for entry in entries().values() for provider in entry.providers}


@cache
def _beginnings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(begin), entry.slug) for entry in entries().values() for begin in entry.begins
    )


@cache
def of_name(name: str) -> str | None:
    """The author whose models' ids begin like this one; the longest beginning decides."""
    longest, found = 0, None
    for begin, slug in _beginnings():
        match = begin.match(name)
        if match and match.end() > longest:
            longest, found = match.end(), slug
    return found


def entry(slug: str | None) -> AuthorEntry | None:
    return entries().get(slug) if slug else None
