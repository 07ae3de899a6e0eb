"""The sources page."""

import pytest
from django.test import Client

from catalog.pages import source_list
from catalog.pages.source_list import MOST_FOLDED, SHOWN, SourceEntry
from providers.choices import HeldKind, RunState
from providers.models import Held, Source
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    ClaimFactory,
    EndpointFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def litellm() -> Source:
    return SourceFactory.create(name="LiteLLM")


def only_entry() -> SourceEntry:
    [entry] = source_list.build(now=NOW).sources
    return entry


def test_an_empty_almanac_has_a_page(client: Client):
    assert "No source has been read yet" in client.get("/sources/").content.decode()


def test_a_source_shows_its_date_claims_and_providers(litellm: Source):
    RunFactory.create(source=litellm, covers=["openai", "azure"], version="1.109.1")
    ClaimFactory.create(source=litellm)
    ClaimFactory.create(source=litellm, ended_at=CONFIRMED)
    entry = only_entry()
    assert (entry.as_of, entry.claims, entry.covers, entry.version) == (CONFIRMED, 1, 2, "1.109.1")
    assert not entry.old


def test_content_over_thirty_days_old_is_marked(litellm: Source):
    RunFactory.create(source=litellm, covers=["openai"], as_of=OLD)
    assert only_entry().old


def test_a_failed_run_shows_its_error_and_keeps_what_was_read_before(litellm: Source):
    RunFactory.create(
        source=litellm, report={"refused": [{"item": "x", "reason": "negative price"}]}
    )
    RunFactory.create(
        source=litellm,
        started_at=NOW,
        finished_at=NOW,
        as_of=None,
        state=RunState.REFUSED.value,
        error="truncated JSON",
    )
    entry = only_entry()
    assert entry.run is not None
    assert (entry.run.state, entry.run.error) == ("refused", "truncated JSON")
    assert [item.reason for item in entry.refused.shown] == ["negative price"]


def test_items_that_wait_for_an_editor_are_named(litellm: Source):
    run = RunFactory.create(source=litellm)
    provider = ProviderFactory.create(slug="openai", name="OpenAI")
    endpoint = EndpointFactory.create(provider=provider, native_id="gpt-4o-mini")
    held = {"source": litellm, "run": run, "key": "price.input", "endpoint": endpoint}
    Held.objects.create(kind=HeldKind.JUMP.value, reason="from 0.15 to 15000", **held)
    Held.objects.create(kind=HeldKind.JUMP.value, reason="answered", answer="refused", **held)
    Held.objects.create(source=litellm, run=run, kind=HeldKind.SHRUNK.value, reason="10 of 100")
    by_reason = {item.reason: item for item in only_entry().held.shown}
    assert by_reason.keys() == {"from 0.15 to 15000", "10 of 100"}
    assert by_reason["from 0.15 to 15000"].name == "gpt-4o-mini, input"
    assert by_reason["10 of 100"].name == "the whole answer"


def test_long_lists_fold_and_say_how_many_more(litellm: Source, client: Client):
    total = SHOWN + MOST_FOLDED + 3
    refused = [{"item": f"item-{n}", "reason": "no price"} for n in range(total)]
    RunFactory.create(source=litellm, report={"refused": refused})
    items = only_entry().refused
    assert (len(items.shown), len(items.folded), items.beyond) == (SHOWN, MOST_FOLDED, 3)
    html = client.get("/sources/").content.decode()
    assert f"and {total - SHOWN} more" in html
    assert "and 3 not listed here" in html


def test_keys_without_a_room_come_with_totals_most_frequent_first(litellm: Source):
    RunFactory.create(source=litellm, report={"without_room": {"rare": 1, "often": 41}})
    entry = only_entry()
    assert [(room.key, room.count) for room in entry.without_room] == [("often", 41), ("rare", 1)]
    assert entry.without_room_total == 42


def test_the_ranking_names_sources_and_reasons(litellm: Source):
    SourceFactory.create(slug="pi_ai", name="pi-ai", siglum="P")
    ProviderFactory.create(slug="openrouter", name="OpenRouter")
    ranking = source_list.build(now=NOW).ranking
    about = {(line.source, line.provider.text if line.provider else "") for line in ranking}
    assert ("pi-ai", "OpenRouter") in about
    assert ("LiteLLM", "") in about
    assert [line.rank for line in ranking] == sorted(line.rank for line in ranking)
    assert all(line.reason for line in ranking)


def test_editors_are_a_source_once_they_state_something_publicly():
    editors = SourceFactory.create(slug="editor", name="Editors of this site", siglum="E")
    ClaimFactory.create(source=editors, book="contract", key="price.input")
    assert source_list.build(now=NOW).sources == ()


def test_editors_have_no_answer_and_are_never_old(client: Client):
    editors = SourceFactory.create(slug="editor", name="Editors of this site", siglum="E")
    ClaimFactory.create(source=editors)
    entry = only_entry()
    assert entry.is_editor
    assert not entry.old
    assert "Content of</th><td" not in client.get("/sources/").content.decode()


def test_item_names_are_escaped(litellm: Source, client: Client):
    RunFactory.create(
        source=litellm, report={"refused": [{"item": "<script>x</script>", "reason": "bad"}]}
    )
    assert b"<script>x" not in client.get("/sources/").content


def test_the_number_of_queries_does_not_grow_with_sources(django_assert_max_num_queries):
    for n in range(6):
        source = SourceFactory.create(slug=f"s{n}", siglum=f"{n}")
        run = RunFactory.create(source=source)
        Held.objects.create(
            source=source,
            run=run,
            kind=HeldKind.JUMP.value,
            reason="x",
            endpoint=EndpointFactory.create(),
        )
    with django_assert_max_num_queries(10):
        source_list.build(now=NOW)
