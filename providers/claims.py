"""Records what a source states: the only writer of Claim.

A changed value ends one claim and begins the next; nothing is updated in place or deleted. Writing
is cut into chunks that never split an endpoint, so a run may be killed anywhere and repeated: what
an unfinished run wrote stays out of sight until the next run of its source has taken it over.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from . import bounds, roster
from .choices import Book, HeldKind, RunState
from .facts import (
    EVERYTHING,
    BadFact,
    Fact,
    ModelStatement,
    Offer,
    Price,
    ProviderStatement,
    Snapshot,
    canonical,
    has_past,
)
from .facts import (
    Reading as StatedReading,
)
from .ledger import PRICE
from .models import Claim, Endpoint, Held, Provider, Reading, Run, Source
from .trust import EDITOR

# Endpoints whose claims are written in one transaction; about 20 claims each.
CHUNK = 100
# A complete snapshot smaller than this share of the last one waits for an editor …
LEAST_SHARE = 2 / 3
# … unless the source is so small that a few endpoints make the difference.
SHRINK_FROM = 30

Progress = Callable[[int, int, str], None]
Identity = tuple[str, str, str, str]  # Offer.identity()


def silent(done: int, total: int, what: str) -> None:
    """A progress that nobody watches."""


@dataclass(slots=True)
class Report:
    """What a run did, counted in claims."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    held: int = 0
    endpoints: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)
    without_room: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Shrunk(Exception):
    """A complete snapshot lost so much that an editor must look at it first."""


# -- statements as rows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One statement in the form of a claim: where it goes and what it says."""

    key: str
    condition: str
    effective_from: datetime | None
    value: str
    stated: str = ""
    effective_to: datetime | None = None

    def slot(self) -> tuple[str, str, datetime | None]:
        return (self.key, self.condition, self.effective_from)

    def says(self) -> tuple[str, str, datetime | None]:
        return (self.value, self.stated, self.effective_to)


def _lines(facts: Iterable[Fact], prices: Iterable[Price] = ()) -> dict[Any, _Line]:
    lines = [_Line(fact.key, "", None, canonical(fact.value), fact.stated) for fact in facts]
    lines += [_price_line(price) for price in prices]
    return {line.slot(): line for line in lines}


def _price_line(price: Price) -> _Line:
    return _Line(
        key=PRICE + price.component,
        condition=price.condition.key(),
        effective_from=price.effective_from,
        value=price.value(),
        effective_to=price.effective_to,
    )


# -- recording a snapshot -------------------------------------------------------------------------


def record(
    snapshot: Snapshot, run: Run, *, accept_shrunk: bool = False, progress: Progress = silent
) -> Report:
    """Writes the difference between a snapshot and what its source stated before.

    Raises Shrunk before anything is written. The run stays unpublished: see publish.
    """
    recorder = _Recorder(snapshot, run)
    if not accept_shrunk:
        recorder.refuse_shrunk()
    recorder.providers()
    recorder.models()
    recorder.endpoints(progress)
    recorder.readings()
    return recorder.report


