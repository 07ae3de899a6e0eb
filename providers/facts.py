"""What a source states, before it touches a database: frozen, checked, without Django.

A parser builds `Offer`, `Fact` and `Price`; each refuses what the schema could not hold (`BadFact`
names what is wrong and what to write instead), so a fault is found beside the item that has it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from .choices import Kind, State, Status

# Longest text the columns hold. SQLite takes any length, PostgreSQL refuses: so it is checked here.
MAX_SLUG = 100
MAX_ID = 200
MAX_NAME = 200
MAX_TEXT = 500
MAX_VALUE = 20_000
MAX_TOKENS = 10**12
SIGNIFICANT_DIGITS = 15  # all that SQLite keeps of a decimal
MAX_AMOUNT = Decimal(10) ** 9
DECIMAL_PLACES = 10
WEEK_MINUTES = 7 * 24 * 60

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
# Before the first large language model no date of one is true (some sources write 1970-01-01).
EARLIEST_YEAR = 2015


class BadFact(ValueError):
    """A statement that cannot be kept; the message says what to write instead."""


class BadSnapshot(ValueError):
    """A whole answer that cannot be read; nothing of it is recorded."""


# -- values ---------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class FactType:
    """One fact the site has a room for: how it is checked and what it is called."""

    label: str
    check: Callable[[object], Any]
    unit: str = ""


# Facts of endpoints. `provider` facts may also be stated of an endpoint, where they differ there.
ENDPOINT_FACTS: dict[str, FactType] = {
    "name": FactType("Name", lambda v: text(v, longest=MAX_NAME)),
    "serves": FactType("Serves the model", lambda v: text(v, longest=MAX_ID)),
    "aliases": FactType("Also answers to", texts),
    "family": FactType("Family", text),
    "context_length": FactType("Context", whole, "tokens"),
    "max_input": FactType("Max input", whole, "tokens"),
    "max_output": FactType("Max output", whole, "tokens"),
    "input_modalities": FactType("Reads", texts),
    "output_modalities": FactType("Writes", texts),
    "reasoning_efforts": FactType("Reasoning efforts", texts),
    "reasoning_field": FactType("Reasoning comes in", text),
    "quantization": FactType("Quantization", text),
    "knowledge_cutoff": FactType("Knows to", partial_date),
    "released_on": FactType("Released", partial_date),
    "updated_on": FactType("Updated", partial_date),
    "deprecated_on": FactType("Deprecated", full_date),
    "retires_on": FactType("Retires", full_date),
    "replacement": FactType("Replaced by", text),
    "status": FactType("Status", status),
    "licence": FactType("Licence", text),
    "open_weights": FactType("Open weights", flag),
    "weights_url": FactType("Weights", url),
    "dimensions": FactType("Embedding dimensions", whole),
    "requests_per_minute": FactType("Rate limit", whole, "requests per minute"),
    "tokens_per_minute": FactType("Rate limit", whole, "tokens per minute"),
    "cache_min_tokens": FactType("Shortest cached prompt", whole, "tokens"),
    "tokenizer": FactType("Tokenizer", text),
    "regions": FactType("Regions", texts),
    "trains_on_prompts": FactType("Trains on prompts", flag),
    "retention_days": FactType("Keeps prompts", count, "days"),
    "zero_retention_offered": FactType("Zero retention on request", flag),
    "moderation": FactType("Moderation", text),
    "status_page": FactType("Status page", url),
    "api_base": FactType("API base", url),
    "key_variable": FactType("Key variable", text),
    "sdk": FactType("AI SDK package", text),
    "docs_url": FactType("Documentation", url),
    "pricing_url": FactType("Price list", url),
    "evidence_url": FactType("Source cites", url),
    "announcement_url": FactType("Announcement", url),
}

PROVIDER_FACTS: dict[str, FactType] = {
    "name": FactType("Name", lambda v: text(v, longest=MAX_NAME)),
    "headquarters": FactType("Headquarters", text),
    "datacenters": FactType("Data centres", texts),
    "terms_url": FactType("Terms", url),
    "privacy_url": FactType("Privacy", url),
    "status_page": FactType("Status page", url),
    "api_base": FactType("API base", url),
    "key_variable": FactType("Key variable", text),
    "auth_methods": FactType("Authentication", texts),
    "sdk": FactType("AI SDK package", text),
    "docs_url": FactType("Documentation", url),
    "pricing_url": FactType("Price list", url),
    "trains_on_prompts": FactType("Trains on prompts", flag),
    "retention_days": FactType("Keeps prompts", count, "days"),
    "zero_retention_offered": FactType("Zero retention on request", flag),
    "moderation": FactType("Moderation", text),
    "free_credit": FactType("Free credit", text),
    "routing_modes": FactType("Routing modes", records),
    "suffix_variants": FactType("Suffix variants", records),
}

MODEL_FACTS: dict[str, FactType] = {
    key: ENDPOINT_FACTS[key]
    for key in (
        "name", "family", "context_length", "max_output", "input_modalities",
        "output_modalities", "knowledge_cutoff", "released_on", "deprecated_on", "retires_on",
        "replacement", "status", "licence", "open_weights", "weights_url", "docs_url",
        "announcement_url",
    )
}  # fmt: skip

# What histories keep besides prices; see sources/history.py.
PAST_FACTS = frozenset(
    {"context_length", "max_input", "max_output", "deprecated_on", "retires_on", "status"}
)

# Open families of yes/no facts: `parameter.tools`, `capability.vision`, `protocol.openai-chat`.
FAMILIES = {
    "parameter": FactType("Parameter", flag),
    "capability": FactType("Capability", flag),
    "protocol": FactType("Protocol", flag),
}


def fact_type(subject: "Subject", key: str) -> FactType | None:
    """The room for a fact, or None when there is none."""
    family, dot, name = key.partition(".")
    if dot:
        return FAMILIES.get(family) if _SLUG.match(name.lower()) and subject != "provider" else None
    return {"endpoint": ENDPOINT_FACTS, "provider": PROVIDER_FACTS, "model": MODEL_FACTS}[
        subject
    ].get(key)


Subject = str  # "endpoint", "provider" or "model"


def has_past(key: str) -> bool:
    """Whether a source's history tells how a fact of an endpoint changed."""
    return key in PAST_FACTS or key.startswith("price.")


