"""What an editor types, turned into facts and prices; every refusal says what to write instead."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms

from ..choices import Component, State, Status, Unit
from ..facts import (
    BadFact,
    Condition,
    Fact,
    FactType,
    Price,
    amount,
    count,
    flag,
    records,
    status,
    texts,
    trimmed,
    whole,
)
from ..facts import precise as precise_number

_YES_NO = [("", "not stated"), ("yes", "yes"), ("no", "no")]


def typed(value: Any) -> str:
    """A stored value as an editor would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(
            item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            for item in value
        )
    return "" if value is None else str(value)


def parsed(kind: FactType, raw: str) -> Any:
    """The value an editor typed; raises BadFact."""
    raw = raw.strip()
    if kind.check in (whole, count):
        return kind.check(_number(raw))
    if kind.check is flag:
        if raw not in ("yes", "no"):
            raise BadFact("write yes or no")
        return raw == "yes"
    if kind.check is texts:
        return kind.check([line for line in raw.splitlines() if line.strip()])
    if kind.check is records:
        return kind.check([_record(line) for line in raw.splitlines() if line.strip()])
    return kind.check(raw)


def _number(raw: str) -> int:
    """`128,000`, `128000` or `128K`."""
    value = precise_number(raw.replace(",", "").replace(" ", "")).value
    if value != int(value):
        raise BadFact(f"{raw} is not a whole number")
    return int(value)


def _record(line: str) -> dict[str, str]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadFact(f'write one record a line, like {{"name": "Nitro"}}: {error}') from None
    if not isinstance(record, dict):
        raise BadFact('write one record a line, like {"name": "Nitro"}')
    return record


class FactForm(forms.Form):
    """One fact and the reason for it."""

    value = forms.CharField(widget=forms.TextInput(attrs={"size": 60}))
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where you read it, with a link. It is kept and shown beside the value.",
    )

    def __init__(self, *args: Any, kind: FactType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        field = self.fields["value"]
        field.label = f"{kind.label} ({kind.unit})" if kind.unit else kind.label
        if kind.check is flag:
            field.widget = forms.Select(choices=_YES_NO)
        elif kind.check is status:
            field.widget = forms.Select(choices=[(one.value, one.value) for one in Status])
        elif kind.check in (texts, records):
            field.widget = forms.Textarea(attrs={"rows": 5})
            field.help_text = "One a line."

    def clean_value(self) -> Any:
        try:
            return parsed(self.kind, self.cleaned_data["value"])
        except BadFact as error:
            raise forms.ValidationError(str(error)) from error

    def statement(self, key: str) -> Fact:
        return Fact(key, self.cleaned_data["value"])


class PriceForm(forms.Form):
    """One price under one condition, and the reason for it."""

    component = forms.CharField(
        help_text=f"One of {', '.join(Component)}; another name is kept and shown."
    )
    state = forms.ChoiceField(
        choices=[
            (State.KNOWN.value, "a known price"),
            (State.FREE.value, "free"),
            (State.PLAN.value, "included in a plan"),
            (State.VARIES.value, "varies"),
        ]
    )
    amount = forms.CharField(required=False, help_text="Like 0.15; every digit is kept.")
    unit = forms.ChoiceField(choices=[(unit.value, unit.value) for unit in Unit])
    currency = forms.CharField(initial="USD", max_length=3)
    above_tokens = forms.IntegerField(
        required=False,
        min_value=0,
        label="Above input tokens",
        help_text="Holds strictly above this many input tokens. Empty: always.",
    )
    tier = forms.CharField(required=False, help_text="batch, flex, priority … Empty: standard.")
    region = forms.CharField(required=False)
    effective_from = forms.DateTimeField(
        required=False, help_text="UTC. Empty: now. A future date schedules the price."
    )
    effective_to = forms.DateTimeField(required=False, help_text="UTC. Empty: until changed.")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where you read it, with a link. It is kept and shown beside the price.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            cleaned["price"] = self._price(cleaned)
        except (BadFact, KeyError) as error:
            if not self.errors:
                raise forms.ValidationError(str(error)) from error
        return cleaned

    def _price(self, cleaned: dict[str, Any]) -> Price:
        known = cleaned["state"] == State.KNOWN
        if known and not cleaned["amount"]:
            raise BadFact("a known price needs an amount; choose free or plan if it has none")
        return Price(
            component=cleaned["component"],
            amount=_amount(cleaned["amount"]) if known else None,
            unit=cleaned["unit"],
            currency=cleaned["currency"],
            state=cleaned["state"],
            condition=Condition(
                above_tokens=cleaned["above_tokens"],
                tier=cleaned["tier"],
                region=cleaned["region"],
                schedule=self.schedule,
                named=self.named,
            ),
            effective_from=_utc(cleaned["effective_from"]),
            effective_to=_utc(cleaned["effective_to"]),
        )

    def __init__(self, *args: Any, condition: Condition = Condition(), **kwargs: Any) -> None:  # noqa: B008  frozen
        super().__init__(*args, **kwargs)
        # Parts of a condition that the form has no field for are kept as they were stated.
        self.schedule, self.named = condition.schedule, condition.named

    def statement(self) -> Price:
        price: Price = self.cleaned_data["price"]
        return price


def _amount(raw: str) -> Decimal:
    return trimmed(amount(raw.replace(",", "").lstrip("$ ")))


def is_amount(raw: str) -> bool:
    try:
        _amount(raw)
    except BadFact:
        return False
    return True


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
