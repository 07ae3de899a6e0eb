"""What providers' own status pages say, read over real sockets and kept as a series."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from providers import status_pages, statuses, work
from providers.models import Job, OfficialStatus, Provider, StatisticsEdition
from providers.sources.http import Fetcher
from providers.status_pages import BadStatus, Indicator, Official
from tests.factories import NOW, ProviderFactory

from .sources.servers import response, serving

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
FINE = {"indicator": "none", "description": "All Systems Operational"}
BROKEN = {"indicator": "major", "description": "Partial System Outage"}


def answer(status: Any) -> bytes:
    page = {"id": "x", "name": "A provider", "updated_at": "2026-11-14T11:00:00Z"}
    return json.dumps({"page": page, "status": status}).encode()


def fetcher() -> Fetcher:
    return Fetcher(limits=statuses.LIMITS, allowed_private=["127.0.0.1/32"])


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says where the status pages of some providers stand."""

    def stand(**places: str) -> None:
        monkeypatch.setattr(status_pages, "PAGES", places)

    return stand


@pytest.fixture
def acme() -> Provider:
    return ProviderFactory(slug="acme")


def keep(provider: Provider, status: dict[str, str], minute: int) -> None:
    official = Official(Indicator(status["indicator"]), status["description"])
    statuses.keep(provider, "https://status.acme.example", official, now=NOW + minute * MINUTE)


def series() -> list[tuple[str, int, int]]:
    """Indicator, first and last minute that it was read."""
    return [
        (row.indicator, (row.first_read_at - NOW) // MINUTE, (row.confirmed_at - NOW) // MINUTE)
        for row in OfficialStatus.objects.order_by("first_read_at")
    ]


# -- reading --------------------------------------------------------------------------------------


def test_a_page_is_read_and_kept(acme: Provider, pages: Callable[..., None]) -> None:
    with serving(response(answer(FINE))) as url:
        pages(acme=url.rstrip("/"))
        reading = statuses.read_all(fetcher(), now=NOW)
    kept = OfficialStatus.objects.get()
    assert (kept.indicator, kept.words) == ("none", "All Systems Operational")
    assert str(reading) == "1 read"
    assert StatisticsEdition.objects.get().has_changed


def test_one_page_that_fails_hinders_no_other(acme: Provider, pages: Callable[..., None]) -> None:
    ProviderFactory(slug="beta")
    with serving(response(status="503 Busy")) as bad, serving(response(answer(BROKEN))) as good:
        pages(acme=bad.rstrip("/"), beta=good.rstrip("/"))
        reading = statuses.read_all(fetcher(), now=NOW)
    assert OfficialStatus.objects.get().provider.slug == "beta"
    assert reading.read == 1 and "answered 503" in reading.failed["acme"]


def test_providers_we_do_not_know_are_not_asked_for(pages: Callable[..., None]) -> None:
    pages(nobody="https://status.nobody.example")
    assert statuses.read_all(fetcher(), now=NOW) == statuses.Reading(0, {})


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff\xfe", b'{"status": "none"}'),
        *(answer(None), answer({}), answer({**FINE, "indicator": "fine"}), b'{"status": []}'),
        *(answer({**FINE, "indicator": ["none"]}), answer({**FINE, "description": 7})),
        *(answer({**FINE, "description": " "}), answer({**FINE, "description": "two\nlines"})),
    ],
)
def test_what_is_no_status_is_refused(content: bytes) -> None:
    with pytest.raises(BadStatus):
        status_pages.parse(content)


def test_the_pages_are_roots_of_known_providers_over_https() -> None:
    assert len(status_pages.PAGES) >= 8
    for slug, page in status_pages.PAGES.items():
        assert page.startswith("https://") and not page.endswith("/"), slug


# -- the series -----------------------------------------------------------------------------------


def test_the_same_word_moves_the_end_and_another_begins_a_row(acme: Provider) -> None:
    for minute, status in ((0, FINE), (5, FINE), (10, BROKEN), (15, BROKEN), (20, FINE)):
        keep(acme, status, minute)
    assert series() == [("none", 0, 5), ("major", 10, 15), ("none", 20, 20)]


def test_a_time_in_which_nobody_read_stays_unknown(acme: Provider) -> None:
    keep(acme, FINE, 0)
    keep(acme, FINE, 300)
    assert series() == [("none", 0, 0), ("none", 300, 300)]


def test_an_older_reading_that_comes_late_changes_nothing(acme: Provider) -> None:
    keep(acme, BROKEN, 10)
    keep(acme, FINE, 5)
    assert series() == [("major", 10, 10)]


def test_pages_turn_for_another_word_and_once_an_hour(acme: Provider) -> None:
    page = "https://status.acme.example"
    fine, broken = (Official(Indicator(i), i) for i in ("none", "major"))
    said = ((0, fine), (5, fine), (10, broken), (15, broken), (65, broken), (70, broken))
    turns = [statuses.keep(acme, page, what, now=NOW + m * MINUTE) for m, what in said]
    assert turns == [True, False, True, False, True, False]


def test_what_is_older_than_a_year_is_forgotten(acme: Provider) -> None:
    keep(acme, FINE, 0)
    statuses.forget(before=NOW + MINUTE)
    assert series() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_at_once_keep_one_row(acme: Provider) -> None:
    start = threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            keep(acme, FINE, 0)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert series() == [("none", 0, 0)]


# -- the job --------------------------------------------------------------------------------------


@pytest.fixture
def job() -> Iterator[Job]:
    with override_settings(ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"], SOURCES_AT=""):
        yield Job.objects.create(name="status-pages", due_at=NOW)


def test_the_job_says_how_many_were_read(
    acme: Provider, job: Job, pages: Callable[..., None]
) -> None:
    with serving(response(answer(FINE))) as url:
        pages(acme=url.rstrip("/"))
        work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.message, job.last_error) == ("1 read", "")
    assert NOW + 4 * MINUTE < job.due_at < NOW + 6 * MINUTE


def test_without_a_network_the_job_is_put_off(
    acme: Provider, job: Job, pages: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*asked: object, **how: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    pages(acme="https://status.acme.example")
    work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.attempt == 1 and "acme" in job.last_error
    assert not OfficialStatus.objects.exists()


def test_a_site_of_simulated_sources_asks_nobody(acme: Provider, job: Job) -> None:
    with override_settings(SOURCES_AT="http://127.0.0.1:8300"):
        work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert "simulated" in job.message
