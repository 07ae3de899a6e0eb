"""Single values: each check refuses what the schema could not hold and says what to write."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from ..choices import Status

# Longest text the columns hold. SQLite takes any length, PostgreSQL refuses: so it is checked here.
MAX_SLUG = 100
MAX_ID = 200
MAX_NAME = 200
MAX_TEXT = 500
MAX_VALUE = 20_000
MAX_TOKENS = 10**12
MAX_AMOUNT = Decimal(10) ** 9
DECIMAL_PLACES = 10

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
# Before the first large language model no date of one is true (some sources write 1970-01-01).
EARLIEST_YEAR = 2015


class BadFact(ValueError):
    """A statement that cannot be kept; the message says what to write instead."""


class BadSnapshot(ValueError):
    """A whole answer that cannot be read; nothing of it is recorded."""


def text(value: object, *, longest: int = MAX_TEXT) -> str:
    """A non-empty line of text without control characters."""
    if not isinstance(value, str):
        raise BadFact(f"expected text, got {type(value).__name__}")
    clean = " ".join(value.split())
    if not clean:
        raise BadFact("empty text; leave the fact out when it is not known")
    if "\x00" in clean:
        raise BadFact("text holds a NUL character")
    if not clean.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in clean):
        raise BadFact("text holds half a character (a lone surrogate)")
    if len(clean) > longest:
        raise BadFact(f"text of {len(clean)} characters; at most {longest}")
    return clean


def slug(value: object) -> str:
    """A lower-case identifier: letters, digits, dot, dash, underscore."""
    name = text(value, longest=MAX_SLUG)
    if not _SLUG.match(name):
        raise BadFact(f"{name!r} is not a slug; use a-z, 0-9, '.', '-', '_'")
    return name


def whole(value: object) -> int:
    """A positive whole number; 131072.0 counts as whole."""
    number = _integer(value)
    if number <= 0:
        raise BadFact(f"{number} is not positive; leave the fact out when it is not known")
    if number > MAX_TOKENS:
        raise BadFact(f"{number} is absurdly large; at most {MAX_TOKENS}")
    return number


def count(value: object) -> int:
    """A whole number, zero allowed."""
    number = _integer(value)
    if not 0 <= number <= MAX_TOKENS:
        raise BadFact(f"{number} is out of range 0 to {MAX_TOKENS}")
    return number


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise BadFact(f"expected a whole number, got {type(value).__name__}")
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise BadFact(f"{value} is not a whole number")
    return int(value)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadFact(f"expected true or false, got {type(value).__name__}")
    return value


def url(value: object) -> str:
    """An absolute http or https address."""
    address = text(value, longest=MAX_TEXT)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise BadFact(f"{address!r} is not an address: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadFact(f"{address!r} is not an http or https address")
    return address


def partial_date(value: object) -> str:
    """`2024-07-18`, `2024-07` or `2024`: as much of a date as was stated."""
    stated = text(value, longest=10)
    if not _PARTIAL_DATE.match(stated):
        raise BadFact(f"{stated!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        date.fromisoformat(stated + "-01-01"[len(stated) - 4 :])
    except ValueError:
        raise BadFact(f"{stated!r} is not a day of the calendar") from None
    if int(stated[:4]) < EARLIEST_YEAR:
        raise BadFact(f"{stated!r} is before {EARLIEST_YEAR}; leave the fact out when not known")
    return stated


def full_date(value: object) -> str:
    stated = partial_date(value)
    if len(stated) != 10:
        raise BadFact(f"{stated!r} is not a full date; write YYYY-MM-DD")
    return stated


def texts(value: object) -> list[str]:
    """A list of distinct texts, in the order stated."""
    if not isinstance(value, (list, tuple)):
        raise BadFact(f"expected a list, got {type(value).__name__}")
    return list(dict.fromkeys(text(item) for item in value))


def status(value: object) -> str:
    stated = text(value)
    if stated not in list(Status):
        raise BadFact(f"{stated!r} is not a status; use one of {', '.join(Status)}")
    return stated


def records(value: object) -> list[dict[str, str]]:
    """A list of flat records of text, such as routing modes."""
    if not isinstance(value, (list, tuple)):
        raise BadFact(f"expected a list of records, got {type(value).__name__}")
    if not all(isinstance(record, Mapping) for record in value):
        raise BadFact("a record is an object of names and texts")
    return [{slug(name): text(item) for name, item in dict(record).items()} for record in value]


def canonical(value: object) -> str:
    """JSON text that is equal when the values are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def is_slug(name: str) -> bool:
    return bool(_SLUG.match(name))


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
