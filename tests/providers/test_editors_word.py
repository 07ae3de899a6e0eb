"""Whatever sources say and however often they are read, what editors said stands untouched."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from providers import claims, publish
from providers.choices import Book
from providers.facts import ANY, BadFact, Fact, ModelStatement, Price, ProviderStatement, Snapshot
from providers.models import Claim, Endpoint, Provider
from providers.models import Price as LedgerPrice

from .market import BATCH, FIRST, NOW, offer, price, read, snapshot

pytestmark = pytest.mark.django_db

IDS = ("small", "big")
MODEL = "openai/small"
DAY = timedelta(days=1)
PRICED = tuple((component, when) for component in ("input", "output") for when in (ANY, BATCH))


@pytest.fixture(autouse=True)
def _nobody_follows(settings: Any) -> None:
    settings.AFTER_PUBLISH = []


# -- any word of an editor ------------------------------------------------------------------------

days = st.one_of(st.none(), st.integers(1, 20))
amounts = st.sampled_from(["0.1", "0.2", "0.3", "7"])


@st.composite
def editors_prices(draw: Any) -> tuple[Any, ...]:
    component, condition = draw(st.sampled_from(PRICED))
    start, length = draw(days), draw(days)
    begins = None if start is None else NOW + start * DAY
    ends = None if length is None else (begins or NOW) + length * DAY
    stated = price(
        draw(amounts), component, condition=condition, effective_from=begins, effective_to=ends
    )
    return draw(st.sampled_from(IDS)), stated, draw(st.sampled_from(list(Book)))


editors_facts = st.tuples(
    st.sampled_from([*IDS, "a provider", MODEL]),
    st.builds(
        Fact, st.just("docs_url"), st.sampled_from(["https://a.example/", "https://b.example/"])
    ),
    st.just(Book.PUBLIC),
)
words = st.lists(st.one_of(editors_prices(), editors_facts), min_size=1, max_size=5)

# -- any refresh ----------------------------------------------------------------------------------

cards = st.dictionaries(st.sampled_from(PRICED), amounts, max_size=4)
links = st.one_of(st.none(), st.sampled_from(["https://a.example/", "https://c.example/"]))


@st.composite
def snapshots(draw: Any) -> Snapshot:
    listed = draw(st.lists(st.sampled_from([*IDS, "new"]), unique=True))
    link, source = draw(links), draw(st.sampled_from(["litellm", "models_dev"]))
    facts = {} if link is None else {"docs_url": link}
    about = () if link is None else (Fact("docs_url", link),)
    return snapshot(
        *(offer(native_id, *_card(draw(cards)), **facts) for native_id in listed),
        source=source,
        as_of=FIRST + draw(st.integers(1, 10)) * DAY,
        covers=draw(st.sampled_from([["openai"], ["*"], []])),
        providers=(ProviderStatement("openai", about),),
        models=(ModelStatement(MODEL, about),),
    )


def _card(amounts: dict[Any, str]) -> list[Price]:
    return [price(amount, part, condition=when) for (part, when), amount in amounts.items()]


# -- the law --------------------------------------------------------------------------------------


@given(said=words, heard=st.lists(snapshots(), min_size=1, max_size=3))
@examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_refresh_touches_an_editors_word(said: Any, heard: list[Snapshot]) -> None:
    with undone():
        read(snapshot(*(offer(native_id, price("1")) for native_id in IDS)))
        editor = User.objects.create_user("ada")
        for subject, statement, book in said:
            with suppress(BadFact):  # dates that overlap, or the very same word again
                about = _subject(subject)
                claims.correct(about, statement, by=editor, why="x", now=NOW, book=book)
        publish.publish_everything(now=NOW)
        before, in_force, shown = by_editors(), prices_by_editors(), facts_by_editors()
        for stated in sorted(heard, key=lambda one: one.as_of):
            read(stated)
            assert by_editors() == before
            assert prices_by_editors() == in_force
            assert facts_by_editors() == shown


def _subject(name: str) -> Endpoint | Provider | str:
    if name in IDS:
        return Endpoint.objects.get(native_id=name)
    return MODEL if name == MODEL else Provider.objects.get(slug="openai")


def by_editors() -> list[tuple[Any, ...]]:
    """Every column of what editors said, in force or not."""
    return list(Claim.objects.filter(source__slug="editor").order_by("pk").values_list())


def prices_by_editors() -> list[tuple[Any, ...]]:
    """What is published of it: no source begins, ends or hides it."""
    rows = LedgerPrice.objects.filter(claim__source__slug="editor").order_by(
        "endpoint_id", "book", "component", "condition", "valid_from"
    )
    return list(
        rows.values_list(
            "endpoint_id",
            "book",
            "component",
            "condition",
            "amount",
            "valid_from",
            "valid_to",
            "claim_id",
        )  # fmt: skip
    )


def facts_by_editors() -> list[tuple[str, Any]]:
    """What endpoints and providers show where an editor spoke."""
    spoken = {"claims__source__slug": "editor", "claims__key": "docs_url"}
    return [
        (str(row), row.docs_url)
        for model in (Endpoint, Provider)
        for row in model.objects.filter(**spoken).order_by("pk").distinct()
    ]


@contextmanager
def undone() -> Iterator[None]:
    """What one example writes is gone before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
