"""The editors' desk: who may open what, prose that is safe, tags that stay, lists that scale."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import reconcile
from catalog.models import AIModel, Author, Tagging
from providers import queries
from providers.models import Held, Job
from tests.factories import (
    NOW,
    AIModelFactory,
    AuthorFactory,
    BenchmarkFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ParameterFactory,
    PriceFactory,
    ReadingFactory,
    RunFactory,
    ScoreFactory,
    SourceFactory,
    TagFactory,
)
from tests.staff import member

pytestmark = pytest.mark.django_db

MARKET = {
    *("provider", "endpoint", "price", "claim", "reading", "run", "source", "held", "judgement"),
    *("suggestion", "exchangerate"),
}
SHOP = {
    *("aimodel", "author", "benchmark", "score", "tag", "parameter", "listing", "listingchange"),
}
# What only administrators see.
KEPT = {
    *("alert", "alertrule", "job", "user", "group", "changeset", "sender", "credential"),
    *("probeplan", "probeallowance"),
    *("quarantined", "delivery", "prometheusserver", "playgroundallowance"),
}
EVERYTHING = MARKET | SHOP | KEPT


def change_page(model: AIModel) -> str:
    return reverse("admin:catalog_aimodel_change", args=[model.pk])


# -- groups ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "pages"),
    [
        ("pricing editor", MARKET | {"changeset"}),
        ("content editor", MARKET | SHOP),
        ("administrator", EVERYTHING),
    ],
)
def test_each_group_opens_exactly_its_pages(client, group, pages):
    member(client, group)
    opened = set()
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        answer = client.get(reverse(f"admin:{name}_changelist"))
        assert answer.status_code in (200, 403)
        if answer.status_code == 200:
            opened.add(model._meta.model_name)
    assert opened == pages


@pytest.mark.parametrize("group", ["pricing editor", "content editor"])
@pytest.mark.parametrize("model", ["endpoint", "provider", "price", "claim", "run", "source"])
def test_what_sources_write_nobody_types(client, group, model):
    member(client, group)
    row = PriceFactory()
    rows = {
        "endpoint": row.endpoint,
        "provider": row.endpoint.provider,
        "price": row,
        "claim": row.claim,
        "run": RunFactory(),
        "source": row.claim.source,
    }
    address = reverse(f"admin:providers_{model}_change", args=[rows[model].pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"slug": "x", "name": "x"}).status_code == 403
    if model != "endpoint":  # some are made by hand
        assert (
            client.get(reverse(f"admin:providers_{model}_changelist") + "add/").status_code == 403
        )


def test_facts_of_models_are_not_for_pricing_editors(client):
    address = f"/admin/catalog/aimodel/{AIModelFactory().pk}/correct/?key=context_length"
    member(client, "pricing editor")
    assert client.post(address, {"value": "1", "reason": "why"}).status_code == 403
    member(client, "content editor")
    assert client.post(address, {"value": "1", "reason": "why"}).status_code == 302


# -- models ---------------------------------------------------------------------------------------


def form(**fields: str) -> dict[str, str]:
    """What the form of a model posts: its prose and two empty lists of rows."""
    empty = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    rows = {f"{name}-{key}": n for name in ("taggings", "aliases") for key, n in empty.items()}
    return {**rows, "visibility": "shown", **fields}


def test_prose_is_stored_as_safe_html_in_a_new_edition(client):
    member(client, "content editor")
    model, before = AIModelFactory(), queries.edition()
    text = "**Good** at <script>alert(1)</script> [this](javascript:alert(1))"
    client.post(change_page(model), form(description=text))
    model.refresh_from_db()
    assert model.description == text
    assert "<strong>Good</strong>" in model.html["description"]
    assert "<script" not in model.html["description"]
    assert "javascript:" not in model.html["description"]
    assert queries.edition() > before


def test_what_an_editor_writes_is_on_the_page_at_once(client):
    member(client, "content editor")
    model = ListingFactory().model
    page = reverse("catalog:model", args=[model.author.slug, model.slug])
    assert "Sings very well" not in client.get(page).content.decode()
    client.post(change_page(model), form(description="Sings *very* well."))
    assert "Sings <em>very</em> well" in client.get(page).content.decode()


def test_a_tag_by_an_editor_survives_the_next_refresh(client):
    member(client, "content editor")
    model, tag = ListingFactory().model, TagFactory(slug="loved", name="Loved")
    rows = {"taggings-TOTAL_FORMS": "1", "taggings-0-tag": str(tag.pk),
            "taggings-0-model": str(model.pk)}  # fmt: skip
    client.post(change_page(model), form() | rows)
    reconcile.everything(now=NOW)
    assert Tagging.objects.get(model=model, tag=tag).derived is False


def test_a_model_shows_what_its_endpoints_state(client):
    member(client, "content editor")
    claim = ClaimFactory(says=200_000)
    claim.endpoint.context_length = 200_000
    claim.endpoint.provenance = {"context_length": claim.pk}
    claim.endpoint.save()
    model = ListingFactory(endpoint=claim.endpoint, said_by="editor").model
    reconcile.everything(now=NOW)
    page = client.get(change_page(model)).content.decode()
    assert "200000" in page and f"of {claim.endpoint}" in page
    assert f"drop/{claim.pk}/" not in page


def test_models_are_hidden_not_deleted(client):
    member(client, "administrator")
    model = AIModelFactory()
    address = reverse("admin:catalog_aimodel_delete", args=[model.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    author = reverse("admin:catalog_author_delete", args=[model.author_id])
    assert client.post(author, {"post": "yes"}).status_code == 403


def test_an_author_without_models_may_go(client):
    member(client, "content editor")
    author = AuthorFactory(slug="nobody")
    client.post(reverse("admin:catalog_author_delete", args=[author.pk]), {"post": "yes"})
    assert not Author.objects.exists()


# -- the first page -------------------------------------------------------------------------------


def test_the_desk_says_what_waits(client):
    EndpointFactory.create_batch(3)
    Held.objects.create(source=SourceFactory(), run=RunFactory(), kind="jump", reason="a jump")
    Job.objects.create(name="refresh", argument="litellm", due_at=NOW, attempt=2)
    editor = member(client, "administrator")
    editors = SourceFactory(slug="editor", siglum="E")
    correction = ClaimFactory(source=editors, editor=editor, reason="their own docs")
    page = client.get("/admin/").content.decode()
    assert "<b>4</b> endpoints no rule could list" in page
    assert "<b>1</b> held item to accept" in page
    assert "<b>1</b> job that failed" in page
    assert str(correction.endpoint) in page and "their own docs" in page


def test_the_desk_offers_each_what_is_theirs(client):
    member(client, "pricing editor")
    page = client.get("/admin/").content.decode()
    assert "held items to accept" in page
    assert "no rule could list" not in page and "failed last time" not in page


def test_the_desk_asks_nine_questions_whatever_waits(client, django_assert_max_num_queries):
    editors = SourceFactory(slug="editor", siglum="E")
    ClaimFactory.create_batch(12, source=editors)
    member(client, "administrator")
    # Session, user, two of permissions, the log of actions; the rest is the desk's.
    with django_assert_max_num_queries(5 + 9):
        client.get("/admin/")


# -- lists ----------------------------------------------------------------------------------------


def _held() -> None:
    claim = ClaimFactory()
    Held.objects.create(
        source=claim.source, run=RunFactory(), endpoint=claim.endpoint, kind="jump", reason="x"
    )


ROWS: dict[str, Callable[[], object]] = {
    "catalog_aimodel": AIModelFactory,
    "catalog_author": lambda: AuthorFactory(slug=f"author-{Author.objects.count()}"),
    "catalog_listing": ListingFactory,
    "catalog_parameter": ParameterFactory,
    "catalog_score": lambda: ScoreFactory(benchmark=BenchmarkFactory()),
    "providers_claim": ClaimFactory,
    "providers_endpoint": EndpointFactory,
    "providers_held": _held,
    "providers_price": PriceFactory,
    "providers_provider": EndpointFactory,
    "providers_reading": ReadingFactory,
    "providers_run": RunFactory,
}


def cost(client: Client, address: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ROWS)
def test_queries_of_a_list_do_not_grow_with_its_rows(client, name):
    member(client, "administrator")
    address = reverse(f"admin:{name}_changelist")
    for _ in range(2):
        ROWS[name]()
    few = cost(client, address)
    for _ in range(10):
        ROWS[name]()
    assert cost(client, address) <= few


def test_queries_of_an_endpoint_do_not_grow_with_its_claims(client):
    member(client, "administrator")
    endpoint = PriceFactory().endpoint
    address = reverse("admin:providers_endpoint_change", args=[endpoint.pk])
    few = cost(client, address)
    for component in ("output", "cache_read", "cache_write", "image"):
        PriceFactory(endpoint=endpoint, component=component)
    assert cost(client, address) <= few
