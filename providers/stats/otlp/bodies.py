"""OTLP's messages off the wire and back, as protobuf or JSON."""

import base64
import json
from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToJson, ParseDict, ParseError
from google.protobuf.message import DecodeError, Message

from ..ingest import NO_JSON, TOO_DEEP, BadBody
from . import wire

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
KINDS = {JSON: JSON, PROTOBUF: PROTOBUF, "application/protobuf": PROTOBUF}
MAX_BYTES = 4 * 1024 * 1024  # decoded
# Spans, points, attributes, values: each is a message of up to 300 bytes in memory, and may be two
# on the wire. A full body of real spans, with names of 20 letters, holds about 230,000.
MAX_MESSAGES = 300_000
IDS = ("traceId", "spanId", "parentSpanId")

M = TypeVar("M", bound=Message)


def read(message: M, body: bytes, kind: str) -> M:
    """The message, filled. Raises BadBody."""
    if KINDS.get(kind) == PROTOBUF:
        try:
            _expect_not_too_many(_held(message, body))
            message.ParseFromString(body)
        except (DecodeError, wire.Malformed) as error:
            raise BadBody(f"the body is no {message.DESCRIPTOR.name}: {error}"[:300]) from error
        return message
    if kind != JSON:
        raise BadBody(
            f"Content-Type {kind or '(none)'} is not known here; send {PROTOBUF} or {JSON}", 415
        )
    return _from_json(message, body)


def written(message: Message, kind: str) -> bytes:
    if KINDS.get(kind) == PROTOBUF:
        return message.SerializeToString()
    return MessageToJson(message, indent=None).encode()


def _held(message: Message, body: bytes) -> int:
    """How many messages, where it can be too many; none has less than two bytes."""
    if len(body) // 2 <= MAX_MESSAGES:
        return 0
    return wire.count(body, message, MAX_MESSAGES)


def _expect_not_too_many(held: int) -> None:
    if held > MAX_MESSAGES:
        raise BadBody(
            f"the body holds more than {MAX_MESSAGES:,} spans, points, attributes and values "
            "together; send smaller batches",
            413,
        )


def _from_json(message: M, body: bytes) -> M:
    _expect_not_too_many(body.count(b"{") + body.count(b"["))
    try:
        tree = json.loads(body)
        if not isinstance(tree, dict):
            raise BadBody(f"the body is no {message.DESCRIPTOR.name}: an object is wanted")
        for span in _spans(tree):
            _plain_ids(span)
        return ParseDict(tree, message, ignore_unknown_fields=True)
    except RecursionError as error:
        raise BadBody(f"the body {TOO_DEEP}") from error
    except ParseError as error:
        raise BadBody(f"the body is no {message.DESCRIPTOR.name}: {error}"[:300]) from error
    except ValueError as error:
        raise BadBody(f"the body {NO_JSON}: {error}"[:300]) from error


def _spans(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in _objects(tree, "resourceSpans"):
        for scope in _objects(resource, "scopeSpans"):
            yield from _objects(scope, "spans")


def _objects(tree: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = tree.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _plain_ids(span: dict[str, Any]) -> None:
    """OTLP writes these bytes as hex, where protobuf's own JSON has base64."""
    for name in IDS:
        if isinstance(span.get(name), str):
            try:
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
            except ValueError as error:
                raise BadBody(f"{name} {span[name][:40]!r} is not hexadecimal") from error
    span.pop("links", None)  # they hold ids too, and nothing that is read here
