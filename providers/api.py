"""POST /api/v1/observations and below: measurements that others push, in our form or LiteLLM's."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from . import senders
from .choices import Inlet
from .receiving import BUSY, RETRY_SECONDS, Refused, body_of, kind_of, sender_of
from .stats import counters, ingest, litellm
from .stats.record import Receipt, first_known, record

Take = Callable[[bytes, HttpRequest, str, datetime], JsonResponse]

log = structlog.get_logger(__name__)
MOST_LISTED = 100  # items that an answer names; it counts all


@csrf_exempt  # no cookie is looked at: the token in the header says who it is
def observations(request: HttpRequest) -> JsonResponse:
    return _answered(request, Inlet.PUSH, _take_observations)


@csrf_exempt
def litellm_payloads(request: HttpRequest) -> JsonResponse:
    return _answered(request, Inlet.LITELLM, _take_payloads)


def _answered(request: HttpRequest, inlet: Inlet, take: Take) -> JsonResponse:
    now = datetime.now(UTC)
    try:
        sender = sender_of(request, inlet)
        senders.saw(sender, now)  # before: once a batch is recorded, nothing may fail any more
        answer = take(body_of(request), request, sender.name, now)
    except Refused as error:
        return _answer({"error": str(error)}, error.status, **error.headers)
    except ingest.BadBody as error:
        return _answer({"error": str(error)}, error.status)
    except (OperationalError, InterfaceError):
        log.exception("observations not taken")
        return _answer({"error": BUSY}, 503, Retry_After=RETRY_SECONDS)
    return answer


def _take_observations(
    body: bytes, request: HttpRequest, sender: str, now: datetime
) -> JsonResponse:
    batch = ingest.decoded(body, request.headers.get("Content-Type", ""))
    receipt = record(batch.items, sender=sender, inlet=Inlet.PUSH, now=now)
    counters.came_in(Inlet.PUSH, refused=len(batch.faults))
    return _receipt(receipt, batch.faults, batch.place_of)


def _take_payloads(body: bytes, request: HttpRequest, sender: str, now: datetime) -> JsonResponse:
    batch = litellm.read(body, kind_of(request))
    receipt = record(first_known(batch.told), sender=sender, inlet=Inlet.LITELLM, now=now)
    counters.came_in(Inlet.LITELLM, refused=len(batch.faults))
    return _receipt(receipt, batch.faults, batch.places.__getitem__)


def _receipt(
    receipt: Receipt, faults: Sequence[tuple[int, str]], place_of: Callable[[int], int]
) -> JsonResponse:
    refused = [*faults, *((place_of(i), why) for i, why in receipt.refused)]
    strange = [(place_of(i), why) for i, why in receipt.quarantined]
    body = {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "refused": len(refused),
        "quarantined": len(strange),
        "problems": _problems(refused, strange),
    }
    return _answer(body, 422 if refused or strange else 200)


def _problems(
    refused: Sequence[tuple[int, str]], strange: Sequence[tuple[int, str]]
) -> list[dict[str, Any]]:
    """In the order of the items; the first MOST_LISTED."""
    found = [(index, "refused", reason) for index, reason in refused]
    found += [(index, "quarantined", reason) for index, reason in strange]
    return [
        {"index": index, "became": became, "reason": reason}
        for index, became, reason in sorted(found)[:MOST_LISTED]
    ]


def _answer(body: dict[str, Any], status: int, **headers: str) -> JsonResponse:
    response = JsonResponse(body, status=status)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    response["Cache-Control"] = "no-store"
    return response
