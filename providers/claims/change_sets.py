"""What editors change at once, written as claims and as the log of who did what.

Everything editors say goes through `write`, one value or thousands, so that each can be undone
and is found in the log.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from ..choices import Book, EditKind
from ..facts import MAX_TEXT, BadFact, Fact, Price, PriceRule, canonical
from ..ledger import PRICE
from ..models import Change, ChangeSet, Claim, Endpoint, Provider, Source, Subject
from ..models import Price as LedgerPrice
from ..trust import EDITOR
from .lines import price_line
from .subjects import chunked

# Rows a query may name: SQLite takes no more than 32,766 variables.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Edit:
    """What editors say in one slot from now on; `value` None: nothing any more.

    `value` is canonical text: of a fact, a price, or a rule that makes prices.
    """

    subject: Subject
    key: str
    condition: str = ""
    book: str = Book.PUBLIC.value
    value: str | None = None
    stated: str = ""
    effective_from: datetime | None = None
    effective_to: datetime | None = None

    def slot(self) -> "Slot":
        return (self.subject, self.key, self.condition, self.book, self.effective_from)

    @classmethod
    def of_price(cls, subject: Subject, price: Price, book: str = Book.PUBLIC.value) -> "Edit":
        line = price_line(price)
        return cls(
            subject,
            line.key,
            line.condition,
            book,
            line.value,
            effective_from=line.effective_from,
            effective_to=line.effective_to,
        )

    @classmethod
    def of_rule(
        cls,
        subject: Subject,
        component: str,
        rule: PriceRule,
        book: str,
        *,
        condition: str = "",
        effective_from: datetime | None = None,
        effective_to: datetime | None = None,
    ) -> "Edit":
        """A rule for one component, or for `WHOLE_CARD`."""
        if book == Book.PUBLIC:
            raise BadFact("the public list holds prices, not rules; write one in another book")
        if rule.over == book:
            raise BadFact(f"a rule of the {book} book cannot follow itself; let it follow public")
        return cls(
            subject,
            PRICE + component,
            condition,
            book,
            rule.value(),
            effective_from=effective_from,
            effective_to=effective_to,
        )

    @classmethod
    def of_fact(cls, subject: Subject, fact: Fact) -> "Edit":
        return cls(subject, fact.key, value=canonical(fact.value), stated=fact.stated)

    @classmethod
    def silence(cls, claim: Claim) -> "Edit":
        """Ends an editors' claim, so that the sources speak again."""
        return cls(
            subject_of(claim), claim.key, claim.condition, claim.book,
            effective_from=claim.effective_from,
        )  # fmt: skip

    @classmethod
    def again(cls, claim: Claim) -> "Edit":
        """Says once more what an ended claim said."""
        return replace(
            cls.silence(claim),
            value=claim.value,
            stated=claim.stated,
            effective_to=claim.effective_to,
        )


Slot = tuple[Subject, str, str, str, datetime | None]


@transaction.atomic
def write(
    edits: Sequence[Edit],
    *,
    kind: EditKind,
    by: User,
    why: str,
    now: datetime,
    what: str = "",
    undoes: ChangeSet | None = None,
) -> ChangeSet:
    """Ends and begins the editors' claims in one change set. Publish afterwards.

    What says nothing new is left out. A few queries for each 500 edits.
    """
    if not why.strip():
        raise BadFact("say why: the reason is kept beside the value")
    if len({edit.slot() for edit in edits}) < len(edits):
        raise BadFact("two edits of one and the same price; leave one out")
    standing = live(edits)
    telling = [edit for edit in edits if _says_more(edit, standing.get(edit.slot()))]
    if not telling:
        raise BadFact("nothing would change: the editors say that already")
    _check_dates(telling, now)
    change_set = ChangeSet.objects.create(
        kind=kind.value, by=by, at=now, why=why.strip(), what=what[:MAX_TEXT], undoes=undoes
    )
    before = published(telling, now=now)
    ended = [standing[edit.slot()] for edit in telling if edit.slot() in standing]
    for chunk in chunked(ended, CHUNK):
        Claim.objects.filter(pk__in=[claim.pk for claim in chunk]).update(ended_at=now)
    source = editors()
    begun = {
        edit.slot(): _claim(edit, source, by, why.strip(), now)
        for edit in telling
        if edit.value is not None
    }
    Claim.objects.bulk_create(begun.values(), batch_size=CHUNK)
    Change.objects.bulk_create(
        [
            Change(
                change_set=change_set,
                begun=begun.get(edit.slot()),
                ended=standing.get(edit.slot()),
                before=before.get((edit.subject, edit.key, edit.condition, edit.book), ""),
            )
            for edit in telling
        ],
        batch_size=CHUNK,
    )
    return change_set


def editors() -> Source:
    """The source under which editors of this site state things."""
    source, _ = Source.objects.get_or_create(
        slug=EDITOR,
        defaults={"name": "Editors of this site", "siglum": "E", "licence": "this site"},
    )
    return source


