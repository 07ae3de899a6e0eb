from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from providers import claims, publish
from providers.choices import State
from providers.facts import BadFact, Fact, ModelStatement, Price, ProviderStatement
from providers.models import Claim, Endpoint, Held, Provider

from .market import BATCH, NOW, SECOND, offer, price, published, read, snapshot, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_follows(settings):
    settings.AFTER_PUBLISH = []


@pytest.fixture
def editor():
    return User.objects.create_user("ida")


def test_a_first_sighting_is_true_at_least_since():
    read(snapshot(offer("small", price("0.15"), context_length=128_000)))
    assert set(Claim.objects.values_list("at_least", flat=True)) == {True}


def test_a_new_endpoint_of_a_known_provider_is_new_since():
    read(snapshot(offer("small", price("0.15"))))
    read(snapshot(offer("small", price("0.15")), offer("big", price("1")), as_of=SECOND))
    assert not Claim.objects.get(endpoint__native_id="big").at_least


def test_a_changed_value_ends_one_claim_and_begins_the_next():
    read(snapshot(offer("small", price("0.15"))))
    report = read(snapshot(offer("small", price("0.10")), as_of=SECOND))
    old, new = Claim.objects.order_by("pk")
    assert (old.ended_at, new.stated_from, new.ended_at) == (SECOND, SECOND, None)
    assert (report.added, report.changed, report.ended) == (0, 1, 0)


def test_an_unchanged_snapshot_writes_no_claim():
    stated = snapshot(offer("small", price("0.15"), name="Small", released_on="2024-07-18"))
    read(stated)
    before = list(Claim.objects.values())
    report = read(stated)
    assert list(Claim.objects.values()) == before
    assert (report.added, report.changed, report.ended, report.unchanged) == (0, 0, 0, 3)


def test_what_an_answer_has_broken_is_not_ended():
    """Absence ends a claim; standing there unreadably does not."""
    read(snapshot(offer("small", price("1")), offer("big", price("2")), offer("old", price("3"))))
    report = read(
        snapshot(
            offer("small", price("1")),
            as_of=SECOND,
            unreadable=frozenset({("openai", "big")}),
        )
    )
    assert report.ended == 1
    live = Claim.objects.live().order_by("endpoint__native_id")
    assert list(live.values_list("endpoint__native_id", flat=True)) == ["big", "small"]


def test_a_fact_left_out_ends():
    read(snapshot(offer("small", price("0.15"), context_length=128_000)))
    report = read(snapshot(offer("small", price("0.15")), as_of=SECOND))
    assert report.ended == 1
    assert Claim.objects.get(key="context_length").ended_at == SECOND


def test_absence_ends_claims_only_inside_the_scope():
    read(snapshot(offer("small", provider="openai"), offer("big", price("1"), provider="azure")))
    read(snapshot(offer("other", provider="openai"), as_of=SECOND, covers=["openai"]))
    assert Claim.objects.get(endpoint__native_id="big").ended_at is None


def test_a_complete_listing_without_an_endpoint_ends_its_claims():
    read(snapshot(offer("small", price("0.15")), offer("big", price("1"))))
    read(snapshot(offer("small", price("0.15")), as_of=SECOND))
    assert Claim.objects.get(endpoint__native_id="big").ended_at == SECOND
    assert Endpoint.objects.get(native_id="big").gone_since == SECOND


def test_everything_covers_a_provider_that_vanished():
    read(snapshot(offer("small"), offer("big", price("1"), provider="azure"), covers=["*"]))
    read(snapshot(offer("small"), as_of=SECOND, covers=["*"]))
    assert Claim.objects.get(endpoint__native_id="big").ended_at == SECOND


def test_a_source_writes_only_its_own_claims():
    read(snapshot(offer("small", price("0.15")), source="litellm"))
    read(snapshot(offer("big", price("1")), source="models_dev"))
    assert not Claim.objects.exclude(ended_at=None).exists()


def test_a_snapshot_that_lost_a_third_is_not_recorded():
    many = [offer(f"m{n}", price("1")) for n in range(40)]
    read(snapshot(*many))
    shrunk = snapshot(*many[:20], as_of=SECOND)
    with pytest.raises(claims.Shrunk):
        claims.Recorder(shrunk, start(shrunk)).refuse_shrunk()
    assert not Claim.objects.exclude(ended_at=None).exists()


def test_what_a_snapshot_lost_is_ended_once_it_is_accepted():
    many = [offer(f"m{n}", price("1")) for n in range(40)]
    read(snapshot(*many))
    shrunk = snapshot(*many[:20], as_of=SECOND)
    report = claims.Recorder(shrunk, start(shrunk)).write()
    assert report.ended == 20


def test_a_hundredfold_jump_is_held_and_the_rest_recorded(editor):
    read(snapshot(offer("small", price("0.15"), price("0.60", "output"))))
    report = read(snapshot(offer("small", price("15"), price("0.50", "output")), as_of=SECOND))
    assert (report.held, published("small", "input"), published("small", "output")) == (
        1, Decimal("0.15"), Decimal("0.50"),
    )  # fmt: skip
    held = Held.objects.get()
    claims.answer(held, accept=True, by=editor, now=NOW)
    publish.publish(now=NOW, endpoints=[held.endpoint_id])
    assert published("small", "input") == 15


