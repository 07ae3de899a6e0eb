"""The facts the site has a room for: how each is checked and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .values import (
    MAX_ID,
    MAX_NAME,
    count,
    flag,
    full_date,
    is_slug,
    partial_date,
    records,
    status,
    text,
    texts,
    url,
    whole,
)


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
        return FAMILIES.get(family) if is_slug(name.lower()) and subject != "provider" else None
    return {"endpoint": ENDPOINT_FACTS, "provider": PROVIDER_FACTS, "model": MODEL_FACTS}[
        subject
    ].get(key)


Subject = str  # "endpoint", "provider" or "model"


def has_past(key: str) -> bool:
    """Whether a source's history tells how a fact of an endpoint changed."""
    return key in PAST_FACTS or key.startswith("price.")
