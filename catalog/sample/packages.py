"""Vercel's AI SDK: which package speaks to which provider, and how its provider is made."""

from dataclasses import dataclass

from .calls import PICTURE, PICTURE_QUESTION, QUESTION, Wanted
from .literals import JAVASCRIPT, Code, Value, changing, literal
from .services import ANTHROPIC_PACKAGE, OPENAI

GATEWAY = "@ai-sdk/gateway"
COMPATIBLE = "@ai-sdk/openai-compatible"
_SPEAKS_RESPONSES = {"@ai-sdk/openai", "@ai-sdk/azure", GATEWAY}

# Packages with one provider behind them: all they need is the key.
_FACTORIES = {
    "@ai-sdk/anthropic": "createAnthropic",
    "@ai-sdk/cerebras": "createCerebras",
    "@ai-sdk/cohere": "createCohere",
    "@ai-sdk/deepinfra": "createDeepInfra",
    "@ai-sdk/google": "createGoogleGenerativeAI",
    "@ai-sdk/groq": "createGroq",
    "@ai-sdk/mistral": "createMistral",
    "@ai-sdk/openai": "createOpenAI",
    "@ai-sdk/perplexity": "createPerplexity",
    "@ai-sdk/togetherai": "createTogetherAI",
    "@ai-sdk/vercel": "createVercel",
    "@ai-sdk/xai": "createXai",
    "@openrouter/ai-sdk-provider": "createOpenRouter",
}
_BY_DIALECT = {
    "anthropic": ANTHROPIC_PACKAGE,
    "azure": "@ai-sdk/azure",
    "bedrock": "@ai-sdk/amazon-bedrock",
    "vertex": "@ai-sdk/google-vertex",
}
# With their own address these speak to their own maker; for anybody else it must be given.
_HOMES = {"@ai-sdk/openai": "openai", ANTHROPIC_PACKAGE: "anthropic"}


@dataclass(frozen=True, slots=True)
class Package:
    """`import { factory } from name`, and the options that `factory` takes."""

    name: str
    factory: str
    options: dict[str, Value]


def package_for(
    wanted: Wanted, *, provider: str, sdk: str | None, region: str, responses_only: bool
) -> Package | None:
    """The package to use; None where none is known to fit."""
    name = _name(wanted, provider=provider, sdk=sdk)
    if responses_only and name not in _SPEAKS_RESPONSES:
        return None
    key = Code(f"process.env.{literal_key(wanted)}")
    match name:
        case "@ai-sdk/gateway":
            return Package(name, "", {})
        case "@ai-sdk/azure":
            host = wanted.service.base.removesuffix("/v1")
            options: dict[str, Value] = {"baseURL": changing(host), "apiKey": key}
            return Package(name, "createAzure", options)
        case "@ai-sdk/amazon-bedrock":
            return Package(name, "createAmazonBedrock", {"region": region, "apiKey": key})
        case "@ai-sdk/google-vertex":
            return Package(name, "createVertex", {"project": "YOUR_PROJECT", "location": "global"})
        case "@ai-sdk/openai-compatible":
            options = {"name": provider, "baseURL": changing(wanted.service.base), "apiKey": key}
            return Package(name, "createOpenAICompatible", options)
        case str():
            return Package(name, _FACTORIES[name], _base_option(wanted, name, provider, key))
        case None:
            return None


def _name(wanted: Wanted, *, provider: str, sdk: str | None) -> str | None:
    service = wanted.service
    if provider == "vercel":
        return GATEWAY
    if service.dialect in _BY_DIALECT:
        return _BY_DIALECT[service.dialect]
    if sdk == ANTHROPIC_PACKAGE:
        return sdk if service.anthropic else None
    if sdk in _FACTORIES:
        return sdk
    if service.dialect in (OPENAI, "openrouter") and service.base:
        return COMPATIBLE
    return None


def _base_option(wanted: Wanted, name: str, provider: str, key: Code) -> dict[str, Value]:
    if _HOMES.get(name, provider) == provider:
        return {"apiKey": key}
    service = wanted.service
    base = f"{service.anthropic}/v1" if name == ANTHROPIC_PACKAGE else service.base
    return {"baseURL": changing(base), "apiKey": key}


def literal_key(wanted: Wanted) -> str:
    """The key's variable between its marks; it is a plain identifier, so it needs no quotes."""
    return literal(changing(wanted.service.key), JAVASCRIPT)[1:-1]


def request(wanted: Wanted, package: Package) -> dict[str, Value]:
    """What `generateText` is asked."""
    model: Value = wanted.model
    if package.factory:
        model = Code(f"provider({literal(wanted.model, JAVASCRIPT)})")
    if not wanted.sees:
        return {"model": model, "prompt": QUESTION}
    content: Value = [
        {"type": "text", "text": PICTURE_QUESTION},
        {"type": "image", "image": Code(f"new URL({literal(PICTURE, JAVASCRIPT)})")},
    ]
    return {"model": model, "messages": [{"role": "user", "content": content}]}
