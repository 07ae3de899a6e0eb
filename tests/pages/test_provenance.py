"""Who stands behind a value: what is told of it, and what is never told."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import AIModel, Visibility
from catalog.pages import provenance
from catalog.pages.as_of import AsOf
from catalog.pages.provenance import ProvenancePage
from catalog.pages.stated.asked import Refusal
from catalog.pages.stated.parts import Provenance
from providers.choices import Book, Group, RunState
from providers.facts import Condition
from providers.models import Claim, Endpoint, Provider
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
    price_value,
)

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 3, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
BATCH = Condition(tier="batch").key()


@pytest.fixture
def openai() -> Provider:
    """A provider that LiteLLM read two days ago and models.dev long before."""
    provider = ProviderFactory.create(slug="openai", name="OpenAI", group=Group.AUTHOR.value)
    RunFactory.create(source__slug="litellm", covers=["openai"])
    models_dev = SourceFactory.create(slug="models_dev", name="models.dev", siglum="M")
    RunFactory.create(source=models_dev, as_of=OLD, covers=["openai"])
    return provider


@pytest.fixture
def mini(openai: Provider) -> Endpoint:
    endpoint = EndpointFactory.create(provider=openai, native_id="gpt-4o-mini")
    model = AIModelFactory.create(slug="gpt-4o-mini", name="GPT-4o mini")
    model.author.providers.add(openai)
    ListingFactory.create(endpoint=endpoint, model=model)
    return endpoint


def published(endpoint: Endpoint, key: str, says: Any, **more: Any) -> Claim:
    """A fact of an endpoint with the claim behind its column."""
    claim = ClaimFactory.create(endpoint=endpoint, key=key, says=says, **more)
    setattr(endpoint, key, says)
    endpoint.provenance[key] = claim.pk
    endpoint.save()
    return claim


def ask(query: str, **more: Any) -> ProvenancePage:
    page = provenance.build(QueryDict(query), now=NOW, **more)
    assert isinstance(page, ProvenancePage), page
    return page


def value(query: str, **more: Any) -> Provenance:
    told = ask(query, **more).value
    assert told is not None
    return told


def price_of(endpoint: Endpoint, **more: Any) -> Provenance:
    return value(f"endpoint={endpoint.pk}&key=price.input", **more)


def html(query: str) -> str:
    return Client().get(f"/provenance/?{query}").content.decode()


# -- what is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["model=openai/gpt-4o-mini", "provider=openai"])
def test_models_and_providers_bear_the_names_that_pages_print(mini, openai, subject):
    about = {"model": "openai/gpt-4o-mini"} if "model" in subject else {"provider": openai}
    ClaimFactory.create(endpoint=None, key="name", says="A name of theirs", **about)
    told = value(f"{subject}&key=name")
    assert told.text == {"m": "GPT-4o mini", "p": "OpenAI"}[subject[0]]
    assert [statement.text for statement in told.statements] == ["A name of theirs"]


def test_a_price_names_its_source_since_when_and_the_last_confirmation(mini):
    PriceFactory.create(endpoint=mini, claim__at_least=False, claim__stated_from=MARCH)
    told = price_of(mini)
    (said,) = told.statements
    assert (told.text, told.unit, told.label) == ("$0.15", "per 1M tokens", "Input")
    assert (said.source.text, said.source.href) == ("LiteLLM", "/sources/#s-litellm")
    assert said.homepage == "https://litellm.example/"
    assert (said.since, said.at_least) == (MARCH, False)
    assert (said.confirmed, said.old, said.is_published) == (CONFIRMED, False, True)


def test_a_first_sighting_is_at_least_since(mini):
    PriceFactory.create(endpoint=mini, claim__stated_from=MARCH, valid_from=MARCH)
    told = price_of(mini)
    assert (told.since, told.at_least) == (MARCH, True)
    content = html(f"endpoint={mini.pk}&key=price.input")
    assert 'at least since <time datetime="2026-03-03">3 March 2026</time>' in content


def test_the_price_before_is_told_with_the_day_it_ended(mini):
    PriceFactory.create(
        endpoint=mini, amount=Decimal("0.20"), valid_to=MARCH, claim__ended_at=MARCH,
        valid_from=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    PriceFactory.create(endpoint=mini, valid_from=MARCH, claim__stated_from=MARCH)
    told = price_of(mini)
    assert told.before is not None
    assert (told.before.text, told.before.until, told.since) == ("$0.20", MARCH, MARCH)
    assert "before: $0.20 until" in html(f"endpoint={mini.pk}&key=price.input")


def test_another_source_for_the_same_price_is_no_change_of_it(mini):
    other = SourceFactory.create(slug="models_dev")
    PriceFactory.create(
        endpoint=mini, source=other, valid_from=MARCH, valid_to=JUNE, claim__at_least=False
    )
    PriceFactory.create(endpoint=mini, valid_from=JUNE, claim__stated_from=JUNE)
    told = price_of(mini)
    assert (told.since, told.at_least, told.before) == (MARCH, False, None)


def test_after_a_gap_nobody_knows_what_it_was_before(mini):
    PriceFactory.create(
        endpoint=mini, amount=Decimal("0.20"), valid_to=MARCH, claim__ended_at=MARCH,
        valid_from=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    PriceFactory.create(endpoint=mini, valid_from=JUNE, claim__stated_from=JUNE)
    assert price_of(mini).before is None


def test_a_fact_tells_what_its_source_stated_before(mini):
    ClaimFactory.create(endpoint=mini, says=64_000, ended_at=MARCH)
    published(mini, "context_length", 128_000, stated_from=MARCH)
    told = value(f"endpoint={mini.pk}&key=context_length")
    assert told.before is not None
    assert (told.text, told.before.text, told.before.until) == ("128,000", "64,000", MARCH)


def test_a_rounded_limit_reads_as_its_source_rounds_it(mini):
    published(mini, "context_length", 16_380, stated="16.38K")
    assert value(f"endpoint={mini.pk}&key=context_length").text == "16.38K"


def test_who_says_otherwise_is_marked_and_who_agrees_is_not(mini):
    PriceFactory.create(endpoint=mini)
    for slug, name, siglum, asked in (
        ("genai_prices", "Genai", "G", "0.15"),
        ("models_dev", "models.dev", "M", "0.31"),
    ):
        source = SourceFactory(slug=slug, siglum=siglum, name=name)
        ClaimFactory.create(
            endpoint=mini,
            source=source,
            key="price.input",
            says=price_value(Decimal(asked), state="known"),
        )
    told = price_of(mini)
    assert [(said.source.text, said.differs) for said in told.statements] == [
        ("LiteLLM", False),
        ("Genai", False),
        ("models.dev", True),
    ]
    assert told.dispute is not None
    assert told.others == 2


def test_what_was_confirmed_long_ago_stands_in_brackets(mini):
    models_dev = SourceFactory.create(slug="models_dev")
    PriceFactory.create(endpoint=mini, source=models_dev)
    assert price_of(mini).old
    content = html(f"endpoint={mini.pk}&key=price.input")
    assert '<span class="old">(M)</span>' in content
    assert '<b class="old">$0.15</b>' in content


def test_a_price_under_a_condition_is_told_apart_and_leads_to_the_others(mini):
    PriceFactory.create(endpoint=mini)
    PriceFactory.create(endpoint=mini, condition=BATCH, amount=Decimal("0.075"))
    plain = price_of(mini)
    assert (plain.text, [one.text for one in plain.elsewhere]) == ("$0.15", ["$0.075"])
    (batch,) = plain.elsewhere
    assert value(batch.href.partition("?")[2]).text == "$0.075"
    assert value(batch.href.partition("?")[2]).label == "Input, batch"


def test_what_a_provider_states_for_all_it_sells_is_told_of_each(mini, openai):
    claim = ClaimFactory.create(endpoint=None, provider=openai, key="trains_on_prompts", says=False)
    openai.trains_on_prompts, openai.provenance = False, {"trains_on_prompts": claim.pk}
    openai.save()
    told = value(f"endpoint={mini.pk}&key=trains_on_prompts")
    assert (told.text, told.statements[0].about) == ("no", "OpenAI, all it sells")
    assert value("provider=openai&key=trains_on_prompts").text == "no"


def test_a_model_is_spoken_of_by_its_authors_endpoint(mini):
    claim = published(mini, "context_length", 128_000)
    AIModel.objects.update(context_length=128_000, provenance={"context_length": claim.pk})
    told = value("model=openai/gpt-4o-mini&key=context_length")
    assert (told.text, told.statements[0].about) == ("128,000", "OpenAI")


def test_what_is_stated_but_not_published_is_said_to_be(mini):
    says = price_value(Decimal(1), unit="image", state="known")
    ClaimFactory.create(endpoint=mini, key="price.image", says=says)
    told = value(f"endpoint={mini.pk}&key=price.image")
    assert (told.text, len(told.statements)) == ("", 1)
    assert "Stated, but not published" in html(f"endpoint={mini.pk}&key=price.image")


def test_without_a_key_everything_is_told_line_by_line(mini):
    PriceFactory.create(endpoint=mini)
    PriceFactory.create(endpoint=mini, condition=BATCH, amount=Decimal("0.075"))
    published(mini, "context_length", 128_000)
    ClaimFactory.create(endpoint=mini, key="parameter.tools", says=True)
    page = ask(f"endpoint={mini.pk}")
    assert [(fact.label, fact.text) for fact in page.facts] == [
        ("Input", "$0.15"), ("Input, batch", "$0.075"), ("Context", "128,000"),
        ("Parameter tools", ""),
    ]  # fmt: skip
    assert [fact.key for fact in ask(f"endpoint={mini.pk}&key=parameter").facts] == [
        "parameter.tools"
    ]
    for fact in page.facts:
        assert value(fact.href.partition("?")[2]).text == fact.text


def test_of_a_day_gone_by_the_price_of_that_day_is_told(mini):
    PriceFactory.create(
        endpoint=mini, amount=Decimal("0.20"), valid_from=MARCH, valid_to=JUNE,
        claim__stated_from=MARCH, claim__ended_at=JUNE,
    )  # fmt: skip
    PriceFactory.create(endpoint=mini, valid_from=JUNE, claim__stated_from=JUNE)
    told = price_of(mini, as_of=AsOf(datetime(2026, 4, 1, tzinfo=UTC).date()))
    assert (told.text, [said.text for said in told.statements]) == ("$0.20", ["$0.20"])


def test_the_report_names_the_value_as_the_form_reads_it(mini):
    PriceFactory.create(endpoint=mini, condition=BATCH)
    told = value(f"endpoint={mini.pk}&key=price.input&condition={BATCH}")
    form = Client().get(told.report)
    assert form.status_code == 200
    assert "batch" in form.content.decode()
    assert f"endpoint={mini.pk}" in told.report
    assert "shown=%240.15" in told.report


# -- what is never told ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", [RunState.STARTED, RunState.RECORDED])
def test_what_no_run_has_published_is_not_told(mini, state):
    PriceFactory.create(endpoint=mini)
    run = RunFactory.create(source__slug="models_dev", state=state.value)
    says = price_value(Decimal(9), state="known")
    ClaimFactory.create(
        endpoint=mini, source=run.source, key="price.input", begun_by=run, says=says
    )
    ClaimFactory.create(endpoint=mini, source=run.source, begun_by=run)
    assert [said.text for said in price_of(mini).statements] == ["$0.15"]
    assert [fact.key for fact in ask(f"endpoint={mini.pk}").facts] == ["price.input"]
    assert "128,000" not in html(f"endpoint={mini.pk}&key=context_length")


def test_an_end_that_no_run_has_published_is_not_told_either(mini):
    run = RunFactory.create(source__slug="litellm", state=RunState.RECORDED.value)
    published(mini, "context_length", 128_000, ended_at=MARCH, ended_by=run)
    told = value(f"endpoint={mini.pk}&key=context_length")
    assert (told.text, told.before) == ("128,000", None)


@pytest.mark.parametrize("book", [Book.CONTRACT, Book.HOUSE])
def test_other_price_books_are_never_told(mini, openai, book):
    PriceFactory.create(endpoint=mini)
    editor = SourceFactory.create(slug="editor", siglum="E")
    secret = price_value(Decimal("0.0123"), state="known")
    for key, says in (("price.input", secret), ("price.output", secret), ("max_output", 123)):
        for ended in (None, MARCH):
            ClaimFactory.create(
                endpoint=mini, source=editor, key=key, says=says, book=book.value,
                ended_at=ended, reason="a secret",
            )  # fmt: skip
    PriceFactory.create(
        endpoint=mini, source=editor, book=book.value, amount=Decimal("0.0123"),
        claim__book=book.value, component="cache_read",
    )  # fmt: skip
    asked = [f"endpoint={mini.pk}"]
    asked += [f"{asked[0]}&key=price.{name}" for name in ("input", "output", "cache_read")]
    asked += [f"{asked[0]}&key=max_output", "model=openai/gpt-4o-mini", "provider=openai"]
    for query in asked:
        for form in ("", "part", "json"):
            content = html(f"{query}&format={form}")
            assert "0.0123" not in content
            assert "secret" not in content
            assert "#s-editor" not in content
    assert value(f"endpoint={mini.pk}&key=price.cache_read").statements == ()


@pytest.mark.parametrize("visibility", [Visibility.HIDDEN, Visibility.WAITING])
def test_a_model_that_is_not_shown_has_no_provenance_nor_have_its_endpoints(mini, visibility):
    PriceFactory.create(endpoint=mini)
    AIModel.objects.update(visibility=visibility.value)
    for subject in ("model=openai/gpt-4o-mini", f"endpoint={mini.pk}"):
        for form in ("", "part", "json"):
            answer = Client().get(f"/provenance/?{subject}&key=price.input&format={form}")
            assert answer.status_code == 404
            assert "GPT-4o mini" not in answer.content.decode()


def test_a_replacement_that_is_not_shown_is_not_named(mini):
    AIModelFactory.create(slug="zebra", name="Zebra", visibility=Visibility.WAITING.value)
    ClaimFactory.create(endpoint=mini, key="replacement", says="zebra-2", ended_at=MARCH)
    published(mini, "replacement", "zebra")
    source = SourceFactory.create(slug="models_dev")
    ClaimFactory.create(endpoint=mini, key="replacement", says="zebra-3", source=source)
    AIModel.objects.filter(slug="gpt-4o-mini").update(
        replacement="zebra", provenance=Endpoint.objects.get(pk=mini.pk).provenance
    )
    for subject in (f"endpoint={mini.pk}", "model=openai/gpt-4o-mini"):
        for key in ("", "replacement"):
            assert "zebra" not in html(f"{subject}&key={key}&format=json")


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 400, "Name one subject"),
        ("endpoint=1&provider=openai", 400, "Name one subject"),
        ("endpoint=987654321", 404, "No endpoint is called “987654321”"),
        ("endpoint=" + "9" * 18, 404, "No endpoint is called"),
        ("endpoint=" + "9" * 400, 404, "No endpoint is called"),
        ("endpoint=-1", 404, "No endpoint is called “-1”"),
        ("endpoint=٣", 404, "No endpoint is called"),
        ("model=openai", 404, "No model is called “openai”"),
        ("model=" + "a" * 5000, 404, "No model is called"),
        ("provider=nobody", 404, "No provider is called “nobody”"),
        ("provider=%00", 400, "null character"),
        ("provider=openai&key=" + "k" * 101, 400, "at most 100 characters"),
        ("provider=openai&key=price.input&condition=" + "c" * 501, 400, "a condition 500"),
        ("provider=openai&format=xml", 400, "json or part"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(openai, query, status, says):
    answer = Client().get(f"/provenance/?{query}")
    assert answer.status_code == status
    assert says in answer.content.decode()
    if "format" not in query:
        told = Client().get(f"/provenance/?{query}&format=json")
        assert told.status_code == status
        assert says in told.json()["error"]


@pytest.mark.parametrize("key", ["no.such", "nothing", "price.", "price.nothing", "<script>"])
def test_what_nobody_states_is_said_so(mini, key):
    told = value(f"endpoint={mini.pk}&key={key}")
    assert (told.text, told.statements, told.dispute) == ("", (), None)
    content = html(f"endpoint={mini.pk}&key={key}")
    assert "Nobody states it" in content
    assert "<script>alert" not in content


@pytest.mark.parametrize("condition", ["{", "[]", '{"tier":["a"]}', '{"zone":{}}', "null"])
def test_a_condition_that_is_none_is_stated_by_nobody(mini, condition):
    PriceFactory.create(endpoint=mini)
    told = value(f"endpoint={mini.pk}&key=price.input&condition={condition}")
    assert (told.text, told.label) == ("", "Input")
    assert Client().get(told.report).status_code == 200


def test_a_refusal_is_no_page(openai):
    assert provenance.build(QueryDict("provider=nobody"), now=NOW) == Refusal(
        404, "No provider is called “nobody”."
    )


# -- forms and costs ------------------------------------------------------------------------------


def test_the_same_is_told_as_data(mini):
    PriceFactory.create(endpoint=mini)
    page = ask(f"endpoint={mini.pk}&key=price.input")
    answer = Client().get(f"/provenance/?endpoint={mini.pk}&key=price.input&format=json")
    told = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert page.value is not None
    assert told["value"]["text"] == page.value.text
    assert told["value"]["statements"][0]["value"] == {
        "amount": "0.15", "currency": "USD", "state": "known", "unit": "1M tokens"
    }  # fmt: skip
    assert told["value"]["statements"][0]["confirmed"] == "2026-11-12T00:00:00Z"


def test_the_part_is_the_page_without_its_frame(mini):
    PriceFactory.create(endpoint=mini)
    whole = html(f"endpoint={mini.pk}&key=price.input")
    part = html(f"endpoint={mini.pk}&key=price.input&format=part")
    assert "<html" in whole
    assert "<html" not in part
    for text in ("$0.15", "LiteLLM", "Report a mistake"):
        assert text in whole
        assert text in part


def test_search_engines_are_asked_to_pass_by(openai):
    assert Client().get("/provenance/?provider=openai")["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("form", ["", "part", "json"])
@pytest.mark.parametrize("key", ["", "price.input", "context_length", "parameter", "nothing"])
def test_six_queries_are_enough(mini, django_assert_max_num_queries, key, form):
    PriceFactory.create(endpoint=mini)
    claim = published(mini, "context_length", 128_000)
    AIModel.objects.update(context_length=128_000, provenance={"context_length": claim.pk})
    for subject in (f"endpoint={mini.pk}", "model=openai/gpt-4o-mini", "provider=openai"):
        with django_assert_max_num_queries(6):
            answer = Client().get(f"/provenance/?{subject}&key={key}&format={form}")
        assert answer.status_code == 200
