"""One request of the pricing grid: who asks for what, what came back, and its forms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpRequest

from ..claims import Edit
from ..models import Draft
from ..pricing_desk.bulk import Fault
from ..pricing_desk.rows import Scope, Slot
from ..queries import SourceRow
from ..trust import EDITOR
from .books import editable_books
from .pricing_forms import BulkForm, DatesForm


@dataclass(slots=True)
class Entered:
    """What came back from the grid, and what is wrong with it."""

    texts: dict[Slot, str]
    faults: dict[Slot, str]
    ticked: frozenset[str]
    errors: list[str]
    named: list[Fault]

    def is_good(self) -> bool:
        return not (self.faults or self.errors or self.named)


@dataclass(slots=True)
class Asked:
    """One request of the grid: who asks for what."""

    request: HttpRequest
    now: datetime
    scope: Scope
    books: tuple[str, ...]  # that may be seen
    draft: Draft | None
    edits: list[Edit]  # of the draft


def bulk_form(asked: Asked, posted: Any, read: Iterable[SourceRow]) -> BulkForm:
    sources = [(one.slug, one.name) for one in read if one.slug != EDITOR]
    return BulkForm(
        posted,
        sources=sources,
        books=editable_books(asked.request.user),
        initial={"into": asked.scope.book},
    )


def dates_of(form: Form) -> Any:
    return form.dates() if isinstance(form, DatesForm) else None