def subject_of(claim: Claim) -> Subject:
    if claim.endpoint_id is not None:
        return Subject("endpoint", claim.endpoint_id)
    if claim.provider_id is not None:
        return Subject("provider", claim.provider_id)
    return Subject("model", claim.model)


def live(edits: Iterable[Edit]) -> dict[Slot, Claim]:
    """The editors' claims that hold in the slots of some edits."""
    found: dict[Slot, Claim] = {}
    for chunk in chunked({edit.subject for edit in edits}, CHUNK):
        for claim in Claim.objects.live().filter(about(chunk), source__slug=EDITOR):
            found[Edit.silence(claim).slot()] = claim
    return found


def about(subjects: Collection[Subject]) -> Q:
    """Claims about any of some subjects."""
    by_kind: dict[str, list[int | str]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject.id)
    named = Q(pk__in=[])
    for kind, ids in by_kind.items():
        named |= Q(**{"model__in" if kind == "model" else f"{kind}_id__in": ids})
    return named


def _says_more(edit: Edit, claim: Claim | None) -> bool:
    if claim is None:
        return edit.value is not None
    stands = (claim.value, claim.stated, claim.effective_to)
    return (edit.value, edit.stated, edit.effective_to) != stands


def _claim(edit: Edit, source: Source, by: User, why: str, now: datetime) -> Claim:
    return Claim(
        source=source,
        **edit.subject.column(),
        key=edit.key,
        condition=edit.condition,
        book=edit.book,
        value=edit.value or "",
        stated=edit.stated,
        stated_from=now,
        effective_from=edit.effective_from,
        effective_to=edit.effective_to,
        editor=by,
        reason=why,
    )


Place = tuple[Subject, str, str, str]  # key, condition, book


def published(edits: Sequence[Edit], *, now: datetime) -> dict[Place, str]:
    """Values of the claims behind what is published in the places of some edits."""
    found: dict[Place, str] = {}
    prices = {edit.subject.id for edit in edits if edit.subject.kind == "endpoint"}
    for chunk in chunked(prices, CHUNK):
        rows = LedgerPrice.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=now), endpoint_id__in=chunk, valid_from__lte=now
        ).values_list("endpoint_id", "component", "condition", "book", "claim__value")
        for endpoint, component, condition, book, value in rows:
            found[(Subject("endpoint", endpoint), PRICE + component, condition, book)] = value
    return found | _published_facts([edit for edit in edits if not edit.key.startswith(PRICE)])


def _published_facts(edits: Sequence[Edit]) -> dict[Place, str]:
    """Models live in the shop window, so what is published of them is not told here."""
    behind: dict[int, Place] = {}
    for edit in edits:
        if edit.subject.kind != "model":
            of = Endpoint.objects if edit.subject.kind == "endpoint" else Provider.objects
            claims = of.values_list("provenance", flat=True).get(pk=edit.subject.id)
            if edit.key in claims:
                behind[claims[edit.key]] = (edit.subject, edit.key, "", edit.book)
    values = Claim.objects.filter(pk__in=behind).values_list("pk", "value")
    return {behind[pk]: value for pk, value in values}


# -- dates ----------------------------------------------------------------------------------------


def _check_dates(edits: Sequence[Edit], now: datetime) -> None:
    """Refuses prices that have ended already, and two that would hold at once by their own dates.

    A price without an end is followed by the next one; one with an end must not be cut short.
    """
    said = [edit for edit in edits if edit.value is not None]
    for edit in said:
        if edit.effective_to is not None and edit.effective_to <= now:
            raise BadFact(
                f"{edit.key}: ends on {edit.effective_to:%Y-%m-%d %H:%M}, which is past; "
                "write a later end or none"
            )
    dated: dict[tuple[Subject, str, str, str], list[_Span]] = {}
    slots = {edit.slot() for edit in edits}
    for claim in _dated_claims({edit.subject for edit in said if edit.effective_from}):
        again = Edit.silence(claim)
        if again.slot() not in slots:
            dated.setdefault(again.slot()[:4], []).append(
                (claim.effective_from, claim.effective_to)
            )
    for edit in said:
        if edit.effective_from is not None:
            spans = dated.setdefault(edit.slot()[:4], [])
            _check_overlap(edit, spans)
            spans.append((edit.effective_from, edit.effective_to))


_Span = tuple[datetime | None, datetime | None]


def _dated_claims(subjects: Collection[Subject]) -> Iterable[Claim]:
    for chunk in chunked(subjects, CHUNK):
        yield from Claim.objects.live().filter(
            about(chunk), source__slug=EDITOR, effective_from__isnull=False
        )


def _check_overlap(edit: Edit, spans: Iterable[_Span]) -> None:
    for start, end in spans:
        if start is None or edit.effective_from is None:
            continue
        early, late = sorted([(start, end), (edit.effective_from, edit.effective_to)])
        if early[1] is not None and late[0] < early[1]:
            raise BadFact(
                f"{edit.key}: overlaps the price from {start:%Y-%m-%d %H:%M} to "
                f"{f'{end:%Y-%m-%d %H:%M}' if end else 'further notice'}; "
                "let one end where the other begins"
            )
