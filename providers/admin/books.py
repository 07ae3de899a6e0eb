"""What the pages of the pricing desk ask before they show or save anything."""

import json
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest

from ..access import Asking, editable_books, hidden_books, may_edit, may_see, visible_books
from ..choices import Book
from ..claims import Edit
from ..facts import PriceRule
from ..ledger import PRICE
from ..pricing_desk import PriceChange

__all__ = [
    "BOOK_WORDS",
    "editable_books",
    "hidden_books",
    "may_edit",
    "may_save",
    "may_see",
    "require_desk",
    "seen_changes",
    "telling_of",
    "touching",
    "visible_books",
]
BOOK_WORDS = {
    Book.PUBLIC.value: "Public list",
    Book.CONTRACT.value: "Contract: what we pay",
    Book.HOUSE.value: "House: what we bill",
}


def touching(books: Iterable[str]) -> Q:
    """Change sets that tell anything of some books."""
    named = list(books)
    return telling_of(named, "changes__begun__") | telling_of(named, "changes__ended__")


def may_save(user: Asking, edits: Iterable[Edit]) -> bool:
    """Whether all of some edits are this person's to make.

    A rule prints what the book that it follows holds: it is for those who may see that too.
    """
    edits = list(edits)
    prices = {edit.book for edit in edits if edit.key.startswith(PRICE)}
    followed = {book for edit in edits if (book := _followed(edit))}
    facts = any(not edit.key.startswith(PRICE) for edit in edits)
    return (
        all(may_edit(user, book) for book in prices)
        and all(may_see(user, book) for book in followed)
        and (not facts or user.has_perm("providers.correct_fact"))
    )


def _followed(edit: Edit) -> str:
    """The book that a rule is over; empty: the edit is none."""
    if edit.value is None or not edit.key.startswith(PRICE):
        return ""
    rule = PriceRule.from_value(json.loads(edit.value))
    return rule.over if rule else ""


def seen_changes(user: Asking, changes: Iterable[PriceChange]) -> list[PriceChange]:
    """Those of a preview that this person may see: a public price moves what follows it, too."""
    return [one for one in changes if may_see(user, one.book)]


def telling_of(books: Iterable[str], claim: str = "") -> Q:
    """Claims of some books, and rules that follow one of them; `claim` leads to the claim."""
    named = list(books)
    told = Q(**{f"{claim}book__in": named})
    for book in named:
        follows = {"value__startswith": '{"rule"', "value__contains": f'"over":"{book}"'}
        told |= Q(**{f"{claim}{lookup}": text for lookup, text in follows.items()})
    return told


def require_desk(request: HttpRequest) -> None:
    if not editable_books(request.user):
        raise PermissionDenied
