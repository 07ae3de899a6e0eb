"""Tags that follow from the facts, each with its rule in words. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low
from typing import Any

from providers.choices import Component, Kind, State

LONG_CONTEXT = 1_000_000  # tokens
# US dollars per 1M tokens.
CHEAP_INPUT = Decimal("0.20")
CHEAP_OUTPUT = Decimal("1.00")
WIDELY_SOLD = 20  # providers

Prices = Mapping[str, tuple[str, Decimal | None]]


@dataclass(frozen=True, slots=True)
class Sale:
    """One endpoint on sale, as far as tags ask.

    `plain`: its id carries no snapshot, region or tier. `abilities`: flags as stated, such as
    `parameter.tools`. `prices`: component → (state, US dollars per 1M tokens) on its plain card.
    """

    provider: str
    own: bool
    plain: bool
    abilities: Mapping[str, bool]
    prices: Prices


@dataclass(frozen=True, slots=True)
class Subject:
    """A model as the rules see it."""

    kind: str
    facts: Mapping[str, Any]
    sales: Sequence[Sale]

    def reads(self, *modalities: str) -> bool:
        return set(modalities) <= set(self.facts.get("input_modalities") or ())

    def does(self, *abilities: str) -> bool:
        """Whether the author, or else most sellers who say anything, grant one of the abilities."""
        said = [
            (sale.own, any(sale.abilities[name] for name in abilities if name in sale.abilities))
            for sale in self.sales
            if any(name in sale.abilities for name in abilities)
        ]
        heard = [able for own, able in said if own] or [able for _, able in said]
        return 2 * sum(heard) > len(heard)

    def price(self, component: str) -> Decimal | None:
        """The author's plain price; else the middle price of the sellers, of two the lower."""
        known = [
            (sale.own and sale.plain, amount)
            for sale in self.sales
            for state, amount in [sale.prices.get(component, (State.UNKNOWN, None))]
            if state == State.KNOWN and amount is not None
        ]
        own = [amount for is_own, amount in known if is_own]
        amounts = own[:1] or [amount for _, amount in known]
        return median_low(amounts) if amounts else None

    def is_free_somewhere(self) -> bool:
        return any(
            sale.prices.get(Component.INPUT, ("", None))[0] == State.FREE
            and sale.prices.get(Component.OUTPUT, (State.FREE, None))[0] == State.FREE
            for sale in self.sales
        )


@dataclass(frozen=True, slots=True)
class TagRule:
    """A derived tag; `rule` is shown to readers."""

    slug: str
    name: str
    rule: str
    holds: Callable[[Subject], bool]


def _is_cheap(model: Subject) -> bool:
    paid_in, paid_out = model.price(Component.INPUT), model.price(Component.OUTPUT)
    if model.kind != Kind.CHAT or paid_in is None or paid_out is None:
        return False
    return paid_in <= CHEAP_INPUT and paid_out <= CHEAP_OUTPUT


RULES: tuple[TagRule, ...] = (
    TagRule(
        "open-weights",
        "Open weights",
        "Its author, or most sources that say so, state that the weights can be downloaded.",
        lambda model: model.facts.get("open_weights") is True,
    ),
    TagRule(
        "free-somewhere",
        "Free somewhere",
        "At least one provider asks nothing for input and output; plans do not count.",
        Subject.is_free_somewhere,
    ),
    TagRule(
        "cheap",
        "Cheap",
        f"A chat model whose input costs at most {CHEAP_INPUT} and output at most {CHEAP_OUTPUT} "
        "US dollars per 1M tokens: at its author, else at the middle one of its providers.",
        _is_cheap,
    ),
    TagRule("vision", "Vision", "It reads images.", lambda model: model.reads("image")),
    TagRule("hearing", "Hearing", "It reads audio.", lambda model: model.reads("audio")),
    TagRule(
        "multimodal",
        "Multimodal",
        "It reads text and at least two of images, audio, video and documents.",
        lambda model: (
            model.reads("text")
            and len({"image", "audio", "video", "pdf"} & set(model.facts["input_modalities"])) >= 2
        ),
    ),
    TagRule(
        "reasoning",
        "Reasoning",
        "Its author, or most providers that say anything about it, offer reasoning.",
        lambda model: model.does("capability.reasoning", "parameter.reasoning"),
    ),
    TagRule(
        "tool-use",
        "Tool use",
        "Its author, or most providers that say anything about it, take tool definitions.",
        lambda model: model.does("parameter.tools", "parameter.tool_choice"),
    ),
    TagRule(
        "structured-output",
        "Structured output",
        "Its author, or most providers that say anything about it, hold it to a JSON schema.",
        lambda model: model.does("parameter.structured_outputs", "parameter.response_format"),
    ),
    TagRule(
        "long-context",
        "Long context",
        f"Its context is at least {LONG_CONTEXT:,} tokens.",
        lambda model: (model.facts.get("context_length") or 0) >= LONG_CONTEXT,
    ),
    TagRule(
        "widely-sold",
        "Widely sold",
        f"At least {WIDELY_SOLD} providers sell it.",
        lambda model: len({sale.provider for sale in model.sales}) >= WIDELY_SOLD,
    ),
)


def tags_of(model: Subject) -> Collection[str]:
    """Slugs of the derived tags, in the order of the rules."""
    return [rule.slug for rule in RULES if rule.holds(model)]
