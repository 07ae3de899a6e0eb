"""One value: what is published, who states it, who states otherwise, what it was before."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from catalog import words
from catalog.pages.as_of import AsOf
from catalog.pages.disagreement.notes import DisputeNote
from catalog.pages.links import Link, to_provenance
from catalog.pages.model.lines import condition_order
from catalog.pages.stated import wording
from catalog.pages.stated.asked import Asked
from catalog.pages.stated.matter import REPLACEMENT, STAND_IN, Matter, Voice
from catalog.pages.stated.parts import Elsewhere, Provenance, Statement
from catalog.pages.stated.past import Before, before_of_fact, before_of_price, first_of
from providers.ledger import BEGINNING, PRICE
from providers.queries import PriceRow
from providers.trust import trust


@dataclass(frozen=True, slots=True)
class Drawing:
    """One subject's values, ready to be told."""

    asked: Asked
    matter: Matter
    as_of: AsOf

    def href(self, key: str, condition: str = "") -> str:
        return to_provenance(*self.asked.subject, key, condition, as_of=self.as_of.day)

    def value(self) -> Provenance:
        """The value that was asked about. One query, of a price none."""
        key, condition = self.asked.key, self.asked.condition
        row = self.price(key, condition)
        published = self.published(key, row)
        voices = self.matter.about(key, condition)
        if published and published not in voices:
            voices = [published, *voices]  # what stands in for it
        known = {voice.claim.condition for voice in voices}
        text = self.text(key, row, published)
        statements = self.statements(voices, published)
        first = first_of(self.matter.ledger, row) if row else None
        return Provenance(
            key=key,
            condition=condition,
            label=wording.label(key, condition if condition in known else ""),
            text=text,
            old=bool(published) and all(s.old for s in statements if not s.differs),
            unit=words.unit_words(row.unit) if row and row.amount else "",
            since=first.valid_from if first and first.valid_from > BEGINNING else None,
            at_least=first.at_least if first else False,
            before=self._before(key, row, published),
            statements=statements,
            dispute=self.dispute(voices),
            elsewhere=self._elsewhere(key, condition) if self.asked.is_price else (),
            price_list=self.matter.price_list if self.asked.is_price else "",
            report=self._report(text, condition if condition in known else ""),
        )

    def price(self, key: str, condition: str) -> PriceRow | None:
        """The ledger's row in force."""
        return next(
            (
                row
                for row in self.matter.ledger
                if f"{PRICE}{row.component}" == key
                and row.condition.key() == condition
                and row.holds(self.matter.signs.now)
            ),
            None,
        )

    def published(self, key: str, row: PriceRow | None) -> Voice | None:
        if key.startswith(PRICE):
            return self.matter.voice(row.claim_id) if row else None
        return self.matter.voice(self.matter.published.get(key, 0))

    def text(self, key: str, row: PriceRow | None, published: Voice | None) -> str:
        """As pages print it. Models and providers bear names of ours, whoever states others."""
        if key == "name" and self.matter.subject.kind != "endpoint":
            return self.matter.name
        if row:
            return words.price(row.amount, state=row.state, currency=row.currency)
        return wording.claimed(published.claim) if published else ""

    def _before(self, key: str, row: PriceRow | None, published: Voice | None) -> Before | None:
        if row:
            return before_of_price(self.matter.ledger, row)
        if published is None or key.startswith(PRICE) or key == REPLACEMENT:
            return None
        return before_of_fact(published)

    def statements(self, voices: Iterable[Voice], published: Voice | None) -> tuple[Statement, ...]:
        """The published one first, then by how much its source is believed."""
        signs = self.matter.signs

        def order(voice: Voice) -> tuple[object, ...]:
            source = signs.sources[voice.claim.source_id].slug
            rank = trust(source, voice.provider, voice.claim.key).rank
            starts = voice.claim.effective_from
            return (voice != published, rank, source, starts.timestamp() if starts else 0.0)

        return tuple(self._statement(voice, published) for voice in sorted(voices, key=order))

    def _statement(self, voice: Voice, published: Voice | None) -> Statement:
        claim, signs = voice.claim, self.matter.signs
        source = signs.sources[claim.source_id]
        mark = signs.mark(claim.source_id, voice.provider)
        is_other = published is None or claim.value != published.claim.value
        stand_in = claim.key == STAND_IN != self.asked.key
        return Statement(
            source=Link(source.name, f"{reverse('catalog:sources')}#s-{source.slug}"),
            homepage=source.homepage,
            mark=mark,
            about=", ".join(
                filter(None, (voice.about, wording.fact_label(claim.key) if stand_in else ""))
            ),
            note=wording.note(claim),
            text=wording.claimed(claim),
            value=claim.value,
            since=claim.stated_from,
            at_least=claim.at_least,
            confirmed=signs.confirmed(claim.source_id, voice.provider) or source.as_of,
            old=mark.old,
            starts=claim.effective_from,
            ends=claim.effective_to,
            is_published=voice == published,
            differs=is_other and claim.id in self.matter.noted.claims,
        )

    def dispute(self, voices: Iterable[Voice]) -> DisputeNote | None:
        """The first note that any of the statements takes part in."""
        noted = self.matter.noted
        numbers = {
            noted.claims[voice.claim.id].number
            for voice in voices
            if voice.claim.id in noted.claims
        }
        return noted.notes[min(numbers) - 1] if numbers else None

    def _elsewhere(self, key: str, condition: str) -> tuple[Elsewhere, ...]:
        rows = [
            row
            for row in self.matter.ledger
            if f"{PRICE}{row.component}" == key
            and row.condition.key() != condition
            and row.holds(self.matter.signs.now)
        ]
        return tuple(
            Elsewhere(
                words.condition_words(row.condition) or "standard",
                wording.price(row),
                self.href(key, row.condition.key()),
            )
            for row in sorted(rows, key=lambda row: condition_order(row.condition))
        )

    def _report(self, shown: str, condition: str) -> str:
        """Where readers tell editors of a mistake in it."""
        kind, name = self.asked.subject
        told = {
            "path": self.matter.page.href.partition("?")[0],
            kind: name,
            "key": self.asked.key,
            "condition": condition,
            "shown": shown,
        }
        asked = urlencode({name: value for name, value in told.items() if value}, safe="/")
        return f"{reverse('catalog:report')}?{asked}"