class _Recorder:
    """One run of one source: what it stated before, and the writes that bring it up to date."""

    def __init__(self, snapshot: Snapshot, run: Run) -> None:
        self.snapshot = snapshot
        self.run = run
        self.source = run.source
        self.report = Report(
            endpoints=len(snapshot.offers),
            refused=[asdict(refusal) for refusal in snapshot.refused],
            without_room=dict(snapshot.without_room),
        )
        self.known_before = self._covered_by(RunState.PUBLISHED, RunState.UNCHANGED)
        # A history waits recorded for this run (see backfill.py); it looked at these facts alone.
        self.past_known_before = self.known_before | self._covered_by(RunState.RECORDED)
        self.provider_ids: dict[str, int] = {}
        self._with_upstreams = {offer.provider for offer in snapshot.offers if offer.upstream}
        self._native_ids = {(offer.provider, offer.native_id) for offer in snapshot.offers}

    def _covered_by(self, *states: RunState) -> set[str]:
        """Providers that earlier runs of the source, or of the same part of it, looked at."""
        runs = Run.objects.filter(source=self.source, part=self.run.part, state__in=states)
        if self.run.part and runs.exists():
            return {self.source.slug}
        return {slug for covers in runs.values_list("covers", flat=True) for slug in covers}

    # What a first sighting tells of the start depends on whether the source looked there before.
    def _at_least(self, provider: str, key: str) -> bool:
        return provider not in (self.past_known_before if has_past(key) else self.known_before)

    def _covers(self, provider: str) -> bool:
        return EVERYTHING in self.snapshot.covers or provider in self.snapshot.covers

    def _listed(self) -> QuerySet[Claim]:
        """What the source states of endpoints where this snapshot may end something."""
        listed = Claim.objects.live().filter(source=self.source, endpoint__isnull=False)
        if self.snapshot.covers or not self.snapshot.covers_ids:
            return listed
        native_ids = {native_id for _, native_id in self.snapshot.covers_ids}
        return listed.filter(endpoint__native_id__in=native_ids)

    def refuse_shrunk(self) -> None:
        before = self._listed_before()
        now = sum(1 for offer in self.snapshot.offers if self._covers(offer.provider))
        if before >= SHRINK_FROM and now < before * LEAST_SHARE:
            raise Shrunk(f"{now} endpoints where there were {before}")

    def _listed_before(self) -> int:
        listed = self._listed().values_list("endpoint_id", "endpoint__provider__slug").distinct()
        return sum(1 for _, provider in listed if self._covers(provider))

    # -- providers and models ---------------------------------------------------------------------

    @transaction.atomic
    def providers(self) -> None:
        named = {offer.provider for offer in self.snapshot.offers}
        named |= {offer.upstream for offer in self.snapshot.offers if offer.upstream}
        named |= {statement.provider for statement in self.snapshot.providers}
        self.provider_ids = ensure_providers(named)
        stated = {
            self.provider_ids[s.provider]: _lines(s.facts) for s in _merged(self.snapshot.providers)
        }
        before = self._live_lines(provider_id__in=list(stated))
        slugs = {pk: slug for slug, pk in self.provider_ids.items()}
        self._apply("provider_id", stated, before, slugs)

    @transaction.atomic
    def models(self) -> None:
        stated = {s.model: _lines(s.facts) for s in self.snapshot.models}
        before = self._live_lines(provider=None, endpoint=None) if stated else {}
        self._apply("model", stated, before, {})

    # -- endpoints --------------------------------------------------------------------------------

    def endpoints(self, progress: Progress) -> None:
        offers = {offer.identity(): offer for offer in self.snapshot.offers}
        total = len(offers)
        ids = ensure_endpoints(offers, self.provider_ids)
        for number, chunk in enumerate(_chunked(offers.items(), CHUNK)):
            self._record_offers({ids[identity]: offer for identity, offer in chunk})
            progress(min((number + 1) * CHUNK, total), total, "recording")
        self._end_absent(set(ids.values()))

    @transaction.atomic
    def _record_offers(self, offers: dict[int, Offer]) -> None:
        before = self._live_lines(endpoint_id__in=list(offers))
        providers = {pk: offer.provider for pk, offer in offers.items()}
        stated = {}
        for pk, offer in offers.items():
            lines = _lines(offer.facts, offer.prices)
            stated[pk] = self._hold_back(pk, lines, before.get(pk, {}))
        self._apply("endpoint_id", stated, before, providers)

    def _end_absent(self, present: set[int]) -> None:
        """Ends what was stated of endpoints that a complete listing no longer has."""
        listed = self._listed().values_list(
            "endpoint_id", "endpoint__provider__slug", "endpoint__native_id",
            "endpoint__upstream_id",
        )  # fmt: skip
        gone = [
            pk
            for pk, slug, native_id, upstream in listed.distinct()
            if pk not in present
            and self._would_list(slug, native_id, has_upstream=upstream is not None)
            and self.snapshot.unreadable.isdisjoint({(slug, native_id), (slug, "")})
        ]
        for chunk in _chunked(gone, CHUNK):
            with transaction.atomic():
                self.report.ended += self._end(
                    Claim.objects.live().filter(source=self.source, endpoint_id__in=chunk)
                )

    def _would_list(self, provider: str, native_id: str, *, has_upstream: bool) -> bool:
        """Whether the snapshot would have the endpoint if it were still sold.

        A listing that names no upstreams says nothing of the endpoints that have one, as long as
        it has their id, or the one theirs is a variant of.
        """
        if (provider, native_id) in self.snapshot.covers_ids:
            return has_upstream
        if not self._covers(provider):
            return False
        if not has_upstream or provider in self._with_upstreams:
            return True
        plain_id = native_id.partition(":")[0]
        return self._native_ids.isdisjoint({(provider, native_id), (provider, plain_id)})

    # -- holding prices back ----------------------------------------------------------------------

    def _hold_back(
        self, endpoint_id: int, lines: dict[Any, _Line], before: dict[Any, tuple[int, _Line]]
    ) -> dict[Any, _Line]:
        """Takes out prices that an editor must see first; what was stated before stays instead."""
        kept = {}
        for slot, line in lines.items():
            old = before.get(slot)
            doubt = bounds.doubt(line.key, line.value, old[1].value if old else None)
            if doubt is None or self._is_accepted(endpoint_id, line):
                kept[slot] = line
                continue
            self.report.held += 1
            self._hold(endpoint_id, line, old[1].value if old else "", *doubt)
            if old:
                kept[slot] = old[1]
        return kept

    def _is_accepted(self, endpoint_id: int, line: _Line) -> bool:
        return self._held_before(endpoint_id, line).filter(answer="accepted").exists()

    def _held_before(self, endpoint_id: int, line: _Line) -> QuerySet[Held]:
        return Held.objects.filter(
            source=self.source,
            endpoint_id=endpoint_id,
            key=line.key,
            condition=line.condition,
            effective_from=line.effective_from,
            after=line.value,
        )

    def _hold(
        self, endpoint_id: int, line: _Line, before: str, kind: HeldKind, reason: str
    ) -> None:
        if self._held_before(endpoint_id, line).exists():
            return  # already waits, or was refused: asking again would not change the answer
        Held.objects.create(
            source=self.source,
            run=self.run,
            kind=kind.value,
            endpoint_id=endpoint_id,
            key=line.key,
            condition=line.condition,
            effective_from=line.effective_from,
            effective_to=line.effective_to,
            before=before,
            after=line.value,
            reason=reason,
        )

    # -- the difference ---------------------------------------------------------------------------

    def _live_lines(self, **subject: Any) -> dict[Any, dict[Any, tuple[int, _Line]]]:
        """Live claims of this source: subject → slot → (claim id, line)."""
        rows = (
            Claim.objects.live()
            .filter(source=self.source, **subject)
            .values_list(
                "pk", "endpoint_id", "provider_id", "model",
                "key", "condition", "effective_from", "value", "stated", "effective_to",
            )
        )  # fmt: skip
        found: dict[Any, dict[Any, tuple[int, _Line]]] = {}
        row: tuple[Any, ...]
        for row in rows.iterator(chunk_size=5000):
            pk, endpoint, provider, model = row[:4]
            line = _Line(*row[4:])
            found.setdefault(endpoint or provider or model, {})[line.slot()] = (pk, line)
        return found

    def _apply(
        self,
        subject: str,
        stated: dict[Any, dict[Any, _Line]],
        before: dict[Any, dict[Any, tuple[int, _Line]]],
        providers: dict[Any, str],
    ) -> None:
        """Ends what is no longer said, begins what is new. `stated` subjects only."""
        begin: list[Claim] = []
        end: list[int] = []
        for pk, lines in stated.items():
            old = before.get(pk, {})
            provider = providers.get(pk, "")
            for slot, line in lines.items():
                rival = old.get(slot)
                if rival and rival[1].says() == line.says():
                    self.report.unchanged += 1
                    continue
                if rival:
                    self.report.changed += 1
                    end.append(rival[0])
                else:
                    self.report.added += 1
                at_least = rival is None and self._at_least(provider, slot[0])
                begin.append(self._claim(subject, pk, line, at_least))
            absent = [claim for slot, (claim, _) in old.items() if slot not in lines]
            self.report.ended += len(absent)
            end += absent
        for chunk in _chunked(end, 500):
            self._end(Claim.objects.filter(pk__in=chunk))
        Claim.objects.bulk_create(begin, batch_size=1000)

    def _claim(self, subject: str, pk: Any, line: _Line, at_least: bool) -> Claim:
        return Claim(
            source=self.source,
            **{subject: pk},
            key=line.key,
            condition=line.condition,
            value=line.value,
            stated=line.stated,
            stated_from=self.snapshot.as_of,
            at_least=at_least,
            effective_from=line.effective_from,
            effective_to=line.effective_to,
            begun_by=self.run,
        )

    def _end(self, claims: Any) -> int:
        ended: int = claims.update(ended_at=self.snapshot.as_of, ended_by=self.run)
        return ended

    # -- readings ---------------------------------------------------------------------------------

    @transaction.atomic
    def readings(self) -> None:
        if not self.snapshot.readings:
            return
        spoken_of = [reading.offer for reading in self.snapshot.readings if reading.offer]
        ids = _endpoint_ids(spoken_of)
        rows = [self._reading(reading, ids) for reading in self.snapshot.readings]
        Reading.objects.bulk_create(rows, ignore_conflicts=True)

    def _reading(
        self, reading: StatedReading, ids: dict[tuple[str, str, str, str], int]
    ) -> Reading:
        return Reading(
            source=self.source,
            run=self.run,
            endpoint_id=ids[reading.offer] if reading.offer else None,
            model=reading.model,
            metric=reading.metric,
            statistic=reading.statistic,
            value=reading.value,
            unit=reading.unit,
            window=reading.window,
            n=reading.n,
            at=reading.at,
        )


