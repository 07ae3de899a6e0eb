"""No answer, however broken, brings a source down: it is refused whole, or item by item."""

import json
from typing import Any

import pytest

from providers.facts import EVERYTHING, BadSnapshot, Snapshot
from providers.sources import recordings
from providers.sources.registry import SOURCES

from .read import NOW, broken, parsed

MINE = ("genai_prices", "pi_ai", "zenmux", "reference_page")


def _sample(slug: str) -> Any:
    """A small part of a recording with every feature of its format."""
    tree = json.loads(recordings.recorded(slug).data)
    if slug == "genai_prices":
        ids = {"deepseek-v4-flash", "gpt-4o-mini", "mistral-ocr-latest"}
        usages = ("input_tokens", "cache_read_tokens", "input_document_pages", "web_searches")
        providers = [p for p in tree["providers"] if p["id"] in ("deepseek", "openai", "mistral")]
        for provider in providers:
            provider["models"] = [m for m in provider["models"] if m["id"] in ids]
            provider.pop("extractors")
        return {"units": {usage: tree["units"][usage] for usage in usages}, "providers": providers}
    if slug == "pi_ai":
        anthropic = tree["providers"]["anthropic"]["anthropic-messages"]
        entry = {"chat:claude-haiku-5-5": anthropic["chat:claude-haiku-5-5"]}
        return tree | {"providers": {"anthropic": {"anthropic-messages": entry}}}
    if slug == "zenmux":
        (azure, _openai) = tree["data"][0]["endpoints"]
        azure["pricings"]["completion"][0]["conditions"] = {
            "prompt_tokens": {"unit": "kTokens", "gte": 32, "lt": 128},
            "completion_tokens": {"unit": "kTokens", "lt": 1},
        }
        return tree | {"data": [tree["data"][0] | {"endpoints": [azure]}]}
    return {"pages": tree["pages"][:4]}


@pytest.mark.parametrize("slug", MINE)
def test_junk_in_any_place_refuses_the_answer_or_the_item(slug: str) -> None:
    tree = _sample(slug)
    whole = parsed(slug, tree)
    assert whole.offers
    assert not whole.refused
    for name, damaged in broken(tree):
        try:
            read = parsed(slug, damaged)
        except BadSnapshot as error:
            assert str(error).startswith(slug), name
        else:
            assert _ended(whole, read) == [], name


def _ended(before: Snapshot, now: Snapshot) -> list[str]:
    """Offers that an answer with something refused in it would end: broken is not absent."""
    there = {offer.identity() for offer in now.offers}
    return [
        f"{offer.provider} {offer.native_id}"
        for offer in before.offers
        if now.refused
        and offer.identity() not in there
        and (offer.provider in now.covers or EVERYTHING in now.covers)
        and now.unreadable.isdisjoint({(offer.provider, offer.native_id), (offer.provider, "")})
    ]


@pytest.mark.parametrize("slug", SOURCES)
@pytest.mark.parametrize("data", [b"", b"[", b"null", b"[1]", b"{}x", b'"text"', b"7"])
def test_an_answer_of_another_shape_is_refused_whole(slug: str, data: bytes) -> None:
    with pytest.raises(BadSnapshot):
        SOURCES[slug].parse(data, as_of=NOW)


@pytest.mark.parametrize("slug", recordings.manifest())
def test_a_truncated_recording_is_refused_whole(slug: str) -> None:
    data = recordings.recorded(slug).data
    with pytest.raises(BadSnapshot):
        SOURCES[slug].parse(data[: len(data) // 2], as_of=NOW)


@pytest.mark.parametrize("slug", SOURCES)
def test_a_deeply_nested_answer_is_refused_whole(slug: str) -> None:
    with pytest.raises(BadSnapshot):
        SOURCES[slug].parse(b'{"providers":' * 100_000, as_of=NOW)