def test_a_refused_price_is_not_asked_again_and_stays_out(editor):
    read(snapshot(offer("small", price("0.15"))))
    jump = snapshot(offer("small", price("15")), as_of=SECOND)
    read(jump)
    claims.answer(Held.objects.get(), accept=False, by=editor, now=NOW)
    read(jump)
    assert (Held.objects.count(), published("small")) == (1, Decimal("0.15"))


def test_an_accepted_price_survives_the_next_refresh(editor):
    read(snapshot(offer("small", price("0.15"))))
    jump = snapshot(offer("small", price("15")), as_of=SECOND)
    read(jump)
    held = Held.objects.get()
    claims.answer(held, accept=True, by=editor, now=NOW)
    publish.publish(now=NOW, endpoints=[held.endpoint_id])
    report = read(jump)
    assert (report.held, report.changed, published("small")) == (0, 0, 15)


def test_a_price_outside_sane_bounds_is_held():
    report = read(snapshot(offer("small", price("15000"), price("0.6", "output"))))
    assert report.held == 1
    assert published("small", "input") is None
    assert published("small", "output") == Decimal("0.6")


def test_a_correction_survives_the_next_refresh(editor):
    stated = snapshot(offer("small", price("0.15"), price("0.60", "output")))
    read(stated)
    endpoint = Endpoint.objects.get()
    claims.correct(endpoint, price("0.14"), by=editor, why="their price page", now=NOW)
    publish.publish(now=NOW, endpoints=[endpoint.pk])
    read(snapshot(offer("small", price("0.16"), price("0.60", "output")), as_of=SECOND))
    assert published("small") == Decimal("0.14")
    assert published("small", "output") == Decimal("0.60")


def test_a_dropped_correction_lets_the_sources_speak_again(editor):
    read(snapshot(offer("small", price("0.15"))))
    endpoint = Endpoint.objects.get()
    claim = claims.correct(endpoint, price("0.14"), by=editor, why="page", now=NOW)
    claims.drop(claim, by=editor, why="they raised it", now=NOW + timedelta(hours=1))
    publish.publish(now=NOW, endpoints=[endpoint.pk])
    assert published("small") == Decimal("0.15")


def test_a_correction_needs_a_reason(editor):
    read(snapshot(offer("small")))
    with pytest.raises(BadFact, match="say why"):
        claims.correct(Endpoint.objects.get(), price("1"), by=editor, why=" ", now=NOW)


def test_a_correction_of_a_fact_without_a_room_is_refused(editor):
    read(snapshot(offer("small")))
    with pytest.raises(BadFact, match="no room"):
        claims.correct(Endpoint.objects.get(), Fact("colour", "red"), by=editor, why="x", now=NOW)


def test_a_second_correction_replaces_the_first(editor):
    read(snapshot(offer("small", context_length=128_000)))
    endpoint = Endpoint.objects.get()
    for tokens in (64_000, 32_000):
        claims.correct(endpoint, Fact("context_length", tokens), by=editor, why="x", now=NOW)
        publish.publish(now=NOW, endpoints=[endpoint.pk])
    endpoint.refresh_from_db()
    assert endpoint.context_length == 32_000


def test_only_editors_claims_can_be_dropped(editor):
    read(snapshot(offer("small", price("1"))))
    with pytest.raises(BadFact):
        claims.drop(Claim.objects.get(), by=editor, why="x", now=NOW)


def test_facts_of_providers_and_models_are_kept():
    read(
        snapshot(
            offer("small"),
            providers=(ProviderStatement("openai", (Fact("headquarters", "US"),)),),
            models=(ModelStatement("openai/small", (Fact("released_on", "2024-07"),)),),
        )
    )
    assert Provider.objects.get(slug="openai").headquarters == "US"
    assert Claim.objects.get(model="openai/small").value == '"2024-07"'


def test_dated_prices_live_side_by_side():
    later = price("0.10", effective_from=NOW + timedelta(days=20))
    until = price("0.15", effective_to=NOW + timedelta(days=20))
    read(snapshot(offer("small", until, later, price("0.07", condition=BATCH))))
    assert Claim.objects.live().filter(key="price.input").count() == 3


def test_a_free_price_is_kept_apart_from_an_unknown_one():
    read(snapshot(offer("small", Price("input", None, state=State.FREE))))
    assert '"state":"free"' in Claim.objects.get().value


def test_a_listing_without_upstreams_does_not_end_those_that_have_one():
    via_azure = offer("gpt", price("1"), provider="zenmux", upstream="azure")
    read(snapshot(via_azure, source="zenmux"))
    read(snapshot(offer("gpt", price("1"), provider="zenmux"), source="zenmux", as_of=SECOND))
    assert Claim.objects.live().filter(endpoint__upstream__slug="azure").exists()


def test_upstreams_of_a_gateway_are_endpoints_of_their_own():
    read(
        snapshot(
            offer("gpt", price("1"), provider="zenmux", upstream="azure"),
            offer("gpt", price("2"), provider="zenmux", upstream="openai"),
            source="zenmux",
        )
    )
    assert Endpoint.objects.filter(provider__slug="zenmux").count() == 2
