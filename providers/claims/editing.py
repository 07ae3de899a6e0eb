"""What editors say: corrections, their end, and answers on held items."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ..choices import Book
from ..facts import BadFact, Fact, ModelStatement, Offer, Price, ProviderStatement, canonical
from ..models import Claim, Endpoint, Held, Provider, Source
from ..trust import EDITOR
from .lines import Line, price_line


@transaction.atomic
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
    if not why.strip():
        raise BadFact("say why: the reason is kept beside the value")
    fields = _subject_fields(subject, statement)
    line = (
        price_line(statement)
        if isinstance(statement, Price)
        else Line(statement.key, "", None, canonical(statement.value), statement.stated)
    )
    earlier = Claim.objects.live().filter(
        source=editors(),
        key=line.key,
        condition=line.condition,
        book=book.value,
        effective_from=line.effective_from,
        **fields,
    )
    earlier.update(ended_at=now)
    return Claim.objects.create(
        source=editors(),
        **fields,
        key=line.key,
        condition=line.condition,
        book=book.value,
        value=line.value,
        stated=line.stated,
        stated_from=now,
        effective_from=line.effective_from,
        effective_to=line.effective_to,
        editor=by,
        reason=why.strip(),
    )


def _subject_fields(subject: Endpoint | Provider | str, statement: Fact | Price) -> dict[str, Any]:
    """The claim's subject columns; refuses a statement the subject has no room for."""
    if isinstance(subject, Endpoint):
        offer_facts = () if isinstance(statement, Price) else (statement,)
        Offer("editor", "editor", operation=subject.operation, facts=offer_facts)  # type: ignore[arg-type]
        return {"endpoint": subject}
    if isinstance(statement, Price):
        raise BadFact("a price belongs to an endpoint")
    if isinstance(subject, Provider):
        ProviderStatement("editor", (statement,))
        return {"provider": subject}
    ModelStatement(subject, (statement,))
    return {"model": subject}


@transaction.atomic
def drop(claim: Claim, *, by: User, why: str, now: datetime) -> None:
    """Ends an editor's claim, so that the sources speak again. Publish afterwards."""
    if claim.source.slug != EDITOR:
        raise BadFact("only an editor's claim can be dropped; correct the value instead")
    if not why.strip():
        raise BadFact("say why: the reason is kept beside the value")
    claim.ended_at, claim.dropped_by, claim.drop_reason = now, by, why.strip()
    claim.save(update_fields=["ended_at", "dropped_by", "drop_reason"])


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


def editors() -> Source:
    """The source under which editors of this site state things."""
    source, _ = Source.objects.get_or_create(
        slug=EDITOR,
        defaults={"name": "Editors of this site", "siglum": "E", "licence": "this site"},
    )
    return source
