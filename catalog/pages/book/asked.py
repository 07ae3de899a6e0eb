"""What a reader asks of a price book: whose prices, and on which page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from catalog.pages.search import Query, Text
from catalog.pages.workload_form import Pairs
from catalog.queries.book_list import Sold

MAX_TEXT = 100
MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; the same question has one address."""

    book: str
    provider: str = ""
    q: str = ""
    as_of: str = ""
    page: int = 1

    def pairs(self) -> Pairs:
        """What the address says, less the page."""
        stated = (("provider", self.provider), ("q", self.q), ("as_of", self.as_of))
        return [(name, value) for name, value in stated if value]

    def kept(self) -> Pairs:
        return [*self.pairs(), *([("page", str(self.page))] if self.page > 1 else [])]

    def href(self, *, view: str = "book", **changed: object) -> str:
        """The address of this question with something changed; back on the first page."""
        asked = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        address = reverse(f"catalog:{view}", args=[asked.book])
        query = urlencode(list(asked.kept()))
        return f"{address}?{query}" if query else address

    def narrow(self, sold: Iterable[Sold]) -> list[Sold]:
        query = Query.of(self.q)
        return [
            one
            for one in sold
            if self.provider in ("", one.provider) and query.rank(_text(one)) is not None
        ]


def _text(one: Sold) -> Text:
    return Text.of([one.name], [one.native_id, one.model], [one.provider, one.provider_name])


def read(query: Mapping[str, str], *, book: str, as_of: str) -> Asked:
    """Never raises; what makes no sense falls away."""
    page = query.get("page", "")[:6]
    return Asked(
        book=book,
        provider=query.get("provider", "")[:MAX_TEXT].strip(),
        q=query.get("q", "")[:MAX_TEXT].strip(),
        as_of=as_of,
        page=min(int(page), MAX_PAGE) if page.isascii() and page.isdigit() else 1,
    )
