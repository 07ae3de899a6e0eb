"""`make test`: the suite on SQLite, then on PostgreSQL.

A developer's machine may lack PostgreSQL or chromium: those parts are then named as not run. Where
CI is set they must be there, or the run fails.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

import psycopg

# The server's own database is only asked whether it is there; tests make and drop their own.
POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"

# Pages look the same on any database: browsers need not look twice, nor what conftest names.
SECOND_TIME = "not browser and not once"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2", help="processes of pytest-xdist")
    options, rest = parser.parse_known_args()
    server = os.environ.get("TEST_POSTGRES_URL", POSTGRES)
    trouble = postgres_trouble(server)
    if trouble and in_ci():
        print(f"PostgreSQL is required where CI is set: {trouble}", file=sys.stderr)
        return 1
    print("-- on SQLite", flush=True)
    missing = f"the suite on PostgreSQL ({trouble})" if trouble else ""
    status = run_pytest(["-n", options.workers, *rest], DATABASE_URL="", NOT_RUN=missing)
    if status or trouble:
        return status
    print("-- on PostgreSQL", flush=True)
    own = f"{urlsplit(server)._replace(path=f'/almanac_{os.getpid()}').geturl()}"
    return run_pytest(["-n", options.workers, "-m", SECOND_TIME, *rest], DATABASE_URL=own)


def run_pytest(arguments: list[str], **environment: str) -> int:
    """One run in a data folder of its own; empty variables are taken out."""
    with tempfile.TemporaryDirectory(prefix="almanac-test-") as folder:
        wanted = os.environ | {"DATA_DIR": folder} | environment
        kept = {name: value for name, value in wanted.items() if value or name not in environment}
        command = [sys.executable, "-m", "pytest", "-rs", *arguments]
        return subprocess.run(command, env=kept, check=False).returncode


def postgres_trouble(server: str) -> str:
    """Why the suite cannot run there; empty when it can."""
    try:
        psycopg.connect(
            server.replace("postgres://", "postgresql://", 1), connect_timeout=3
        ).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return ""


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


if __name__ == "__main__":
    sys.exit(main())
