"""Who may see and edit which price book."""

from django.contrib.auth.models import AnonymousUser, User

from .choices import Book

Asking = User | AnonymousUser


def may_see(user: Asking, book: str) -> bool:
    return book == Book.PUBLIC or user.has_perm(f"providers.see_{book}")


def may_edit(user: Asking, book: str) -> bool:
    """Nobody edits blindly what they may not see."""
    if book == Book.PUBLIC:
        return user.has_perm("providers.correct_price")
    return user.has_perm("providers.edit_books") and may_see(user, book)


def visible_books(user: Asking) -> tuple[str, ...]:
    return tuple(book.value for book in Book if may_see(user, book.value))


def editable_books(user: Asking) -> tuple[str, ...]:
    return tuple(book.value for book in Book if may_edit(user, book.value))


def hidden_books(user: Asking) -> tuple[str, ...]:
    return tuple(book.value for book in Book if not may_see(user, book.value))
