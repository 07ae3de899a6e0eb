"""What an address of the provenance page asks for."""

from dataclasses import dataclass

from django.http import QueryDict

from providers.disputes import Subject
from providers.facts import MAX_ID, MAX_SLUG, MAX_TEXT
from providers.ledger import PRICE

KINDS = ("endpoint", "model", "provider")
MAX_SHOWN = 40  # of what nothing is called
MAX_DIGITS = 18  # of a number that any database can look for


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, and what to write instead."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`subject.id` of a provider is its slug here.

    `key` empty: every fact; the name of a family (`parameter`): all of it. `condition`: the key of
    the condition that a price is asked for under; empty: the price that always applies.
    """

    subject: Subject
    key: str = ""
    condition: str = ""

    @property
    def is_price(self) -> bool:
        return self.key.startswith(PRICE)


def read(query: QueryDict) -> Asked | Refusal:
    """The value an address asks about."""
    named = [(kind, name) for kind in KINDS if (name := query.get(kind, ""))]
    if len(named) != 1:
        return Refusal(400, "Name one subject: endpoint=1234, model=author/slug or provider=slug.")
    (kind, name) = named[0]
    key, condition = str(query.get("key", "")), str(query.get("condition", ""))
    if "\x00" in name + key + condition:
        return Refusal(400, "An address holds no null character; leave it out.")
    if len(key) > MAX_SLUG or len(condition) > MAX_TEXT:
        return Refusal(
            400, f"A key has at most {MAX_SLUG} characters, a condition {MAX_TEXT}; write less."
        )
    if not _could_be(kind, name):
        return nobody(Subject(kind, name))
    subject = Subject(kind, int(name) if kind == "endpoint" else name)
    # Only prices have conditions; the row of a condition asks for its facts too.
    return Asked(subject, key, condition if not key or key.startswith(PRICE) else "")


def nobody(subject: Subject) -> Refusal:
    """The answer where nothing goes by that name."""
    return Refusal(404, f"No {subject.kind} is called “{str(subject.id)[:MAX_SHOWN]}”.")


def _could_be(kind: str, name: str) -> bool:
    if kind == "endpoint":
        return name.isascii() and name.isdigit() and len(name) <= MAX_DIGITS
    return len(name) <= MAX_ID