def canonical(value: object) -> str:
    """JSON text that is equal when the values are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# -- precision ------------------------------------------------------------------------------------

_SUFFIX = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_SHORT_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([KMB]?)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Precise:
    """A number as written, with the slack its rounding leaves: `16.38K` is 16380 ± 5."""

    value: Decimal
    slack: Decimal
    stated: str

    def covers(self, other: Decimal) -> bool:
        return abs(self.value - other) <= self.slack


def precise(stated: str) -> Precise:
    """Reads `16.38K`, `128.00K`, `0.275`; the last digit written bounds the rounding."""
    match = _SHORT_NUMBER.match(stated.strip())
    if not match:
        raise BadFact(f"{stated!r} is not a number; write it like 128000 or 16.38K")
    digits, suffix = match[1], _SUFFIX[match[2].upper()]
    places = len(digits.partition(".")[2])
    step = Decimal(suffix).scaleb(-places)
    return Precise(Decimal(digits) * suffix, step / 2 if suffix > 1 else Decimal(0), stated)


# -- prices ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly half-open minute ranges, Monday 00:00 = 0, in one IANA time zone."""

    zone: str
    ranges: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if self.zone != "UTC" and self.zone not in available_timezones():
            raise BadFact(f"{self.zone!r} is not a time zone; write one like Asia/Shanghai")
        if not self.ranges:
            raise BadFact("a schedule needs at least one range")
        end_before = 0
        for start, end in self.ranges:
            if not end_before <= start < end <= WEEK_MINUTES:
                raise BadFact(f"range {start}-{end} overlaps or leaves the week")
            end_before = end

    def holds(self, when: datetime) -> bool:
        local = when.astimezone(ZoneInfo(self.zone))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.ranges)


