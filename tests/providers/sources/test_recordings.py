"""Recorded answers: what the manifest says is what is there, and renewing leaves no trace."""

import json
import lzma
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from providers.management.commands import renew_recordings
from providers.sources import packages, recordings, registry
from providers.sources.base import Package, Recordable, SourceInfo
from providers.sources.recordings import NoRecording, keep, manifest, normalised, recorded

AS_OF = datetime(2026, 11, 12, tzinfo=UTC)


def kept(folder: Path, data: bytes = b'{"b": 1, "a": 2.50}', **rest):
    said = {"what": "a map", "version": "1", "licence": "MIT", "origin": "pypi a 1", "as_of": AS_OF}
    return keep("a", data, folder=folder, **(said | rest))


# -- the shipped ones -----------------------------------------------------------------------------


@pytest.mark.parametrize("slug", manifest())
def test_a_shipped_recording_is_what_the_manifest_says(slug):
    recording = recorded(slug)
    if slug in registry.RECORDABLE:  # what we wrote ourselves is laid out to be read
        assert recording.data == normalised(recording.data)
    for said in (recording.what, recording.version, recording.licence, recording.origin):
        assert said
    assert recording.as_of.tzinfo is not None
    assert len(recording.data) == manifest()[slug]["bytes"]


def test_every_source_without_a_live_address_has_a_recording():
    offline = {slug for slug, module in registry.SOURCES.items() if not module.SOURCE.live}
    assert offline <= manifest().keys() <= registry.SOURCES.keys()


@pytest.mark.parametrize("slug", registry.RECORDABLE)
def test_a_pinned_package_is_the_recorded_one(slug):
    package = registry.RECORDABLE[slug].PACKAGE
    entry = manifest()[slug]
    assert entry["origin"] == f"{package.kind} {package.name} {package.version}"
    if package.as_of:
        assert datetime.fromisoformat(entry["as_of"]) == package.as_of


def test_sigla_and_slugs_are_one_a_source():
    infos = [module.SOURCE for module in registry.SOURCES.values()]
    assert len({info.siglum for info in infos}) == len(infos)
    assert [info.slug for info in infos] == list(registry.SOURCES)


# -- keeping --------------------------------------------------------------------------------------


def test_what_is_kept_is_read_again(tmp_path):
    assert kept(tmp_path) == recorded("a", folder=tmp_path)
    assert recorded("a", folder=tmp_path).data == b'{"a":2.5,"b":1}'
    assert recorded("a", folder=tmp_path).as_of == AS_OF


def test_the_same_answer_gives_the_same_bytes(tmp_path):
    kept(tmp_path, b'{"a": 2.5, "b": 1}')
    before = (tmp_path / "a.json.xz").read_bytes(), (tmp_path / "manifest.json").read_bytes()
    kept(tmp_path, b'{ "b" : 1, "a" : 2.5 }')
    assert before == (
        (tmp_path / "a.json.xz").read_bytes(), (tmp_path / "manifest.json").read_bytes(),
    )  # fmt: skip


def test_keeping_one_leaves_the_others(tmp_path):
    kept(tmp_path)
    keep(
        "b", b"{}", what="b", version="2", licence="MIT", origin="us", as_of=AS_OF, folder=tmp_path
    )
    assert list(manifest(folder=tmp_path)) == ["a", "b"]


def test_a_source_without_a_recording_is_named(tmp_path):
    with pytest.raises(NoRecording, match="nobody"):
        recorded("nobody", folder=tmp_path)


@pytest.mark.parametrize(
    "damage",
    [b"", b"not xz", lzma.compress(b'{"a":3}'), lzma.compress(b"{}" * 50)[:-8]],
    ids=["empty", "other", "changed", "cut"],
)
def test_a_damaged_recording_is_refused(tmp_path, damage):
    kept(tmp_path)
    (tmp_path / "a.json.xz").write_bytes(damage)
    with pytest.raises(NoRecording, match=r"a\.json\.xz"):
        recorded("a", folder=tmp_path)


def test_a_recording_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    kept(tmp_path, json.dumps(["x" * 1000]).encode())
    monkeypatch.setattr(recordings, "MAX_BYTES", 100)
    with pytest.raises(NoRecording, match="more than 100"):
        recorded("a", folder=tmp_path)


# -- renewing -------------------------------------------------------------------------------------


class Module:
    """A source module whose package is made by the test."""

    SOURCE = SourceInfo("a", "A", "A", "MIT", "https://a.example/")
    PACKAGE = Package("pypi", "a", "1.0", what="a map", as_of=AS_OF)

    @staticmethod
    def extract(folder: Path) -> bytes:
        return (folder / "a" / "map.json").read_bytes()


class DatedModule(Module):
    @staticmethod
    def content_date(folder: Path) -> datetime:
        return datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder for recordings, and pip replaced by a client that always brings one wheel."""

    def bring(command, folder):
        with zipfile.ZipFile(Path(folder) / "a-1.0.whl", "w") as wheel:
            wheel.writestr("a/map.json", '{"b": 1, "a": 2}')

    monkeypatch.setattr(packages, "_run", bring)
    return tmp_path


def renew(monkeypatch, module, shelf, capsys) -> str:
    assert isinstance(module, Recordable)
    monkeypatch.setattr(renew_recordings, "RECORDABLE", {"a": module})
    call_command("renew_recordings", "a", into=shelf)
    return capsys.readouterr().out


def test_renewing_says_whether_anything_changed(shelf, monkeypatch, capsys):
    assert (
        renew(monkeypatch, Module(), shelf, capsys)
        == "a 1.0, as of 2026-11-12 00:00 UTC: renewed\n"
    )
    assert recorded("a", folder=shelf).data == b'{"a":2,"b":1}'
    assert renew(monkeypatch, Module(), shelf, capsys).endswith(": unchanged\n")


def test_the_contents_own_date_wins(shelf, monkeypatch, capsys):
    assert "as of 2026-05-01" in renew(monkeypatch, DatedModule(), shelf, capsys)


def test_an_unknown_source_is_told_the_known_ones():
    with pytest.raises(CommandError, match="models_dev, litellm"):
        call_command("renew_recordings", "nobody")


def test_a_client_that_fails_is_quoted(tmp_path):
    with pytest.raises(packages.CannotFetch, match="no such file|No such file"):
        packages._run(["/no/such/client"], tmp_path)
    with pytest.raises(packages.CannotFetch, match="broken"):
        packages._run(["sh", "-c", "echo broken >&2; exit 3"], tmp_path)
