"""Server-sent events out of the pieces of a stream, none of them larger than allowed."""

from collections.abc import Iterable, Iterator

_DATA = b"data:"


class TooLong(Exception):
    """A line, or all of them together, is longer than anybody needs."""


def events(pieces: Iterable[bytes], *, max_line: int, max_bytes: int) -> Iterator[bytes]:
    """The data of each event, as soon as its last line is there. Comments and names are skipped.

    Raises `TooLong`. What comes after the last empty line is no event.
    """
    rest, data, size = b"", [], 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise TooLong(f"more than {max_bytes} bytes")
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > max_line:
            raise TooLong(f"a line of more than {max_line} bytes")
        for line in lines:
            stripped = line.rstrip(b"\r")
            if stripped.startswith(_DATA):
                data.append(stripped[len(_DATA) :].removeprefix(b" "))
            elif not stripped and data:
                yield b"\n".join(data)
                data = []
