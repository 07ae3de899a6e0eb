"""The three protocols that a probe speaks: the request of each, and what its events tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..choices import Outcome, Protocol
from .observation import MAX_TOKENS, outcome_of

SPOKEN = (Protocol.OPENAI_CHAT, Protocol.OPENAI_RESPONSES, Protocol.ANTHROPIC_MESSAGES)
_ANTHROPIC_VERSION = "2023-06-01"
# Where OpenAI's own models are served, `max_tokens` is refused by those that reason.
_OWN_NAME_OF_LIMIT = ("api.openai.com", ".openai.azure.com")

# Errors inside a stream come without a status; this is what their types amount to.
_LIMITED = {"rate_limit_error", "rate_limit_exceeded", "rate_limited", "too_many_requests"}
_CALLERS = {
    *("invalid_request_error", "invalid_prompt", "authentication_error", "permission_error"),
    *("not_found_error", "billing_error", "insufficient_quota", "context_length_exceeded"),
}


class Token(Enum):
    """What an event brought."""

    NONE = 0
    CONTENT = 1
    REASONING = 2


@dataclass(slots=True)
class Told:
    """What a stream has told so far. Counts of tokens are the provider's own; None: not told."""

    input_tokens: int | None = None  # with those read from a cache and written to it
    cached_tokens: int | None = None
    cache_written_tokens: int | None = None
    output_tokens: int | None = None  # with those spent on reasoning
    reasoning_tokens: int | None = None
    is_finished: bool = False  # it said why it stopped
    is_over: bool = False  # nothing comes any more
    error: Outcome | None = None
    error_kind: str = ""


def address(protocol: str, base: str) -> str:
    """Where the request goes, below the root of an API."""
    root = base.rstrip("/")
    match protocol:
        case Protocol.OPENAI_CHAT:
            return f"{root}/chat/completions"
        case Protocol.OPENAI_RESPONSES:
            return f"{root}/responses"
    # Anthropic's libraries take the root without the version, its documentation shows it with it.
    return f"{root.removesuffix('/v1')}/v1/messages"


def body(
    protocol: str, host: str, *, model: str, prompt: str, output_tokens: int
) -> dict[str, Any]:
    """A streaming request for at most `output_tokens`."""
    message = [{"role": "user", "content": prompt}]
    match protocol:
        case Protocol.OPENAI_CHAT:
            own = host.endswith(_OWN_NAME_OF_LIMIT)
            return {
                "model": model,
                "messages": message,
                "stream": True,
                "stream_options": {"include_usage": True},
                ("max_completion_tokens" if own else "max_tokens"): output_tokens,
            }
        case Protocol.OPENAI_RESPONSES:
            return {
                "model": model,
                "input": prompt,
                "stream": True,
                "store": False,
                "max_output_tokens": output_tokens,
            }
    return {"model": model, "messages": message, "stream": True, "max_tokens": output_tokens}


def headers(protocol: str, *, header: str, secret: str) -> dict[str, str]:
    """`header` names another way to hand over the key than the protocol's own."""
    own = "x-api-key" if protocol == Protocol.ANTHROPIC_MESSAGES else "authorization"
    name = header or own
    value = f"Bearer {secret}" if name == "authorization" else secret
    version = (
        {"anthropic-version": _ANTHROPIC_VERSION} if protocol == Protocol.ANTHROPIC_MESSAGES else {}
    )
    return {name: value, **version}


def read(protocol: str, event: Any, told: Told) -> Token:
    """What an event brought; what it tells besides goes into `told`."""
    if not isinstance(event, dict):
        return Token.NONE
    match protocol:
        case Protocol.OPENAI_CHAT:
            return _chat(event, told)
        case Protocol.OPENAI_RESPONSES:
            return _responses(event, told)
    return _messages(event, told)


