"""Endpoints made by hand: on sale while editors vouch for them, joined by sources, undone whole."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from providers import claims, own_endpoints, publish
from providers.choices import Book, Group, Kind
from providers.facts import BadFact, Fact
from providers.models import Claim, Endpoint, Provider
from providers.own_endpoints import AlreadyThere, NearDuplicates, NewEndpoint, NewProvider
from providers.pricing_desk import undo
from tests.factories import EndpointFactory, ProviderFactory

from .market import FIRST, NOW, SECOND, offer, price, published, read, snapshot

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
WHY = "our own gateway"


@pytest.fixture(autouse=True)
def _alone(settings) -> None:
    settings.AFTER_PUBLISH = []


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def openai() -> Provider:
    return ProviderFactory(slug="openai", name="OpenAI")


def make(by: User, native_id: str = "small", *, provider="openai", new=None, **rest) -> Endpoint:
    asked = {name: rest.pop(name) for name in ("upstream", "name") if name in rest}
    wanted = NewEndpoint(provider, native_id, rest.pop("operation", Kind.CHAT), **asked)
    return own_endpoints.make(
        wanted, by=by, why=WHY, now=rest.pop("now", NOW), provider=new, **rest
    )


def priced(endpoint: Endpoint, by: User, amount: str = "0.10", now=NOW) -> None:
    claims.correct(endpoint, price(amount), by=by, why=WHY, now=now)
    publish.publish(now=now, endpoints=[endpoint.pk])


def test_it_is_made_with_a_name_a_reason_and_who_made_it(ada, openai):
    endpoint = make(ada, name="House Small")
    assert (endpoint.name, endpoint.made_by, endpoint.gone_since) == ("House Small", ada, None)
    claim = Claim.objects.get()
    assert (claim.editor, claim.reason, claim.source.slug) == (ada, WHY, "editor")


def test_without_a_name_it_is_called_by_its_id(ada, openai):
    assert make(ada).name == "small"


def test_its_provider_is_made_with_it(ada):
    new = NewProvider("house", "House Gateway", Group.GATEWAY)
    endpoint = make(ada, provider="house", new=new)
    provider = endpoint.provider
    assert (provider.slug, provider.name, provider.group) == ("house", "House Gateway", "gateway")
    publish.publish(now=LATER, providers=[provider.pk])
    provider.refresh_from_db()
    assert provider.name == "House Gateway"


@pytest.mark.parametrize(
    ("provider", "native_id", "new", "says"),
    [
        ("nobody", "small", None, "no provider is called"),
        ("openai", "", None, "empty"),
        ("openai", " small", None, "white space"),
        ("openai", "a  b", None, "white space"),
        ("openai", "x" * 300, None, "at most 200"),
        ("My House", "small", NewProvider("My House", "x", Group.GATEWAY), "not a slug"),
        ("house", "small", NewProvider("house", " ", Group.GATEWAY), "empty"),
        ("openai", "small", NewProvider("openai", "Other", Group.GATEWAY), "exists already"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(ada, openai, provider, native_id, new, says):
    with pytest.raises(BadFact, match=says):
        make(ada, native_id, provider=provider, new=new)
    assert not Endpoint.objects.exists() and Provider.objects.count() == 1


def test_without_a_reason_nothing_is_made(ada, openai):
    with pytest.raises(BadFact, match="say why"):
        own_endpoints.make(
            NewEndpoint("openai", "small", Kind.CHAT), by=ada, why=" ", now=NOW, anyway=True
        )
    assert not Endpoint.objects.exists()


def test_one_that_exists_is_named(ada):
    read(snapshot(offer("small", price("0.15"))))
    with pytest.raises(AlreadyThere) as refused:
        make(ada)
    assert refused.value.endpoint == Endpoint.objects.get()
    assert Endpoint.objects.get().made_by is None


@pytest.mark.parametrize("spelling", ["Small-1", "SMALL-1", "small 1", "small_1", "small-1 x"])
def test_other_spellings_are_pointed_out(ada, openai, spelling):
    there = EndpointFactory(provider=openai, native_id="small-1")
    if spelling.endswith("x"):
        assert make(ada, spelling)
        return
    with pytest.raises(NearDuplicates) as refused:
        make(ada, spelling)
    assert refused.value.rows == (there,)
    assert make(ada, spelling, anyway=True).native_id == spelling


def test_the_same_id_for_another_operation_is_pointed_out(ada, openai):
    EndpointFactory(provider=openai, native_id="small")
    with pytest.raises(NearDuplicates):
        make(ada, operation=Kind.EMBEDDING)
    assert make(ada, operation=Kind.EMBEDDING, anyway=True).operation == "embedding"


@pytest.mark.parametrize(("slug", "name"), [("open-ai", "Mine"), ("mine", "open ai")])
def test_a_new_provider_much_like_another_is_pointed_out(ada, openai, slug, name):
    new = NewProvider(slug, name, Group.GATEWAY)
    with pytest.raises(NearDuplicates) as refused:
        make(ada, provider=slug, new=new)
    assert refused.value.rows == (openai,)
    assert not Endpoint.objects.exists() and Provider.objects.count() == 1


# -- refreshes ------------------------------------------------------------------------------------


def test_a_source_that_states_it_later_joins_it(ada, openai):
    endpoint = make(ada, now=FIRST)
    priced(endpoint, ada, now=FIRST)
    claims.correct(endpoint, Fact("context_length", 8000), by=ada, why=WHY, now=FIRST)
    before = set(Claim.objects.values_list("pk", flat=True))
    read(snapshot(offer("small", price("0.15"), context_length=64_000), as_of=SECOND))
    joined = Endpoint.objects.get()
    assert joined == endpoint and joined.made_by == ada
    assert before <= set(Claim.objects.live().values_list("pk", flat=True))
    assert Claim.objects.live().filter(source__slug="litellm").count() == 2
    assert joined.context_length == 8000 and str(published("small").normalize()) == "0.1"


def test_when_the_source_drops_it_again_the_editors_still_vouch(ada, openai):
    endpoint = make(ada, now=FIRST)
    read(snapshot(offer("small", price("0.15")), offer("other", price("1")), as_of=FIRST))
    read(snapshot(offer("other", price("1")), as_of=SECOND))
    endpoint.refresh_from_db()
    assert endpoint.gone_since is None
    assert not Claim.objects.live().filter(source__slug="litellm", endpoint=endpoint).exists()


def test_whole_lists_of_its_provider_without_it_leave_it_on_sale(ada, openai):
    endpoint = make(ada, now=FIRST)
    priced(endpoint, ada, now=FIRST)
    read(snapshot(offer("other", price("1")), as_of=SECOND))
    publish.publish_everything(now=LATER)
    endpoint.refresh_from_db()
    assert endpoint.gone_since is None and str(published("small").normalize()) == "0.1"


def test_a_correction_still_keeps_nothing_listed_that_a_source_made(ada):
    read(snapshot(offer("small", price("0.15")), offer("other", price("1"))))
    priced(Endpoint.objects.get(native_id="small"), ada)
    read(snapshot(offer("other", price("1")), as_of=SECOND))
    assert Endpoint.objects.get(native_id="small").gone_since == SECOND


# -- off sale and back ----------------------------------------------------------------------------


@pytest.mark.parametrize("has_price", [True, False])
def test_it_is_taken_off_sale_and_undone(ada, openai, has_price):
    endpoint = make(ada)
    if has_price:
        priced(endpoint, ada)
    done = own_endpoints.take_off(endpoint, by=ada, why="switched off", now=LATER)
    endpoint.refresh_from_db()
    assert endpoint.gone_since == LATER
    publish.publish_everything(now=LATER + timedelta(days=1))
    endpoint.refresh_from_db()
    assert endpoint.gone_since == LATER
    undo(done, by=ada, why="back again", now=LATER + timedelta(days=2))
    endpoint.refresh_from_db()
    assert endpoint.gone_since is None and endpoint.name == "small"
    if has_price:
        assert str(published("small").normalize()) == "0.1"


def test_its_past_stays(ada, openai):
    endpoint = make(ada)
    priced(endpoint, ada)
    own_endpoints.take_off(endpoint, by=ada, why="switched off", now=LATER)
    (row,) = endpoint.prices.all()
    assert (row.valid_from, row.valid_to) == (NOW, LATER)


def test_other_books_do_not_keep_it_on_sale_and_stay(ada, openai):
    endpoint = make(ada)
    claims.correct(endpoint, price("0.08"), by=ada, why=WHY, now=NOW, book=Book.CONTRACT)
    own_endpoints.take_off(endpoint, by=ada, why="switched off", now=LATER)
    endpoint.refresh_from_db()
    assert endpoint.gone_since == LATER
    assert Claim.objects.live().filter(book="contract").count() == 1


def test_what_a_source_lists_is_not_taken_off(ada, openai):
    endpoint = make(ada, now=FIRST)
    read(snapshot(offer("small", price("0.15")), as_of=SECOND))
    with pytest.raises(BadFact, match="litellm lists it"):
        own_endpoints.take_off(endpoint, by=ada, why="no", now=LATER)
    read(snapshot(offer("sources", price("1")), as_of=SECOND, covers=()))
    with pytest.raises(BadFact, match="only an endpoint made by hand"):
        own_endpoints.take_off(
            Endpoint.objects.get(native_id="sources"), by=ada, why="no", now=LATER
        )


def test_it_is_taken_off_once(ada, openai):
    endpoint = make(ada)
    own_endpoints.take_off(endpoint, by=ada, why="off", now=LATER)
    with pytest.raises(BadFact, match="off sale already"):
        own_endpoints.take_off(endpoint, by=ada, why="off", now=LATER)


def test_stating_anything_of_it_puts_it_on_sale_again(ada, openai):
    endpoint = make(ada)
    own_endpoints.take_off(endpoint, by=ada, why="off", now=LATER)
    priced(endpoint, ada, now=LATER + timedelta(days=1))
    endpoint.refresh_from_db()
    assert endpoint.gone_since is None
