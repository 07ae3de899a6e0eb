"""What a reader asks of the page of disagreements: its query string and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

MAX_VALUE = 200
MAX_VALUES = 20  # of one facet
MAX_PAGE = 100_000
ANY = "any"
UNEXPLAINED = "unexplained"
EXPLAINED = "explained"
# What is disputed, in groups; the first is what the page opens with.
GROUPS = {
    "prices": "Prices",
    "limits": "Limits",
    "media": "Media",
    "switches": "Parameters, capabilities, protocols",
    "dates": "Dates and status",
    "policy": "Policy and the rest",
    ANY: "Everything",
}
SORTS = {"size": "size, largest first", "provider": "provider", "model": "model", "fact": "fact"}
# The table of sources: a line for each source on each …
LEAGUES = {"fact": "fact", "provider": "provider", "every": "provider, all of them"}
# The first of each is meant when the address names none.
_ONE_OF: Mapping[str, Iterable[str]] = {"of": GROUPS, "sort": SORTS, "league": LEAGUES}
SEVERAL = ("provider", "author", "source", "fact", "size")


@dataclass(frozen=True, slots=True)
class Asked:
    """The same question has one query string. `cause`: a cause's slug, or unexplained …"""

    of: str = "prices"
    cause: str = UNEXPLAINED
    model: str = ""  # author/slug
    provider: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    fact: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    sort: str = "size"
    league: str = "fact"
    page: int = 1

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Never raises; what cannot be meant is left out."""
        found = cls(
            cause=_line(query.get("cause", "")) or UNEXPLAINED,
            model=_line(query.get("model", "")),
            page=_page(query.get("page", "")),
            **{name: _values(query.getlist(name)) for name in SEVERAL},  # type: ignore[arg-type]
        )
        stated = {name: query.get(name, "") for name in _ONE_OF}
        return replace(found, **{k: v for k, v in stated.items() if v in _ONE_OF[k]})  # type: ignore[arg-type]

    def query(self) -> str:
        """The canonical query string, empty for the page as it opens."""
        return urlencode(list(self._pairs()), safe="/")

    def on_page(self, page: int) -> Self:
        return replace(self, page=page)

    def choosing(self, name: str, value: str) -> Self:
        """With one value of a question that takes one."""
        return replace(self, page=1, **{name: value})  # type: ignore[arg-type]

    def toggled(self, name: str, value: str) -> Self:
        """With the value among those of a facet, or without it if it was."""
        values = getattr(self, name)
        kept = [one for one in values if one != value]
        chosen = kept if value in values else [*values, value]
        return replace(self, page=1, **{name: _values(chosen)})  # type: ignore[arg-type]

    def _pairs(self) -> Iterable[tuple[str, str]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            for one in value if isinstance(value, tuple) else (value,):
                yield field.name, str(one)


def _line(stated: str) -> str:
    """One line of printable text."""
    printable = "".join(char if char.isprintable() else " " for char in stated[: 2 * MAX_VALUE])
    return " ".join(printable.split())[:MAX_VALUE].strip()


def _values(stated: Iterable[str]) -> tuple[str, ...]:
    """Distinct values in alphabetical order."""
    return tuple(sorted({line for one in stated if (line := _line(one))})[:MAX_VALUES])


def _page(stated: str) -> int:
    if not (stated.isascii() and stated.isdigit() and len(stated) <= len(str(MAX_PAGE))):
        return 1
    return min(max(int(stated), 1), MAX_PAGE)


def to_disagreements(model: str) -> str:
    """Every disagreement about one model, `author/slug`: prices or not, explained or not."""
    asked = Asked(of=ANY, cause=ANY, model=model)
    return f"{reverse('catalog:disagreements')}?{asked.query()}"
