"""Correcting facts in the admin: every value beside what each source says of it.

A correction is an editor's claim. It is published at once, survives every refresh, and can be
dropped again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from .. import claims
from ..choices import State
from ..facts import FAMILIES, BadFact, Condition, FactType, Price
from ..ledger import PRICE
from ..models import Claim, Endpoint, Provider
from ..publish import lock
from ..queries import ClaimRow
from ..trust import EDITOR
from . import seen
from .inputs import FactForm, PriceForm, is_amount, typed
from .row_page import RowPage
from .statements import FactRow, Says, fact_rows
from .words import label, stored_words


class CorrectableAdmin(RowPage):
    """An admin whose facts are corrected claim by claim."""

    change_form_template = "admin/correctable.html"
    facts: dict[str, FactType] = {}
    has_prices = False

    # -- what the subject is; overridden by kinds of subject --------------------------------------

    def subject(self, row: Any) -> Endpoint | Provider | str:
        raise NotImplementedError

    def provider_slug(self, row: Any) -> str:
        """Whose ranking decides; empty: the general one."""
        return ""

    def live_claims(self, row: Any) -> Sequence[ClaimRow]:
        raise NotImplementedError

    def borrowed_claims(self, row: Any) -> Sequence[tuple[ClaimRow, str]]:
        """Claims about something else that the row's facts are taken from, and what that is."""
        return ()

    def publish(self, row: Any, *, now: datetime) -> None:
        raise NotImplementedError

    def may_correct(self, request: HttpRequest, key: str) -> bool:
        permission = "correct_price" if key.startswith(PRICE) else "correct_fact"
        allowed = request.user.has_perm(f"providers.{permission}")
        return bool(allowed and self.has_view_permission(request))

    # -- views ------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/correct/", self._guarded(self.correct_view), name=f"{name}_correct"),
            path("<int:pk>/drop/<int:claim>/", self._guarded(self.drop_view), name=f"{name}_drop"),
            *super().get_urls(),
        ]

    def _guarded(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        fact_rows = self.fact_rows(row)
        return {
            "fact_rows": fact_rows,
            "correct_url": self._url("correct", row.pk),
            "unstated": self._unstated(fact_rows),
            "may_price": self.has_prices and self.may_correct(request, PRICE),
            "may_fact": self.may_correct(request, "name"),
        }

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.model, pk=pk)
        key, condition = request.GET.get("key", ""), request.GET.get("condition", "")
        if not self.may_correct(request, key):
            raise PermissionDenied
        says = self._says(row, key, condition)
        if condition and not says:
            raise Http404("Nobody states a price under that condition.")
        form = self._form(request, key, condition, says)
        told: dict[str, Any] = {"seen": self._glance(row, (key, condition), says).signed()}
        if request.method == "POST" and form.is_valid():
            try:
                told |= self._correct(request, row, key, form)
                if not told.keys() & {"overtaken", "doubt"}:
                    return self._done(request, row, "Corrected. The page shows it now.")
            except BadFact as error:
                form.add_error(None, str(error))
            except IntegrityError:
                form.add_error(None, "Somebody corrected it at the same moment; look again.")
        context = {
            **told,
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Correct {label(key)} of {row}",
            "form": form,
            "says": says,
            "back": self._url("change", row.pk),
        }
        return TemplateResponse(request, "admin/correct.html", context)

    def drop_view(self, request: HttpRequest, pk: int, claim: int) -> HttpResponse:
        row = get_object_or_404(self.model, pk=pk)
        dropped = get_object_or_404(Claim, pk=claim, ended_at=None, source__slug=EDITOR)
        if not self.may_correct(request, dropped.key) or claim not in {
            one.id for one in self.live_claims(row)
        }:
            raise PermissionDenied
        if request.method == "POST":
            try:
                self._drop(request, row, dropped)
                return self._done(request, row, "Dropped. The sources speak again.")
            except BadFact as error:
                messages.error(request, str(error))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Drop the correction of {label(dropped.key)} of {row}",
            "claim": dropped,
            "value": stored_words(dropped.key, dropped.value),
            "back": self._url("change", row.pk),
        }
        return TemplateResponse(request, "admin/drop.html", context)

    # -- parts ------------------------------------------------------------------------------------

    def fact_rows(self, row: Any) -> list[FactRow]:
        """Every fact that somebody states; a column that no single claim is behind, as it is."""
        stated = [(claim, "") for claim in self.live_claims(row)]
        rows = fact_rows(
            [*stated, *self.borrowed_claims(row)],
            provider=self.provider_slug(row),
            published=self._published_claims(row),
        )
        return [one if one.value else replace(one, value=self._column(row, one)) for one in rows]

    def _column(self, row: Any, fact: FactRow) -> str:
        return typed(getattr(row, fact.key, None)) if fact.key in self.facts else ""

    def _published_claims(self, row: Any) -> set[int]:
        return set(row.provenance.values())

    def _says(self, row: Any, key: str, condition: str) -> tuple[Says, ...]:
        return next(
            (
                one.says
                for one in self.fact_rows(row)
                if (one.key, one.condition) == (key, condition)
            ),
            (),
        )

    def _unstated(self, fact_rows: Sequence[FactRow]) -> list[tuple[str, str]]:
        """Facts with a room that nobody states yet."""
        stated = {row.key for row in fact_rows}
        return [(key, kind.label) for key, kind in self.facts.items() if key not in stated]

    def _form(
        self, request: HttpRequest, key: str, condition: str, says: tuple[Says, ...]
    ) -> PriceForm | FactForm:
        posted = request.POST if request.method == "POST" else None
        current = next((one.claim.value for one in says if one.is_published), None)
        if key.startswith(PRICE):
            if not self.has_prices:
                raise Http404("Only endpoints have prices.")
            stated = Condition.from_key(condition)
            initial = _price_initial(key, stated, current) | _asked_price(request)
            return PriceForm(posted, condition=stated, initial=initial)
        kind = self.facts.get(key) or FAMILIES.get(key.partition(".")[0])
        if kind is None:
            raise Http404(f"There is no room for a fact called {key!r}.")
        return FactForm(posted, kind=kind, initial={"value": typed(current)} | _asked(request))

    def _glance(self, row: Any, slot: seen.Slot, says: tuple[Says, ...]) -> seen.Glance:
        return seen.glance(f"{self.opts.label} {row.pk}", slot, says)

    def _correct(
        self, request: HttpRequest, row: Any, key: str, form: PriceForm | FactForm
    ) -> dict[str, Any]:
        """Corrects it, or what to tell first: that others changed it, or that it is doubtful."""
        now = datetime.now(UTC)
        statement = form.statement() if isinstance(form, PriceForm) else form.statement(key)
        if (
            isinstance(statement, Price)
            and statement.effective_to
            and statement.effective_to <= now
        ):
            raise BadFact("this price would have ended already; leave its end empty")
        with transaction.atomic():
            lock()  # nobody changes it between the look and the correction
            row.refresh_from_db()
            slot = seen.slot_of(key, statement)
            says = self._says(row, *slot)
            current = self._glance(row, slot, says)
            told = {"seen": current.signed()}
            if passed := seen.overtaken(seen.seen_in(request.POST), current, says, statement):
                return {**told, "overtaken": passed}
            if doubt := seen.unsure(statement, current, request.POST):
                return {**told, "doubt": doubt, "sure": statement.value()}
            claims.correct(
                self.subject(row),
                statement,
                by=request.user,  # type: ignore[arg-type]  # staff: admin_view let them in
                why=form.cleaned_data["reason"],
                now=now,
            )
            self.publish(row, now=now)
        return told

    def _drop(self, request: HttpRequest, row: Any, dropped: Claim) -> None:
        now, why = datetime.now(UTC), request.POST.get("reason", "")
        with transaction.atomic():
            claims.drop(dropped, by=request.user, why=why, now=now)  # type: ignore[arg-type]
            self.publish(row, now=now)

    def _done(self, request: HttpRequest, row: Any, message: str) -> HttpResponse:
        messages.success(request, message)
        return HttpResponseRedirect(self._url("change", row.pk))

    def _url(self, view: str, pk: int) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=[pk])


def _asked(request: HttpRequest) -> dict[str, str]:
    """Value and reason that an address proposes, as a reader's suggestion does."""
    return {name: asked for name in ("value", "reason") if (asked := request.GET.get(name))}


def _asked_price(request: HttpRequest) -> dict[str, str]:
    """The same for a price: its amount, where the proposed words are one."""
    asked = _asked(request)
    if (proposed := asked.pop("value", "").strip(" $")) and is_amount(proposed):
        asked |= {"amount": proposed, "state": State.KNOWN.value}
    return asked


def _price_initial(key: str, condition: Condition, value: dict[str, str] | None) -> dict[str, Any]:
    stated = value or {}
    return {
        "component": key.removeprefix(PRICE),
        "state": stated.get("state", "known"),
        "amount": stated.get("amount", ""),
        "unit": stated.get("unit", "1M tokens"),
        "currency": stated.get("currency", "USD"),
        "above_tokens": condition.above_tokens,
        "tier": condition.tier,
        "region": condition.region,
    }
