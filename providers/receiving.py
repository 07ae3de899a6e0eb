"""What every address for measurements does first: who sends, and the body, bounded."""

from collections.abc import Iterator

from django.http import HttpRequest

from . import senders
from .choices import Inlet
from .models import Sender
from .stats import ingest

CHUNK = 64 * 1024
BUSY = "the database is busy; nothing of this batch was taken, send it again"
RETRY_SECONDS = "5"


class Refused(Exception):
    """The request is answered with this status, and nothing of it was taken."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def sender_of(request: HttpRequest, inlet: Inlet) -> Sender:
    """Who pushes. Raises Refused before a byte of the body is read. One query."""
    if request.method != "POST":
        raise Refused(405, "send measurements with POST", Allow="POST")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sender = senders.who(token.strip()) if scheme.lower() == "bearer" else None
    if sender is None:
        reason = "no sender has this token; send `Authorization: Bearer …` with a sender's token"
        raise Refused(401, reason, WWW_Authenticate='Bearer realm="observations"')
    if sender.paused:
        raise Refused(403, f"the sender {sender.name} is paused")
    if inlet not in sender.inlets:
        raise Refused(403, f"the sender {sender.name} may not send by {inlet}")
    return sender


def body_of(request: HttpRequest, at_most: int = ingest.MAX_BYTES) -> bytes:
    """The body, unpacked. Raises Refused or ingest.BadBody as soon as it is too large."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        raise Refused(411, "say how long the body is, with Content-Length")
    if int(length) > at_most:
        raise Refused(413, f"the body is larger than {at_most:,} bytes; send smaller batches")
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    return ingest.inflated(_chunks(request), encoding, at_most)


def kind_of(request: HttpRequest) -> str:
    """The media type alone, in small letters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(CHUNK):
        yield chunk
