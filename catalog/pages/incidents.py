"""Runs of bad hours, as `/about/metrics/` defines them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers.stat_queries import Outcomes
from providers.stats.definitions import BAD_LEAST, BAD_SHARE
from providers.stats.tally import MIN_N

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Incident:
    """Consecutive bad hours of one endpoint."""

    since: datetime
    until: datetime  # the end of the last bad hour
    failed: int
    judged: int

    @property
    def hours(self) -> int:
        return (self.until - self.since) // HOUR

    @property
    def failed_percent(self) -> float:
        return 100 * self.failed / self.judged


def is_bad_of(failed: int, judged: int) -> bool:
    return judged >= MIN_N and failed >= BAD_LEAST and failed > BAD_SHARE * judged


def is_bad(one: Outcomes) -> bool:
    judged = one.ok + one.provider_error
    return is_bad_of(one.provider_error, judged)


def incidents(hours: Iterable[Outcomes]) -> list[Incident]:
    """Of one endpoint and one way of measuring, oldest first. A blank hour ends an incident."""
    found: list[Incident] = []
    for one in hours:
        if not is_bad(one):
            continue
        judged = one.ok + one.provider_error
        if found and found[-1].until == one.start:
            last = found.pop()
            since, failed, judged = last.since, last.failed, last.judged + judged
        else:
            since, failed = one.start, 0
        found.append(Incident(since, one.start + HOUR, failed + one.provider_error, judged))
    return found