@dataclass(frozen=True, slots=True)
class Condition:
    """When a price applies. Empty means always, on the standard tier, everywhere."""

    above_tokens: int | None = None  # strictly above N input tokens; reprices the whole request
    tier: str = ""
    region: str = ""
    schedule: Schedule | None = None
    # Any other condition a source brings (size, quality …): kept, shown, refused in a bill.
    named: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.above_tokens is not None and self.above_tokens < 0:
            raise BadFact(f"a threshold of {self.above_tokens} tokens; write 0 or more")
        for part in (self.tier, self.region, *(item for pair in self.named for item in pair)):
            if len(part) > MAX_SLUG:
                raise BadFact(f"condition {part[:40]!r}… is longer than {MAX_SLUG} characters")
        if tuple(sorted(self.named)) != self.named:
            object.__setattr__(self, "named", tuple(sorted(self.named)))

    def is_plain(self) -> bool:
        return self == ANY

    def key(self) -> str:
        """Canonical text, empty when the price always applies."""
        stated: dict[str, object] = {}
        if self.above_tokens is not None:
            stated["above"] = self.above_tokens
        if self.tier:
            stated["tier"] = self.tier
        if self.region:
            stated["region"] = self.region
        if self.schedule:
            stated["zone"] = self.schedule.zone
            stated["minutes"] = [list(pair) for pair in self.schedule.ranges]
        if self.named:
            stated["named"] = dict(self.named)
        return canonical(stated) if stated else ""

    @classmethod
    def from_key(cls, key: str) -> "Condition":
        if not key:
            return ANY
        stated = json.loads(key)
        schedule = None
        if "zone" in stated:
            schedule = Schedule(stated["zone"], tuple((a, b) for a, b in stated["minutes"]))
        return cls(
            above_tokens=stated.get("above"),
            tier=stated.get("tier", ""),
            region=stated.get("region", ""),
            schedule=schedule,
            named=tuple(sorted(stated.get("named", {}).items())),
        )


ANY = Condition()


def amount(value: object) -> Decimal:
    """A price as a Decimal of at most 15 significant digits; floats lose their binary noise."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise BadFact(f"expected a price, got {type(value).__name__}")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise BadFact(f"{value!r} is not a price; write a number like 0.15") from None
    if not number.is_finite():
        raise BadFact(f"{value!r} is not a price; write a finite number")
    if number < 0:
        raise BadFact(f"negative price {value}; leave it out when it is not known")
    if number > MAX_AMOUNT:
        raise BadFact(f"price {value} is absurdly large")
    return trimmed(number)


# Floats such as 2.9999999999999997e-07 are three hundred-billionths written in binary.
_FLOAT_DIGITS = 12


def trimmed(number: Decimal) -> Decimal:
    """Rounded to what a float can carry and the column can hold, without trailing zeros."""
    if not number:
        return Decimal(0)
    # adjusted() is the exponent of the leading digit.
    places = min(DECIMAL_PLACES, _FLOAT_DIGITS - 1 - number.adjusted())
    rounded = round(number, max(places, 0))
    if not rounded:
        raise BadFact(f"price {number} is smaller than the {DECIMAL_PLACES} places kept")
    return rounded.normalize() if rounded % 1 else rounded.quantize(Decimal(1))


@dataclass(frozen=True, slots=True)
class Price:
    """One price of one component under one condition.

    `amount` is per `unit` in `currency`; None unless `state` is known.
    """

    component: str
    amount: Decimal | None
    unit: str = "1M tokens"
    currency: str = "USD"
    condition: Condition = ANY
    state: str = State.KNOWN
    effective_from: datetime | None = None
    effective_to: datetime | None = None

    def __post_init__(self) -> None:
        slug(self.component)
        if (self.state == State.KNOWN) != (self.amount is not None):
            raise BadFact(f"{self.component}: a price is known exactly when it has an amount")
        if self.amount is not None and not self.amount:
            raise BadFact(f"{self.component}: say free, in a plan or unknown instead of 0")
        if not _CURRENCY.match(self.currency):
            raise BadFact(f"{self.currency!r} is not a currency; write a code like USD")
        if not self.unit or len(self.unit) > MAX_SLUG:
            raise BadFact(f"{self.component}: a price needs a unit of at most {MAX_SLUG} letters")
        if self.effective_from and self.effective_to and self.effective_from >= self.effective_to:
            raise BadFact(f"{self.component}: the price ends before it starts")
        if len(self.condition.key()) > MAX_TEXT:
            raise BadFact(f"{self.component}: condition longer than {MAX_TEXT} characters")

    def value(self) -> str:
        """Canonical text of everything but component, condition and dates."""
        stated = {"currency": self.currency, "state": str(self.state), "unit": str(self.unit)}
        if self.amount is not None:
            stated["amount"] = f"{self.amount:f}"
        return canonical(stated)


# -- statements -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement that is not a price. `stated` keeps the source's wording where it rounds."""

    key: str
    value: Any
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An endpoint as one source describes it."""

    provider: str
    native_id: str
    operation: Kind
    upstream: str = ""  # who runs it behind a gateway; empty if unnamed
    facts: tuple[Fact, ...] = ()
    prices: tuple[Price, ...] = ()

    def __post_init__(self) -> None:
        slug(self.provider)
        if text(self.native_id, longest=MAX_ID) != self.native_id:
            raise BadFact(f"id {self.native_id!r} has stray white space")
        if self.upstream:
            slug(self.upstream)
        _check_facts("endpoint", self.facts)

    def identity(self) -> tuple[str, str, str, str]:
        return (self.provider, self.native_id, str(self.operation), self.upstream)


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """What one source says of a provider."""

    provider: str
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        slug(self.provider)
        _check_facts("provider", self.facts)


@dataclass(frozen=True, slots=True)
class ModelStatement:
    """What one source says of a model wherever it is served; `model` is `author/slug`."""

    model: str
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*", self.model):
            raise BadFact(f"{self.model!r} is not a model; write author/slug")
        _check_facts("model", self.facts)


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure somebody published about uptime or speed; of an endpoint, or of a model at large.

    `metric`: uptime (percent), ttft (ms), throughput (tokens per second), latency (ms).
    `statistic`: latest, min, max, avg, p50 … `window` is as the source words it, or empty.
    """

    metric: str
    statistic: str
    value: Decimal
    unit: str
    at: datetime
    window: str = ""
    n: int | None = None
    offer: tuple[str, str, str, str] | None = None  # Offer.identity()
    model: str = ""

    def __post_init__(self) -> None:
        if bool(self.model) == bool(self.offer):
            raise BadFact("a reading is of an endpoint or of a model")
        if not self.value.is_finite() or self.value < 0:
            raise BadFact(f"reading {self.metric} of {self.value}")


