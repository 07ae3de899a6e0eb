"""Answers of OpenRouter and Vercel in their exact shapes, with figures made up by us.

A `Model` is what both are told to sell. Everything else follows from it and from `turn`, the number
of the reading: readings differ from turn to turn, facts and prices don't.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

CREATED = 1_760_000_000  # unix seconds
WITHOUT_FIGURES: dict[str, Any] = {"p50": None, "p75": None, "p90": None, "p99": None}


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a simulated gateway. Prices are USD per million tokens."""

    id: str
    name: str = "Made up"
    input: str = "1"
    output: str = "4"
    cache_read: str = ""
    context: int = 131_072
    max_output: int = 16_384
    # Tags of OpenRouter's rows; what stands before a slash is the upstream.
    tags: tuple[str, ...] = ("openai",)

    @property
    def upstreams(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tag.partition("/")[0] for tag in self.tags))


def per_token(per_million: str) -> str:
    """`0.15` → `0.00000015`, as the gateways write it."""
    return f"{(Decimal(per_million) / 1_000_000).normalize():f}"


def encoded(answer: Any) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


# -- OpenRouter -----------------------------------------------------------------------------------


def openrouter_models(models: Iterable[Model]) -> dict[str, Any]:
    listed = [_openrouter_model(model) for model in models]
    return {"data": listed, "total_count": len(listed), "links": {"next": None}}


