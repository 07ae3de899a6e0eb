"""`make demo`: stand-in providers, jobs, probes, roll-ups and pages, all of them real processes."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.demo.market import PROVIDERS, SOLD

from .test_serve import PATIENCE, ROOT, port

__all__ = ["port"]  # a fixture
pytestmark = [pytest.mark.faults, pytest.mark.once]

FIGURES = "/models/simulated/swift-1/performance/figures.csv"


def read(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


# Seconds that each provider lets pass, less what a histogram may err.
TTFT = {PROVIDERS[one.provider]: one.behaviour.ttft_ms * 0.989 / 1000 for one in SOLD[:3]}


def median_ttft(figures: str) -> dict[str, float]:
    """By provider, of those that were asked often enough."""
    rows = csv.DictReader(io.StringIO(figures))
    return {row["provider"]: float(row["ttft_p50"]) for row in rows if row["ttft_p50"]}


def test_the_demo_shows_what_its_probes_measured_and_says_that_it_is_made_up(
    tmp_path: Path, port: int
) -> None:
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    said = tmp_path / "said"
    with said.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "tests.demo", "--folder", str(tmp_path / "demo")],
            cwd=ROOT,
            env=own | {"PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (medians := median_ttft(read(port, FIGURES))):
            assert demo.poll() is None and time.monotonic() < deadline, said.read_text()
            time.sleep(1)
        for provider, seconds in medians.items():
            assert seconds >= TTFT[provider], "a histogram tells a median within 1.1 %"
        page = read(port, "/models/simulated/swift-1/")
        assert "Simulated data." in page and "Simulated North" in page
        assert "(simulated data)" in read(port, "/admin/login/")
        assert "OpenAI" not in read(port, "/providers/")
    finally:
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(PATIENCE) == 0
