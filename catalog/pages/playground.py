"""The playground: what can be asked, what is left to spend, and how each answer ended."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog import words
from catalog.pages import decimals
from catalog.pages.parts import Money
from catalog.pages.performance.figures import rounded
from providers import playground
from providers.choices import Outcome, State
from providers.playground import Billed, Choice, Done, Standing
from providers.pricing import Bill, Line
from providers.queries import PriceRow
from providers.stats.observation import throughput
from providers.stats.probed import Probed

DOLLARS = "USD"
DEFAULT_TOKENS = 256
_PLACES = 12  # of an amount; a price per hour may not divide evenly
_OUTCOMES = {
    Outcome.OK: "ok",
    Outcome.PROVIDER_ERROR: "provider error",
    Outcome.RATE_LIMITED: "rate limited",
    Outcome.CALLER_ERROR: "caller error",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form holds; kept when something was refused."""

    prompt: str = ""
    plans: frozenset[int] = frozenset()
    output_tokens: int = DEFAULT_TOKENS


@dataclass(frozen=True, slots=True)
class Option:
    choice: Choice
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Length:
    tokens: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Measured:
    label: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class BillLine:
    label: str
    quantity: str
    price: Money
    unit: str
    amount: str
    said: str


@dataclass(frozen=True, slots=True)
class End:
    """How an answer ended. `lines` are those of its bill, `spent` what the day's money lost."""

    outcome: str
    is_ok: bool
    reason: str
    figures: tuple[Measured, ...]
    lines: tuple[BillLine, ...]
    missing: tuple[str, ...]
    spent: str
    is_exact: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Answer:
    choice: Choice
    thinking: str = ""
    text: str = ""
    end: End | None = None


@dataclass(frozen=True, slots=True)
class PlaygroundPage:
    options: tuple[Option, ...]
    lengths: tuple[Length, ...]
    asked: Asked
    left: str
    per_day: str
    most_at_once: int
    most_prompt: int
    refusal: str = ""
    answers: tuple[Answer, ...] = ()


def build(
    asked: Asked, standing: Standing, *, refusal: str = "", answers: Iterable[Answer] = ()
) -> PlaygroundPage:
    """One query."""
    return PlaygroundPage(
        options=tuple(
            Option(choice, choice.plan in asked.plans) for choice in playground.choices()
        ),
        lengths=tuple(
            Length(tokens, tokens == asked.output_tokens) for tokens in playground.OUTPUT_TOKENS
        ),
        asked=asked,
        left=dollars(standing.left),
        per_day=dollars(standing.per_day),
        most_at_once=playground.MOST_AT_ONCE,
        most_prompt=playground.MOST_PROMPT,
        refusal=refusal,
        answers=tuple(answers),
    )


def chosen(given: Collection[str]) -> frozenset[int]:
    """Numbers of plans; what is none of ours is left out."""
    return frozenset(int(one) for one in given if one.isdecimal() and len(one) < 18)


def dollars(amount: Decimal) -> str:
    """`$0.9991`: every digit that there is."""
    return words.price(amount, currency=DOLLARS) if amount else "$0"


def end(done: Done) -> End:
    probed, billed = done.probed, done.billed
    outcome = probed.outcome if probed else None
    return End(
        outcome=_OUTCOMES[outcome] if outcome else done.reason if not probed else "not sent",
        is_ok=outcome is Outcome.OK,
        reason=done.reason if probed else "",
        figures=tuple(_figures(probed)) if probed else (),
        lines=_lines(billed.bill) if billed.bill else (),
        missing=_missing(billed),
        spent=dollars(billed.spent),
        is_exact=billed.is_exact,
        is_kept=done.is_kept,
    )


def _figures(probed: Probed) -> Iterable[Measured]:
    """What is not known is left out."""
    told = probed.told
    visible = None
    if told.output_tokens is not None:
        visible = told.output_tokens - (told.reasoning_tokens or 0)
    rate = throughput(probed.ttft_ms, probed.latency_ms, visible)
    if probed.ttft_ms is not None:
        yield Measured("Time to first token", f"{probed.ttft_ms:,.0f}", "ms")
    if rate is not None:
        yield Measured("Throughput", f"{rounded(rate):,}", "tokens/s")
    if probed.latency_ms is not None and probed.outcome is Outcome.OK:
        yield Measured("Whole request", f"{probed.latency_ms:,.0f}", "ms")
    counts = (
        ("Input", told.input_tokens),
        ("Of it from a cache", told.cached_tokens or None),
        ("Output", told.output_tokens),
        ("Of it reasoning", told.reasoning_tokens or None),
    )
    for label, count in counts:
        if count is not None:
            yield Measured(label, f"{count:,}", "tokens")


def _lines(bill: Bill[PriceRow]) -> tuple[BillLine, ...]:
    places = max((_places(line.amount) for line in bill.lines), default=0)
    return tuple(_line(line, places) for line in bill.lines)


def _line(line: Line[PriceRow], places: int) -> BillLine:
    rule = line.rule
    return BillLine(
        label=words.component_label(line.component),
        quantity=f"{words.figure(line.quantity)} {line.measure}",
        price=Money(rule.state, rule.amount, rule.currency, rule.unit),
        unit=words.unit_words(rule.unit) if rule.state == State.KNOWN and rule.amount else "",
        amount=words.cost(line.amount, places, currency=rule.currency),
        said="; ".join(filter(None, (line.why, line.in_stead))),
    )


def _places(amount: Decimal) -> int:
    return decimals.places(Decimal(f"{amount:.{_PLACES}f}"))


def _missing(billed: Billed) -> tuple[str, ...]:
    refused = billed.bill.refused if billed.bill else ()
    return tuple(f"{words.component_label(one.component)}: {one.reason}" for one in refused)
