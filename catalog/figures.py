"""How a page says on which measurements it depends, for those who keep printed pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpResponse

R = TypeVar("R", bound=HttpResponse)
_NAME = "almanac_figures"


@dataclass(frozen=True, slots=True)
class Figures:
    """`shown`: the page has figures, which change with the statistics edition and the hour.

    Else it has none because none of `waiting` was ever measured; empty: it never has any.
    """

    shown: bool
    waiting: tuple[int, ...] = ()


NONE = Figures(False)


def bearing(response: R, *, shown: bool, waiting: Collection[int] = ()) -> R:
    """The same response, with what it depends on."""
    setattr(response, _NAME, Figures(shown, () if shown else tuple(sorted(waiting))))
    return response


def figures_of(response: HttpResponse) -> Figures:
    found = getattr(response, _NAME, NONE)
    return found if isinstance(found, Figures) else NONE
