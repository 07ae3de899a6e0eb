"""The real market, read from the recordings and shared by the acceptance tests.

It is filled once and copied for each process of the run. Tests reach it by the fixture
`real_market`; what they write is rolled back like in any other database.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from catalog import curated
from providers import backfill, refresh
from tests import measurements
from tests.factories import NOW

# Not the hour at which tests look (factories.NOW): pages keep things by an edition's moment, and
# a small market of another test must not be taken for this one.
FILLED = datetime(2026, 11, 14, 6, tzinfo=UTC)
FOLDER = Path(settings.DATA_DIR) / "market"
# Folders of the code that shows the market and has no part in filling it.
SHOWING = {"admin", "management", "pages", "sample", "queries", "templatetags"}


def fill() -> None:
    """Everything a new site holds after its first start, and figures, in an empty database."""
    call_command("migrate", verbosity=0)
    backfill.load(now=FILLED)
    refresh.run(now=FILLED, recorded=True)
    curated.load(FILLED)
    measurements.fill(NOW)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Another database stands in for the test database, in every thread of this process."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


@contextmanager
def filled_database(worker: str, shared: Path) -> Iterator[str]:
    """Name of a filled database of this process; all processes of the run see `shared`."""
    making = _sqlite_copy if connection.vendor == "sqlite" else _postgres_copy
    with making(worker, shared) as name:
        yield name


# -- SQLite: a file, kept from run to run while nothing that fills it has changed -----------------


@contextmanager
def _sqlite_copy(worker: str, shared: Path) -> Iterator[str]:
    FOLDER.mkdir(exist_ok=True)
    copy = FOLDER / f"{worker}.sqlite3"
    with _locked(FOLDER / "lock"):
        kept = FOLDER / f"filled-{fingerprint()}.sqlite3"
        if not kept.exists():
            for old in FOLDER.glob("filled-*"):
                old.unlink()
            _fill_file(kept)
        shutil.copy(kept, copy)
    yield str(copy)
    copy.unlink()


def _fill_file(kept: Path) -> None:
    filling = kept.with_suffix(".filling")
    filling.unlink(missing_ok=True)
    with pointed_at(str(filling)):  # whose end moves SQLite's log into the file
        fill()
    filling.rename(kept)


def fingerprint() -> str:
    """Changes with the recordings, the curated files and the code that reads them."""
    digest = hashlib.sha256(Path(measurements.__file__).read_bytes())
    folders = [settings.BASE_DIR / name for name in ("fixtures", "providers", "catalog")]
    for path in sorted(path for folder in folders for path in folder.rglob("*.*")):
        if path.suffix != ".pyc" and not SHOWING & set(path.parts):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


# -- PostgreSQL: a database made once a run, the template of each process's own -------------------


@contextmanager
def _postgres_copy(worker: str, shared: Path) -> Iterator[str]:
    named = shared / "market-database"
    users = shared / "market-users"
    users.mkdir(exist_ok=True)
    with _locked(shared / "market-lock"):
        if not named.exists():
            named.write_text(_fill_new())
        with pointed_at(named.read_text()):
            copy = _clone(worker)
        (users / worker).touch()
    yield copy
    with _locked(shared / "market-lock"):
        _drop(copy)
        (users / worker).unlink()
        if not os.listdir(users):
            _drop(named.read_text())
            named.unlink()


def _fill_new() -> str:
    name = f"test_{os.getpid()}_market"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")  # it is thrown away
    with pointed_at(name):
        fill()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # a server does so by itself after a while
    return name


def _clone(suffix: str) -> str:
    connection.creation.clone_test_db(suffix, verbosity=0)
    return str(connection.creation.get_test_db_clone_settings(suffix)["NAME"])


def _drop(name: str) -> None:
    connection.creation._destroy_test_db(name, verbosity=0)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
