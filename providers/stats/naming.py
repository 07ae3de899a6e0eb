"""Which endpoint other people's telemetry is about: names to try, the likeliest first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .. import roster
from ..facts import MAX_SLUG, BadFact
from .observation import Observation

OTEL: Final = "otel"  # OpenTelemetry's names stand in the roster beside those of our sources
OPENROUTER: Final = "openrouter"
# Hosts with the customer's own name in them, by how they begin and end.
_PATTERNS = (
    ("", ".openai.azure.com", "azure"),
    ("", ".services.ai.azure.com", "azure"),
    ("", ".cognitiveservices.azure.com", "azure"),
    ("bedrock-runtime", ".amazonaws.com", "amazon-bedrock"),
    ("", "aiplatform.googleapis.com", "google-vertex"),
    ("", "generativelanguage.googleapis.com", "google"),
    ("", "openrouter.ai", OPENROUTER),
)

Name = tuple[str, str, str, str]  # provider, model, operation, upstream


@dataclass(frozen=True, slots=True)
class Told:
    """An observation under the likeliest name, and other names that the same endpoint may bear."""

    observation: Observation
    others: tuple[Name, ...] = ()


def provider_at(host: str, hosts: Mapping[str, str]) -> str:
    """The provider that answers there; empty when nobody is known to. `hosts`: host → slug."""
    host = host.lower().rstrip(".")
    if host in hosts:
        return hosts[host]
    for begins, ends, slug in _PATTERNS:
        if host.startswith(begins) and host.endswith(ends):
            return slug
    return ""


def slug_of(source: str, their_name: str) -> str:
    """The provider's slug; a name that makes none stays as it is, to be seen in the quarantine."""
    try:
        return roster.canonical(source, their_name)
    except BadFact:
        return their_name[:MAX_SLUG]


def names(
    providers: Iterable[str], models: Iterable[str], operation: str = "", upstream: str = ""
) -> tuple[Name, ...]:
    """Each model at each provider; with the upstream first, then without. At least one name."""
    found = dict.fromkeys(_all(list(providers) or [""], list(models) or [""], operation, upstream))
    return tuple(found)


def _all(providers: list[str], models: list[str], operation: str, upstream: str) -> Iterator[Name]:
    for provider in providers:
        for model in models:
            if upstream:
                yield provider, model, operation, upstream
            yield provider, model, operation, ""
            # Instrumentation and routers write `openai/gpt-4o` for what OpenAI calls `gpt-4o`.
            first, _, rest = model.partition("/")
            if rest and provider in (first, *_means(first)):
                yield provider, rest, operation, ""


def _means(prefix: str) -> tuple[str, str]:
    return slug_of(OTEL, prefix), slug_of("litellm", prefix)
