"""What every test may use, and what the run says of the parts that it left out."""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests import market
from tests.factories import NOW

ASKS_THE_DATABASE = {"db", "transactional_db", "filled_database", "live_server", "client"}
# A busy machine is no failure: no test depends on how fast it runs.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's chromium. Missing: skipped on a developer's machine, failed in CI."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("chromium is not installed")
    return path


@pytest.fixture(scope="session")
def filled_database(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Name of this process's copy of the real market."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if worker else mine
    with (
        django_db_blocker.unblock(),
        market.filled_database(worker or "alone", shared) as name,
    ):
        yield name


@pytest.fixture(scope="module")
def real_market(filled_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The module's tests look at the whole market of the recordings, on the day NOW.

    One model and one provider of it are measured, see `measurements`.
    """
    with (
        django_db_blocker.unblock(),
        market.pointed_at(filled_database),
        pytest.MonkeyPatch.context() as patch,
    ):
        for views in ("views", "measurements"):
            patch.setattr(f"catalog.{views}._now", lambda: NOW)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks the same on any database runs with the first part of the suite alone.

    That is what asks none, and what goes over every page of the site: each of them has a file of
    tests in `pages`, which ask both databases all that it asks.
    """
    for item in items:
        asks = ASKS_THE_DATABASE & set(getattr(item, "fixturenames", ()))
        asks |= set(filter(item.get_closest_marker, ("django_db", "faults", "browser")))
        if not asks or hasattr(getattr(item, "module", None), "MAIN_PAGES"):
            item.add_marker(pytest.mark.once)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := os.environ.get("NOT_RUN"):
        terminalreporter.section("not run", yellow=True)
        terminalreporter.line(missing)
