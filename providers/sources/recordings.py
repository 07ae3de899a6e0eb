"""Recorded answers of the sources: they seed a new site and feed the tests.

`fixtures/sources/manifest.json` says of each what it is, its version and date, licence and origin;
the answers lie beside it as canonical JSON, compressed with xz. The same answer gives the same
bytes, so renewing one that did not change leaves no trace in version control. Those written by us
from pages are plain JSON, edited by hand and then sealed.
"""

import fcntl
import hashlib
import json
import lzma
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "sources"
MANIFEST = "manifest.json"
# Ours are below 10 MB; a damaged file must not fill the memory.
MAX_BYTES = 64 * 2**20


class NoRecording(LookupError):
    """A source without a recording, or one that is not what the manifest says."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer. `as_of` is the content's date, not the download's."""

    slug: str
    data: bytes
    what: str
    version: str
    as_of: datetime
    licence: str
    origin: str
    notes: str
    sha256: str


def recorded(slug: str, *, folder: Path = FOLDER) -> Recording:
    """The recorded answer of a source; checks it against the manifest."""
    entry = manifest(folder=folder).get(slug)
    if entry is None:
        raise NoRecording(f"{slug}: no recording in {folder / MANIFEST}")
    path = folder / entry["file"]
    data = _decompressed(path)
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise NoRecording(f"{path.name} is not what the manifest says; renew_recordings {slug}")
    return Recording(
        slug=slug,
        data=data,
        what=entry["what"],
        version=entry["version"],
        as_of=datetime.fromisoformat(entry["as_of"]),
        licence=entry["licence"],
        origin=entry["origin"],
        notes=entry["notes"],
        sha256=entry["sha256"],
    )


def manifest(*, folder: Path = FOLDER) -> Mapping[str, Any]:
    """All entries by source, without reading the answers."""
    path = folder / MANIFEST
    entries: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return entries


def keep(
    slug: str,
    data: bytes,
    *,
    what: str,
    version: str,
    as_of: datetime,
    licence: str,
    origin: str,
    notes: str = "",
    folder: Path = FOLDER,
) -> Recording:
    """Writes an answer and its entry in the manifest; answers the recording as it will be read."""
    canonical = normalised(data)
    file = f"{slug}.json.xz"
    _replace(folder / file, lzma.compress(canonical, preset=9 | lzma.PRESET_EXTREME))
    entry = {
        "file": file,
        "what": what,
        "version": version,
        "as_of": as_of.astimezone(UTC).isoformat(),
        "licence": licence,
        "origin": origin,
        "notes": notes,
        "bytes": len(canonical),
        "sha256": hashlib.sha256(canonical).hexdigest(),
    }
    with _alone(folder):
        entries = dict(manifest(folder=folder)) | {slug: entry}
        text = json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False)
        _replace(folder / MANIFEST, text.encode() + b"\n")
    return recorded(slug, folder=folder)


def is_written_by_hand(slug: str, *, folder: Path = FOLDER) -> bool:
    return str(manifest(folder=folder).get(slug, {}).get("file", "")).endswith(".json")


def seal(slug: str, *, folder: Path = FOLDER) -> Recording:
    """Takes size and hash of a file written by hand into the manifest."""
    with _alone(folder):
        entries = dict(manifest(folder=folder))
        data = (folder / entries[slug]["file"]).read_bytes()
        entries[slug] |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        text = json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False)
        _replace(folder / MANIFEST, text.encode() + b"\n")
    return recorded(slug, folder=folder)


def normalised(data: bytes) -> bytes:
    """The same JSON with sorted keys and nothing between tokens."""
    tree = json.loads(data)
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _decompressed(path: Path) -> bytes:
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise NoRecording(f"{path.name} cannot be read: {error}") from None
    if len(data) > MAX_BYTES:
        raise NoRecording(f"{path.name} unpacks to more than {MAX_BYTES} bytes")
    return data


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all: readers see the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".new")
    draft.write_bytes(data)
    draft.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two renewals at once must not lose each other's entry."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
