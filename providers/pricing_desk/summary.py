"""A preview in a few lines: how many prices go up or down, by provider and component. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from ..choices import Book, State
from .preview import Amount, PriceChange

BOOKS = tuple(book.value for book in Book)
_PLACES = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Tally:
    """Changes of one book, provider and component. `least`, `most`: percent; None: no figures."""

    book: str
    provider: str
    component: str
    up: int
    down: int
    begun: int
    ended: int
    other: int  # free becomes a price, another unit or currency …
    least: Decimal | None
    most: Decimal | None

    @property
    def what(self) -> str:
        return self.component.replace("_", " ")


def percent(change: PriceChange) -> Decimal | None:
    """By how much a price moves; None where two figures cannot be compared."""
    before, after = _figure(change.before), _figure(change.after)
    if before is None or after is None or not _alike(change):
        return None
    return (after - before) / before * 100


def direction(change: PriceChange) -> str:
    """`up`, `down`, `begun`, `ended` or `other`."""
    if change.before is None:
        return "begun"
    if change.after is None:
        return "ended"
    moved = percent(change)
    if not moved:
        return "other"
    return "up" if moved > 0 else "down"


def in_reading_order(changes: Iterable[PriceChange], names: Mapping[int, str]) -> list[PriceChange]:
    """Public prices first, then by provider and endpoint as `names` calls them."""
    return sorted(
        changes,
        key=lambda one: (
            BOOKS.index(one.book), names.get(one.endpoint, ""), one.endpoint, one.component,
            one.condition, one.at,
        ),
    )  # fmt: skip


def tallies(changes: Iterable[PriceChange], providers: Mapping[int, str]) -> tuple[Tally, ...]:
    """Changes counted, public first. `providers`: the provider's name by endpoint id."""
    groups: dict[tuple[str, str, str], list[PriceChange]] = {}
    for change in changes:
        name = providers.get(change.endpoint, "")
        groups.setdefault((change.book, name, change.component), []).append(change)
    return tuple(
        _tally(*group, groups[group])
        for group in sorted(groups, key=lambda one: (BOOKS.index(one[0]), *one[1:]))
    )


def _tally(book: str, provider: str, component: str, changes: list[PriceChange]) -> Tally:
    counts = dict.fromkeys(("up", "down", "begun", "ended", "other"), 0)
    for change in changes:
        counts[direction(change)] += 1
    moved = [found for change in changes if (found := percent(change)) is not None]
    return Tally(
        book, provider, component, **counts,
        least=_rounded(min(moved)) if moved else None,
        most=_rounded(max(moved)) if moved else None,
    )  # fmt: skip


def _figure(amount: Amount | None) -> Decimal | None:
    if amount is None or amount.amount is None or amount.state != State.KNOWN:
        return None
    return Decimal(amount.amount)


def _alike(change: PriceChange) -> bool:
    before, after = change.before, change.after
    if before is None or after is None:
        return False
    return (before.unit, before.currency) == (after.unit, after.currency)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_PLACES, ROUND_HALF_EVEN)