def _openrouter_model(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "canonical_slug": model.id,
        "hugging_face_id": None,
        "name": model.name,
        "created": CREATED,
        "description": "Made up.",
        "context_length": model.context,
        "architecture": _architecture(),
        "pricing": _openrouter_pricing(model, Decimal(1)),
        "top_provider": {
            "context_length": model.context,
            "max_completion_tokens": model.max_output,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature", "tools"],
        "default_parameters": {},
        "supported_voices": None,
        "knowledge_cutoff": None,
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{model.id}/endpoints"},
    }


def _architecture() -> dict[str, Any]:
    return {
        "modality": "text->text",
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "tokenizer": "Other",
        "instruct_type": None,
    }


def _openrouter_pricing(model: Model, factor: Decimal) -> dict[str, str]:
    prices = {"prompt": model.input, "completion": model.output}
    if model.cache_read:
        prices["input_cache_read"] = model.cache_read
    return {key: per_token(str(Decimal(price) * factor)) for key, price in prices.items()}


# What a tag's last part does to the price.
FACTORS = {"flex": Decimal("0.5"), "fast": Decimal(2), "eu": Decimal("1.1")}


def openrouter_endpoints(model: Model, *, turn: int = 0, with_key: bool = True) -> dict[str, Any]:
    chance = random.Random(f"{model.id} {turn}")  # noqa: S311
    rows = [_openrouter_row(model, tag, chance, with_key) for tag in model.tags]
    return {
        "data": {
            "id": model.id,
            "name": model.name,
            "created": CREATED,
            "description": "Made up.",
            "architecture": _architecture(),
            "endpoints": rows,
        }
    }


def _openrouter_row(
    model: Model, tag: str, chance: random.Random, with_key: bool
) -> dict[str, Any]:
    upstream, _, mark = tag.partition("/")
    median = chance.uniform(200, 900)
    speed = chance.uniform(40, 120)
    return {
        "name": f"{upstream} | {model.id}",
        "model_id": model.id,
        "model_name": model.name,
        "context_length": model.context,
        "pricing": {
            **_openrouter_pricing(model, FACTORS.get(mark, Decimal(1))),
            "discount": 0,
        },
        "provider_name": upstream.title(),
        "tag": tag,
        "quantization": mark if mark.startswith("fp") else "unknown",
        "max_completion_tokens": model.max_output,
        "max_prompt_tokens": None,
        "supported_parameters": ["max_tokens", "temperature", "tools"],
        "status": 0,
        "uptime_last_5m": None,
        "uptime_last_30m": round(chance.uniform(98, 100), 3),
        "uptime_last_1d": round(chance.uniform(99, 100), 3),
        "supports_implicit_caching": False,
        "latency_last_30m": _spread(median, 1.3, 1.7, 3.1) if with_key else None,
        "throughput_last_30m": _spread(speed, 1.1, 1.2, 1.4) if with_key else None,
    }


def _spread(median: float, *factors: float) -> dict[str, float]:
    values = [median, *(median * factor for factor in factors)]
    return dict(zip(WITHOUT_FIGURES, (round(value, 2) for value in values), strict=True))


def openrouter_providers(slugs: Iterable[str]) -> dict[str, Any]:
    return {
        "data": [
            {
                "name": slug.title(),
                "slug": slug,
                "headquarters": "US",
                "datacenters": ["US"],
                "privacy_policy_url": f"https://{slug}.example/privacy",
                "terms_of_service_url": f"https://{slug}.example/terms",
                "status_page_url": None,
            }
            for slug in slugs
        ]
    }


# -- Vercel ---------------------------------------------------------------------------------------


def vercel_models(models: Iterable[Model]) -> dict[str, Any]:
    return {"object": "list", "data": [_vercel_model(model) for model in models]}


def _vercel_model(model: Model) -> dict[str, Any]:
    prices = {"input": model.input, "output": model.output, "input_cache_read": model.cache_read}
    return {
        "id": model.id,
        "object": "model",
        "created": CREATED,
        "released": CREATED,
        "owned_by": model.id.partition("/")[0],
        "name": model.name,
        "description": "Made up.",
        "context_window": model.context,
        "max_tokens": model.max_output,
        "type": "language",
        "tags": ["tool-use"],
        "supported_specifications": ["v2", "v3"],
        "modalities": {"input": ["text"], "output": ["text"]},
        "supported_parameters": ["max_tokens", "temperature", "tools"],
        "temperature": True,
        "pricing": {key: per_token(price) for key, price in prices.items() if price},
    }


def vercel_endpoints(model: Model, *, turn: int = 0) -> dict[str, Any]:
    chance = random.Random(f"{model.id} {turn}")  # noqa: S311
    return {
        "data": {
            "id": model.id,
            "name": model.name,
            "created": CREATED,
            "description": "Made up.",
            "architecture": {**_architecture(), "tokenizer": None},
            "endpoints": [_vercel_row(model, upstream, chance) for upstream in model.upstreams],
        }
    }


def _vercel_row(model: Model, upstream: str, chance: random.Random) -> dict[str, Any]:
    median, speed = round(chance.uniform(200, 900), 2), round(chance.uniform(40, 120), 2)
    nothing = ("request", "image", "image_output", "web_search", "internal_reasoning")
    return {
        "name": f"{upstream} | {model.id}",
        "model_name": model.name,
        "provider_name": upstream,
        "context_length": model.context,
        "max_completion_tokens": model.max_output,
        "max_prompt_tokens": None,
        "quantization": None,
        "supported_parameters": ["max_tokens", "temperature", "tools"],
        "tags": ["tool-use"],
        "pricing": {
            **_openrouter_pricing(model, Decimal(1)),
            **dict.fromkeys(nothing, "0"),
            "discount": 0,
        },
        "status": 0,
        "supports_implicit_caching": False,
        "uptime_last_15m": 100,
        "uptime_last_1h": round(chance.uniform(98, 100), 3),
        "uptime_last_1d": round(chance.uniform(99, 100), 3),
        "latency_last_1h": {"p50": median, "p95": round(median * 2, 2)},
        "throughput_last_1h": {"p50": speed, "p95": round(speed * 1.2, 2)},
    }


# -- whole gateways -------------------------------------------------------------------------------

OPENROUTER = "/openrouter.ai/api/v1"
VERCEL = "/ai-gateway.vercel.sh/v1"


def openrouter(models: Iterable[Model], *, turn: int = 0) -> Iterator[tuple[str, bytes]]:
    """Path → answer of every address of a gateway, below the host's name."""
    sold = list(models)
    yield f"{OPENROUTER}/models?output_modalities=all", encoded(openrouter_models(sold))
    upstreams = sorted({upstream for model in sold for upstream in model.upstreams})
    yield f"{OPENROUTER}/providers", encoded(openrouter_providers(upstreams))
    for model in sold:
        path = f"{OPENROUTER}/models/{model.id}/endpoints"
        yield path, encoded(openrouter_endpoints(model, turn=turn))


def vercel(models: Iterable[Model], *, turn: int = 0) -> Iterator[tuple[str, bytes]]:
    sold = list(models)
    yield f"{VERCEL}/models", encoded(vercel_models(sold))
    for model in sold:
        path = f"{VERCEL}/models/{model.id}/endpoints"
        yield path, encoded(vercel_endpoints(model, turn=turn))
