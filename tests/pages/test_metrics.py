"""The page of definitions, and the legends of others: they quote the code that counts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from catalog.pages import metrics
from providers.choices import Inlet, Outcome
from providers.stats import definitions
from providers.stats.histogram import Histogram
from providers.stats.observation import outcome_of
from providers.stats.rollup.pruning import HOURS_KEPT
from providers.stats.tally import MIN_N, Tally

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "catalog"
# Those that legends and heads of measured figures stand in.
MEASURED = ("*measured*", "*performance*", "_model_offers*", "rankings*", "sending*")
# "last 24 hours", "fewer than 5 requests", "more than 5 %"; not the age of a price.
WRITTEN_OUT = re.compile(r"\b(?:\d+|nine|seven) (?:days|hours|minutes|requests|%|of them)(?! ago)")


def test_every_outcome_and_every_inlet_is_defined():
    assert set(definitions.OUTCOMES) == set(Outcome)
    assert set(definitions.WAYS) == set(Inlet)


@pytest.mark.parametrize(
    ("status", "said"), [(200, "2xx"), (503, "5xx"), (408, "408"), (429, "429"), (404, "4xx")]
)
def test_the_words_name_the_statuses_that_the_code_goes_by(status, said):
    assert said in definitions.OUTCOMES[outcome_of(status)].meaning


def test_the_numbers_are_those_in_force():
    told = " ".join(one.meaning for one in definitions.RULES)
    assert f"Below {MIN_N} requests" in told
    assert 0 <= definitions.QUANTILE_ERROR_PERCENT / 100 - Histogram.of([1.0]).error < 0.0001
    assert f"at most {definitions.QUANTILE_ERROR_PERCENT} % off" in told
    assert f"kept {HOURS_KEPT.days} days" in told


def test_no_legend_writes_out_a_number_that_the_code_decides():
    texts = {
        path.name: re.sub(r"{%(?! quoted).*?%}", "", path.read_text())
        for kind in MEASURED
        for path in TEMPLATES.glob(kind)
    }
    assert any('{% quoted "least" %}' in text for text in texts.values())
    assert {name: WRITTEN_OUT.findall(text) for name, text in texts.items()} == {
        name: [] for name in texts
    }


def test_uptime_is_what_the_page_says_it_is():
    tally = Tally(ok=9, provider_error=1, rate_limited=50, caller_error=40)
    assert tally.uptime == 0.9


def test_anchors_are_unique():
    page = metrics.build()
    slugs = [one.slug for one in (*page.outcomes, *page.metrics, *page.rules)]
    assert len(slugs) == len(set(slugs))


@pytest.mark.django_db
def test_the_page_sets_others_side_by_side(client: Client):
    html = client.get("/about/metrics/").content.decode()
    for name in ("OpenRouter", "Vercel", "ZenMux", "Artificial Analysis", "Hugging Face"):
        assert name in html
    assert "shows as unknown, never as down" in html
