"""A person's money: the highest cost of a prompt is taken before anything is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from ..models import PlaygroundAllowance

CURRENCY = "USD"
# Each holds one of the web server's threads for as long as its answers take.
SITTINGS_AT_ONCE = 2


class Refused(Exception):
    """Nothing was sent; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may still spend today, of how much; US dollars."""

    left: Decimal
    per_day: Decimal


def standing(user: User, *, now: datetime) -> Standing:
    """One query."""
    row = PlaygroundAllowance.objects.filter(user=user).first() or PlaygroundAllowance(user=user)
    per_day = _per_day(row)
    return Standing(max(Decimal(0), per_day - _spent(row, now.date())), per_day)


def take(user: User, amount: Decimal, *, now: datetime, lasts: timedelta) -> date:
    """A turn and the money for it, and the day that pays; `Refused` when there is none."""
    PlaygroundAllowance.objects.get_or_create(user=user)
    with transaction.atomic():
        # All rows, so that two people cannot both take the last turn.
        rows = {row.user_id: row for row in PlaygroundAllowance.objects.select_for_update()}
        row = rows[user.pk]
        _check_turn(row, rows.values(), now)
        spent, per_day = _spent(row, now.date()), _per_day(row)
        if spent + amount > per_day:
            raise Refused(
                f"This can cost ${amount.normalize():f}, and ${(per_day - spent).normalize():f} of "
                f"your ${per_day.normalize():f} a day are left. Shorten the prompt or the answer, "
                "choose fewer endpoints, or go on after midnight UTC."
            )
        row.spent, row.spent_on, row.running_until = spent + amount, now.date(), now + lasts
        row.save(update_fields=["spent", "spent_on", "running_until"])
    return now.date()


def settle(user_id: int, *, taken: Decimal, cost: Decimal, day: date) -> None:
    """Puts the true cost of one answer in the place of its highest."""
    with transaction.atomic():
        row = PlaygroundAllowance.objects.select_for_update().filter(user=user_id).first()
        if row is not None and row.spent_on == day:
            row.spent = max(Decimal(0), row.spent - taken + cost)
            row.save(update_fields=["spent"])


def give_turn_back(user_id: int) -> None:
    PlaygroundAllowance.objects.filter(user=user_id).update(running_until=None)


def _check_turn(
    mine: PlaygroundAllowance, everybody: Iterable[PlaygroundAllowance], now: datetime
) -> None:
    running = [row for row in everybody if row.running_until and row.running_until > now]
    if mine in running:
        raise Refused("Your last prompt is still being answered. Stop it, or wait for its end.")
    if len(running) >= SITTINGS_AT_ONCE:
        raise Refused("Others are using the playground right now. Send it again in a minute.")


def _spent(row: PlaygroundAllowance, today: date) -> Decimal:
    return row.spent if row.spent_on == today else Decimal(0)


def _per_day(row: PlaygroundAllowance) -> Decimal:
    """The operator's word about this person, else the setting."""
    default: Decimal = settings.PLAYGROUND_PER_DAY
    return default if row.per_day is None else row.per_day
