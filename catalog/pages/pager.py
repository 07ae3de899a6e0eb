"""Pages of results: the links of a pager, and a page number put right."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

AROUND = 2  # links on either side of the current page


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a pager; without a number: a gap."""

    number: int = 0
    href: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    number: int
    count: int
    first: int  # the first result on this page, counted from 1; 0 when there is none
    last: int
    steps: tuple[Step, ...]
    previous: str
    next: str
    message: str = ""  # set when the page asked for does not exist


def paginate(total: int, *, page: int, size: int, href: Callable[[int], str]) -> Pager:
    """The pager of `total` results; a page beyond the last becomes the last, and says so."""
    count = max(1, -(-total // size))
    number = min(max(page, 1), count)
    asked_beyond = page > count
    return Pager(
        number=number,
        count=count,
        first=min((number - 1) * size + 1, total),
        last=min(number * size, total),
        steps=tuple(_steps(number, count, href)),
        previous=href(number - 1) if number > 1 else "",
        next=href(number + 1) if number < count else "",
        message=_message(page, count) if asked_beyond else "",
    )


def _steps(number: int, count: int, href: Callable[[int], str]) -> list[Step]:
    near = range(max(1, number - AROUND), min(count, number + AROUND) + 1)
    shown = sorted({1, count, *near})
    steps = [Step(1, href(1), current=number == 1)]
    for before, this in pairwise(shown):
        if this - before > 1:
            steps.append(Step())
        steps.append(Step(this, href(this), current=this == number))
    return steps


def _message(page: int, count: int) -> str:
    pages = "one page" if count == 1 else f"{count} pages"
    return f"There is no page {page:,}: the list has {pages}. This is the last one."
