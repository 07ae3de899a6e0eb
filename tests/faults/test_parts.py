"""Many workers share the parts of a source; one of them is killed in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from providers import refresh
from providers.choices import RunState
from providers.models import Endpoint, Job, Price, Run
from tests import simulated
from tests.simulated import Model
from tests.upstreams import Upstreams, upstreams

from .test_jobs import ROOT, database_url, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MODELS = [Model(f"acme/m{n}", input=str(n + 1), tags=("openai", "azure/eu")) for n in range(30)]


@pytest.fixture
def market(settings: Any, tmp_path: Path) -> Iterator[Upstreams]:
    settings.DATA_DIR = tmp_path
    with upstreams() as place:
        place.after = 0.05  # long enough to be killed while waiting
        place.answers.update(simulated.openrouter(MODELS))
        settings.SOURCES_AT = place.url
        refresh.run(["openrouter"], now=datetime.now(UTC))
        yield place


def start_worker(market: Upstreams, folder: Path) -> subprocess.Popen[bytes]:
    """A process that carries out what is due until nothing is."""
    environment = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        "SOURCES_AT": market.url,
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "manage.py", "jobs", "--run-due"]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL
    )


def test_what_a_killed_worker_leaves_others_finish(market: Upstreams, tmp_path: Path) -> None:
    first = start_worker(market, tmp_path)
    wait_until(lambda: Run.objects.filter(part__startswith="acme").count() >= 5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    # Its lease would run out in five minutes.
    Job.objects.exclude(lease="").update(leased_until=datetime.now(UTC) - timedelta(seconds=1))

    others = [start_worker(market, tmp_path) for _ in range(2)]
    assert [worker.wait() for worker in others] == [0, 0]

    assert not Job.objects.exclude(lease="").exists()
    assert not Job.objects.filter(attempt__gt=0).exists()
    assert not Run.objects.filter(state__in=[RunState.STARTED, RunState.RECORDED]).exists()
    sold = Endpoint.objects.exclude(upstream=None).values_list("native_id", "upstream__slug")
    assert set(sold) == {(model.id, upstream) for model in MODELS for upstream in model.upstreams}
    prices = Price.objects.filter(endpoint__upstream__slug="openai", component="input")
    assert {(row.endpoint.native_id, row.amount) for row in prices.select_related("endpoint")} == {
        (model.id, int(model.input)) for model in MODELS
    }
    # No part was read by two at once: one run each, and one more for the part that was cut off.
    assert Run.objects.filter(part__startswith="acme").count() <= len(MODELS) + 1
