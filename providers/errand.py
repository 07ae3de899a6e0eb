"""What is to be read over the network: a source's list or one of its parts, and how."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from .facts import BadSnapshot, Snapshot
from .network import Key
from .sources.base import Parted, SourceInfo, SourceModule
from .sources.http import Fetcher, Limits

# A part is small and there are hundreds: one that is not read soon is read later.
PART_LIMITS = Limits(seconds=30, max_bytes=8 * 2**20, attempts=2)


@dataclass(frozen=True, slots=True)
class Errand:
    """A source's list; with `part`, what the source says under that name (see base.Parted)."""

    module: SourceModule
    part: str = ""

    @property
    def info(self) -> SourceInfo:
        return self.module.SOURCE

    def fetch(self, etag: str) -> tuple[bytes, str]:
        """The answer and its etag. Raises `FetchFailed`, or `NotModified` for the etag given."""
        fetcher = self._fetcher(etag)
        if self.part:
            return self._parted().fetch_part(fetcher, self.part), fetcher.etag
        return self.module.fetch(fetcher), fetcher.etag

    def parse(self, content: bytes, as_of: datetime) -> Snapshot:
        if self.part:
            return self._parted().parse_part(content, self.part, as_of=as_of)
        return self.module.parse(content, as_of=as_of)

    def parts(self, snapshot: Snapshot) -> tuple[str, ...]:
        """What the list leads to; a part leads nowhere."""
        if self.part or not isinstance(self.module, Parted):
            return ()
        return self.module.parts(snapshot)

    def digest(self, content: bytes) -> str:
        """Names the answer and the parser: a new parser reads the same bytes anew."""
        head = f"{self.info.slug} {self.info.parser_version} {self.part}\n"
        return hashlib.sha256(head.encode() + content).hexdigest()

    def _parted(self) -> Parted:
        if not isinstance(self.module, Parted):
            raise BadSnapshot(f"{self.info.slug} has no parts")
        return self.module

    def _fetcher(self, etag: str) -> Fetcher:
        allowed = list(settings.ALLOWED_PRIVATE_NETWORKS)
        if settings.SOURCES_AT:
            allowed.append(settings.SOURCES_AT_NETWORK)
        return Fetcher(
            limits=PART_LIMITS if self.part else None,
            proxy="" if settings.SOURCES_AT else settings.HTTPS_PROXY,
            allowed_private=allowed,
            etag=etag,
            key=self._key(),
            elsewhere=settings.SOURCES_AT,
        )

    def _key(self) -> Key | None:
        """The optional key of the source, for its own host alone."""
        variable = self.info.key_variable
        secret = os.environ.get(variable, "").strip() if variable else ""
        origin = settings.SOURCES_AT or f"https://{self.info.key_host}"
        return Key(origin, secret) if secret else None
