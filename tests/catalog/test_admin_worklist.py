"""The worklist as pages: names are settled one by one or together, and every change is undone."""

import pytest

from catalog import reconcile
from catalog.models import AIModel, Listing, ListingChange
from providers import queries
from providers.models import Endpoint
from tests.factories import NOW, EndpointFactory, ProviderFactory
from tests.staff import member

pytestmark = pytest.mark.django_db
PAGE = "/admin/catalog/listing/worklist/"


@pytest.fixture
def blends():
    """GPT-4o is listed; three providers sell a blend, one a mystery, that nobody can place."""
    EndpointFactory(provider=ProviderFactory(slug="openai"), native_id="gpt-4o")
    rows = [EndpointFactory(native_id="house-gpt-4o-blend") for _ in range(3)]
    EndpointFactory(native_id="mystery")
    reconcile.everything(now=NOW)
    return rows


@pytest.fixture
def editor(client, blends):
    return member(client, "content editor")


def ids(rows) -> str:
    return ",".join(str(row.pk) for row in rows)


def post(client, **fields):
    return client.post(PAGE, fields, follow=True).content.decode()


def test_names_stand_with_reach_reason_and_suggestions(client, editor):
    page = client.get(PAGE).content.decode()
    assert page.index("house-gpt-4o-blend") < page.index("mystery")
    assert "3 providers" in page and "names no author" in page
    assert 'value="openai/gpt-4o"' in page and "says house blend besides" in page


def test_choices_of_several_rows_are_applied_together(client, editor, blends):
    before = queries.edition()
    mystery = Endpoint.objects.get(native_id="mystery")
    page = post(
        client,
        verb="choices",
        **{f"choice:{ids(blends)}": "openai/gpt-4o", f"choice:{mystery.pk}": "not-a-model"},
    )
    assert "Listed 3 endpoints" in page and "Marked as no model: 1 endpoint." in page
    assert AIModel.objects.get().listings.count() == 4
    assert Listing.objects.get(endpoint=mystery).model is None
    assert queries.edition() > before


def test_what_is_left_alone_stays(client, editor, blends):
    page = post(client, verb="choices", **{f"choice:{ids(blends)}": ""})
    assert "Nothing was chosen" in page
    assert not ListingChange.objects.exists()


def test_ticked_names_go_to_a_model_that_is_typed(client, editor, blends):
    post(client, verb="assign", ticked=ids(blends), model="OpenAI/GPT-4o")
    assert Listing.objects.filter(editor=editor, model__slug="gpt-4o").count() == 3


def test_words_that_name_no_model_are_asked_about(client, editor, blends):
    page = post(client, verb="assign", ticked=ids(blends), model="gpt4o")
    assert "No model is called “gpt4o”" in page and 'value="openai/gpt-4o"' in page
    assert "make a new model" not in page
    assert not ListingChange.objects.exists()


def test_a_new_model_is_made_when_confirmed(client, editor, blends):
    page = post(client, verb="assign", ticked=ids(blends), model="newlab/blend-1")
    assert "make a new model newlab/blend-1" in page
    assert not AIModel.objects.filter(slug="blend-1").exists()
    post(client, verb="assign", ticked=ids(blends), new="newlab/blend-1")
    assert AIModel.objects.get(slug="blend-1").listings.count() == 3


def test_ticked_names_are_no_models(client, editor, blends):
    post(client, verb="not-a-model", ticked=[str(blends[0].pk), str(blends[1].pk)])
    assert Listing.objects.filter(model=None).count() == 2


def test_undoing_a_new_model_leaves_no_trace(client, editor, blends):
    post(client, verb="assign", ticked=ids(blends), new="newlab/blend-1")
    change = ListingChange.objects.get()
    page = client.post(f"{PAGE}undo/{change.pk}/", follow=True).content.decode()
    assert "Set back: 3" in page
    assert Listing.objects.count() == 1
    assert not AIModel.objects.filter(author__slug="newlab").exists()


