import pytest
from django.db import connection

from providers import publish
from providers.choices import RunState
from providers.claims import Recorder
from providers.facts import Fact, ProviderStatement
from providers.models import Claim, Edition, Endpoint, Price, Provider, Run

from .market import NOW, SECOND, offer, price, published, read, snapshot, start, tables

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_follows(settings):
    settings.AFTER_PUBLISH = []


STATED = snapshot(
    offer("small", price("0.15"), context_length=128_000, retires_on="2027-01-14"),
    *(offer(f"m{n}", price("1"), name=f"Model {n}") for n in range(250)),
)


class Killed(Exception):
    pass


def _die_after(monkeypatch, chunks: int) -> None:
    """Makes recording die between two chunks, as a killed worker does."""
    record_offers = Recorder._record_offers
    left = [chunks]

    def mortal(self, offers):
        if not left[0]:
            raise Killed
        left[0] -= 1
        record_offers(self, offers)

    monkeypatch.setattr(Recorder, "_record_offers", mortal)


def test_columns_hold_what_was_stated():
    read(STATED)
    endpoint = Endpoint.objects.get(native_id="small")
    assert (endpoint.context_length, str(endpoint.retires_on)) == (128_000, "2027-01-14")
    assert endpoint.provenance["context_length"] == Claim.objects.get(key="context_length").pk


def test_publishing_twice_changes_nothing():
    read(STATED)
    before, number = tables(), publish.publish_everything(now=NOW)
    assert publish.publish_everything(now=NOW) == number
    assert tables() == before


def test_the_edition_grows_with_a_change_and_only_then():
    read(STATED)
    number = Edition.objects.get().number
    read(STATED)
    assert Edition.objects.get().number == number
    read(snapshot(*STATED.offers[1:], offer("small", price("0.10")), as_of=SECOND))
    assert Edition.objects.get().number == number + 1


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_what_a_dead_run_wrote_stays_out_of_sight(monkeypatch, chunks):
    read(snapshot(offer("small", price("0.15")), offer("old", price("1"))))
    before = tables()["prices"]
    newer = snapshot(*STATED.offers, as_of=SECOND)
    with monkeypatch.context() as patch:
        _die_after(patch, chunks)
        with pytest.raises(Killed):
            Recorder(newer, start(newer)).write()
    publish.publish_everything(now=NOW)
    assert tables()["prices"] == before


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_run_that_died_anywhere_and_was_repeated_gives_the_same_tables(monkeypatch, chunks):
    newer = snapshot(*STATED.offers, as_of=SECOND)
    first = snapshot(offer("small", price("0.20")), offer("gone", price("1")))
    read(first)
    with monkeypatch.context() as patch:
        _die_after(patch, chunks)
        with pytest.raises(Killed):
            Recorder(newer, start(newer)).write()
    read(newer)
    interrupted = tables()
    assert Run.objects.filter(state=RunState.ABANDONED.value).count() == 1
    for model in (Price, Claim, Endpoint, Run):
        model.objects.all().delete()
    read(first)
    read(newer)
    assert tables() == interrupted


def test_the_shop_window_follows_inside_the_transaction(settings):
    settings.AFTER_PUBLISH = ["tests.providers.test_publish.break_down"]
    with pytest.raises(Killed):
        read(STATED)
    assert not Price.objects.exists()
    assert not Endpoint.objects.exclude(context_length=None).exists()


def break_down(published: publish.Published) -> int:
    raise Killed(published)


def test_providers_bear_the_name_of_the_roster():
    statement = ProviderStatement("openai", (Fact("name", "OPENAI INC"),))
    read(snapshot(offer("small"), providers=(statement,)))
    assert Provider.objects.get(slug="openai").name == "OpenAI"


def test_a_better_source_that_comes_later_takes_the_card_over():
    read(snapshot(offer("small", price("0.20")), source="models_dev"))
    read(snapshot(offer("small", price("0.15")), as_of=SECOND))
    assert str(published("small").normalize()) == "0.15"
    old = Price.objects.exclude(valid_to=None).get()
    assert old.valid_to == SECOND


@pytest.mark.django_db(transaction=True)
def test_postgresql_knows_how_much_a_first_fill_wrote(monkeypatch):
    """Or it would read thousands of rows as if there were none, and take minutes."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans well enough without")
    monkeypatch.setattr("providers.planner.MANY", 3)
    read(snapshot(*[offer(f"m{n}", price("1")) for n in range(3)]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'providers_claim'")
        assert cursor.fetchone() == (Claim.objects.count(),)
