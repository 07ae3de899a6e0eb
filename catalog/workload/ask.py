"""A reader's workload, from a query string and back. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Self
from urllib.parse import urlencode

from providers.choices import Kind
from providers.pricing import Usage

# What a workload is counted in are tokens and pictures that go in: these kinds are billed so.
KINDS = frozenset({Kind.CHAT, Kind.EMBEDDING, Kind.MODERATION})

# Assumptions, said on the page. Texts are in English; a picture has about a million pixels.
TOKENS_PER_PICTURE = 1000
CHARACTERS_PER_TOKEN = 4

MAX_REQUESTS = 10**10
MAX_TOKENS = 10**8
MAX_PICTURES = 1000
DAY_HOURS = 24

_NUMBER = re.compile(r"(\d+)(?:\.(\d{1,3}))?([km]?)\Z")
_SUFFIXES = {"": 1, "k": 1000, "m": 10**6}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}\Z")
_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})\Z")
_STANDARD = ("standard", "default")


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked in a month. Without a choice it is a chat."""

    requests: int = 10_000  # a month
    input: int = 1500  # tokens of one request, cached ones included
    cached: int = 30  # percent of the input, read from a cache
    written: int = 0  # percent of the input, written to one
    output: int = 400  # tokens of one answer, thinking included
    images: int = 0  # pictures that go in with a request
    tier: str = ""  # standard
    region: str = ""  # wherever it is cheapest to say nothing
    hours: str = ""  # `9-17`: of the day in UTC, the last one not included; empty: all day

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self | None:
        """Never raises; None where no workload is asked for. What makes no sense falls away."""
        preset = PRESETS.get(query.get("workload", ""))
        stated = {name: read(query.get(name, "")) for name, read in _READ.items()}
        asked = {name: value for name, value in stated.items() if value is not None}
        if preset is None and not asked:
            return None
        base = preset.workload if preset else Workload()
        found = {field.name: getattr(base, field.name) for field in fields(cls)} | asked
        # What is read from a cache cannot be written to it as well.
        found["written"] = min(found["written"], 100 - found["cached"])
        return cls(**found)

    def query(self) -> str:
        """The canonical query string: a preset's name, else the figures."""
        if name := self.preset():
            return urlencode({"workload": name})
        return urlencode(dict(self._pairs()))

    def preset(self) -> str:
        """The name of the preset that it equals; empty for one of the reader's own."""
        return next((name for name, preset in PRESETS.items() if preset.workload == self), "")

    def _pairs(self) -> Iterator[tuple[str, object]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if value or field.name in _ALWAYS:
                yield field.name, value

    def usage(self, kind: str) -> Usage:
        """One request of it. Characters and pictures are the same text and input, counted anew."""
        cached, written, pictures, answer = 0, 0, 0, 0
        if kind == Kind.CHAT:
            cached = self.input * self.cached // 100
            written = self.input * self.written // 100
            pictures, answer = self.images, self.output
        fresh = self.input - cached - written
        return Usage(
            input_tokens=fresh,
            input_characters=fresh * CHARACTERS_PER_TOKEN,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            images_in=pictures,
            image_input_tokens=pictures * TOKENS_PER_PICTURE,
            output_tokens=answer,
        )


@dataclass(frozen=True, slots=True)
class Preset:
    label: str
    workload: Workload


# Round figures of ours to begin with, not measurements.
PRESETS: Mapping[str, Preset] = {
    "chat": Preset("Chat", Workload()),
    "rag": Preset("RAG", Workload(requests=50_000, input=6000, cached=20, output=400)),
    "agent": Preset(
        "Coding agent",
        Workload(requests=20_000, input=60_000, cached=85, written=10, output=1000),
    ),
    "batch": Preset(
        "Batch classification",
        Workload(requests=1_000_000, input=500, cached=0, output=10, tier="batch"),
    ),
    "vision": Preset(
        "Vision", Workload(requests=20_000, input=500, cached=0, output=300, images=2)
    ),
}


# -- reading --------------------------------------------------------------------------------------


def _count(stated: str, most: int) -> int | None:
    """`1500`, `1,500`, `1 500`, `1.5k`; None for what is no whole number."""
    match = _NUMBER.match(re.sub(r"[\s,_]", "", stated[:40]).lower())
    if not match or not match[0].isascii():
        return None
    number = Decimal(f"{match[1]}.{match[2] or 0}") * _SUFFIXES[match[3]]
    return min(int(number), most) if number == int(number) else None


def _requests(stated: str) -> int | None:
    return _count(stated, MAX_REQUESTS) or None


def _tokens(stated: str) -> int | None:
    return _count(stated, MAX_TOKENS)


def _percent(stated: str) -> int | None:
    return _count(stated.removesuffix("%"), 100)


def _pictures(stated: str) -> int | None:
    return _count(stated, MAX_PICTURES)


def _name(stated: str) -> str | None:
    name = stated[:80].strip().lower()
    if name in _STANDARD:
        return ""
    return name if _NAME.match(name) else None


def _hours(stated: str) -> str | None:
    match = _HOURS.match(re.sub(r"\s", "", stated[:20]))
    if not match or not match[0].isascii():
        return None
    first, last = int(match[1]), int(match[2])
    if not (0 <= first < DAY_HOURS and 0 < last <= DAY_HOURS) or first == last:
        return None
    return "" if (first, last) == (0, DAY_HOURS) else f"{first}-{last}"


_READ = {
    "requests": _requests,
    "input": _tokens,
    "cached": _percent,
    "written": _percent,
    "output": _tokens,
    "images": _pictures,
    "tier": _name,
    "region": _name,
    "hours": _hours,
}
# Named in every query string that is no preset, so that a bookmark outlives our defaults.
_ALWAYS = frozenset({"requests", "input", "cached", "output"})
