"""What `make test` does on a machine without PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOBODY = "postgres://postgres@127.0.0.1:1/postgres"  # a port on which nothing listens


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not _is_pytests(name)}
    return subprocess.run(
        [sys.executable, "tests/run.py", "--workers", "0", *arguments],
        cwd=ROOT,
        env=inherited | {"TEST_POSTGRES_URL": NOBODY} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _is_pytests(name: str) -> bool:
    return name.startswith(("PYTEST_", "CI"))


def test_in_ci_a_missing_postgresql_fails_the_run() -> None:
    ended = run(CI="true")
    assert ended.returncode == 1
    assert "PostgreSQL is required" in ended.stderr


def test_elsewhere_a_missing_postgresql_is_named_as_not_run() -> None:
    ended = run("tests/test_house.py::test_there_are_no_signals", CI="")
    assert ended.returncode == 0, ended.stdout
    assert "not run" in ended.stdout
    assert "the suite on PostgreSQL" in ended.stdout
    assert "1 passed" in ended.stdout.splitlines()[-1]
