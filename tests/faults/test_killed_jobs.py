"""Jobs that are killed at random steps and done again: what they leave behind holds at any moment.

Each is carried out by a process of its own that dies where the test says; then its lease runs out.
"""

import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Sum

from providers import probing, prometheus_servers
from providers.choices import Period
from providers.models import Job, Observation, ProbeAllowance, ProbePlan, PrometheusServer, Rollup
from providers.stats import rollup
from tests.factories import EndpointFactory
from tests.standin_provider import Behaviour, beside

from .crew import KILLS, Crew, chance, crew_of, steps
from .test_probing import plan_from

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

READING_STEPS = 36  # about two hours of a server
PROBE_STEPS = 25  # one probe, and a few more
LET_LIVE = 0


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with crew_of(tmp_path, ALLOWED_PRIVATE_NETWORKS="127.0.0.1/32") as crew:
        yield crew


def carried_out(crew: Crew, job: Job, kill_at: int) -> bool:
    """Whether it came to its end; else it was killed there."""
    now = datetime.now(UTC)
    Job.objects.filter(pk=job.pk).update(due_at=now, leased_until=None, paused=False)
    ending = crew.ending(crew.start("job", job=job.pk, kill_at=kill_at))
    assert ending in (0, signal.SIGKILL)
    return ending == 0


# -- reading a Prometheus server ------------------------------------------------------------------

MAPPING = """
model = "model_name"
ttft = { metric = "ttft_seconds" }
ok = { metric = "requests_total" }
"""


class Growing(dict[datetime, int]):
    """What a server said last of each hour: more with every time that it is asked."""

    def answer(self, query: str, time: float) -> list[tuple[dict[str, str], int]]:
        seconds = int(query.partition("[")[2].partition("s]")[0])
        start = datetime.fromtimestamp(round(time) - seconds, UTC)
        hour = start.replace(minute=0, second=0, microsecond=0)
        if "_sum" in query:  # the first of three questions about an hour
            self[hour] = self.get(hour, 100 + hour.hour) + 1000
        labels = {"model_name": "llama"}
        bounds: list[dict[str, str]] = [{"le": "1"}, {"le": "+Inf"}] if "_bucket" in query else [{}]
        return [({**labels, **bound}, self[hour]) for bound in bounds]


@contextmanager
def prometheus() -> Iterator[tuple[str, Growing]]:
    said = Growing()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            rows = said.answer(asked["query"][0], float(asked["time"][0]))
            result = [{"metric": labels, "value": [0, str(count)]} for labels, count in rows]
            data = {"resultType": "vector", "result": result}
            body = json.dumps({"status": "success", "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests look at what was answered."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", said
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hours() -> dict[datetime, int]:
    """Requests by hour; hours and days are told whole and agree."""
    found: dict[datetime, int] = {}
    days: Counter[datetime] = Counter()
    for row in Rollup.objects.filter(period=Period.HOUR):
        assert rollup.tally_of(row).ttft.count == row.ok
        found[row.start] = row.ok
        days[row.start.replace(hour=0)] += row.ok
    assert dict(Rollup.objects.filter(period=Period.DAY).values_list("start", "ok")) == dict(days)
    return found


def test_a_killed_reading_of_prometheus_replaces_and_never_adds(crew: Crew) -> None:
    """An hour holds what the server said of it once: the last time, when a reading has ended."""
    rng, sold = chance("prometheus"), EndpointFactory(native_id="llama")
    with prometheus() as (base, said):
        PrometheusServer.objects.create(
            name="engines", base=base, mapping="own", own_mapping=MAPPING, provider=sold.provider
        )
        prometheus_servers.keep_jobs(now=datetime.now(UTC))
        job = Job.objects.get(name=prometheus_servers.JOB)
        for place in steps(rng, READING_STEPS):
            before = hours()
            carried_out(crew, job, place)
            after = hours()
            assert before.keys() <= after.keys()
            assert all(before.get(hour) == n or said[hour] == n for hour, n in after.items())
        assert carried_out(crew, job, LET_LIVE)
    assert len(said) >= 25  # a day back, and the hour that is going on
    assert hours() == said


# -- probes ---------------------------------------------------------------------------------------


ANSWER = Behaviour(ttft_ms=1, tokens_per_second=2000, prompt_tokens=100)
SPENT = "the day's allowance is spent"
TOLERANCE = Decimal("0.1")  # prompts differ, and so does what they can cost at most


def spent() -> Decimal:
    return ProbeAllowance.objects.get().spent


def probe_job(base: str) -> tuple[Job, Decimal]:
    """Of a plan; and what one probe of it can cost at most, roughly."""
    plan = plan_from("", base)
    probing.keep_jobs(now=datetime.now(UTC))
    highest = probing.highest_cost(plan, now=datetime.now(UTC)).once
    return Job.objects.get(name=probing.JOB), highest


def test_killed_probes_spend_what_they_asked_for_once(crew: Crew) -> None:
    """Who dies before it settles has spent its highest cost, whether it came to ask or not.

    So nothing that was asked is left out, and too much is booked for those alone that died on the
    way. A measurement is kept once, and only when its true cost is booked.
    """
    rng = chance("probes")
    with beside(ANSWER) as provider:
        job, highest = probe_job(provider.base)
        ProbeAllowance.objects.update(per_day=1000 * highest)
        assert carried_out(crew, job, LET_LIVE)
        exact, kept, asked = spent(), 1, 1
        assert 0 < exact < highest / 2 and len(provider.served) == 1
        for place in steps(rng, PROBE_STEPS):
            before = spent()
            carried_out(crew, job, place)
            cost, asked_now = spent() - before, len(provider.served) - asked
            kept_now = Observation.objects.count() - kept
            if abs(cost - highest) < TOLERANCE * highest:
                assert (asked_now, kept_now) in {(0, 0), (1, 0)}
            elif cost:
                assert (cost, asked_now) == (exact, 1) and kept_now in (0, 1)
            else:
                assert (asked_now, kept_now) == (0, 0)
            kept, asked = kept + kept_now, asked + asked_now
        assert carried_out(crew, job, LET_LIVE)
    assert Observation.objects.count() == kept + 1
    assert ProbePlan.objects.get().running_until is None
    rollup.fold_all(now=datetime.now(UTC))
    by_hour = Rollup.objects.filter(period=Period.HOUR)
    assert by_hour.aggregate(Sum("ok"))["ok__sum"] == kept + 1


def test_killed_probes_do_not_overdraw_the_days_allowance(crew: Crew) -> None:
    rng = chance("allowance")
    with beside(ANSWER) as provider:
        job, highest = probe_job(provider.base)
        ProbeAllowance.objects.update(per_day=4 * highest)
        for place in steps(rng, PROBE_STEPS):
            carried_out(crew, job, place)
            assert spent() <= 4 * highest
        while Job.objects.get(pk=job.pk).message != SPENT:
            assert carried_out(crew, job, LET_LIVE) and spent() > 0
            assert len(provider.served) < 100 + KILLS
        asked = len(provider.served)
        assert carried_out(crew, job, LET_LIVE)
        assert len(provider.served) == asked and spent() <= 4 * highest
