"""The whole market of the recordings: how large it is, and the laws that hold all over it."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from catalog import curated, reconcile
from catalog.models import AIModel, Listing
from providers import publish, refresh
from providers.choices import RunState
from providers.facts import Condition
from providers.models import Claim, Endpoint, Price, Provider, Run
from tests.factories import NOW
from tests.market import FILLED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

# Open families of facts: `parameter.tools` is the member `tools` of the column `parameters`.
FAMILIES = {"parameter": "parameters", "capability": "capabilities", "protocol": "protocols"}


def rows(*, without: Iterable[type[Model]] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, by table."""
    models = [
        model
        for app in ("providers", "catalog")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model not in without
    ]
    return {model._meta.label: list(model.objects.order_by("pk").values_list()) for model in models}


# -- how large it is ------------------------------------------------------------------------------


def test_the_market_is_as_large_as_promised():
    endpoints = Endpoint.objects.count()
    assert Provider.objects.count() >= 150
    assert endpoints >= 7_000
    assert AIModel.objects.count() >= 800
    assert Listing.objects.exclude(model=None).count() >= 0.6 * endpoints


def test_every_source_was_read_and_nothing_of_it_waits_unseen():
    states = dict(Run.objects.values_list("source__slug", "state"))
    assert set(states) == {
        "models_dev", "litellm", "genai_prices", "pi_ai", "zenmux", "reference_page",
    }  # fmt: skip
    assert set(states.values()) == {RunState.PUBLISHED}


# -- reading it again -----------------------------------------------------------------------------


def test_an_unchanged_refresh_writes_its_runs_and_nothing_else():
    before, runs = rows(without=[Run]), Run.objects.count()
    again = refresh.run(now=NOW, recorded=True)
    assert {run.state for run in again.values()} == {RunState.UNCHANGED}
    assert Run.objects.count() == runs + len(again)
    assert rows(without=[Run]) == before


def test_reading_the_same_statements_again_gives_the_same_tables(monkeypatch):
    monkeypatch.setattr(refresh, "_confirm_unchanged", lambda run, as_of: False)
    before = rows(without=[Run])
    again = refresh.run(now=NOW, recorded=True)
    assert {run.state for run in again.values()} == {RunState.PUBLISHED}
    assert sum(run.report["unchanged"] for run in again.values()) == Claim.objects.live().count()
    assert rows(without=[Run]) == before


def test_publishing_everything_changes_nothing():
    before = rows()
    publish.publish_everything(now=NOW)
    assert rows() == before


def test_listing_everything_anew_changes_nothing():
    before = rows()
    assert reconcile.everything(now=FILLED) == 0
    assert rows() == before


def test_curated_facts_are_loaded_once():
    before = rows()
    loaded = curated.load(NOW)
    assert not loaded.wrote()
    assert loaded.without_model == ()
    assert rows() == before


# -- the ledger -----------------------------------------------------------------------------------


def test_no_two_prices_of_one_thing_hold_at_once():
    slot = ("endpoint_id", "book", "component", "condition")
    spans = Price.objects.order_by(*slot, "valid_from").values_list(*slot, "valid_from", "valid_to")
    overlapping = [
        (key, earlier, later)
        for key, of_one_thing in groupby(spans.iterator(), key=lambda row: row[:4])
        for earlier, later in pairwise(row[4:] for row in of_one_thing)
        if earlier[1] is None or earlier[1] > later[0]
    ]
    assert overlapping == []


def test_no_condition_is_written_in_two_ways():
    """Or two prices of one thing could hold at once unseen."""
    keys = set(Price.objects.values_list("condition", flat=True).distinct())
    assert len(keys) > 100
    assert {key for key in keys if Condition.from_key(key).key() != key} == set()


def test_every_price_is_what_its_claim_says():
    wrong = [
        (price.pk, str(price), str(price.claim))
        for price in Price.objects.select_related("claim").iterator()
        if not _says(price.claim, price)
    ]
    assert wrong == []


def _says(claim: Claim, price: Price) -> bool:
    stated = json.loads(claim.value)
    amount = stated.get("amount")
    return (
        claim.key == f"price.{price.component}"
        and (claim.endpoint_id, claim.condition, claim.book)
        == (price.endpoint_id, price.condition, price.book)
        and (stated["unit"], stated["currency"], stated["state"])
        == (price.unit, price.currency, price.state)
        and price.amount == (None if amount is None else Decimal(amount))
    )


# -- provenance -----------------------------------------------------------------------------------


def test_every_fact_of_an_endpoint_is_what_a_live_claim_about_it_says():
    live = _live("endpoint_id")
    assert _unfounded(Endpoint.objects.iterator(), live) == []


def test_every_fact_of_a_provider_is_what_a_live_claim_about_it_says():
    live = _live("provider_id")
    # Names are the roster's own; see publish._is_named_by_us.
    assert _unfounded(Provider.objects.iterator(), live, but={"name"}) == []


def test_every_fact_of_a_model_is_what_a_live_claim_says():
    live = {claim for claim, _, _, _ in _live_claims("endpoint_id")}
    named = [
        (str(model), key, claim)
        for model in AIModel.objects.iterator()
        for key, claim in model.provenance.items()
        if claim not in live or getattr(model, key) is None
    ]
    assert named == []


def test_no_fact_stands_without_a_claim_behind_it():
    names = [field.name for field in Endpoint._meta.fields]
    facts = set(names[names.index("name") : names.index("provenance")]) - set(FAMILIES.values())
    bare = [
        (str(endpoint), name)
        for endpoint in Endpoint.objects.iterator()
        for name in facts - endpoint.provenance.keys()
        if getattr(endpoint, name) is not None
    ]
    assert bare == []


def _live_claims(subject: str) -> Iterator[tuple[int, int, str, str]]:
    """Id, subject, key and value of every live claim."""
    return Claim.objects.live().values_list("pk", subject, "key", "value").iterator()


def _live(subject: str) -> dict[int, tuple[int, str, Any]]:
    return {
        claim: (about, key, json.loads(value)) for claim, about, key, value in _live_claims(subject)
    }


def _unfounded(
    subjects: Iterable[Any], live: dict[int, tuple[int, str, Any]], but: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Facts whose column holds something else than the live claim they name."""
    return [
        (str(subject), key)
        for subject in subjects
        for key, claim in subject.provenance.items()
        if key not in but and live.get(claim) != (subject.pk, key, _published(subject, key))
    ]


def _published(subject: Any, key: str) -> Any:
    """The value in a fact's column, as a claim writes it."""
    family, dot, name = key.partition(".")
    value = getattr(subject, FAMILIES[family]).get(name) if dot else getattr(subject, key)
    return value.isoformat() if hasattr(value, "isoformat") else value
