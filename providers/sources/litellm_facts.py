"""LiteLLM's fields other than prices: limits, dates, parameters, capabilities, protocols."""

from collections.abc import Iterator, Mapping
from typing import Any

from providers.choices import Kind, Protocol
from providers.facts import BadFact, Fact, fact_type, text

from .answer import FactList, Gathering, listing
from .litellm_costs import cost_fields

# Entry field → fact, where the value is taken as it is.
FACTS = {
    "max_input_tokens": "max_input",
    "max_output_tokens": "max_output",
    "output_vector_size": "dimensions",
    "prompt_cache_min_tokens": "cache_min_tokens",
    "rpm": "requests_per_minute",
    "tpm": "tokens_per_minute",
    "deprecation_date": "retires_on",
    "source": "evidence_url",
    "supported_modalities": "input_modalities",
    "supported_output_modalities": "output_modalities",
    "reasoning_effort_levels": "reasoning_efforts",
    "supported_regions": "regions",
}
# What request parameters the provider takes; every other `supports_x` is the capability `x`.
PARAMETERS = {
    "supports_function_calling": "parameter.tools",
    "supports_tool_choice": "parameter.tool_choice",
    "supports_parallel_function_calling": "parameter.parallel_tool_calls",
    "supports_response_schema": "parameter.structured_outputs",
}
CAPABILITIES = {"thinking_always_on": "capability.thinking-always-on"}
# Fields about LiteLLM's own way to call Bedrock, not about what Bedrock can do.
_OWN_AFFAIRS = "supports_bedrock_"

ENDPOINTS = {
    "/v1/chat/completions": Protocol.OPENAI_CHAT,
    "/v1/responses": Protocol.OPENAI_RESPONSES,
    "/v1/completions": Protocol.OPENAI_COMPLETIONS,
    "/v1/messages": Protocol.ANTHROPIC_MESSAGES,
    "/v1/embeddings": Protocol.OPENAI_EMBEDDINGS,
    "/v1/images/generations": Protocol.OPENAI_IMAGES,
    "/v1/images/edits": Protocol.OPENAI_IMAGE_EDITS,
    "/v1/audio/speech": Protocol.OPENAI_SPEECH,
    "/v1/audio/transcriptions": Protocol.OPENAI_TRANSCRIPTIONS,
    "/v1/videos": Protocol.OPENAI_VIDEOS,
    "/v1/realtime": Protocol.OPENAI_REALTIME,
    "/v1/realtime/transcription_sessions": Protocol.OPENAI_REALTIME,
    "/v1/batch": Protocol.OPENAI_BATCH,
    "/v1/ocr": Protocol.MISTRAL_OCR,
}
MODES = {"responses": Protocol.OPENAI_RESPONSES, "realtime": Protocol.OPENAI_REALTIME}
# `supported_endpoints` are LiteLLM's own paths. Only these providers answer at the same ones; for
# the others LiteLLM translates, and the list says nothing of them.
SAME_PATHS = frozenset(
    {"aiml", "azure", "azure_ai", "bedrock_mantle", "bigmodel", "coralbricks", "darkbloom"}
    | {"deepseek", "github_copilot", "gradient_ai", "hostinger_router", "inferenceapis", "meta"}
    | {"mistral", "nscale", "openai", "opencode_go", "prism", "recraft", "tencent", "xai"}
    | {"xiaomi_mimo"}
)
_READ_HERE = (
    FACTS.keys()
    | PARAMETERS.keys()
    | CAPABILITIES.keys()
    | {"litellm_provider", "mode", "supported_endpoints"}
)


def read_facts(
    name: str, entry: Mapping[str, Any], kind: Kind, gathering: Gathering
) -> tuple[Fact, ...]:
    """The facts of one entry; one that cannot be kept is refused alone, by name."""
    facts = FactList("endpoint")
    for key, value in _stated(entry, kind, gathering):
        if fact_type("endpoint", key) is None:
            gathering.no_room([key])
            continue
        try:
            facts.add(key, value)
        except BadFact as error:
            gathering.refuse(f"{name}, {key}", error)
    return facts.freeze()


def _stated(
    entry: Mapping[str, Any], kind: Kind, gathering: Gathering
) -> Iterator[tuple[str, Any]]:
    known = _READ_HERE | set(cost_fields(entry, kind))
    for field, value in entry.items():
        if value is None:
            continue
        if field in FACTS:
            if not _is_void(field, value, kind):
                yield FACTS[field], value
        elif fact := PARAMETERS.get(field) or CAPABILITIES.get(field):
            yield fact, value
        elif field.startswith("supports_") and not field.startswith(_OWN_AFFAIRS):
            yield "capability." + field.removeprefix("supports_").replace("_", "-"), value
        elif field not in known:
            gathering.no_room([field])
    yield from _protocols(entry, gathering)


def _is_void(field: str, value: Any, kind: Kind) -> bool:
    """A limit of 0 is unknown; what an embedding or a ranking "writes" is no number of tokens."""
    if field == "max_output_tokens" and kind in (Kind.EMBEDDING, Kind.RERANK):
        return True
    return value in (0, [])


def _protocols(entry: Mapping[str, Any], gathering: Gathering) -> Iterator[tuple[str, bool]]:
    protocols = dict.fromkeys(
        ENDPOINTS.get(text(path)) for path in listing(entry.get("supported_endpoints") or [])
    )
    if entry["litellm_provider"] not in SAME_PATHS:
        if protocols:
            gathering.no_room(["supported_endpoints of LiteLLM itself"])
        return
    mode = MODES.get(str(entry.get("mode")))
    for protocol in dict.fromkeys([*protocols, mode]):
        if protocol:
            yield f"protocol.{protocol}", True
    if None in protocols:
        gathering.no_room(["supported_endpoints, a path of another kind"])
