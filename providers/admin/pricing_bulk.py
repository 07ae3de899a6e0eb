"""An operation over many rows of the pricing grid, from its form to the edits of a draft."""

from collections.abc import Sequence

from django.contrib import messages
from django.forms import Form

from .. import queries
from ..claims import Edit
from ..facts import BadFact
from ..ledger import PRICE
from ..models import Endpoint
from ..pricing_desk import grid as desk
from ..pricing_desk.bulk import BulkRefused, Fault, Outcome, Target, Width
from ..pricing_desk.bulk import drops as bulk_drops
from ..pricing_desk.bulk import edits as bulk_edits
from ..pricing_desk.bulk import rules as bulk_rules
from ..pricing_desk.entries import by_slot, laid_over
from ..pricing_desk.rows import Row
from .pricing_forms import DROP, RULE, BulkForm
from .pricing_request import Asked, Entered, bulk_form, dates_of
from .pricing_rows import slot_of
from .words import condition_words, label

MOST_ENDPOINTS = 3000  # that one operation reaches


def operation(
    asked: Asked, edits: list[Edit], entered: Entered, forms: dict[str, Form], what: str
) -> tuple[list[Edit], str]:
    """The edits with an operation over the ticked rows, or over all of the filter, laid in."""
    form = forms["bulk"] = bulk_form(asked, asked.request.POST, queries.sources().values())
    if not form.is_valid():
        entered.errors.append("The operation is not complete; see below.")
        return edits, what
    into = form.cleaned_data["into"]
    targets = _targets(asked, edits, entered, into)
    if not targets:
        entered.errors.append("Tick at least one row, or choose all rows of the filter.")
        return edits, what
    try:
        outcome = _operate(form, targets, into, forms["dates"])
    except BulkRefused as refused:
        entered.named += refused.faults
        return edits, what
    if not outcome.edits:
        entered.named += outcome.left
        entered.errors.append("The operation has nothing to say of these prices.")
        return edits, what
    if outcome.left:
        messages.info(asked.request, _left_words(outcome.left))
    said = form.words(len(outcome.edits))
    return _laid_in(edits, outcome, into), f"{what}; {said}" if what else said


def _operate(form: BulkForm, targets: Sequence[Target], into: str, dates: Form) -> Outcome:
    cleaned = form.cleaned_data
    if cleaned["op"] == DROP:
        return bulk_drops(targets, book=into)
    if cleaned["op"] == RULE:
        width = Width(cleaned["width"] or Width.PRICES)
        return bulk_rules(targets, cleaned["rule"], width, book=into, dates=dates_of(dates))
    return bulk_edits(targets, cleaned["operation"], book=into, dates=dates_of(dates))


def _targets(asked: Asked, edits: Sequence[Edit], entered: Entered, into: str) -> list[Target]:
    """What the operation is about; a price that is entered already counts as it was entered."""
    if asked.request.POST.get("on") == "all":
        endpoints = list(desk.endpoints_in(asked.scope, now=asked.now)[: MOST_ENDPOINTS + 1])
        if len(endpoints) > MOST_ENDPOINTS:
            raise BadFact(f"more than {MOST_ENDPOINTS} endpoints; narrow the filter")
        rows = desk.shown(
            desk.sheet(endpoints, asked.books, now=asked.now).rows, asked.scope, now=asked.now
        )
    else:
        ticked = {slot_of(key) for key in entered.ticked}
        ids = sorted({slot[0] for slot in ticked})
        endpoints = list(Endpoint.objects.filter(pk__in=ids).select_related("provider", "upstream"))
        sheet = desk.sheet(endpoints, asked.books, now=asked.now)
        rows = [row for row in sheet.rows if row.slot in ticked]
    by_id = {one.pk: one for one in endpoints}
    held = by_slot(edits, asked.scope.book)
    return [_target(row, by_id[row.endpoint], asked, held.get(row.slot, []), into) for row in rows]


def _target(row: Row, endpoint: Endpoint, asked: Asked, held: list[Edit], into: str) -> Target:
    entered = next((edit.value for edit in held if edit.value and '"unit"' in edit.value), None)
    is_rule = entered is not None and entered.startswith('{"rule"')
    when = condition_words(row.condition)
    return Target(
        endpoint=row.endpoint,
        provider=endpoint.provider_id,
        name=f"{endpoint}, {label(PRICE + row.component)}{f', {when}' if when else ''}",
        component=row.component,
        condition=row.condition,
        base=entered if entered and not is_rule else row.base(asked.scope.book),
        says=row.words(asked.now),
        own=tuple(one.effective_from for one in row.owned(into)),
    )


def _laid_in(edits: Sequence[Edit], outcome: Outcome, into: str) -> list[Edit]:
    """Edits with those of an operation in the place of their own."""
    singles = by_slot(outcome.edits, into)
    wide = [edit for edit in outcome.edits if edit.subject.kind != "endpoint"]
    again = {edit.slot() for edit in wide}
    return laid_over([edit for edit in edits if edit.slot() not in again], singles, into) + wide


def _left_words(left: Sequence[Fault]) -> str:
    named = "; ".join(f"{one.name}: {one.message}" for one in left[:3])
    more = f"; and {len(left) - 3} more" if len(left) > 3 else ""
    return f"Left as they are: {named}{more}."
