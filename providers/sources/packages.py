"""Public packages, fetched with the registries' ordinary clients and unpacked.

No registry is named here: pip and npm go where the machine's own settings send them.
"""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from .base import Package

TIMEOUT_SECONDS = 600


class CannotFetch(RuntimeError):
    """The client failed; the message ends with what it printed."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A release and the moment its wheel came to the registry."""

    version: str
    at: datetime


def highest_before(name: str, day: date, folder: Path) -> Uploaded | None:
    """The highest version of a Python package uploaded before a day, UTC; None: there was none.

    Asked day by day it never steps back, whatever else a project released on older branches.
    """
    wanted, answer = folder / "wanted.in", folder / "pylock.toml"
    wanted.write_text(name)
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--format=pylock.toml"]
    limit = f"--exclude-newer={day.isoformat()}T00:00:00Z"
    try:
        _run(
            ["uv", "pip", "compile", *options, limit, f"--output-file={answer}", str(wanted)],
            folder,
        )
    except CannotFetch as error:
        if "exclude-newer" in str(error):  # uv names what it left out
            return None
        raise
    (found,) = tomllib.loads(answer.read_text())["packages"]
    answer.unlink()
    return Uploaded(found["version"], found["wheels"][0]["upload-time"].astimezone(UTC))


def unpacked(package: Package, folder: Path) -> Path:
    """Downloads the pinned package into `folder`; answers the folder of its files."""
    files = folder / "files"
    if package.kind == "npm":
        archive = _npm_archive(package, folder)
        with tarfile.open(archive) as tar:
            tar.extractall(files, filter="data")
        return files / "package"  # where npm packs everything
    with zipfile.ZipFile(_wheel(package, folder)) as wheel:
        wheel.extractall(files)  # noqa: S202 zipfile drops absolute and upward paths
    return files


def _wheel(package: Package, folder: Path) -> Path:
    pin = f"{package.name}=={package.version}"
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--dest", str(folder)]
    _run([*_pip(), "download", *options, pin], folder)
    return _only(folder, "*.whl")


def _pip() -> list[str]:
    """pip, which uv leaves out of the environments it makes; then uv lends one."""
    has_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
    if has_pip.returncode == 0:
        return [sys.executable, "-m", "pip"]
    return ["uv", "run", "--no-project", "--with", "pip", "python", "-m", "pip"]


def _npm_archive(package: Package, folder: Path) -> Path:
    pin = f"{package.name}@{package.version}"
    _run(["npm", "pack", "--silent", "--pack-destination", str(folder), pin], folder)
    return _only(folder, "*.tgz")


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 a fixed command; the pin stands in our own source
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotFetch(f"{command[0]}: {error}") from None
    if done.returncode != 0:
        raise CannotFetch(f"{' '.join(command)}\n{done.stderr.strip()[-2000:]}")


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise CannotFetch(f"expected one {pattern} from the registry, got {len(found)}")
    return found[0]
