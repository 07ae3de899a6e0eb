"""On the real market: what opens beside a value is about that very value."""

import re

import pytest
from django.test import Client

from catalog import words
from providers.models import Endpoint, Provider
from tests.hooks import Hook, hooks
from tests.reading import ReadPage, printed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

NOT_STATED = {"", words.NOT_STATED, words.NOT_APPLICABLE}
# Page → how many of its cells open at least, and every how manieth is asked about.
PAGES = {
    "/models/openai/gpt-4o-mini/": (200, 7),
    "/models/openai/gpt-oss-120b/": (300, 13),
    "/models/openai/gpt-4o-mini/?as_of=2026-03-01": (100, 11),
    "/models/deepseek/deepseek-chat/": (20, 5),
    "/models/openai/gpt-image-1/": (10, 1),
    "/models/?sort=cheapest": (100, 9),
    "/models/?kind=transcription": (20, 5),
    "/providers/azure/": (200, 29),
    "/providers/deepinfra/": (100, 17),
    "/compare/?model=openai/gpt-4o-mini&model=openai/o4-mini&model=google/gemini-2.5-flash": (
        60,
        5,
    ),
    "/compare/?endpoint=openai:gpt-4o-mini&endpoint=azure:gpt-4o-mini": (60, 3),
}
# What a cell prints in other words than its provenance.
LONGER = {"✓": "yes", "×": "no", "none": "not kept", "not kept": "none"}
DATE = re.compile(r"(\d+ [A-Z][a-z]{2})[a-z]* (\d{4})")
# Facts that a cell prints shorter: addresses, and families as lists.
SHORTENED = re.compile(r"key=(capability|protocol)(&|$)|key=(\w+_url|status_page|api_base)")


@pytest.mark.parametrize("path", PAGES)
def test_what_opens_beside_a_value_is_that_value(path):
    least, every = PAGES[path]
    found = list(hooks(ReadPage(Client().get(path).content).root))
    assert len(found) >= least
    day = re.search(r"as_of=[\d-]+", path)
    wrong = [
        (said, told, hook.address)
        for hook in found[::every]
        for said, told in [(_said(hook), _told(hook, day.group(0) if day else ""))]
        if not _is_same(said, told, hook.address)
    ]
    assert wrong == []


def _said(hook: Hook) -> str:
    """What the cell prints, without the star of the best."""
    return re.sub(r"^\*", "", printed(hook.cell)).strip()


def _told(hook: Hook, day: str) -> str:
    answer = Client().get(f"{hook.address}&format=json{'&' if day else ''}{day}")
    assert answer.status_code == 200, hook.address
    value = answer.json()["value"]
    return str(value["text"]) if value else "a family"


def _is_same(said: str, told: str, address: str) -> bool:
    """Whether a cell and its provenance say the same; a cell may add a unit or what others say."""
    if said in NOT_STATED:
        return told in NOT_STATED
    if SHORTENED.search(address):
        return bool(told)
    said, told = (_bare(DATE.sub(r"\1 \2", text)) for text in (said, told))
    return said.startswith(told) or _bare(LONGER.get(said, "")) == told


def _bare(text: str) -> str:
    return re.sub(r"[^\w.✓×]", "", text)


def test_every_endpoint_and_provider_answers():
    endpoints = Endpoint.objects.order_by("pk").values_list("pk", flat=True)[::400]
    providers = Provider.objects.order_by("pk").values_list("slug", flat=True)[::25]
    for query in [*(f"endpoint={pk}" for pk in endpoints), *(f"provider={s}" for s in providers)]:
        answer = Client().get(f"/provenance/?{query}&format=json")
        assert answer.status_code == 200
        for fact in answer.json()["facts"][::15]:
            told = Client().get(f"{fact['href']}&format=json").json()["value"]
            assert (told["text"], told["key"]) == (fact["text"], fact["key"])
