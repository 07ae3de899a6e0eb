"""What a nursery does in its own database for a test that cannot reach it (`Crew.call`)."""

from datetime import UTC, datetime

from django.core.management import call_command
from django.db.models import Sum

from providers import senders
from providers.models import Delivery, Job, Observation, Rollup
from tests.factories import EndpointFactory


def prepare() -> str:
    """Tables, an endpoint, a roll-up that is due; the token of a sender."""
    call_command("migrate", verbosity=0, interactive=False)
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    now = datetime.now(UTC)
    Job.objects.create(name="roll-up", due_at=now)
    return senders.issue("gateway", now=now)


def totals() -> dict[str, int]:
    """How many measurements there are, raw and as counted into hours and into days."""
    counted = dict(Rollup.objects.values_list("period").annotate(Sum("ok")))
    return {
        "raw": Observation.objects.count(),
        "hour": counted.get("hour", 0),
        "day": counted.get("day", 0),
        "uncounted": Delivery.objects.filter(folded_at=None).count(),
    }


def last_finished() -> float:
    """When the roll-up last ended, Unix time; 0 before the first."""
    at = Job.objects.get(name="roll-up").last_finished_at
    return at.timestamp() if at else 0.0
