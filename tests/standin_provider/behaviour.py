"""How a model of the stand-in behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self


class Fault(StrEnum):
    """Ways in which a request goes wrong. `status_…`: an error with that status."""

    NONE = ""
    STATUS_400 = "status_400"
    STATUS_401 = "status_401"
    STATUS_402 = "status_402"
    STATUS_403 = "status_403"
    STATUS_404 = "status_404"
    STATUS_408 = "status_408"
    STATUS_429 = "status_429"
    STATUS_500 = "status_500"
    STATUS_503 = "status_503"
    STATUS_529 = "status_529"
    BROKEN_STREAM = "broken_stream"  # the connection is reset after some tokens
    CLOSED_STREAM = "closed_stream"  # it is closed after some tokens, in the middle of a chunk
    RESET_BEFORE_HEADERS = "reset_before_headers"
    CLOSED_BEFORE_HEADERS = "closed_before_headers"
    SLOW_HEADERS = "slow_headers"  # a byte now and then, for ever
    SLOW_BODY = "slow_body"
    HANGS = "hangs"  # nothing comes at all
    STALLS = "stalls"  # some tokens, then nothing
    NO_DONE = "no_done"  # complete, but without the protocol's last word
    CUT_SHORT = "cut_short"  # ends in good order without saying why it stopped
    ERROR_EVENT = "error_event"  # an error inside a stream that began well
    RATE_LIMIT_EVENT = "rate_limit_event"
    EMPTY_STREAM = "empty_stream"
    NO_TOKENS = "no_tokens"  # begins and ends as it should, and says nothing
    GARBAGE = "garbage"  # not HTTP
    GARBAGE_STREAM = "garbage_stream"  # HTTP, but no events
    HUGE_LINE = "huge_line"
    ENDLESS = "endless"  # tokens as fast as they go, for ever
    REDIRECT = "redirect"
    WEB_PAGE = "web_page"  # 200 and HTML, as a captive portal answers


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one model does when it is asked."""

    ttft_ms: float = 20.0  # from the end of the request to the first token
    tokens_per_second: float = 200.0
    tokens: int = 12  # the answer's length, unless the request allows less
    tokens_per_chunk: int = 1
    reasoning_tokens: int = 0  # come before the answer, at the same rate
    shows_reasoning: bool = True  # else they pass in silence, and only usage tells of them
    usage: bool = True
    prompt_tokens: int | None = None  # told as usage; None: as many as the prompt has words
    cached_tokens: int = 0  # of them
    fault: Fault = Fault.NONE
    after_tokens: int = 3  # how many come before a fault in the stream
    retry_after: int = 0  # seconds, with a 429 or 503
    redirect_to: str = ""

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Self:
        """Out of JSON."""
        known = {field.name for field in fields(cls)}
        if strange := stated.keys() - known:
            raise ValueError(f"no behaviour has {sorted(strange)}; it may have {sorted(known)}")
        return cls(**{**stated, "fault": Fault(stated.get("fault", ""))})
