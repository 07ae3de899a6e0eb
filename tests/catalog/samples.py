"""Targets for sample code: one for every call we know, and how each provider is spoken to."""

from dataclasses import dataclass

from catalog.snippets import SnippetTarget
from providers.choices import Kind, Protocol

KEY = "STANDIN_API_KEY"


def target(
    kind: str = Kind.CHAT,
    *,
    native_id: str = "lab/model-1",
    api_base: str = "https://host.example/v1",
    key_variable: str = KEY,
    protocols: tuple[str, ...] = (),
    reads: tuple[str, ...] = ("text",),
    sdk: str | None = "@ai-sdk/openai-compatible",
    provider: str = "some-host",
) -> SnippetTarget:
    return SnippetTarget(
        kind=kind,
        native_id=native_id,
        api_base=api_base,
        key_variable=key_variable,
        protocols=frozenset(protocols),
        input_modalities=frozenset(reads),
        sdk=sdk,
        provider_slug=provider,
        provider_name="Some Host",
    )


@dataclass(frozen=True)
class Case:
    """A target and what its request must look like when it arrives.

    `path` is what comes after the host; `model_at` is the body's field with the id (empty: the id
    is in the path); `key_header` and `key_before` say where the key travels.
    """

    name: str
    target: SnippetTarget
    path: str
    model: str = "lab/model-1"
    model_at: str = "model"
    key_header: str = "Authorization"
    key_before: str = "Bearer "


def _at(provider: str, kind: str, path: str, **more: str) -> Case:
    native_id = more.pop("native_id", "lab/model-1")
    asked = target(kind, native_id=native_id, api_base="", sdk=None, provider=provider)
    return Case(f"{provider}-{kind}", asked, path, **{"model": native_id, **more})


CASES = [
    Case("chat", target(), "/v1/chat/completions"),
    Case("chat-with-picture", target(reads=("text", "image")), "/v1/chat/completions"),
    Case("responses", target(protocols=(Protocol.OPENAI_RESPONSES,)), "/v1/responses"),
    Case(
        "responses-with-picture",
        target(protocols=(Protocol.OPENAI_RESPONSES,), reads=("image",)),
        "/v1/responses",
    ),
    Case("completions", target(protocols=(Protocol.OPENAI_COMPLETIONS,)), "/v1/completions"),
    Case(
        "messages",
        target(sdk="@ai-sdk/anthropic", api_base="https://host.example/anthropic/v1"),
        "/anthropic/v1/messages",
        key_header="x-api-key",
        key_before="",
    ),
    Case(
        "messages-with-picture",
        target(
            sdk="@ai-sdk/anthropic",
            api_base="https://host.example/anthropic/v1",
            reads=("image", "text"),
        ),
        "/anthropic/v1/messages",
        key_header="x-api-key",
        key_before="",
    ),
    Case("embedding", target(Kind.EMBEDDING), "/v1/embeddings"),
    _at("openai", Kind.IMAGE, "/v1/images/generations"),
    _at("openai", Kind.SPEECH, "/v1/audio/speech"),
    _at("openai", Kind.TRANSCRIPTION, "/v1/audio/transcriptions"),
    _at("openai", Kind.MODERATION, "/v1/moderations"),
    _at("mistral", Kind.OCR, "/v1/ocr"),
    _at("groq", Kind.SPEECH, "/openai/v1/audio/speech"),
    _at("togetherai", Kind.RERANK, "/v1/rerank"),
    _at("cohere", Kind.RERANK, "/v2/rerank"),
    _at("voyageai", Kind.RERANK, "/v1/rerank"),
    _at("openrouter", Kind.IMAGE, "/api/v1/chat/completions"),
    _at(
        "fal-ai",
        Kind.IMAGE,
        "/fal-ai/flux/dev",
        native_id="fal-ai/flux/dev",
        model_at="",
        key_before="Key ",
    ),
    _at(
        "elevenlabs",
        Kind.SPEECH,
        "/v1/text-to-speech/YOUR_VOICE_ID",
        model_at="model_id",
        key_header="xi-api-key",
        key_before="",
    ),
    _at(
        "elevenlabs",
        Kind.TRANSCRIPTION,
        "/v1/speech-to-text",
        model_at="model_id",
        key_header="xi-api-key",
        key_before="",
    ),
    _at(
        "deepgram",
        Kind.TRANSCRIPTION,
        "/v1/listen?model=lab%2Fmodel-1",
        model_at="",
        key_before="Token ",
    ),
    _at(
        "amazon-bedrock",
        Kind.CHAT,
        "/model/lab.model-1-v1%3A0/converse",
        native_id="eu-west-1/lab.model-1-v1:0",
        model_at="",
    ),
    _at(
        "azure",
        Kind.CHAT,
        "/openai/v1/chat/completions",
        native_id="eu/gpt-4o-mini",
        model="gpt-4o-mini",
        key_header="api-key",
        key_before="",
    ),
    _at("google", Kind.CHAT, "/v1beta/openai/chat/completions"),
    _at(
        "anthropic",
        Kind.CHAT,
        "/v1/messages",
        key_header="x-api-key",
        key_before="",
    ),
]
