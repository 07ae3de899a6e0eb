"""A public site must not run on the defaults of a private one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 50
PUBLIC = {"ALLOWED_HOSTS": "almanac.example.org", "SECRET_KEY": KEY}


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, with nothing of ours in its environment."""
    return subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; settings.DEBUG"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_private_site_starts_on_defaults(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0


def test_a_public_site_starts_with_a_key_and_its_names(tmp_path: Path) -> None:
    assert start(tmp_path, **PUBLIC).returncode == 0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "insecure-key-of-a-machine-of-one-person"}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "127.0.0.1,*"}, "ALLOWED_HOSTS"),
        ({"SOURCES_AT": "http://127.0.0.1:8300"}, "SOURCES_AT"),
        ({"SIMULATED": "1"}, "SIMULATED"),
        ({"PLAYGROUND_PER_DAY": "much"}, "PLAYGROUND_PER_DAY"),
        ({"PLAYGROUND_PER_DAY": "NaN"}, "PLAYGROUND_PER_DAY"),
        ({"PLAYGROUND_PER_DAY": "-1"}, "PLAYGROUND_PER_DAY"),
        ({"SITE_ACCESS": "closed"}, "SITE_ACCESS"),
        ({"METRICS_ALLOWED": "10.0.0.1/8"}, "METRICS_ALLOWED"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
        ({"EMAIL_URL": "mail.example.org"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://mail.example.org:port"}, "EMAIL_URL"),
        ({"NEW_MODELS": "hidden"}, "NEW_MODELS"),
    ],
)
def test_a_public_site_refuses_to_start_and_names_the_fault(
    tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    started = start(tmp_path, **(PUBLIC | wrong))
    assert started.returncode != 0
    assert "ImproperlyConfigured" in started.stderr
    assert named in started.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://10.0.0.1:8300",
        "https://sources.example",
        "http://127.0.0.1:8300/path",
        "http://127.0.0.1:8300@sources.example",
        "127.0.0.1:8300",
    ],
)
def test_simulated_sources_are_on_this_machine(tmp_path: Path, elsewhere: str) -> None:
    started = start(tmp_path, SOURCES_AT=elsewhere)
    assert started.returncode != 0 and "SOURCES_AT" in started.stderr.splitlines()[-1]
    assert start(tmp_path, SOURCES_AT="http://127.0.0.1:8300/").returncode == 0
