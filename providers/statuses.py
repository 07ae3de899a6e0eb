"""Reads the providers' official status pages, and keeps what they say as a series."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from . import status_pages
from .models import OfficialStatus, Provider
from .sources.http import Fetcher, FetchFailed, Limits
from .stats import rollup
from .status_pages import BadStatus, Official

LIMITS = Limits(seconds=10, max_bytes=2**18, attempts=1)
# A status that was not confirmed for so long is a break in the series: what was between is unknown.
UNBROKEN = timedelta(hours=1)
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Reading:
    """How many pages were read, and why others were not, by provider."""

    read: int
    failed: dict[str, str]

    def __str__(self) -> str:
        said = "; ".join(f"{slug}: {reason}" for slug, reason in self.failed.items())
        return f"{self.read} read" + (f"; not read: {said}" if said else "")


def read_all(
    fetcher: Fetcher,
    *,
    now: datetime,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Reading:
    """Asks every page once, one after the other; each is kept as soon as it was read."""
    providers = Provider.objects.filter(slug__in=status_pages.PAGES).order_by("slug")
    failed: dict[str, str] = {}
    is_news = False
    for place, provider in enumerate(providers):
        page = status_pages.PAGES[provider.slug]
        progress(place, len(providers), page)
        try:
            official = status_pages.parse(fetcher.get(status_pages.address(page)))
        except (FetchFailed, BadStatus) as error:
            failed[provider.slug] = str(error)
        else:
            is_news |= keep(provider, page, official, now=now)
    if is_news:
        rollup.mark_changed()
    forget(before=now - KEPT)
    return Reading(len(providers) - len(failed), failed)


@transaction.atomic
def keep(provider: Provider, page: str, official: Official, *, now: datetime) -> bool:
    """Confirms the latest row, or begins the next. Two workers may read the same page at once.

    True where public pages should say it: another word, or the first reading of an hour.
    """
    Provider.objects.select_for_update().get(pk=provider.pk)
    latest = OfficialStatus.objects.filter(provider=provider).order_by("-first_read_at").first()
    if latest is not None and latest.confirmed_at >= now:
        return False  # somebody read it later than we did
    said = (page, official.indicator.value, official.words)
    if (
        latest is not None
        and (latest.page, latest.indicator, latest.words) == said
        and now - latest.confirmed_at <= UNBROKEN
    ):
        OfficialStatus.objects.filter(pk=latest.pk).update(confirmed_at=now)
        return _hour(latest.confirmed_at) != _hour(now)
    OfficialStatus.objects.create(
        provider=provider,
        page=page,
        indicator=official.indicator.value,
        words=official.words,
        first_read_at=now,
        confirmed_at=now,
    )
    return True


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def forget(*, before: datetime) -> None:
    OfficialStatus.objects.filter(confirmed_at__lt=before).delete()
