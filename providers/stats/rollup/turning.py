"""The statistics edition: the number by which kept pages know that figures have changed."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from ...models import StatisticsEdition

AT_MOST_EVERY = timedelta(minutes=1)


def mark_changed() -> None:
    """Roll-ups have changed. After the commit, so that no page is kept that was printed before it.

    Who is killed between the two leaves it to the next fold.
    """
    StatisticsEdition.objects.get_or_create(pk=1)
    StatisticsEdition.objects.filter(has_changed=False).update(has_changed=True)


def turn_edition(*, now: datetime) -> bool:
    """Next number if anything has changed and the last is a minute old. One query."""
    is_old = Q(changed_at=None) | Q(changed_at__lte=now - AT_MOST_EVERY)
    turned = StatisticsEdition.objects.filter(is_old, has_changed=True).update(
        number=F("number") + 1, changed_at=now, has_changed=False
    )
    return turned == 1
