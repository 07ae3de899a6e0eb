"""Minutes of the week, as schedules hold them."""

from collections.abc import Iterable

from providers.facts import Schedule

DAY = 24 * 60


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """In order, with neighbours that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def daily(zone: str, ranges: Iterable[tuple[int, int]]) -> Schedule:
    """The same minutes of the day, 0 to 1440, on every day of the week."""
    hours = list(ranges)
    return Schedule(
        zone,
        joined((day * DAY + start, day * DAY + end) for day in range(7) for start, end in hours),
    )
