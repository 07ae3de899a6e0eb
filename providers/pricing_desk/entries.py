"""What an editor types into a box of the grid, as edits; and edits as the text of a box. Pure.

`0.15`, `0.15 EUR`, `0.15 USD per image`, `free`, `plan`, `varies`; `x`: the editors fall silent.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..choices import State, Unit
from ..claims import Edit
from ..facts import BadFact, Condition, Price, PriceRule, amount
from ..ledger import PRICE
from ..models import Subject
from .rows import Own, Row, Slot

SILENCE = "x"
_SILENT = {SILENCE, "-", "−", "drop"}
_STATES = {State.FREE.value, State.PLAN.value, State.VARIES.value}
# Commas only as thousands are written: `0,15` could be meant either way and is refused.
_TYPED = re.compile(
    r"\$? *(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)"
    r" *(?P<currency>[A-Za-z]{3})? *(?:per +(?P<unit>.+))?\Z"
)
_DEFAULT = '{"currency":"USD","state":"free","unit":"1M tokens"}'


@dataclass(frozen=True, slots=True)
class Dates:
    """When what is typed shall hold; None: at once, until changed."""

    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """One box as it came back. `row` None: nobody states that price yet."""

    slot: Slot
    text: str
    row: Row | None


@dataclass(frozen=True, slots=True)
class Misread:
    """A box that cannot be read, and what to write instead."""

    slot: Slot
    message: str


def price_of(text: str, component: str, condition: str, like: str, dates: Dates) -> Price:
    """The price a box states, in the unit and currency of `like` unless it names others."""
    unit, currency = json.loads(like or _DEFAULT)["unit"], json.loads(like or _DEFAULT)["currency"]
    state, number = text.lower(), None
    if state not in _STATES:
        found = _TYPED.match(text)
        if found is None:
            raise BadFact(f"{text!r} is not a price; write one like 0.15, free, plan, or x to drop")
        number = amount(found["number"].replace(",", ""))
        if not number:
            raise BadFact("0 is no price; write free, or x to drop the editors’ price")
        state = State.KNOWN.value
        currency = (found["currency"] or currency).upper()
        unit = _unit(found["unit"], unit)
    return Price(
        component, number, unit, currency, Condition.from_key(condition), state,
        dates.starts, dates.ends,
    )  # fmt: skip


def _unit(stated: str | None, usual: str) -> str:
    if stated is None or stated.strip() == usual:
        return usual
    if stated.strip() not in set(Unit):
        raise BadFact(f"{stated.strip()!r} is no unit; write one of {', '.join(Unit)}")
    return stated.strip()


def edits_of(typed: Typed, book: str, dates: Dates) -> list[Edit]:
    """What one box says; raises BadFact."""
    endpoint, component, condition = typed.slot
    text = typed.text.strip()
    if text.lower() in _SILENT:
        owned = typed.row.owned(book) if typed.row else ()
        if not owned:
            raise BadFact("there is no price of the editors to drop; leave the box empty")
        return [silence(typed.slot, one) for one in owned]
    like = typed.row.like(book) if typed.row else ""
    price = price_of(text, component, condition, like, dates)
    return [Edit.of_price(Subject("endpoint", endpoint), price, book)]


def silence(slot: Slot, own: Own) -> Edit:
    return Edit(
        Subject("endpoint", slot[0]), PRICE + slot[1], slot[2], own.book,
        effective_from=own.effective_from,
    )  # fmt: skip


def text_of(edits: Sequence[Edit], like: str) -> str:
    """What a box shows for the edits of its price; empty: there are none."""
    if not edits:
        return ""
    first = next((edit for edit in edits if edit.value is not None), None)
    if first is None or first.value is None:
        return SILENCE
    stated = json.loads(first.value)
    if (rule := PriceRule.from_value(stated)) is not None:
        return f"= {rule.words()}"
    if "amount" not in stated:
        return str(stated["state"])
    usual = json.loads(like or _DEFAULT)
    if (stated["unit"], stated["currency"]) == (usual["unit"], usual["currency"]):
        return str(stated["amount"])
    return f"{stated['amount']} {stated['currency']} per {stated['unit']}"


def by_slot(edits: Iterable[Edit], book: str) -> dict[Slot, list[Edit]]:
    """Edits of single prices in one book."""
    found: dict[Slot, list[Edit]] = {}
    for edit in edits:
        if edit.book == book and edit.subject.kind == "endpoint" and edit.key.startswith(PRICE):
            slot = (int(edit.subject.id), edit.key.removeprefix(PRICE), edit.condition)
            found.setdefault(slot, []).append(edit)
    return found


def merged(
    before: Sequence[Edit], boxes: Sequence[Typed], book: str, dates: Dates
) -> tuple[list[Edit], list[Misread]]:
    """A draft's edits after its boxes came back: what was not shown, or not touched, stays."""
    held = by_slot(before, book)
    replaced: dict[Slot, list[Edit]] = {}
    faults: list[Misread] = []
    for box in boxes:
        was = held.get(box.slot, [])
        text = box.text.strip()
        if text == text_of(was, box.row.like(book) if box.row else ""):
            continue
        try:
            replaced[box.slot] = edits_of(box, book, dates) if text else []
        except BadFact as error:
            faults.append(Misread(box.slot, str(error)))
    return laid_over(before, replaced, book), faults


def laid_over(
    before: Sequence[Edit], replaced: Mapping[Slot, Sequence[Edit]], book: str
) -> list[Edit]:
    """A draft's edits with those of some prices put in the place of its own."""
    gone = {
        edit.slot()
        for slot, was in by_slot(before, book).items()
        if slot in replaced
        for edit in was
    }
    kept = [edit for edit in before if edit.slot() not in gone]
    return kept + [edit for edits in replaced.values() for edit in edits]
