"""The difference between a snapshot and what its source stated before.

Writing is cut into chunks that never split an endpoint, so a run may be killed anywhere and
repeated: what an unfinished run wrote stays out of sight until the next run of its source has taken
it over.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from .. import bounds
from ..choices import HeldKind, RunState
from ..facts import (
    EVERYTHING,
    Fact,
    Offer,
    ProviderStatement,
    Snapshot,
    has_past,
)
from ..facts import Reading as StatedReading
from ..models import Claim, Held, Reading, Run, Source
from .lines import Line, lines_of
from .report import Progress, Report, Shrunk, silent
from .subjects import CHUNK, chunked, endpoint_ids, ensure_endpoints, ensure_providers

# A complete snapshot smaller than this share of the last one waits for an editor …
LEAST_SHARE = 2 / 3
# … unless the source is so small that a few endpoints make the difference.
SHRINK_FROM = 30


class Recorder:
    """One run of one source: what it stated before, and the writes that bring it up to date.

    What is written stays out of sight until the run is published: see publish.
    """

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

    def write(self, progress: Progress = silent) -> Report:
        """The difference between the snapshot and what its source stated before."""
        self.providers()
        self.models()
        self.endpoints(progress)
        self.readings()
        return self.report

    def refuse_shrunk(self) -> None:
        """Raises Shrunk where too much of the listing is gone to believe it unseen."""
        before = self._listed_before()
        now = sum(1 for offer in self.snapshot.offers if self._covers(offer.provider))
        if before >= SHRINK_FROM and now < before * LEAST_SHARE:
            raise Shrunk(f"{now} endpoints where there were {before}")

    def _listed_before(self) -> int:
        listed = self._listed().values_list("endpoint_id", "endpoint__provider__slug").distinct()
        return sum(1 for _, provider in listed if self._covers(provider))

    # -- providers and models ---------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One transaction in which no other run of the source writes.

        A slow run whose lease went to another one may still be at it.
        """
        with transaction.atomic():
            Source.objects.select_for_update(no_key=True).get(pk=self.source.pk)
            yield

    def providers(self) -> None:
        with self._alone():
            self._record_providers()

    def _record_providers(self) -> None:
        named = {offer.provider for offer in self.snapshot.offers}
        named |= {offer.upstream for offer in self.snapshot.offers if offer.upstream}
        named |= {statement.provider for statement in self.snapshot.providers}
        self.provider_ids = ensure_providers(named)
        stated = {
            self.provider_ids[s.provider]: lines_of(s.facts)
            for s in _merged(self.snapshot.providers)
        }
        before = self._live_lines(provider_id__in=list(stated))
        slugs = {pk: slug for slug, pk in self.provider_ids.items()}
        self._apply("provider_id", stated, before, slugs)

    def models(self) -> None:
        stated = {s.model: lines_of(s.facts) for s in self.snapshot.models}
        if not stated:
            return
        with self._alone():
            before = self._live_lines(provider=None, endpoint=None)
            self._apply("model", stated, before, {})

    # -- endpoints --------------------------------------------------------------------------------

    def endpoints(self, progress: Progress) -> None:
        offers = {offer.identity(): offer for offer in self.snapshot.offers}
        total = len(offers)
        ids = ensure_endpoints(offers, self.provider_ids)
        for number, chunk in enumerate(chunked(offers.items(), CHUNK)):
            with self._alone():
                self._record_offers({ids[identity]: offer for identity, offer in chunk})
            progress(min((number + 1) * CHUNK, total), total, "recording")
        self._end_absent(set(ids.values()))

    def _record_offers(self, offers: dict[int, Offer]) -> None:
        before = self._live_lines(endpoint_id__in=list(offers))
        providers = {pk: offer.provider for pk, offer in offers.items()}
        stated = {}
        for pk, offer in offers.items():
            lines = lines_of(offer.facts, offer.prices)
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
        for chunk in chunked(gone, CHUNK):
            with self._alone():
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
        self, endpoint_id: int, lines: dict[Any, Line], before: dict[Any, tuple[int, Line]]
    ) -> dict[Any, Line]:
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

    def _is_accepted(self, endpoint_id: int, line: Line) -> bool:
        return self._held_before(endpoint_id, line).filter(answer="accepted").exists()

    def _held_before(self, endpoint_id: int, line: Line) -> QuerySet[Held]:
        return Held.objects.filter(
            source=self.source,
            endpoint_id=endpoint_id,
            key=line.key,
            condition=line.condition,
            effective_from=line.effective_from,
            after=line.value,
        )

    def _hold(self, endpoint_id: int, line: Line, before: str, kind: HeldKind, reason: str) -> None:
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

    def _live_lines(self, **subject: Any) -> dict[Any, dict[Any, tuple[int, Line]]]:
        """Live claims of this source: subject → slot → (claim id, line)."""
        rows = (
            Claim.objects.live()
            .filter(source=self.source, **subject)
            .values_list(
                "pk", "endpoint_id", "provider_id", "model",
                "key", "condition", "effective_from", "value", "stated", "effective_to",
            )
        )  # fmt: skip
        found: dict[Any, dict[Any, tuple[int, Line]]] = {}
        row: tuple[Any, ...]
        for row in rows.iterator(chunk_size=5000):
            pk, endpoint, provider, model = row[:4]
            line = Line(*row[4:])
            found.setdefault(endpoint or provider or model, {})[line.slot()] = (pk, line)
        return found

    def _apply(
        self,
        subject: str,
        stated: dict[Any, dict[Any, Line]],
        before: dict[Any, dict[Any, tuple[int, Line]]],
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
        for chunk in chunked(end, 500):
            self._end(Claim.objects.filter(pk__in=chunk))
        Claim.objects.bulk_create(begin, batch_size=1000)

    def _claim(self, subject: str, pk: Any, line: Line, at_least: bool) -> Claim:
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
        ids = endpoint_ids(spoken_of)
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
