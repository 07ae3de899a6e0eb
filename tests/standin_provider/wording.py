"""The three protocols as their providers speak them: requests told apart, events of a stream."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .behaviour import Behaviour

CHAT, RESPONSES, MESSAGES = "openai-chat", "openai-responses", "anthropic-messages"
PATHS = {"/chat/completions": CHAT, "/responses": RESPONSES, "/messages": MESSAGES}
WORDS = ("the ", "tide ", "turns ", "and ", "the ", "boats ", "come ", "home ")

# Error types by status, as the two families word them.
_OPENAI_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_exceeded",
}
_ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def protocol_of(path: str) -> str:
    """Empty for a path that is no call."""
    return next((name for end, name in PATHS.items() if path.endswith(end)), "")


def error(protocol: str, status: int, message: str) -> dict[str, Any]:
    if protocol == MESSAGES:
        kind = _ANTHROPIC_ERRORS.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}}
    kind = _OPENAI_ERRORS.get(status, "server_error")
    return {"error": {"message": message, "type": kind, "code": status, "param": None}}


@dataclass(frozen=True, slots=True)
class Told:
    """The usage of one answer."""

    prompt: int
    cached: int
    output: int  # reasoning included
    reasoning: int


@dataclass(frozen=True, slots=True)
class Wording:
    """One answer in the words of its protocol, as server-sent events."""

    protocol: str
    model: str
    behaviour: Behaviour

    def opening(self, told: Told) -> Iterator[bytes]:
        """What comes at once, before anything was thought: none of it is a token."""
        yield b": still here\n\n"
        match self.protocol:
            case "openai-chat":
                yield self._chunk({"role": "assistant", "content": ""})
            case "openai-responses":
                for kind in ("response.created", "response.in_progress"):
                    yield self._event(kind, response=self._response("in_progress"))
            case "anthropic-messages":
                usage = {
                    "input_tokens": told.prompt - told.cached,
                    "cache_read_input_tokens": told.cached,
                    "output_tokens": 1,
                }
                message = {"id": "m", "type": "message", "role": "assistant", "content": []}
                usage_said = {"usage": usage} if self.behaviour.usage else {}
                start = {**message, "model": self.model, **usage_said}
                yield self._event("message_start", message=start)
                yield self._event("ping")

    def tokens(self, text: str, *, reasoning: bool) -> bytes:
        match self.protocol:
            case "openai-chat":
                return self._chunk({"reasoning_content" if reasoning else "content": text})
            case "openai-responses":
                kind = "reasoning_summary_text" if reasoning else "output_text"
                return self._event(f"response.{kind}.delta", delta=text, output_index=0)
        delta = (
            {"type": "thinking_delta", "thinking": text}
            if reasoning
            else {"type": "text_delta", "text": text}
        )
        return self._event("content_block_delta", index=0, delta=delta)

    def closing(self, told: Told) -> Iterator[bytes]:
        """Why it stopped, and the usage where it is told."""
        says = self.behaviour.usage
        match self.protocol:
            case "openai-chat":
                yield self._chunk({}, finish="stop")
                if says:
                    yield _sse({**self._chat(), "choices": [], "usage": _chat_usage(told)})
            case "openai-responses":
                usage = {"usage": _responses_usage(told)} if says else {}
                done = {**self._response("completed"), **usage}
                yield self._event("response.completed", response=done)
            case "anthropic-messages":
                usage = {"usage": {"output_tokens": told.output}} if says else {}
                yield self._event("message_delta", delta={"stop_reason": "end_turn"}, **usage)

    def last_word(self) -> bytes:
        """What marks the very end, where the protocol has such a mark."""
        match self.protocol:
            case "openai-chat":
                return b"data: [DONE]\n\n"
            case "anthropic-messages":
                return self._event("message_stop")
        return b""

    def failing(self, status: int, message: str) -> bytes:
        """An error as an event of the stream."""
        said = error(self.protocol, status, message)
        match self.protocol:
            case "anthropic-messages":
                return self._event("error", error=said["error"])
            case "openai-responses":
                inner = {"code": said["error"]["type"], "message": message}
                failed = {**self._response("failed"), "error": inner}
                return self._event("response.failed", response=failed)
        return _sse(said)

    def whole(self, text: str, told: Told) -> dict[str, Any]:
        """The answer to a request that asked for no stream."""
        match self.protocol:
            case "openai-chat":
                message = {"role": "assistant", "content": text}
                choice = {"index": 0, "finish_reason": "stop", "message": message}
                return {
                    **self._chat("chat.completion"),
                    "choices": [choice],
                    "usage": _chat_usage(told),
                }
            case "openai-responses":
                part = {"type": "output_text", "text": text, "annotations": []}
                item = {"type": "message", "role": "assistant", "content": [part]}
                return {
                    **self._response("completed"),
                    "output": [item],
                    "usage": _responses_usage(told),
                }
        return {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": told.prompt, "output_tokens": told.output},
        }

    # -- parts ------------------------------------------------------------------------------------

    def _chat(self, kind: str = "chat.completion.chunk") -> dict[str, Any]:
        return {"id": "c", "object": kind, "created": 1, "model": self.model}

    def _chunk(self, delta: Mapping[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _sse({**self._chat(), "choices": [choice]})

    def _response(self, status: str) -> dict[str, Any]:
        return {
            "id": "r",
            "object": "response",
            "created_at": 1,
            "model": self.model,
            "status": status,
            "output": [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }

    def _event(self, kind: str, **said: Any) -> bytes:
        return f"event: {kind}\n".encode() + _sse({"type": kind, **said})


def _sse(said: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(said)}\n\n".encode()


def _chat_usage(told: Told) -> dict[str, Any]:
    return {
        "prompt_tokens": told.prompt,
        "completion_tokens": told.output,
        "total_tokens": told.prompt + told.output,
        "prompt_tokens_details": {"cached_tokens": told.cached},
        "completion_tokens_details": {"reasoning_tokens": told.reasoning},
    }


def _responses_usage(told: Told) -> dict[str, Any]:
    return {
        "input_tokens": told.prompt,
        "input_tokens_details": {"cached_tokens": told.cached},
        "output_tokens": told.output,
        "output_tokens_details": {"reasoning_tokens": told.reasoning},
        "total_tokens": told.prompt + told.output,
    }
