import os
from pathlib import Path

import pytest

from catalog.management.commands import serve


@pytest.fixture
def done(tmp_path: Path, settings) -> list[str]:
    settings.DATA_DIR = tmp_path / "var"
    settings.DATA_DIR.mkdir()
    return []


def test_work_is_repeated_only_when_a_file_has_changed(tmp_path: Path, done: list[str]) -> None:
    file = tmp_path / "notes.md"
    file.write_text("one")
    for _ in range(3):
        serve.when_changed("notes", [file], lambda: done.append("again"))
    assert len(done) == 1
    os.utime(file, ns=(0, 0))
    serve.when_changed("notes", [file], lambda: done.append("again"))
    assert len(done) == 2


def test_work_is_repeated_when_a_file_is_gone(tmp_path: Path, done: list[str]) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.touch()
    serve.when_changed("notes", files, lambda: done.append("again"))
    serve.when_changed("notes", files[:1], lambda: done.append("again"))
    assert len(done) == 2


def test_work_that_failed_is_done_again(tmp_path: Path, done: list[str]) -> None:
    def fail() -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        serve.when_changed("notes", [], fail)
    serve.when_changed("notes", [], lambda: done.append("again"))
    assert done == ["again"]


def test_work_can_be_asked_for_at_any_rate(done: list[str]) -> None:
    for _ in range(2):
        serve.when_changed("notes", [], lambda: done.append("again"), at_any_rate=True)
    assert len(done) == 2
