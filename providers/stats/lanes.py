"""Counts side by side in one large integer, 64 bits each; stored in as few bytes as they need."""

import struct

LANE = 64  # bits of one count
NO_LANES = (0, 0)  # offset and lanes of nothing
WIDTHS = (1, 2, 4, 8)  # bytes of one count, in the stored form


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Offset and lanes of both together."""
    (first, mine), (second, theirs) = a, b
    if not mine or not theirs:
        return a if mine else b
    if first <= second:
        return first, mine + (theirs << LANE * (second - first))
    return second, (mine << LANE * (first - second)) + theirs


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


def widened(narrow: bytes, width: int) -> bytes:
    raw = bytearray(len(narrow) // width * 8)
    for byte in range(width):
        raw[byte::8] = narrow[byte::width]
    return bytes(raw)
