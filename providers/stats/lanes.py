"""Counts side by side in one large integer, 64 bits each; stored in as few bytes as they need."""

import struct
from collections import Counter
from collections.abc import Sequence

LANE = 64  # bits of one count
NO_LANES = (0, 0)  # offset and lanes of nothing
WIDTHS = (1, 2, 4, 8)  # bytes of one count, in the stored form
AT_ONCE = 256  # so many counts of one width add up in twice the width


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Offset and lanes of both together."""
    (first, mine), (second, theirs) = a, b
    if not mine or not theirs:
        return a if mine else b
    if first <= second:
        return first, mine + (theirs << LANE * (second - first))
    return second, (mine << LANE * (first - second)) + theirs


def together(width: int, stored: Sequence[tuple[int, bytes]]) -> tuple[int, int]:
    """Offset and lanes of all of AT_ONCE stored counts of one width, at most, each with its offset.

    They are added as they are stored, every second count apart so that it has room to grow, and
    widened once: widening each took most of the time of a page.
    """
    first = min(offset for offset, _ in stored)
    places = max(offset - first + len(narrow) // width for offset, narrow in stored)
    every_second = int.from_bytes((b"\xff" * width + bytes(width)) * (places // 2 + 1), "little")
    bits, even, odd = 8 * width, 0, 0
    for offset, narrow in stored:
        counts = int.from_bytes(narrow, "little") << bits * (offset - first)
        even += counts & every_second
        odd += counts >> bits & every_second
    return first, _spread(even, 2 * width, 0) + _spread(odd, 2 * width, LANE)


def coarser(counts: tuple[int, int], by: int) -> tuple[int, int]:
    """Offset and lanes of the same, 2^by neighbours in one."""
    if not by:
        return counts
    offset, lanes = counts
    wider: Counter[int] = Counter()
    for place, count in enumerate(unpacked(lanes)):
        if count:
            wider[(offset + place) >> by] += count
    return packed(wider)


def packed(buckets: dict[int, int]) -> tuple[int, int]:
    """Offset and lanes of counts by index."""
    if not buckets:
        return 0, 0
    first = min(buckets)
    counts = [0] * (max(buckets) - first + 1)
    for index, count in buckets.items():
        counts[index - first] = count
    return first, int.from_bytes(struct.pack(f"<{len(counts)}Q", *counts), "little")


def unpacked(lanes: int) -> tuple[int, ...]:
    places = length(lanes)
    return struct.unpack(f"<{places}Q", lanes.to_bytes(8 * places, "little"))


def length(lanes: int) -> int:
    return (lanes.bit_length() + LANE - 1) // LANE


def narrowest(raw: bytes) -> int:
    """Bytes that the largest of these counts of eight bytes needs."""
    places = len(raw) // 8
    for width in WIDTHS:
        if all(raw[byte::8].count(0) == places for byte in range(width, 8)):
            return width
    return 8


def narrowed(raw: bytes, width: int) -> bytes:
    narrow = bytearray(len(raw) // 8 * width)
    for byte in range(width):
        narrow[byte::width] = raw[byte::8]
    return bytes(narrow)


def _spread(counts: int, width: int, shift: int) -> int:
    """Every second lane, from counts of so many bytes."""
    places = (counts.bit_length() + 8 * width - 1) // (8 * width)
    narrow = counts.to_bytes(width * places, "little")
    raw = bytearray(2 * LANE // 8 * places)
    for byte in range(min(width, LANE // 8)):
        raw[byte :: 2 * LANE // 8] = narrow[byte::width]
    return int.from_bytes(raw, "little") << shift


def widened(narrow: bytes, width: int) -> bytes:
    raw = bytearray(len(narrow) // width * 8)
    for byte in range(width):
        raw[byte::8] = narrow[byte::width]
    return bytes(raw)
