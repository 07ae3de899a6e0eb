"""LiteLLM's keys: which provider, which native id, and which conditions a key carries.

A key is `[qualities and sizes/][provider/][regions and commitments/]native id`. Most providers are
written before the id, some are left out (`gpt-4o`, `anthropic.claude-…`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from providers import roster
from providers.choices import Kind
from providers.facts import Condition

SOURCE = "litellm"

_SIZE = re.compile(r"(\d+|max)-x-(\d+|max)\Z")
_STEPS = re.compile(r"(\d+|max)-steps\Z")
_QUALITIES = frozenset({"low", "medium", "high", "xhigh", "max", "standard", "hd", "auto"})
_AWS_REGION = re.compile(r"(?:us|eu|ap|ca|sa|af|me|il|mx)(?:-gov)?-[a-z]+-\d\Z")
_COMMITMENT = re.compile(r"(\d+)-month-commitment\Z")
# Ways LiteLLM may call Bedrock; the id that is sent is what follows.
_BEDROCK_ROUTES = frozenset({"invoke", "claude_platform"})
# Prices by size of model, for models without an entry of their own.
_PRICE_CLASS = re.compile(r"(?:together|fireworks)-ai-(?:up-to|moe|default|embedding|\d)")
_FIREWORKS_FOLDER = "accounts/fireworks/models/"


@dataclass(frozen=True, slots=True)
class Key:
    """What one key names: `condition` holds for every price of its entry."""

    provider: str
    native_id: str
    condition: Condition


def refusal(key: str, entry: Mapping[str, object]) -> str | None:
    """Why an entry is no endpoint, judged by its key; None when it may be one."""
    if key == "sample_spec":
        return "an example of the format, not an entry"
    if entry.get("litellm_provider") is None:
        return "rules for ids without an entry, not an entry"
    if _PRICE_CLASS.match(key):
        return "a price by size of model, not an endpoint"
    if key.endswith("/container"):
        return "a tool billed per session, not a model"
    return None


def read_key(key: str, their_provider: str, kind: Kind, mode: str) -> Key:
    """`kind` is what the entry makes: only where it draws is a leading `high` a quality."""
    draws = kind == Kind.IMAGE
    provider = roster.canonical(SOURCE, their_provider)
    named: dict[str, str] = {}
    region = ""
    # Sizes stand before the provider in some keys and behind it in others.
    segments = _take(key.split("/"), named, _drawing) if draws else key.split("/")
    segments = _past_provider(segments, provider)
    segments = _take(segments, named, _drawing) if draws else segments
    if provider == "amazon-bedrock":
        region, segments = _bedrock(segments, named)
    if provider == "deepgram":
        segments = _take(segments, named, _deepgram)
    native_id = "/".join(segments)
    if provider == "fireworks-ai" and "/" not in native_id:
        native_id = _FIREWORKS_FOLDER + native_id  # as LiteLLM itself completes it
    if provider == "perplexity" and mode == "responses":
        provider = "perplexity-agent"  # another API of theirs, with other people's models
    if their_provider == "dashscope" and kind == Kind.VIDEO:
        provider = "alibaba-cn"  # for videos LiteLLM calls the Chinese site, at its prices
    return Key(provider, native_id, Condition(region=region, named=tuple(named.items())))


def _past_provider(segments: list[str], provider: str) -> list[str]:
    """Without the provider in front: once, for `perplexity/perplexity/sonar` has a second one."""
    if len(segments) > 1 and roster.canonical(SOURCE, segments[0]) == provider:
        return segments[1:]
    return segments


_Reader = Callable[[str], tuple[str, str] | None]


def _take(segments: list[str], named: dict[str, str], reader: _Reader) -> list[str]:
    """Moves leading segments that state a condition into `named`."""
    while len(segments) > 1 and (stated := reader(segments[0])):
        named[stated[0]] = stated[1]
        segments = segments[1:]
    return segments


def _drawing(segment: str) -> tuple[str, str] | None:
    if size := _SIZE.match(segment):
        return "size", "max" if size[1] == "max" else f"{size[1]}x{size[2]}"
    if steps := _STEPS.match(segment):
        return "steps", steps[1]
    return ("quality", segment) if segment in _QUALITIES else None


def _deepgram(segment: str) -> tuple[str, str] | None:
    return ("delivery", segment) if segment == "streaming" else None


def _bedrock(segments: list[str], named: dict[str, str]) -> tuple[str, list[str]]:
    """Region and commitment in front of the id: they change the price, not the id sent."""
    region = ""
    while len(segments) > 1:
        first = segments[0]
        if _AWS_REGION.match(first):
            region = first
        elif commitment := _COMMITMENT.match(first):
            named["commitment"] = "1 month" if commitment[1] == "1" else f"{commitment[1]} months"
        elif first != "*" and first not in _BEDROCK_ROUTES:
            break
        segments = segments[1:]
    return region, segments
