"""The six figures under the headword, and the sentence that says what they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog import words
from catalog.pages import headline as headlines
from catalog.pages.headline import Headline
from catalog.pages.links import asked_of
from catalog.pages.model.lines import Key, Seller, is_standard, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.model.rows import asked_by_all, card_of, is_old
from catalog.pages.parts import Dispute, Mark, Money
from providers.choices import Component, Kind, State, Unit

_LABELS = {
    Kind.IMAGE: ("Input", "Image"),
    Kind.VIDEO: ("Input", "Video"),
    Kind.SPEECH: ("Text", "Speech"),
    Kind.TRANSCRIPTION: ("Sound", "Text"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One large figure; `money` or `text` is its value, `note` its unit and range."""

    label: str
    money: Money | None = None
    text: str = ""
    note: str = ""
    dispute: Dispute | None = None
    of: str = ""  # whose value it is, as an address names it; empty: of many
    key: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """Whose prices the figures are. `n` counts providers where it is a median."""

    kind: headlines.Basis
    seller: str = ""
    n: int = 0
    sources: tuple[Mark, ...] = ()
    confirmed: date | None = None
    old: bool = False
    withdrawn: bool = False  # its author sold it once


def cards(reads: Reads, sold_by: Sequence[Seller]) -> list[headlines.Card]:
    """Every seller's plain price at its plainest id, and its other ids' of the author."""
    return [
        card_of(
            line,
            {component: row for (component, _), row in line.prices.items()},
            old=all(is_old(reads, line, row) for row in line.prices.values()),
        )
        for seller in sold_by
        for line in seller.lines
        if is_standard(line)
    ]


def figures(reads: Reads, sold_by: Sequence[Seller], headline: Headline) -> tuple[Figure, ...]:
    """Input, output, cached input, context, longest answer and who sells it; unknown ones go."""
    labels = _LABELS.get(Kind(reads.model.kind), ("Input", "Output"))
    first = _price(reads, headline, labels[0], headline.input, Component.INPUT)
    second = _price(reads, headline, labels[1], headline.output, Component.OUTPUT)
    cached = _price(reads, headline, "Cached input", headline.cached, Component.CACHE_READ)
    context = _tokens(reads, "Context", "context_length")
    longest = _tokens(reads, "Longest answer", "max_output")
    found = (first, second, cached, context, longest, _sold_by(reads, sold_by))
    return tuple(figure for figure in found if figure is not None)


def _price(
    reads: Reads, headline: Headline, label: str, money: Money, component: str
) -> Figure | None:
    if money.state in (State.UNKNOWN.value, State.NOT_APPLICABLE.value):
        return None
    dispute = reads.dispute(headline.endpoint, f"price.{component}") if headline.endpoint else None
    note = words.unit_words(money.unit) if money.amount else ""
    beside = reads.exchange.beside(money)
    note = ", ".join(filter(None, (note, f"{beside.approx} {beside.rate}".strip())))
    of = asked_of("endpoint", headline.endpoint) if headline.endpoint else ""
    key = f"price.{money.component}" if money.component else ""
    return Figure(label, money=money, note=note, dispute=dispute, of=of, key=key)


def _tokens(reads: Reads, label: str, key: str) -> Figure | None:
    value: int | None = getattr(reads.model, key)
    if value is None:
        return None
    return Figure(
        label,
        text=words.tokens(value),
        note="tokens",
        dispute=reads.dispute(reads.path, key),
        of=asked_of("model", reads.path),
        key=key,
    )


def _sold_by(reads: Reads, sold_by: Sequence[Seller]) -> Figure:
    """How many providers, and the span of what the confirmed ones ask at their standard."""
    n = len({seller.first.sold.endpoint.provider_id for seller in sold_by})
    if not n:
        return Figure("Sold by", text="nobody", note="that a source of ours names")
    text = "1 provider" if n == 1 else f"{n} providers"
    return Figure("Sold by", text=text, note=_span(asked_by_all(reads, sold_by)))


def _span(asked: Mapping[Key, Sequence[Decimal]]) -> str:
    """Of input by tokens; of a model that is billed otherwise, of what most ask for."""
    if not asked:
        return "no confirmed price"
    usual = (Component.INPUT.value, Unit.MILLION_TOKENS.value)
    key = usual if usual in asked else max(asked, key=lambda key: (len(asked[key]), key))
    ends = (min(asked[key]), max(asked[key]))
    low, high = (words.price(amount, currency=headlines.CURRENCY) for amount in ends)
    label = words.component_label(key[0]).lower()
    return f"{label} {low}" if low == high else f"{label} {low} to {high}"


def basis(reads: Reads, sold_by: Sequence[Seller], headline: Headline) -> Basis:
    """What the price figures rest on: the author's own offer, with its sources, or a median."""
    if headline.basis != "author":
        withdrawn = any(sold.by_author for sold in reads.former())
        return Basis(headline.basis, n=headline.n, old=headline.old, withdrawn=withdrawn)
    line = next(
        line
        for seller in sold_by
        for line in seller.lines
        if line.sold.endpoint.pk == headline.endpoint and is_standard(line)
    )
    slug = line.sold.endpoint.provider.slug
    sources, confirmed = reads.confirmations(
        reads.voices.price_sources(
            line.sold.endpoint.pk, {component for component, _ in line.prices}, ""
        ),
        slug,
    )
    return Basis(
        "author",
        seller=route_name(line.sold.endpoint),
        sources=sources,
        confirmed=confirmed.date() if confirmed else None,
        old=headline.old,
    )