def test_undo_names_what_changed_since(client, editor, blends):
    post(client, verb="not-a-model", ticked=ids(blends))
    change = ListingChange.objects.get()
    post(client, verb="assign", ticked=str(blends[0].pk), model="openai/gpt-4o")
    page = client.post(f"{PAGE}undo/{change.pk}/", follow=True).content.decode()
    assert f"Changed since and left as they are: {blends[0]}." in page
    assert Listing.objects.get(endpoint=blends[0]).model.slug == "gpt-4o"


def test_nothing_is_undone_twice_or_by_a_link(client, editor, blends):
    post(client, verb="not-a-model", ticked=ids(blends))
    address = f"{PAGE}undo/{ListingChange.objects.get().pk}/"
    assert client.get(address).status_code == 405
    client.post(address)
    assert "undone before" in client.post(address, follow=True).content.decode()


def test_search_finds_ids_and_providers(client, editor, blends):
    assert "mystery" not in client.get(PAGE, {"q": "BLEND"}).content.decode()
    by_provider = client.get(PAGE, {"q": blends[0].provider.name}).content.decode()
    assert "house-gpt-4o-blend" in by_provider
    assert "See all that wait" in client.get(PAGE, {"q": "nowhere"}).content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "999999999999999999999", "x", ""])
def test_absurd_pages_are_the_nearest_page(client, editor, number):
    assert "house-gpt-4o-blend" in client.get(PAGE, {"p": number}).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"verb": "assign", "model": "openai/gpt-4o"},
        {"verb": "assign", "ticked": "x,-1,", "model": "openai/gpt-4o"},
        {"verb": "assign", "ticked": "99999999", "new": "openai/gpt-4o"},
        {"verb": "assign", "ticked": "1", "new": "No Path"},
        {"verb": "not-a-model"},
        {"verb": "choices", "choice:1": "<script>"},
        {"verb": "dance"},
    ],
)
def test_what_cannot_be_done_writes_nothing(client, editor, fields):
    assert client.post(PAGE, fields, follow=True).status_code == 200
    assert not ListingChange.objects.exists()


def test_queries_do_not_grow_with_names(client, editor, django_assert_max_num_queries):
    for _ in range(20):
        EndpointFactory()
    with django_assert_max_num_queries(12):
        client.get(PAGE)


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}undo/1/"])
def test_only_content_editors_work_it_off(client, blends, address):
    member(client, "pricing editor")
    assert client.get(PAGE).status_code == 403
    assert client.post(address, {"verb": "not-a-model", "ticked": ids(blends)}).status_code == 403
    assert Listing.objects.count() == 1


# -- listings as rows -----------------------------------------------------------------------------


def test_a_listing_is_moved_with_a_reason_and_can_be_undone(client, editor, blends):
    post(client, verb="assign", ticked=ids(blends), new="newlab/blend-1")
    moved = AIModel.objects.get(slug="gpt-4o")
    address = f"/admin/catalog/listing/{blends[0].pk}/change/"
    client.post(address, {"model": moved.pk, "reason": "their docs say so"})
    listing = Listing.objects.get(endpoint=blends[0])
    assert (listing.model, listing.reason, listing.said_by, listing.editor) == (
        moved, "their docs say so", "editor", editor,
    )  # fmt: skip
    client.post(
        "/admin/catalog/listingchange/",
        {"action": "undo", "_selected_action": [ListingChange.objects.first().pk]},
    )
    assert Listing.objects.get(endpoint=blends[0]).model.slug == "blend-1"


def test_many_listings_are_moved_from_the_list(client, editor, blends):
    listed = Listing.objects.get()
    chosen = {"action": "move", "_selected_action": [listed.pk]}
    page = client.post("/admin/catalog/listing/", chosen).content.decode()
    assert "Which model do they serve?" in page and f'value="{listed.pk}"' in page


def test_a_change_tells_what_was_before(client, editor, blends):
    post(client, verb="not-a-model", ticked=ids(blends))
    change = ListingChange.objects.get()
    page = client.get(f"/admin/catalog/listingchange/{change.pk}/change/").content.decode()
    assert f"{blends[0]}</a>: not listed" in page
