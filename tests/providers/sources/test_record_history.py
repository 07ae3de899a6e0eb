"""Making a history from the releases of a package, with pip and uv replaced."""

import json
import re
import zipfile
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import pytest
from django.core.management import CommandError, call_command

from providers.management.commands import record_history
from providers.management.commands.record_history import PACES, Pace
from providers.sources import history, models_dev, packages, recordings

# Version → upload and input price of the one model it lists.
RELEASES = {"1.0": ("2026-01-20", 3), "1.1": ("2026-02-10", 3), "1.2": ("2026-03-05", 2)}
TODAY = datetime(2026, 3, 20, tzinfo=UTC)


def answer(price: float) -> str:
    model = {"id": "small", "name": "Small", "cost": {"input": price, "output": 9}, "limit": {}}
    return json.dumps({"openai": {"id": "openai", "name": "OpenAI", "models": {"small": model}}})


class Module:
    """models.dev's parser over packages made by the test; their date is the upload's."""

    SOURCE = models_dev.SOURCE
    PACKAGE = packages.Package("pypi", "a", "1.3")
    parse = staticmethod(models_dev.parse)

    @staticmethod
    def extract(folder: Path) -> bytes:
        return (folder / "a" / "map.json").read_bytes()


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What was asked of uv and pip, in order; both answer from RELEASES."""
    calls: list[str] = []

    def run(command: list[str], folder: Path) -> None:
        if command[0] == "uv" and "compile" in command:
            calls.append("uv")
            _compile(command)
        else:
            version = command[-1].partition("==")[2]
            calls.append(version)
            with zipfile.ZipFile(folder / f"a-{version}.whl", "w") as wheel:
                wheel.writestr("a/map.json", answer(RELEASES[version][1]))

    sources = tmp_path / "sources"
    recordings.keep(
        "models_dev", answer(2).encode(), what="", version="1.3", as_of=TODAY, licence="MIT",
        origin="", folder=sources,
    )  # fmt: skip
    monkeypatch.setattr(packages, "_run", run)
    monkeypatch.setattr(
        record_history.recordings,
        "recorded",
        lambda slug, folder=sources, real=recordings.recorded: real(slug, folder=folder),
    )
    modules = MappingProxyType({"models_dev": Module()})
    monkeypatch.setattr(record_history, "RECORDABLE", modules)
    monkeypatch.setattr(record_history, "SOURCES", modules)
    pace = Pace(record_history._months, date(2026, 1, 1), "a month apart")
    monkeypatch.setattr(record_history, "PACES", {"models_dev": pace})
    return calls


def _compile(command: list[str]) -> None:
    """The highest version before the day, as uv writes it down."""
    until = next(word for word in command if word.startswith("--exclude-newer="))
    day = until.partition("=")[2][:10]
    before = [(version, at) for version, (at, _) in RELEASES.items() if at < day]
    if not before:
        raise packages.CannotFetch("all were filtered by `exclude-newer`")
    version, at = before[-1]
    output = next(word for word in command if word.startswith("--output-file="))
    Path(output.partition("=")[2]).write_text(
        f'[[packages]]\nname = "a"\nversion = "{version}"\n'
        f"wheels = [{{ upload-time = {at}T10:00:00Z }}]\n"
    )


def made(folder: Path) -> history.History:
    return history.from_json(recordings.recorded("models_dev", folder=folder).data)


def test_every_release_is_fetched_once_and_told_as_changes(asked, tmp_path):
    call_command("record_history", into=tmp_path / "out")
    assert [call for call in asked if call != "uv"] == ["1.0", "1.1"]
    past = made(tmp_path / "out")
    assert [(one.version, f"{one.as_of:%Y-%m-%d %H}") for one in past.releases] == [
        ("1.0", "2026-01-20 10"),
        ("1.1", "2026-02-10 10"),
    ]
    (endpoint,) = past.endpoints
    assert [turn.release for turn in endpoint.facts["price.input", ""]] == [0]
    entry = recordings.manifest(folder=tmp_path / "out")["models_dev"]
    assert entry["version"] == "1.0 to 1.1"
    assert entry["licence"] == "MIT"


def test_kept_answers_are_not_fetched_again_and_give_the_same(asked, tmp_path):
    options = {"answers": tmp_path / "answers"}
    call_command("record_history", into=tmp_path / "one", **options)
    asked.clear()
    call_command("record_history", into=tmp_path / "two", **options)
    assert set(asked) == {"uv"}
    assert made(tmp_path / "one") == made(tmp_path / "two")


def test_a_client_that_fails_ends_it_in_words(asked, tmp_path, monkeypatch):
    def fail(command: list[str], folder: Path) -> None:
        raise packages.CannotFetch("no network")

    monkeypatch.setattr(packages, "_run", fail)
    with pytest.raises(CommandError, match="models_dev: no network"):
        call_command("record_history", into=tmp_path)


def test_a_source_without_a_history_is_told_those_that_have_one():
    with pytest.raises(CommandError, match="there is litellm, models_dev"):
        call_command("record_history", "zenmux")


def test_days_are_firsts_of_months_or_a_week_apart():
    months = record_history._months(date(2025, 11, 1))
    assert [f"{day}" for day in islice(months, 3)] == ["2025-11-01", "2025-12-01", "2026-01-01"]
    weeks = record_history._weeks(date(2026, 2, 25))
    assert [f"{day}" for day in islice(weeks, 2)] == ["2026-02-25", "2026-03-04"]


@pytest.mark.parametrize("slug", sorted(PACES))
def test_the_shipped_histories_keep_the_pace(slug):
    past = history.kept(slug)
    assert past is not None
    asked_for = [
        day for day in islice(PACES[slug].days(PACES[slug].first), 40)
        if day <= recordings.recorded(slug).as_of.date()
    ]  # fmt: skip
    assert len(past.releases) <= len(asked_for)
    assert re.fullmatch(r"\S+ to \S+", recordings.manifest(folder=history.FOLDER)[slug]["version"])
