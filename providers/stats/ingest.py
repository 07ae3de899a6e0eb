"""The body of a push: bytes off the wire into observations, and what is wrong with the rest."""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ..choices import Outcome
from .observation import Observation

MAX_BYTES = 10 * 1024 * 1024  # decoded
MAX_ITEMS = 50_000  # in one batch
GZIP = 31  # zlib's name for it
JSON_TYPES = {"application/json"}
LINES_TYPES = {"application/x-ndjson", "application/ndjson", "application/jsonl"}
NO_JSON = "is not JSON"
TOO_DEEP = "is nested too deep"

_many = msgspec.json.Decoder(list[Observation])
_one = msgspec.json.Decoder(Observation)
_raw = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS = len(Observation.__struct_fields__)


class BadBody(Exception):
    """The whole body is refused. `status` is HTTP's word for it."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Decoded:
    """A batch, as far as it could be read. `places`: where each item stood, counted from 0."""

    items: list[Observation] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def place_of(self, index: int) -> int:
        return self.places[index] if self.places else index


def inflated(chunks: Iterable[bytes], encoding: str, at_most: int = MAX_BYTES) -> bytes:
    """The decoded body; never holds more than so many bytes of it. Raises BadBody."""
    if encoding in ("", "identity"):
        return _joined(chunks, at_most)
    if encoding == "gzip":
        return _joined(_gunzipped(chunks), at_most)
    raise BadBody(f"Content-Encoding {encoding} is not known here; send gzip or none", 415)


def _joined(chunks: Iterable[bytes], at_most: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > at_most:
            raise BadBody(f"the body is larger than {at_most:,} bytes; send smaller batches", 413)
    return bytes(body)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """In pieces: who sends a bomb is stopped by the reader of these, not by memory."""
    reader = zlib.decompressobj(GZIP)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if reader.eof:  # files may be concatenated
                    reader = zlib.decompressobj(GZIP)
                yield reader.decompress(rest, MAX_BYTES)
                rest = reader.unconsumed_tail or reader.unused_data
    except zlib.error as error:
        raise BadBody("Content-Encoding says gzip and the body is not") from error
    if not reader.eof:
        raise BadBody("the gzip body breaks off")


def decoded(body: bytes, content_type: str) -> Decoded:
    """Observations, checked for their types alone. Raises BadBody when none can be told apart."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind in JSON_TYPES:
            return _array(body) if body.lstrip()[:1] == b"[" else _single(body)
        if kind in LINES_TYPES:
            return _lines(body)
    except RecursionError as error:
        raise BadBody(f"the body {TOO_DEEP}") from error
    raise BadBody(
        f"Content-Type {kind or '(none)'} is not known here; "
        "send application/json or application/x-ndjson",
        415,
    )


def _single(body: bytes) -> Decoded:
    try:
        return Decoded([_one.decode(body)])
    except msgspec.ValidationError as error:
        return Decoded(faults=[(0, _worded(error))])
    except msgspec.DecodeError:
        return _each([_loaded(body)], _converted)


def _array(body: bytes) -> Decoded:
    expect_not_too_many(body.count(b",") // _FIELDS)
    try:
        items = _many.decode(body)
    except msgspec.DecodeError:  # of which a wrong type is one kind
        return _item_by_item(body)
    expect_not_too_many(len(items))
    return Decoded(items)


def _item_by_item(body: bytes) -> Decoded:
    try:
        return _each(_raw.decode(body), _one.decode)
    except msgspec.DecodeError:
        return _each(_loaded(body), _converted)  # NaN, which JSON does not have


def _lines(body: bytes) -> Decoded:
    expect_not_too_many(body.count(b"\n"))
    try:
        return Decoded(_one.decode_lines(body))
    except msgspec.DecodeError:
        return _each([line for line in body.splitlines() if line.strip()], _line)


def _line(line: bytes) -> Observation:
    try:
        return _one.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return _converted(_loaded(line))


def _each(items: Any, read: Callable[[Any], Observation]) -> Decoded:
    expect_not_too_many(len(items))
    found = Decoded()
    for place, item in enumerate(items):
        try:
            found.items.append(read(item))
            found.places.append(place)
        except (msgspec.MsgspecError, BadBody) as error:
            found.faults.append((place, _worded(error)))
        except RecursionError:
            found.faults.append((place, TOO_DEEP))
    return found


def _worded(error: Exception) -> str:
    """What is wrong, and what to write where a list says it."""
    said = str(error)
    return f"{said}; write {', '.join(Outcome)}" if said.endswith("`$.outcome`") else said


def _converted(item: Any) -> Observation:
    return msgspec.convert(item, Observation)


def _loaded(text: bytes) -> Any:
    """What a lenient reader makes of it, so that NaN is refused by the name of its field."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadBody(f"the body {NO_JSON}: {error}"[:300]) from error


def expect_not_too_many(count: int) -> None:
    """Raises BadBody when a batch has more than MAX_ITEMS."""
    if count > MAX_ITEMS:
        raise BadBody(f"the batch holds more than {MAX_ITEMS:,} items; send smaller ones", 413)