@transaction.atomic
def forget_readings(source: Source, *, before: datetime) -> None:
    """Drops old figures, and with them runs of parts that left nothing else behind."""
    Reading.objects.filter(source=source, at__lt=before).delete()
    parts = Run.objects.filter(source=source, started_at__lt=before).exclude(part="")
    parts.filter(begun=None, ended=None, readings=None, held=None).delete()


def _merged(statements: Iterable[ProviderStatement]) -> Iterator[ProviderStatement]:
    """One statement a provider; of two of one fact the first stands."""
    facts: dict[str, dict[str, Fact]] = {}
    for statement in statements:
        known = facts.setdefault(statement.provider, {})
        for fact in statement.facts:
            known.setdefault(fact.key, fact)
    for provider, known in facts.items():
        yield ProviderStatement(provider, tuple(known.values()))


def _chunked(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def ensure_providers(slugs: Iterable[str]) -> dict[str, int]:
    """Ids of providers by slug; creates those that are new, with their company."""
    wanted = set(slugs)
    wanted |= {parent for slug in wanted if (parent := roster.company(slug).company)}
    known = dict(Provider.objects.filter(slug__in=wanted).values_list("slug", "pk"))
    for slug in sorted(
        wanted - known.keys(), key=lambda slug: (bool(roster.company(slug).company), slug)
    ):
        company = roster.company(slug)
        provider, _ = Provider.objects.get_or_create(
            slug=slug,
            defaults={
                "name": company.name,
                "group": company.group.value,
                "company_id": known.get(company.company) if company.company else None,
            },
        )
        known[slug] = provider.pk
    return known


def ensure_endpoints(
    identities: Iterable[Identity], provider_ids: Mapping[str, int]
) -> dict[Identity, int]:
    """Ids of endpoints by identity (`Offer.identity()`); creates those that are new."""
    identities = list(identities)
    known = _endpoint_ids(identities)
    missing = [
        Endpoint(
            provider_id=provider_ids[provider],
            native_id=native_id,
            operation=operation,
            upstream_id=provider_ids[upstream] if upstream else None,
        )
        for provider, native_id, operation, upstream in identities
        if (provider, native_id, operation, upstream) not in known
    ]
    for chunk in _chunked(missing, 500):
        Endpoint.objects.bulk_create(chunk, ignore_conflicts=True)
    if missing:
        known = _endpoint_ids(identities)
    return {identity: known[identity] for identity in identities}


def _endpoint_ids(identities: Collection[Identity]) -> dict[Identity, int]:
    """Ids of all endpoints of the same providers; of the same native ids where those are few."""
    same = Endpoint.objects.filter(provider__slug__in={provider for provider, *_ in identities})
    if len(identities) <= CHUNK:
        same = same.filter(native_id__in={native_id for _, native_id, *_ in identities})
    rows = same.values_list("provider__slug", "native_id", "operation", "upstream__slug", "pk")
    return {(p, native, op, upstream or ""): pk for p, native, op, upstream, pk in rows}


# -- editors --------------------------------------------------------------------------------------


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
        _price_line(statement)
        if isinstance(statement, Price)
        else _Line(statement.key, "", None, canonical(statement.value), statement.stated)
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
