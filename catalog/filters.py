"""A list's query string as a frozen Filter and back. Tolerant: what makes no sense falls away."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

MAX_TEXT = 200
MAX_VALUE = 100
MAX_VALUES = 20  # of one facet
MAX_PAGE = 100_000
MAX_TOKENS = 10**12
FREE = "free"
MAX_PRICE = Decimal(10) ** 6

# The first is the order without a choice; `relevance` is what a search has instead.
SORTS = {
    "newest": "newest",
    "oldest": "oldest",
    "name": "name",
    "input": "input price, lowest first",
    "-input": "input price, highest first",
    "output": "output price, lowest first",
    "-output": "output price, highest first",
    "cheapest": "cheapest provider, 3 parts input to 1 output",
    "context": "longest context",
    "max_output": "longest answer",
    "providers": "most providers",
    "cutoff": "latest knowledge",
    "retires": "retires soonest",
}
DEFAULT_SORT = "newest"
RELEVANCE = "relevance"
# Facets that take several values: `True` where a model must have all of them, not any.
SEVERAL = {
    "kind": False,
    "author": False,
    "provider": False,
    "reads": True,
    "writes": True,
    "parameter": True,
    "protocol": True,
    "year": False,
    "tag": True,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asked of the list of models. The same question has one query string."""

    q: str = ""
    kind: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    context: int | None = None  # at least so many tokens
    input: str = ""  # at most so many dollars per 1M tokens, or "free"
    output: str = ""
    parameter: tuple[str, ...] = ()
    open: str = ""  # "yes" or "no"
    protocol: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    sort: str = ""  # empty: newest, or relevance where something is searched
    page: int = 1
    as_of: str = ""  # a day gone by, as written in ISO; empty: today

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Never raises; unknown keys and values that cannot be meant are left out."""
        q = _line(query.get("q", ""), MAX_TEXT)
        return cls(
            q=q,
            context=_whole(query.get("context", ""), MAX_TOKENS),
            input=_price(query.get("input", "")),
            output=_price(query.get("output", "")),
            open=query.get("open", "") if query.get("open") in ("yes", "no") else "",
            sort=_sort(query.get("sort", ""), searching=bool(q)),
            page=_whole(query.get("page", ""), MAX_PAGE) or 1,
            as_of=_day(query.get("as_of", "")),
            **{name: _values(query.getlist(name)) for name in SEVERAL},
        )

    def query(self) -> str:
        """The canonical query string, empty for the plain list."""
        return urlencode(list(self._pairs()))

    def order(self) -> str:
        """The sort in force: a key of SORTS, or relevance."""
        return self.sort or (RELEVANCE if self.q else DEFAULT_SORT)

    def is_plain(self) -> bool:
        """Nothing is searched or narrowed."""
        return replace(self, sort="", page=1, as_of="") == Filter()

    def on_page(self, page: int) -> Self:
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> Self:
        return replace(self, sort=_sort(sort, searching=bool(self.q)), page=1)

    def searching(self, q: str) -> Self:
        return replace(self, q=_line(q, MAX_TEXT), page=1)

    def toggled(self, facet: str, value: str) -> Self:
        """With the value chosen, or without it if it was."""
        if facet not in SEVERAL:
            current = getattr(self, facet)
            chosen: object = int(value) if facet == "context" else value
            return self.without(facet) if current == chosen else self._with(facet, chosen)
        values = getattr(self, facet)
        if value in values:
            return self._with(facet, tuple(kept for kept in values if kept != value))
        return self._with(facet, _values([*values, value]))

    def without(self, facet: str) -> Self:
        default = next(field.default for field in fields(self) if field.name == facet)
        return self._with(facet, default)

    def _with(self, facet: str, value: object) -> Self:
        return replace(self, page=1, **{facet: value})  # type: ignore[arg-type]

    def _pairs(self) -> Iterable[tuple[str, str]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            for one in value if isinstance(value, tuple) else (value,):
                yield field.name, str(one)


def _line(stated: str, longest: int) -> str:
    """One line of printable text."""
    printable = "".join(char if char.isprintable() else " " for char in stated[: 4 * longest])
    return " ".join(printable.split())[:longest].strip()


def _values(stated: Iterable[str]) -> tuple[str, ...]:
    """Distinct values in alphabetical order."""
    lines = (_line(value, MAX_VALUE) for value in stated)
    return tuple(sorted({line for line in lines if line})[:MAX_VALUES])


def _whole(stated: str, most: int) -> int | None:
    if not (stated.isascii() and stated.isdigit() and len(stated) <= len(str(most))):
        return None
    return min(int(stated), most) or None


def _price(stated: str) -> str:
    """`free`, or a plain decimal above zero; zero dollars is free."""
    if stated == FREE:
        return FREE
    if len(stated) > 12:
        return ""
    try:
        amount = Decimal(stated)
    except InvalidOperation:
        return ""
    if not amount.is_finite() or not 0 <= amount <= MAX_PRICE or amount.adjusted() < -10:
        return ""
    return f"{amount.normalize():f}" if amount else FREE


def _day(stated: str) -> str:
    try:
        return date.fromisoformat(stated[:20]).isoformat() if stated else ""
    except ValueError:
        return ""


def _sort(stated: str, *, searching: bool) -> str:
    """The stated order; empty where it is what the list does anyway."""
    if stated == DEFAULT_SORT and not searching:
        return ""
    return stated if stated in SORTS else ""
