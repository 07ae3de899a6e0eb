"""Reads of how the site itself does, for /metrics."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from .models import Alert, Delivery, Quarantined

HOUR = timedelta(hours=1)


def taken_in_the_last_hour(now: datetime) -> dict[str, int]:
    """Observations by inlet, whichever process took them. One query."""
    rows = Delivery.objects.filter(received_at__gt=now - HOUR, received_at__lte=now)
    return dict(rows.order_by("inlet").values_list("inlet").annotate(Sum("count")))


def waiting_to_be_counted() -> tuple[int, datetime | None]:
    """Deliveries that are in no roll-up yet, and since when the oldest waits. One query."""
    found = Delivery.objects.filter(folded_at=None).aggregate(n=Count("pk"), at=Min("received_at"))
    return found["n"], found["at"]


def quarantined() -> tuple[int, int]:
    """Names that no endpoint bears, and how many measurements bore them. One query."""
    found = Quarantined.objects.aggregate(names=Count("pk"), events=Sum("count"))
    return found["names"], found["events"] or 0


def open_alerts() -> dict[str, int]:
    """Alerts that are not over, by the name of their rule. One query."""
    rows = Alert.objects.filter(closed_at=None).order_by("rule__name")
    return dict(rows.values_list("rule__name").annotate(Count("pk")))
