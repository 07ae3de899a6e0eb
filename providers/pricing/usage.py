"""What a request used, by what it is charged as."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from ..choices import Component, Unit

PAGE = "page"


class Measure(StrEnum):
    """What a quantity counts."""

    TOKENS = "tokens"
    CHARACTERS = "characters"
    SECONDS = "seconds"
    IMAGES = "images"
    PIXELS = "pixels"
    REQUESTS = "requests"
    PAGES = "pages"


# What a price of a unit counts, and how many of that one unit holds.
UNITS: Mapping[str, tuple[Measure, int]] = {
    Unit.MILLION_TOKENS: (Measure.TOKENS, 10**6),
    Unit.MILLION_CHARACTERS: (Measure.CHARACTERS, 10**6),
    Unit.THOUSAND_REQUESTS: (Measure.REQUESTS, 10**3),
    Unit.REQUEST: (Measure.REQUESTS, 1),
    Unit.IMAGE: (Measure.IMAGES, 1),
    Unit.MEGAPIXEL: (Measure.PIXELS, 10**6),
    Unit.HOUR: (Measure.SECONDS, 3600),
    Unit.PAGE: (Measure.PAGES, 1),
}


@dataclass(frozen=True, slots=True)
class Used:
    """One thing a request used; its quantities say the same in several measures."""

    component: str
    quantities: Mapping[Measure, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a request used. **Every token stands in exactly one field.**

    So `input_tokens` are the fresh ones only, neither read from a cache nor written to it, and
    `output_tokens` leave out reasoning; providers that report totals have to be taken apart first.
    Where fields measure one thing twice (tokens and characters of a text, tokens and seconds of
    sound, pictures and their tokens), both may be given: the unit of the price picks.
    """

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0  # kept as long as the provider does by default
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    input_characters: int = 0
    output_characters: int = 0
    image_input_tokens: int = 0
    image_cache_read_tokens: int = 0
    image_output_tokens: int = 0
    images_in: int = 0
    images_out: int = 0
    pixels_out: int = 0
    audio_input_tokens: int = 0
    audio_cache_read_tokens: int = 0
    audio_cache_write_tokens: int = 0
    audio_output_tokens: int = 0
    audio_input_seconds: Decimal = Decimal(0)
    audio_output_seconds: Decimal = Decimal(0)
    video_input_tokens: int = 0
    video_output_tokens: int = 0
    video_input_seconds: Decimal = Decimal(0)
    video_output_seconds: Decimal = Decimal(0)
    requests: int = 1
    web_searches: int = 0
    pages: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            quantity = getattr(self, field.name)
            if not 0 <= quantity < 10**15:
                raise ValueError(f"{field.name} of {quantity}; write 0 or more, below 10^15")

    def whole_input(self) -> int:
        """Every token that goes in, cached or not: what thresholds are compared with."""
        return sum(
            int(getattr(self, meters[Measure.TOKENS]))
            for component, meters in _METERS.items()
            if component in _GOES_IN
        )

    def items(self) -> Iterator[Used]:
        """What was used at all, in the order of a bill."""
        for component, meters in _METERS.items():
            quantities = {
                measure: Decimal(quantity)
                for measure, name in meters.items()
                if (quantity := getattr(self, name))
            }
            if quantities:
                yield Used(component, quantities)


_METERS: Mapping[str, Mapping[Measure, str]] = {
    Component.INPUT: {Measure.TOKENS: "input_tokens", Measure.CHARACTERS: "input_characters"},
    Component.CACHE_READ: {Measure.TOKENS: "cache_read_tokens"},
    Component.CACHE_WRITE: {Measure.TOKENS: "cache_write_tokens"},
    Component.CACHE_WRITE_5M: {Measure.TOKENS: "cache_write_5m_tokens"},
    Component.CACHE_WRITE_1H: {Measure.TOKENS: "cache_write_1h_tokens"},
    Component.IMAGE_INPUT: {Measure.TOKENS: "image_input_tokens", Measure.IMAGES: "images_in"},
    Component.IMAGE_CACHE_READ: {Measure.TOKENS: "image_cache_read_tokens"},
    Component.AUDIO_INPUT: {
        Measure.TOKENS: "audio_input_tokens",
        Measure.SECONDS: "audio_input_seconds",
    },
    Component.AUDIO_CACHE_READ: {Measure.TOKENS: "audio_cache_read_tokens"},
    Component.AUDIO_CACHE_WRITE: {Measure.TOKENS: "audio_cache_write_tokens"},
    Component.VIDEO_INPUT: {
        Measure.TOKENS: "video_input_tokens",
        Measure.SECONDS: "video_input_seconds",
    },
    Component.OUTPUT: {Measure.TOKENS: "output_tokens", Measure.CHARACTERS: "output_characters"},
    Component.REASONING: {Measure.TOKENS: "reasoning_tokens"},
    Component.IMAGE_OUTPUT: {
        Measure.TOKENS: "image_output_tokens",
        Measure.IMAGES: "images_out",
        Measure.PIXELS: "pixels_out",
    },
    Component.AUDIO_OUTPUT: {
        Measure.TOKENS: "audio_output_tokens",
        Measure.SECONDS: "audio_output_seconds",
    },
    Component.VIDEO_OUTPUT: {
        Measure.TOKENS: "video_output_tokens",
        Measure.SECONDS: "video_output_seconds",
    },
    Component.WEB_SEARCH: {Measure.REQUESTS: "web_searches"},
    PAGE: {Measure.PAGES: "pages"},
    Component.REQUEST: {Measure.REQUESTS: "requests"},
}

_GOES_IN = frozenset(
    {
        *(Component.INPUT, Component.CACHE_READ, Component.CACHE_WRITE),
        *(Component.CACHE_WRITE_5M, Component.CACHE_WRITE_1H),
        *(Component.IMAGE_INPUT, Component.IMAGE_CACHE_READ, Component.VIDEO_INPUT),
        *(Component.AUDIO_INPUT, Component.AUDIO_CACHE_READ, Component.AUDIO_CACHE_WRITE),
    }
)
