"""What editors say: corrections, their end, and answers on held items."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ..choices import Book, EditKind
from ..facts import BadFact, Fact, ModelStatement, Offer, Price, ProviderStatement
from ..models import Claim, Endpoint, Held, Provider, Subject
from ..trust import EDITOR
from .change_sets import Edit, write


def correct(
    subject: Endpoint | Provider | str,
    statement: Fact | Price,
    *,
    by: User,
    why: str,
    now: datetime,
    book: Book = Book.PUBLIC,
) -> Claim:
    """An editor's claim about an endpoint, a provider or a model (`author/slug`).

    Replaces the editors' earlier claim of the same fact; no refresh touches it. Publish afterwards.
    """
    about = _subject(subject, statement)
    edit = (
        Edit.of_price(about, statement, book.value)
        if isinstance(statement, Price)
        else Edit.of_fact(about, statement)
    )
    change_set = write([edit], kind=EditKind.CORRECTION, by=by, why=why, now=now)
    return Claim.objects.get(begun_in__change_set=change_set)


def _subject(subject: Endpoint | Provider | str, statement: Fact | Price) -> Subject:
    """What the claim is about; refuses a statement the subject has no room for."""
    if isinstance(subject, Endpoint):
        offer_facts = () if isinstance(statement, Price) else (statement,)
        Offer("editor", "editor", operation=subject.operation, facts=offer_facts)  # type: ignore[arg-type]
        return Subject("endpoint", subject.pk)
    if isinstance(statement, Price):
        raise BadFact("a price belongs to an endpoint")
    if isinstance(subject, Provider):
        ProviderStatement("editor", (statement,))
        return Subject("provider", subject.pk)
    ModelStatement(subject, (statement,))
    return Subject("model", subject)


def drop(claim: Claim, *, by: User, why: str, now: datetime) -> None:
    """Ends an editor's claim, so that the sources speak again. Publish afterwards."""
    if claim.source.slug != EDITOR:
        raise BadFact("only an editor's claim can be dropped; correct the value instead")
    write([Edit.silence(claim)], kind=EditKind.DROP, by=by, why=why, now=now)


@transaction.atomic
def answer(held: Held, *, accept: bool, by: User, now: datetime) -> None:
    """An editor's word on a held item. An accepted price begins at once; publish afterwards."""
    if held.answer:
        raise BadFact(f"already {held.answer}")
    held.answer = "accepted" if accept else "refused"
    held.answered_by, held.answered_at = by, now
    held.save(update_fields=["answer", "answered_by", "answered_at"])
    if accept and held.endpoint_id:
        _begin_held(held)


def _begin_held(held: Held) -> None:
    as_of = held.run.as_of or held.run.started_at
    slot: dict[str, Any] = {
        "source": held.source,
        "endpoint_id": held.endpoint_id,
        "key": held.key,
        "condition": held.condition,
        "effective_from": held.effective_from,
    }
    Claim.objects.live().filter(**slot).update(ended_at=as_of, ended_by=held.run)
    Claim.objects.create(
        **slot,
        effective_to=held.effective_to,
        value=held.after,
        stated_from=as_of,
        at_least=not held.before,
        begun_by=held.run,
    )
