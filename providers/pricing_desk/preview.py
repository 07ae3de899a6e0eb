"""Which prices would change, before anything is written: the same fold, with the edits laid in."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from ..bounds import doubt
from ..claims import Edit
from ..ledger import PRICE, LedgerRow, Stated, fold
from ..models import Endpoint, Run, Subject
from ..publish import HIDDEN, rules_of_providers, stated_claims
from ..trust import EDITOR

CHUNK = 500  # endpoints folded at a time
MadeOf = tuple[str, str, str]  # book, component, condition


class Amount(NamedTuple):
    """A price as it is printed: None `amount` unless known; per `unit` in `currency`."""

    state: str
    amount: str | None
    currency: str
    unit: str


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What one price of one endpoint would become at a moment; None: no price at all."""

    endpoint: int
    book: str
    component: str
    condition: str
    at: datetime
    before: Amount | None
    after: Amount | None

    def doubt(self) -> str:
        """Why one would look twice before saving; empty: nothing strange."""
        if self.after is None:
            return ""
        found = doubt(PRICE + self.component, _text(self.after), self.before and _text(self.before))
        return found[1] if found else ""


def preview(edits: Sequence[Edit], *, now: datetime) -> list[PriceChange]:
    """Every price of every book that the edits would change, today or later.

    Reads and folds the endpoints concerned: 2,000 of them take about a second. A few queries for
    each 500.
    """
    hidden = set(Run.objects.filter(state__in=HIDDEN).values_list("pk", flat=True))
    rules = rules_of_providers()
    by_subject: dict[Subject, list[Edit]] = {}
    for edit in edits:
        if edit.key.startswith(PRICE):
            by_subject.setdefault(edit.subject, []).append(edit)
    found: list[PriceChange] = []
    ids = sorted(touched(by_subject))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        stated = stated_claims(hidden, endpoint_id__in=chunk)
        for endpoint in Endpoint.objects.filter(pk__in=chunk).select_related("provider"):
            claims = stated.get(endpoint.pk, []) + rules.get(endpoint.provider_id, [])
            own = by_subject.get(Subject("endpoint", endpoint.pk), [])
            wide = by_subject.get(Subject("provider", endpoint.provider_id), [])
            after = with_edits(with_edits(claims, wide, now), own, now)
            slug = endpoint.provider.slug
            found += differences(endpoint.pk, fold(claims, slug), fold(after, slug), now)
    return found


def touched(subjects: Iterable[Subject]) -> set[int]:
    """Ids of the endpoints whose prices depend on what is said of the subjects."""
    ids = {int(subject.id) for subject in subjects if subject.kind == "endpoint"}
    providers = [subject.id for subject in subjects if subject.kind == "provider"]
    if providers:
        same = Endpoint.objects.filter(provider_id__in=providers)
        ids.update(same.values_list("pk", flat=True))
    return ids


def with_edits(claims: Sequence[Stated], edits: Sequence[Edit], now: datetime) -> list[Stated]:
    """The claims as they would be, had the edits been made."""
    if not edits:
        return list(claims)
    of_provider = edits[0].subject.kind == "provider"
    replaced = {edit.slot()[1:] for edit in edits}
    kept = [
        replace(claim, ended_at=now)
        if claim.source == EDITOR
        and claim.ended_at is None
        and claim.of_provider == of_provider
        and (claim.key, claim.condition, claim.book, claim.effective_from) in replaced
        else claim
        for claim in claims
    ]
    return kept + [
        Stated(
            -number, EDITOR, edit.key, edit.condition, edit.book, edit.value, edit.stated,
            now, None, edit.effective_from, edit.effective_to, of_provider,
        )
        for number, edit in enumerate(edits, start=1)
        if edit.value is not None
    ]  # fmt: skip


def differences(
    endpoint: int, before: Iterable[LedgerRow], after: Iterable[LedgerRow], now: datetime
) -> Iterator[PriceChange]:
    """Where two ledgers of one endpoint part from `now` on, each time they do so anew."""
    was, will = _by_price(before, now), _by_price(after, now)
    for key in sorted(was.keys() | will.keys()):
        old, new = was.get(key, []), will.get(key, [])
        told: tuple[Amount | None, Amount | None] | None = None
        for moment in sorted({now, *_moments(old, now), *_moments(new, now)}):
            pair = (_at(old, moment), _at(new, moment))
            if pair[0] != pair[1] and pair != told:
                yield PriceChange(endpoint, *key, moment, *pair)
            told = pair


def _by_price(rows: Iterable[LedgerRow], now: datetime) -> Mapping[MadeOf, list[LedgerRow]]:
    found: dict[MadeOf, list[LedgerRow]] = {}
    for row in rows:
        if row.valid_to is None or row.valid_to > now:
            found.setdefault((row.book, row.component, row.condition), []).append(row)
    return found


def _moments(rows: Iterable[LedgerRow], now: datetime) -> Iterator[datetime]:
    for row in rows:
        if row.valid_from > now:
            yield row.valid_from
        if row.valid_to is not None:
            yield row.valid_to


def _at(rows: Iterable[LedgerRow], moment: datetime) -> Amount | None:
    for row in rows:
        if row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to):
            amount = None if row.amount is None else f"{row.amount:f}"
            return Amount(row.state, amount, row.currency, row.unit)
    return None


def _text(amount: Amount) -> str:
    stated = {"state": amount.state, "currency": amount.currency, "unit": amount.unit}
    return json.dumps(stated if amount.amount is None else {**stated, "amount": amount.amount})
