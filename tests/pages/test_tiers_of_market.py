"""The tier tables of the real market: no stated price is lost in them."""

from collections.abc import Iterator

import pytest
from django.db.models import Count
from django.http import QueryDict

from catalog import words
from catalog.pages import model_detail
from catalog.pages.model.sheet import Sheet
from providers import queries
from providers.models import Price
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

MOST_CONDITIONS = 12
WITH_HOURS = 4


def conditional() -> Iterator[tuple[int, str]]:
    """Endpoints with the most conditions of their own, and those with hours, with their models."""
    prices = Price.objects.public().filter(valid_to=None, endpoint__listing__model__isnull=False)
    prices = prices.exclude(condition="").exclude(endpoint__gone_since__isnull=False)
    rows = prices.values_list(
        "endpoint_id", "endpoint__listing__model__author__slug", "endpoint__listing__model__slug"
    ).annotate(many=Count("condition", distinct=True))
    ordered = rows.order_by("-many", "endpoint_id")
    hourly = ordered.filter(condition__contains='"zone"')
    for pk, author, slug, _ in [*ordered[:MOST_CONDITIONS], *hourly[:WITH_HOURS]]:
        yield pk, f"{author}/{slug}"


def figures(sheet: Sheet) -> set[tuple[str, str]]:
    """Component and figure of every cell of the tier table."""
    assert sheet.tiers is not None
    heads = [head.label for head in sheet.tiers.heads]
    return {
        (head, cell.text)
        for group in sheet.tiers.groups
        for row in group.rows
        for head, cell in zip(heads, row.cells, strict=True)
        if cell.own
    }


def test_no_stated_price_is_lost():
    looked_at = 0
    for pk, path in set(conditional()):
        page = model_detail.build(path, QueryDict(f"endpoint={pk}"), now=NOW)
        if not isinstance(page, model_detail.ModelDetailPage) or page.sheet is None:
            continue
        if page.sheet.endpoint != pk or page.sheet.tiers is None:
            continue
        shown = figures(page.sheet)
        for row in queries.prices_at([pk], when=NOW)[pk]:
            if page.sheet.tiers.holds(row.condition):
                label = words.component_label(row.component)
                assert (label, words.price(row.amount, state=row.state)) in shown, (path, row)
        looked_at += 1
    assert looked_at >= MOST_CONDITIONS
