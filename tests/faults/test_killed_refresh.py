"""A refresh killed at twenty points, under the eyes of a reader, and run again."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import AIModel, Listing
from providers.choices import RunState
from providers.models import Edition, Endpoint, Price, Provider, Run
from providers.sources import litellm, models_dev, recordings
from tests.factories import NOW
from tests.providers.market import tables
from tests.upstreams import Upstreams, upstreams

from .test_jobs import ROOT, database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

POINTS = 20
SOURCES = ("models_dev", "litellm")
# Small, and both sources know it.
HOSTS = ("baseten",)


# -- what the sources say, turn by turn -----------------------------------------------------------


def answers(turn: int) -> Iterator[tuple[str, bytes]]:
    """Path → answer of the two sources: real entries of a few providers, moved by the turn."""
    hosts = {
        name: {**host, "models": dict(_moved(host["models"], name, turn))}
        for name, host in _recorded_hosts().items()
    }
    yield _path(models_dev.ADDRESS), json.dumps({"providers": hosts, "models": {}}).encode()
    sold = {
        name: _dearer(entry, turn) if entry["litellm_provider"] == "baseten" else entry
        for name, entry in _moved(_recorded_entries(), "litellm", turn)
    }
    yield _path(litellm.ADDRESS), json.dumps(sold).encode()


@cache
def _recorded_hosts() -> dict[str, Any]:
    recorded = json.loads(recordings.recorded("models_dev").data)
    return {name: recorded[name] for name in HOSTS}


@cache
def _recorded_entries() -> dict[str, Any]:
    recorded = json.loads(recordings.recorded("litellm").data)
    return {name: one for name, one in recorded.items() if one.get("litellm_provider") in HOSTS}


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"/{parts.netloc}{parts.path}"


def _moved(entries: dict[str, Any], salt: str, turn: int) -> Iterator[tuple[str, Any]]:
    """Without a few of them each turn, with other limits for some."""
    chance = random.Random(f"{salt} {turn}")  # noqa: S311
    for name, entry in sorted(entries.items()):
        if chance.random() < 0.1:
            continue
        if chance.random() < 0.3 and "limit" in entry:
            entry = {**entry, "limit": {**entry["limit"], "output": chance.randint(1, 9) * 1024}}
        yield name, entry


def _dearer(entry: dict[str, Any], turn: int) -> dict[str, Any]:
    """Every price of a provider multiplied alike: what shows as a factor between the sources."""
    factor = 1 + turn % 3 / 4
    return {
        key: value * factor if "cost" in key and isinstance(value, float) else value
        for key, value in entry.items()
    }


# -- who refreshes, and who reads meanwhile -------------------------------------------------------


class Refreshes:
    """Orders for tests.faults.mortal."""

    def __init__(self, place: Upstreams, folder: Path) -> None:
        self._place = place
        environment = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "SOURCES_AT": place.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mortal"],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, turn: int, *, kill_at: int = 0) -> int:
        """Reads what is said in a turn; its statements to the database."""
        self._place.answers.update(answers(turn))
        now = NOW + timedelta(days=turn)
        order = {"slugs": SOURCES, "now": now.isoformat(), "kill_at": kill_at}
        assert self.process.stdin is not None and self.process.stdout is not None
        print(json.dumps(order), file=self.process.stdin, flush=True)
        end = json.loads(self.process.stdout.readline())
        assert end["signal"] == (signal.SIGKILL if kill_at else 0), (turn, kill_at)
        return int(end["statements"])

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def refreshes(tmp_path: Path) -> Iterator[Refreshes]:
    with upstreams() as place, closing(Refreshes(place, tmp_path)) as made:
        yield made


def published() -> tuple[Any, ...]:
    """All that pages are made of, as of one moment, without the ids of rows."""
    prices = Price.objects.values_list(
        "endpoint_id", "component", "condition", "amount", "state", "valid_from", "valid_to"
    )
    endpoints = Endpoint.objects.values_list("pk", "gone_since", "max_output", "context_length")
    with one_moment():
        return (
            *Edition.objects.values_list("number", flat=True),
            sorted(prices, key=repr),
            # Those of an unpublished run are nothing but a name yet.
            sorted(one for one in endpoints if any(one[1:])),
            sorted(Provider.objects.values_list("slug", "price_factors"), key=repr),
            sorted(AIModel.objects.values_list("slug", "name", "max_output"), key=repr),
            sorted(Listing.objects.values_list("endpoint_id", "model__slug"), key=repr),
        )


@contextmanager
def one_moment() -> Iterator[None]:
    """Several reads of one state of the database, whatever is committed in between."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
        cursor.execute("COMMIT")


class Reader:
    """Looks on over a connection of its own and keeps every different thing it saw."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        try:
            while not self._is_over.wait(0.05):
                now = published()
                if not self.seen or now != self.seen[-1]:
                    self.seen.append(now)
        finally:
            connection.close()

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


# -- the law --------------------------------------------------------------------------------------


def test_a_refresh_killed_anywhere_and_repeated_loses_nothing_and_publishes_no_half(
    refreshes: Refreshes,
) -> None:
    # PostgreSQL has ten more points of its own: each costs it twice as much.
    points = POINTS if connection.vendor == "sqlite" else POINTS // 2
    lengths, undisturbed = [], []
    for turn in range(points + 1):
        lengths.append(refreshes.run(turn))
        undisturbed.append(everything())
    call_command("flush", interactive=False, verbosity=0)

    seed = random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    print(f"\nseed {seed}, {min(lengths[1:])} to {max(lengths[1:])} statements a refresh")
    refreshes.run(0)
    for turn in range(1, points + 1):
        # One point in each part of the way: recording first, then publishing.
        share = (chance.random() + turn - 1) / points
        kill_at = 1 + int(share * lengths[turn])
        before = published()
        with Reader() as reader:
            refreshes.run(turn, kill_at=kill_at)
            assert published() == before, f"half was published at {kill_at} of seed {seed}"
            refreshes.run(turn)
        after = published()
        assert everything() == undisturbed[turn], f"killed at {kill_at} of seed {seed}"
        assert reader.seen in ([before], [before, after]), f"seen at {kill_at} of seed {seed}"
    assert not Run.objects.filter(state__in=[RunState.STARTED, RunState.RECORDED]).exists()
    factors = {str(state["factors"]) for state in undisturbed}
    assert len(factors) > 1, "what shows over a whole provider never changed"


def everything() -> dict[str, Any]:
    named = Listing.objects.values_list("endpoint__native_id", "model__slug", "said_by")
    models = AIModel.objects.values_list("slug", "name", "kind", "max_output", "released_on")
    return {
        **tables(),
        "listings": sorted(named, key=repr),
        "models": sorted(models, key=repr),
        "factors": sorted(Provider.objects.values_list("slug", "price_factors"), key=repr),
        "editions": Edition.objects.get().number,
    }
