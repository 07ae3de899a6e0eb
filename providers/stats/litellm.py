"""What LiteLLM's proxy posts by its generic API callback, as observations.

One StandardLoggingPayload is one attempt at a deployment. Of its fields these are read; prompts and
answers, which it holds unless message logging is turned off, are not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from ..choices import Kind, Outcome
from ..facts import BadFact
from ..sources import litellm_keys
from .failures import outcome_of_error
from .ingest import JSON_TYPES, LINES_TYPES, NO_JSON, TOO_DEEP, BadBody, expect_not_too_many
from .naming import Name, Told
from .observation import Observation

# Parts of `call_type`, which names a function of LiteLLM: `acompletion`, `aembedding` …
_OPERATIONS = (
    ("embedding", Kind.EMBEDDING),
    ("image", Kind.IMAGE),
    ("speech", Kind.SPEECH),
    ("transcription", Kind.TRANSCRIPTION),
    ("video", Kind.VIDEO),
    ("rerank", Kind.RERANK),
    ("moderation", Kind.MODERATION),
    ("ocr", Kind.OCR),
)
OWN_LIMITS = "litellm_"  # rate limits of the proxy's own begin so
AGENT_TAG = "User-Agent: "  # LiteLLM adds what called it to the tags
MS_PER_SECOND = 1000
# An item may be one figure, which takes 80 bytes until it is known not to be a payload.
MAX_VALUES = 1_000_000


class Failure(msgspec.Struct, frozen=True):
    error_code: str | int | None = None
    error_class: str | None = None
    error_rate_limit_category: str | None = None


class InputDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None


class OutputDetails(msgspec.Struct, frozen=True):
    reasoning_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True):
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None


class Metadata(msgspec.Struct, frozen=True):
    user_api_key_team_alias: str | None = None
    usage_object: Usage | None = None


class Known(msgspec.Struct, frozen=True):
    model_map_key: str | None = None


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a StandardLoggingPayload that is read. Times are Unix seconds."""

    id: str
    status: str
    startTime: float
    endTime: float
    completionStartTime: float | None = None
    litellm_call_id: str | None = None
    call_type: str = ""
    stream: bool | None = None
    cache_hit: bool | str | None = None
    response_cost: Decimal | None = None  # USD
    custom_llm_provider: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    request_tags: list[Any] | None = None
    metadata: Metadata | None = None
    model_map_information: Known | None = None
    error_information: Failure | None = None


@dataclass(slots=True)
class Payloads:
    """A batch as far as it could be read. `places`: where each item stood, counted from 0."""

    told: list[Told] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


class Unread(ValueError):
    """Why an item is not taken."""


_items = msgspec.json.Decoder(list[msgspec.Raw])
_payload = msgspec.json.Decoder(Payload)


def read(body: bytes, kind: str) -> Payloads:
    """All three formats of the callback. Raises BadBody when items cannot be told apart."""
    found = Payloads()
    for place, item in enumerate(_parts(body, kind)):
        try:
            payload = _payload.decode(item)
            if payload.cache_hit is not True:  # answered by the proxy; nobody was asked
                found.told.append(_told(payload))
                found.places.append(place)
        except (msgspec.MsgspecError, Unread) as error:
            found.faults.append((place, str(error)))
        except RecursionError:
            found.faults.append((place, TOO_DEEP))
    return found


def _parts(body: bytes, kind: str) -> list[Any]:
    if kind not in JSON_TYPES | LINES_TYPES:
        raise BadBody(f"Content-Type {kind or '(none)'} is not known here; send JSON", 415)
    is_array = body.lstrip()[:1] == b"["
    if not is_array:
        expect_not_too_many(body.count(b"\n"))
    if body.count(b",") > MAX_VALUES:
        raise BadBody(f"the body holds more than {MAX_VALUES:,} values; send smaller batches", 413)
    try:
        parts: list[Any] = (
            list(_items.decode(body))
            if is_array
            # Lines come as application/json too: LiteLLM names the format nowhere.
            else [line for line in body.splitlines() if line.strip()]
        )
    except msgspec.DecodeError as error:
        raise BadBody(f"the body {NO_JSON}: {error}"[:300]) from error
    except RecursionError as error:
        raise BadBody(f"the body {TOO_DEEP}") from error
    expect_not_too_many(len(parts))
    return parts


def _told(one: Payload) -> Told:
    outcome = _outcome(one)
    answered = outcome == Outcome.OK
    (provider, model, operation, upstream), *others = _names(one)
    usage = one.metadata.usage_object if one.metadata else None
    given = usage.prompt_tokens_details if usage else None
    made = usage.completion_tokens_details if usage else None
    observation = Observation(
        # An id is the provider's, and one call may try several times.
        id=f"{one.litellm_call_id or one.id}:{one.startTime}",
        at=_moment(one.startTime),
        outcome=outcome,
        provider=provider,
        model=model,
        operation=operation,
        upstream=upstream,
        ttft_ms=_ttft_ms(one) if answered else None,
        latency_ms=(one.endTime - one.startTime) * MS_PER_SECOND,
        # A failure's tokens are written as 0 and so is a cost that LiteLLM cannot compute.
        input_tokens=one.prompt_tokens if answered else None,
        output_tokens=one.completion_tokens if answered else None,
        cached_tokens=given.cached_tokens if answered and given else None,
        reasoning_tokens=made.reasoning_tokens if answered and made else None,
        cost=one.response_cost or None,
        app=_app(one),
    )
    return Told(observation, tuple(others))


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unread(f"startTime is {seconds}; write Unix seconds") from None


def _ttft_ms(one: Payload) -> float | None:
    """None for an answer that came in one piece: its first token was not timed."""
    first = one.completionStartTime
    if not one.stream or first is None or first >= one.endTime:
        return None
    return (first - one.startTime) * MS_PER_SECOND


def _outcome(one: Payload) -> Outcome:
    if one.status == "success":
        return Outcome.OK
    if one.status != "failure":
        raise Unread(f"status is {one.status[:40]!r}; success or failure is wanted")
    error = one.error_information or Failure()
    if (error.error_rate_limit_category or "").startswith(OWN_LIMITS):
        return Outcome.CALLER_ERROR  # the proxy's own limit: the provider was not asked
    for name in (str(error.error_code or ""), error.error_class or ""):
        if outcome := outcome_of_error(name):
            return outcome
    raise Unread("error_information does not tell whose failure it was")


def _names(one: Payload) -> list[Name]:
    if not (one.model and one.custom_llm_provider):
        raise Unread("model or custom_llm_provider is missing: no provider was asked")
    operation = next((kind for part, kind in _OPERATIONS if part in one.call_type), "")
    return list(dict.fromkeys(_keys(one, one.custom_llm_provider, operation)))


def _keys(one: Payload, provider: str, operation: str) -> Iterator[Name]:
    """As our source of that name reads LiteLLM's keys: the model, then what it is priced as."""
    known = one.model_map_information.model_map_key if one.model_map_information else None
    for model in filter(None, (one.model, known)):
        try:
            kind = Kind(operation or Kind.CHAT)
            key = litellm_keys.read_key(model, provider, kind, operation or "chat")
        except BadFact as error:
            raise Unread(str(error)) from error
        yield key.provider, key.native_id, operation, ""


def _app(one: Payload) -> str:
    """The team that called, or the first tag that somebody chose."""
    if one.metadata and one.metadata.user_api_key_team_alias:
        return one.metadata.user_api_key_team_alias
    tags = (tag for tag in one.request_tags or [] if isinstance(tag, str))
    return next((tag for tag in tags if not tag.startswith(AGENT_TAG)), "")
