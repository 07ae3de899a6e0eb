"""What the grid of the pricing desk is asked with: its filters, and operations over many prices."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict

from ..choices import Book, Unit
from ..facts import BadFact, Price, PriceRule, amount
from ..pricing_desk.bulk import Operation, Width, as_it_is, as_told_by, by_percent, to_digits
from ..pricing_desk.entries import Dates
from ..pricing_desk.rows import Scope
from .books import BOOK_WORDS
from .inputs import PriceForm

MAX_SEARCH = 100
_PERCENT = re.compile(r"[+\-−]?\d+(?:\.\d+)?\s*%?\Z")
PERCENT, TAKE, ROUND, COPY, DROP, RULE = "percent", "take", "round", "copy", "drop", "rule"
OPERATIONS = [
    ("", "choose…"),
    (PERCENT, "change by percent"),
    (TAKE, "take a source’s word"),
    (ROUND, "round to significant digits"),
    (COPY, "put as it is"),
    (RULE, "follow another book by a rule"),
    (DROP, "drop what the editors say"),
]


def scope_from(query: QueryDict, book: str) -> Scope:
    """Filters as an address states them; what makes no sense is left out."""
    endpoint = query.get("endpoint", "")
    return Scope(
        provider=query.get("provider", "")[:MAX_SEARCH],
        endpoint=int(endpoint) if endpoint.isdecimal() and len(endpoint) < 19 else None,
        search=query.get("q", "").replace("\x00", "").strip()[:MAX_SEARCH],
        component=query.get("component", "")[:MAX_SEARCH],
        overridden=query.get("own") == "1",
        differing=query.get("differ") == "1",
        book=book,
    )


def only_endpoints(scope: Scope, endpoints: Sequence[int]) -> Scope:
    return replace(scope, only=frozenset(endpoints))


class _UtcField(forms.DateTimeField):
    """A moment typed without an offset is UTC, the zone of the site."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        return moment.astimezone(UTC) if moment else None


class DatesForm(forms.Form):
    """When all that is entered shall hold."""

    starts = _UtcField(required=False, label="From, UTC")
    ends = _UtcField(required=False, label="Until, UTC")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and starts >= ends:
            raise forms.ValidationError("The end is before the start; write a later end.")
        return cleaned

    def dates(self) -> Dates:
        return Dates(self.cleaned_data["starts"], self.cleaned_data["ends"])


class BulkForm(forms.Form):
    """An operation over many prices; `into` is the book that it writes to."""

    # It shares its <form> with the grid, which a browser would else refuse to send without it.
    use_required_attribute = False

    op = forms.ChoiceField(choices=OPERATIONS, label="Operation")
    percent = forms.CharField(required=False, label="Percent")
    source = forms.ChoiceField(required=False, label="Source")
    digits = forms.IntegerField(required=False, min_value=1, max_value=15, label="Digits")
    over = forms.ChoiceField(required=False, label="Follow")
    times = forms.CharField(required=False, label="×")
    plus = forms.CharField(required=False, label="+")
    step = forms.CharField(required=False, label="rounded up to")
    unit = forms.ChoiceField(required=False, label="only prices per")
    currency = forms.CharField(required=False, max_length=3, label="in")
    width = forms.ChoiceField(
        choices=[
            (Width.PRICES.value, "these prices"),
            (Width.CARDS.value, "whole cards of their endpoints"),
            (Width.PROVIDER.value, "everything of their provider"),
        ],
        required=False,
        label="for",
    )
    into = forms.ChoiceField(label="into the book")

    def __init__(
        self, *args: Any, sources: Sequence[tuple[str, str]], books: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sources = dict(sources)
        self._choices("source", [("", "choose…"), *sources])
        self._choices("into", [(book, BOOK_WORDS[book]) for book in books])
        over = [(book.value, book.value) for book in (Book.PUBLIC, Book.CONTRACT)]
        self._choices("over", over)
        self._choices("unit", [("", "any unit"), *((one.value, one.value) for one in Unit)])

    def _choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            if cleaned.get("op") == RULE:
                cleaned["rule"] = self._rule(cleaned)
            elif cleaned.get("op") not in (None, DROP):
                cleaned["operation"] = self._operation(cleaned)
        except BadFact as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned

    def _operation(self, cleaned: dict[str, Any]) -> Operation:
        wanted = cleaned["op"]
        if wanted == PERCENT:
            return by_percent(percent_of(cleaned["percent"]))
        if wanted == TAKE:
            if not cleaned.get("source"):
                raise BadFact("choose whose word to take")
            return as_told_by(cleaned["source"], self.sources[cleaned["source"]])
        if wanted == ROUND:
            if not cleaned.get("digits"):
                raise BadFact("say to how many digits, from 1 to 15")
            return to_digits(cleaned["digits"])
        return as_it_is

    def _rule(self, cleaned: dict[str, Any]) -> PriceRule:
        step = cleaned["step"].strip()
        return PriceRule(
            over=cleaned["over"] or Book.PUBLIC.value,
            times=_number(cleaned["times"] or "1", "times"),
            plus=_number(cleaned["plus"] or "0", "plus"),
            step=_number(step, "the step") if step else None,
            unit=cleaned["unit"],
            currency=cleaned["currency"].upper(),
        )

    def words(self, count: int) -> str:
        """What the log calls it: `+10 % on 40 prices, contract book`."""
        cleaned = self.cleaned_data
        said = {
            PERCENT: f"{cleaned['percent'].strip().removesuffix('%').strip()} %",
            TAKE: f"took {self.sources.get(cleaned['source'], '')}’s word",
            ROUND: f"rounded to {cleaned['digits']} digits",
            COPY: "put as it is",
            DROP: "dropped what the editors said",
            RULE: cleaned["rule"].words() if "rule" in cleaned else "",
        }[cleaned["op"]]
        book = "" if cleaned["into"] == Book.PUBLIC else f", {cleaned['into']} book"
        return f"{said}: {count} {'edit' if count == 1 else 'edits'}{book}"


class NewPriceForm(PriceForm):
    """A price that nobody states yet, of one of the endpoints on the page."""

    use_required_attribute = False  # as above
    reason = None  # type: ignore[assignment]  # asked once, for the whole draft
    effective_from = None  # type: ignore[assignment]  # as of the whole edit
    effective_to = None  # type: ignore[assignment]
    endpoint = forms.TypedChoiceField(coerce=int, label="Endpoint")
    field_order = ("endpoint",)

    def __init__(self, *args: Any, endpoints: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].choices = list(endpoints)  # type: ignore[attr-defined]  # as above

    def _price(self, cleaned: dict[str, Any]) -> Price:
        return super()._price({**cleaned, "effective_from": None, "effective_to": None})


def percent_of(raw: str) -> Decimal:
    """`10`, `+10 %`, `-5.5`; raises BadFact."""
    raw = raw.strip()
    if not _PERCENT.match(raw):
        raise BadFact(f"{raw!r} is no percentage; write one like 10 or -5.5")
    found = Decimal(raw.removesuffix("%").strip().replace("−", "-"))
    if not found:
        raise BadFact("0 % changes nothing; write one like 10 or -5.5")
    if found > 1_000_000:
        raise BadFact(f"{raw} is absurdly much; write one like 10 or -5.5")
    return found


def _number(raw: str, name: str) -> Decimal:
    try:
        return Decimal(raw.strip()) if raw.strip().startswith("-") else amount(raw.strip())
    except (BadFact, InvalidOperation):
        raise BadFact(f"{name}: {raw!r} is not a number; write one like 1.15") from None
