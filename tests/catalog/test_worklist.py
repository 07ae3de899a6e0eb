import pytest

from catalog import reconcile, worklist
from catalog.models import AIModel, Listing, ListingChange
from providers import queries
from tests.factories import NOW, EndpointFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    """GPT-4o is listed; three providers sell a house blend that nobody can place."""
    openai = ProviderFactory(slug="openai")
    listed = EndpointFactory(provider=openai, native_id="gpt-4o")
    blends = [
        EndpointFactory(provider=ProviderFactory(), native_id="house-gpt-4o-blend")
        for _ in range(3)
    ]
    EndpointFactory(native_id="mystery")
    reconcile.everything(now=NOW)
    return listed, blends


def test_names_of_most_providers_come_first(market):
    waiting = worklist.waiting()
    assert [(one.name, one.reach()) for one in waiting] == [
        ("house-gpt-4o-blend", 3),
        ("mystery", 1),
    ]
    assert waiting[0].suggestions[0].model == "openai/gpt-4o"
    assert "names no author" in waiting[0].reason
    assert worklist.length() == 2


def test_query_count_does_not_grow_with_the_list(market, django_assert_num_queries):
    for _ in range(10):
        EndpointFactory()
    with django_assert_num_queries(3):
        worklist.waiting()


def test_assigning_lists_and_folds_and_makes_an_edition(market, admin_user):
    _, blends = market
    before = queries.edition()
    change = worklist.assign([one.pk for one in blends], "openai/gpt-4o", by=admin_user, now=NOW)
    assert AIModel.objects.get().listings.count() == 4
    assert Listing.objects.filter(editor=admin_user, said_by="editor").count() == 3
    assert queries.edition() > before
    assert str(change) == "3 endpoints → openai/gpt-4o"
    reconcile.everything(now=NOW)
    assert AIModel.objects.get().listings.count() == 4


def test_a_new_model_is_created_by_assigning(market, admin_user):
    _, blends = market
    worklist.assign([blends[0].pk], "newlab/blend-1", by=admin_user, now=NOW)
    model = AIModel.objects.get(slug="blend-1")
    assert (model.author.name, model.name) == ("Newlab", "Blend 1")
    reconcile.everything(now=NOW)
    assert AIModel.objects.filter(slug="blend-1").exists()


def test_not_a_model_leaves_the_worklist(market, admin_user):
    _, blends = market
    worklist.not_a_model([one.pk for one in blends], by=admin_user, now=NOW)
    assert worklist.length() == 1
    assert Listing.objects.filter(model=None).count() == 3


def test_undo_sets_back_what_was(market, admin_user):
    listed, blends = market
    ids = [listed.pk, *(one.pk for one in blends)]
    change = worklist.not_a_model(ids, by=admin_user, now=NOW)
    undone = worklist.undo(change, by=admin_user, now=NOW)
    assert (len(undone.reverted), undone.changed_since) == (4, ())
    listing = Listing.objects.get()
    assert (listing.endpoint_id, listing.said_by, listing.model.slug) == (
        listed.pk, "rule", "gpt-4o",
    )  # fmt: skip
    assert ListingChange.objects.get().is_undone()


def test_what_changed_since_is_named_and_stays(market, admin_user):
    _, blends = market
    change = worklist.not_a_model([one.pk for one in blends], by=admin_user, now=NOW)
    worklist.assign([blends[0].pk], "openai/gpt-4o", by=admin_user, now=NOW)
    undone = worklist.undo(change, by=admin_user, now=NOW)
    assert undone.changed_since == (blends[0].pk,)
    assert Listing.objects.get(endpoint=blends[0]).model.slug == "gpt-4o"


def test_a_model_that_lost_its_last_endpoint_comes_back(market, admin_user):
    listed, _ = market
    change = worklist.not_a_model([listed.pk], by=admin_user, now=NOW)
    reconcile.everything(now=NOW)
    assert not AIModel.objects.exists()
    worklist.undo(change, by=admin_user, now=NOW)
    assert Listing.objects.get().model.slug == "gpt-4o"


def test_nothing_is_undone_twice(market, admin_user):
    listed, _ = market
    change = worklist.not_a_model([listed.pk], by=admin_user, now=NOW)
    worklist.undo(change, by=admin_user, now=NOW)
    with pytest.raises(worklist.WorklistError, match="undone before"):
        worklist.undo(change, by=admin_user, now=NOW)


@pytest.mark.parametrize(
    ("endpoints", "path", "error"),
    [([1], "GPT 4o", "write author/slug"), ([], "openai/gpt-4o", "choose at least one")],
)
def test_errors_say_what_to_do(admin_user, endpoints, path, error):
    with pytest.raises(worklist.WorklistError, match=error):
        worklist.assign(endpoints, path, by=admin_user, now=NOW)