def _check_facts(subject: Subject, facts: tuple[Fact, ...]) -> None:
    seen: set[str] = set()
    for fact in facts:
        kind = fact_type(subject, fact.key)
        if kind is None:
            raise BadFact(f"no room for {fact.key!r}")
        if fact.key in seen:
            raise BadFact(f"{fact.key} stated twice")
        seen.add(fact.key)
        try:
            fits = kind.check(fact.value) == fact.value
        except BadFact as error:
            raise BadFact(f"{fact.key}: {error}") from None
        if not fits:
            raise BadFact(f"{fact.key}: {fact.value!r} is not in its canonical form")
        if len(fact.key) > MAX_SLUG or len(canonical(fact.value)) > MAX_VALUE:
            raise BadFact(f"{fact.key}: too long to keep")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that was not taken, by name, with the reason."""

    item: str
    reason: str


# Named in `covers`, it means everything the source ever stated.
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one answer of a source states.

    `covers` names the providers whose listing is complete in it: only there does absence end a
    claim. `covers_ids` does the same for single (provider, native id), whose upstreams are complete
    in an answer about one model. `unreadable` are (provider, native id) that stand in it but are
    broken, with an empty id when the whole provider is: what was stated of them before stays.
    `without_room` counts keys the site has no place for, so that nothing goes silently.
    """

    source: str
    as_of: datetime
    version: str = ""
    covers: frozenset[str] = frozenset()
    covers_ids: frozenset[tuple[str, str]] = frozenset()
    unreadable: frozenset[tuple[str, str]] = frozenset()
    offers: tuple[Offer, ...] = ()
    providers: tuple[ProviderStatement, ...] = ()
    models: tuple[ModelStatement, ...] = ()
    readings: tuple[Reading, ...] = ()
    refused: tuple[Refusal, ...] = ()
    without_room: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise BadSnapshot(f"{self.source}: as-of without a time zone")


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