def text_of(protocol: str, event: Any) -> str:
    """The piece of an answer or of reasoning that an event of `read` brought; for showing alone."""
    if protocol == Protocol.OPENAI_RESPONSES:
        return _said(event, "delta")
    if protocol == Protocol.OPENAI_CHAT:
        choices = _within(event, "choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        names = ("content", "refusal", "reasoning_content", "reasoning")
        return _said(_within(choice, "delta"), *names)
    return _said(_within(event, "delta"), "text", "thinking")


def kind_of_error(answer: Any) -> str:
    """The type of error that a body names, if it is a plain word; never its sentence.

    Sentences may repeat the key that was sent.
    """
    error = _within(answer, "error")
    for name in ("type", "code"):
        word = _within(error, name)
        if isinstance(word, str) and word.isascii() and word.isidentifier() and len(word) <= 40:
            return word
    return ""


# -- protocol by protocol -------------------------------------------------------------------------


def _chat(event: dict[str, Any], told: Told) -> Token:
    if event.get("error"):
        _fail(event, told)
        return Token.NONE
    usage = event.get("usage")
    if isinstance(usage, dict):
        told.input_tokens = _count(usage, "prompt_tokens")
        told.cached_tokens = _count(usage, "prompt_tokens_details", "cached_tokens")
        told.reasoning_tokens = _count(usage, "completion_tokens_details", "reasoning_tokens")
        told.output_tokens = _completion(usage, told)
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    told.is_finished |= bool(_within(choice, "finish_reason"))
    delta = _within(choice, "delta")
    if _says(delta, "content", "refusal"):
        return Token.CONTENT
    return Token.REASONING if _says(delta, "reasoning_content", "reasoning") else Token.NONE


def _completion(usage: Mapping[str, Any], told: Told) -> int | None:
    """Some count reasoning beside the completion instead of in it; their total tells."""
    output, thought = _count(usage, "completion_tokens"), told.reasoning_tokens
    total = _count(usage, "total_tokens")
    if output is None or not thought or total is None or told.input_tokens is None:
        return output
    return output + thought if total == told.input_tokens + output + thought else output


def _responses(event: dict[str, Any], told: Told) -> Token:
    match event.get("type"):
        case "response.output_text.delta" | "response.refusal.delta":
            return Token.CONTENT if _says(event, "delta") else Token.NONE
        case "response.reasoning_text.delta" | "response.reasoning_summary_text.delta":
            return Token.REASONING if _says(event, "delta") else Token.NONE
        case "response.completed" | "response.incomplete":
            told.is_finished = told.is_over = True
            usage = _within(event.get("response"), "usage")
            told.input_tokens = _count(usage, "input_tokens")
            told.cached_tokens = _count(usage, "input_tokens_details", "cached_tokens")
            told.output_tokens = _count(usage, "output_tokens")
            told.reasoning_tokens = _count(usage, "output_tokens_details", "reasoning_tokens")
        case "response.failed":
            _fail(event.get("response"), told)
        case "error":
            _fail(event if event.get("error") else {"error": event}, told)
    return Token.NONE


def _messages(event: dict[str, Any], told: Told) -> Token:
    match event.get("type"):
        case "message_start":
            _anthropic_input(_within(event.get("message"), "usage"), told)
        case "content_block_delta":
            delta = event.get("delta")
            if _says(delta, "text"):
                return Token.CONTENT
            return Token.REASONING if _says(delta, "thinking") else Token.NONE
        case "message_delta":
            told.is_finished |= bool(_within(event.get("delta"), "stop_reason"))
            output = _count(event.get("usage"), "output_tokens")
            told.output_tokens = told.output_tokens if output is None else output
        case "message_stop":
            told.is_over = True
        case "error":
            _fail(event, told)
    return Token.NONE


def _anthropic_input(usage: Any, told: Told) -> None:
    """Fresh input, read and written cache stand apart there."""
    fresh = _count(usage, "input_tokens")
    if fresh is None:
        return
    told.cached_tokens = _count(usage, "cache_read_input_tokens")
    told.cache_written_tokens = _count(usage, "cache_creation_input_tokens")
    told.input_tokens = fresh + (told.cached_tokens or 0) + (told.cache_written_tokens or 0)


# -- parts ----------------------------------------------------------------------------------------


def _fail(said: Any, told: Told) -> None:
    told.is_over = True
    told.error_kind = kind_of_error(said)
    code = _within(_within(said, "error"), "code")
    kinds = {told.error_kind, code if isinstance(code, str) else ""}
    if isinstance(code, int) and 400 <= code <= 599:
        told.error = outcome_of(code)
    elif kinds & _LIMITED:
        told.error = Outcome.RATE_LIMITED
    else:
        told.error = Outcome.CALLER_ERROR if kinds & _CALLERS else Outcome.PROVIDER_ERROR


def _within(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _says(value: Any, *names: str) -> bool:
    """Whether one of them is a text that is not empty."""
    return bool(_said(value, *names))


def _said(value: Any, *names: str) -> str:
    """The first of them that is a text and not empty; else nothing."""
    texts = (_within(value, name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), "")


def _count(value: Any, *path: str) -> int | None:
    for name in path:
        value = _within(value, name)
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS
    return value if sound else None
