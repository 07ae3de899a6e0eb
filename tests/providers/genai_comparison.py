"""Our bills beside those of the genai-prices calculator, on every model it knows.

Both sides read the same facts: theirs the data inside the package, ours the claims parsed from the
recording of that package. A model is asked at every moment at which one of its prices may change,
under every request context that it prices, and for every unit that it charges, by itself, all
together, and at and above each threshold.

`python -m tests.providers.genai_comparison` prints the rate and every class of difference.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from genai_prices import types as theirs
from genai_prices.data import providers as PROVIDERS
from genai_prices.units import _get_registry

from providers.facts import Price
from providers.pricing import Usage, price_at
from providers.sources import genai_prices
from providers.sources.genai_metering import _STANDARD_TIERS, _TIER_PARAMETERS
from providers.sources.recordings import recorded

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
QUANTITY = 1000
SHORT_SOUND = 5  # seconds; less than some providers bill at least
SECOND = timedelta(seconds=1)

# They calculate with 28 digits, and each step rounds the last.
THEIR_PRECISION = Decimal("1e-26")
# Some of their prices are binary fractions written out (0.19999999999999998) or thirds. Claims keep
# 12 digits and ten places of such, so a bill may be off by half of the last place per price.
LAST_DIGIT = Decimal("1e-11")
LAST_PLACE = Decimal("1e-10") / 10**6  # of one token

# Their units by ours. A unit that is missing here has no field in a usage.
FIELDS = {
    "input_tokens": "input_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "output_tokens": "output_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
    "input_characters": "input_characters",
    "input_image_tokens": "image_input_tokens",
    "cache_image_read_tokens": "image_cache_read_tokens",
    "output_image_tokens": "image_output_tokens",
    "input_audio_tokens": "audio_input_tokens",
    "cache_audio_read_tokens": "audio_cache_read_tokens",
    "cache_audio_write_tokens": "audio_cache_write_tokens",
    "output_audio_tokens": "audio_output_tokens",
    "audio_seconds": "audio_input_seconds",
    "input_audio_seconds": "audio_input_seconds",
    "output_audio_seconds": "audio_output_seconds",
    "input_video_tokens": "video_input_tokens",
    "output_video_tokens": "video_output_tokens",
    "input_document_pages": "pages",
    "web_searches": "web_searches",
    "rerank_searches": "requests",
}
# Asked of every model that charges for any of them: what a chat request uses.
USUAL = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")

Quantities = Mapping[str, int]  # by their unit; every token once


@dataclass(frozen=True)
class Case:
    model: str
    when: datetime
    context: Mapping[str, str]
    used: Quantities


@dataclass
class Comparison:
    equal: int = 0
    cleaned: int = 0  # of those, equal but for the digits that a claim does not keep
    differing: Counter[str] = field(default_factory=Counter)  # cases by the reason why they do
    unexplained: list[tuple[Case, str]] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    models_apart: set[str] = field(default_factory=set)
    not_compared: Counter[str] = field(default_factory=Counter)  # models by the reason why not
    not_counted: Counter[str] = field(default_factory=Counter)  # models by a unit of theirs

    @property
    def cases(self) -> int:
        return self.equal + sum(self.differing.values()) + len(self.unexplained)

    @property
    def rate(self) -> float:
        return self.equal / self.cases

    @property
    def model_rate(self) -> float:
        return 1 - len(self.models_apart) / len(self.models)

    def words(self) -> str:
        lines = [
            f"bills: {self.equal:,} of {self.cases:,} equal ({self.rate:.2%}),"
            f" {self.cleaned:,} of them but for digits that a claim does not keep",
            f"models: {len(self.models) - len(self.models_apart):,} of {len(self.models):,}"
            f" equal in every bill ({self.model_rate:.2%})",
            "bills that differ, and why:",
            *(f"  {n:6,}  {why}" for why, n in self.differing.most_common()),
            f"  {len(self.unexplained):6,}  unexplained",
            "models that were not compared, and why:",
            *(f"  {n:6,}  {why}" for why, n in self.not_compared.most_common()),
            "models with a unit that a usage does not count:",
            *(f"  {n:6,}  {unit}" for unit, n in self.not_counted.most_common()),
        ]
        return "\n".join(lines)


def compare() -> Comparison:
    """Every model of the package against its recording. Takes seconds; nothing is fetched."""
    found = Comparison()
    for provider, model, stated in _models():
        name = f"{provider.id}/{model.id}"
        prices, refusal = _prices(provider.id, stated)
        if refusal:
            found.not_compared[refusal] += 1
            continue
        units = _priced_units(model)
        if not units:
            found.not_compared["states no price"] += 1
            continue
        found.models.add(name)
        found.not_counted.update(units - FIELDS.keys())
        for case in _cases(name, model, units):
            _compare_one(found, case, provider, model, prices)
    return found


def _models() -> Iterator[tuple[theirs.Provider, theirs.ModelInfo, dict[str, Any]]]:
    """Their objects, each with the part of the recorded answer that states it."""
    answer = json.loads(recorded("genai_prices").data)
    for provider, stated in zip(PROVIDERS, answer["providers"], strict=True):
        for model, said in zip(provider.models, stated["models"], strict=True):
            assert (provider.id, model.id) == (stated["id"], said["id"])
            one = {"id": provider.id, "name": provider.name, "models": [said]}
            yield provider, model, {"units": answer["units"], "providers": [one]}


def _prices(provider: str, stated: dict[str, Any]) -> tuple[tuple[Price, ...], str]:
    """The claims of one model, or why it is not taken."""
    snapshot = genai_prices.parse(json.dumps(stated).encode(), as_of=NOW)
    if snapshot.refused:
        return (), f"{provider}: {snapshot.refused[0].reason}"
    [offer] = snapshot.offers
    return offer.prices, ""


# -- what is asked --------------------------------------------------------------------------------


def _price_lists(model: theirs.ModelInfo) -> list[theirs.ModelPrice]:
    standard = model.prices
    lists = [p.prices for p in standard] if isinstance(standard, list) else [standard]
    return [*lists, *(variant.prices for variant in model.price_variants or ())]


def _priced_units(model: theirs.ModelInfo) -> set[str]:
    """Usage keys that any list of the model prices. The fee of a request is always asked."""
    registry = _get_registry()
    keys = {
        registry.unit_for_price_key(key).usage_key
        for prices in _price_lists(model)
        for key, value in prices.__dict__.items()
        if value is not None
    }
    return keys - {"requests"}


def _cases(name: str, model: theirs.ModelInfo, units: set[str]) -> Iterator[Case]:
    for when in _moments(model):
        for context in _contexts(model):
            for used in _usages(model, units):
                yield Case(name, when, context, used)


def _moments(model: theirs.ModelInfo) -> list[datetime]:
    """Now, and both sides of every moment at which a price begins or an hour turns."""
    standard = model.prices if isinstance(model.prices, list) else []
    moments = {NOW}
    for limited in (*standard, *(model.price_variants or ())):
        match limited.constraint:
            case theirs.StartDateConstraint(start_date=day):
                start = datetime(day.year, day.month, day.day, tzinfo=UTC)
                moments |= {start, start - SECOND}
            case theirs.TimeOfDateConstraint(start_time=first, end_time=last):
                for edge in (first, last):
                    at = NOW.replace(hour=edge.hour, minute=edge.minute)
                    moments |= {at, at - SECOND}
    return sorted(moments)


def _contexts(model: theirs.ModelInfo) -> list[Mapping[str, str]]:
    contexts: list[Mapping[str, str]] = [{}]
    for variant in model.price_variants or ():
        if variant.when not in contexts:
            contexts.append(variant.when)
    return contexts


def _usages(model: theirs.ModelInfo, units: set[str]) -> Iterator[Quantities]:
    """Each unit alone, all together, and the input at and above each threshold."""
    counted = sorted(units & FIELDS.keys())
    if "input_tokens" in units:
        counted = sorted({*counted, "cache_read_tokens", "cache_write_tokens"})
    for unit in counted:
        yield {unit: QUANTITY}
        if unit.endswith("seconds"):
            yield {unit: SHORT_SOUND}
    # Two names for the seconds of one sound are not two sounds.
    together = [unit for unit in counted if unit != "audio_seconds"] or counted
    yield dict.fromkeys(together, QUANTITY)
    for threshold in _thresholds(model):
        for whole in (threshold, threshold + 1):
            yield {"input_tokens": whole}
            yield {**dict.fromkeys(together, 10), "input_tokens": whole - 100}
            cached = {"input_tokens": 0, "cache_read_tokens": whole - 10, "cache_write_tokens": 10}
            yield {**cached, "output_tokens": QUANTITY}


def _thresholds(model: theirs.ModelInfo) -> list[int]:
    return sorted(
        {
            tier.start
            for prices in _price_lists(model)
            for value in prices.__dict__.values()
            if isinstance(value, theirs.TieredPrices)
            for tier in value.tiers
        }
    )


# -- both answers ---------------------------------------------------------------------------------


def _compare_one(
    found: Comparison,
    case: Case,
    provider: theirs.Provider,
    model: theirs.ModelInfo,
    prices: tuple[Price, ...],
) -> None:
    expected = _their_total(case, provider, model)
    tier, named = _tier(case.context)
    bill = price_at(_in_force(prices, case.when), when=case.when, usage=_ours(case.used), tier=tier)
    total = bill.totals.get("USD", Decimal(0))
    difference = abs(total - expected)
    if bill.is_complete and difference <= _unkept(expected, case.used):
        found.equal += 1
        found.cleaned += difference > expected * THEIR_PRECISION
        return
    found.models_apart.add(case.model)
    refused = "; ".join(f"{item.component}: {item.reason}" for item in bill.refused)
    why = _reason(case, refused, named)
    if why:
        found.differing[why] += 1
    else:
        found.unexplained.append((case, f"ours {total} {refused}, theirs {expected}"))


def _unkept(expected: Decimal, used: Quantities) -> Decimal:
    """The most that the digits make which a claim does not keep."""
    return max(expected * LAST_DIGIT, LAST_PLACE * sum(used.values()) / 2)


def _reason(case: Case, refused: str, named: Mapping[str, str]) -> str:
    """Why a bill differs; empty: nobody knows."""
    if named:
        return f"asked by {', '.join(named)}: a condition that a bill refuses to guess"
    if refused:
        return f"refused {refused}: their calculator counts nothing for it"
    if case.model.startswith("groq/whisper") and "seconds" in " ".join(case.used):
        return "Groq bills at least 10 seconds: in their program, in no price"
    return ""


def _their_total(case: Case, provider: theirs.Provider, model: theirs.ModelInfo) -> Decimal:
    """Their counts include one another: what is cached is also counted as input."""
    registry = _get_registry()
    counts: Counter[str] = Counter()
    for unit, quantity in case.used.items():
        for key in (unit, *registry.ancestor_usage_keys(unit)):
            counts[key] += quantity
    calculation = model.calc_price(
        theirs.Usage(**counts),
        provider,
        genai_request_timestamp=case.when,
        price_context=case.context,
    )
    return calculation.total_price


def _ours(used: Quantities) -> Usage:
    return Usage(**{FIELDS[unit]: quantity for unit, quantity in used.items()})


def _in_force(prices: tuple[Price, ...], when: datetime) -> list[Price]:
    return [
        price
        for price in prices
        if (price.effective_from is None or price.effective_from <= when)
        and (price.effective_to is None or when < price.effective_to)
    ]


def _tier(context: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The service tier that a context asks for, and what else it asks."""
    tiers = [value for key, value in context.items() if key in _TIER_PARAMETERS]
    named = {key: value for key, value in context.items() if key not in _TIER_PARAMETERS}
    tier = tiers[0] if tiers else ""
    return ("" if tier in _STANDARD_TIERS else tier), named


if __name__ == "__main__":
    comparison = compare()
    print(comparison.words())
    for case, difference in comparison.unexplained[:40]:
        print(case, difference)
