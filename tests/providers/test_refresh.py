"""A refresh from bytes to edition, with sources made for the purpose."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from providers import refresh
from providers.choices import RunState
from providers.facts import BadSnapshot
from providers.models import Claim, Edition, Held, Price, Run
from providers.sources.base import SourceInfo
from providers.sources.http import FetchFailed

from .market import FIRST, NOW, offer, price, published, snapshot

pytestmark = pytest.mark.django_db


class Upstream:
    """A source whose answer is a JSON object of prices by native id."""

    def __init__(self, slug: str, siglum: str) -> None:
        self.SOURCE = SourceInfo(slug, slug.title(), siglum, "MIT", "https://source.example/")
        self.answer: bytes | Exception = b"{}"

    def fetch(self, client) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def parse(self, data: bytes, *, as_of=None):
        try:
            prices = json.loads(data)
        except ValueError as error:
            raise BadSnapshot(f"not JSON: {error}") from None
        offers = [offer(native_id, price(text)) for native_id, text in prices.items()]
        return snapshot(*offers, source=self.SOURCE.slug, as_of=as_of or FIRST, covers=["openai"])

    def says(self, **prices: str) -> None:
        self.answer = json.dumps(prices).encode()


@pytest.fixture(autouse=True)
def upstreams(settings, tmp_path, monkeypatch):
    settings.AFTER_PUBLISH = []
    settings.DATA_DIR = tmp_path
    made = SimpleNamespace(litellm=Upstream("litellm", "L"), models_dev=Upstream("models_dev", "M"))
    sources = {"models_dev": made.models_dev, "litellm": made.litellm}
    monkeypatch.setattr(refresh, "SOURCES", sources)
    return made


def run(*slugs: str, days: int = 0, **rest):
    return refresh.run(slugs, now=NOW + timedelta(days=days), **rest)


def test_an_answer_becomes_an_edition(upstreams):
    upstreams.litellm.says(small="0.15")
    runs = run("litellm")
    assert runs["litellm"].state == RunState.PUBLISHED
    assert published("small") == Decimal("0.15")
    assert Edition.objects.get().number == 1


def test_an_unchanged_answer_writes_the_run_and_nothing_else(upstreams):
    upstreams.litellm.says(small="0.15")
    run("litellm")
    before = (list(Claim.objects.values()), list(Price.objects.values()), Edition.objects.get())
    again = run("litellm", days=1)["litellm"]
    assert again.state == RunState.UNCHANGED
    assert (list(Claim.objects.values()), list(Price.objects.values()), Edition.objects.get()) == (
        before
    )
    assert Run.objects.count() == 2


def test_an_unchanged_answer_confirms_what_was_stated(upstreams):
    upstreams.litellm.says(small="0.15")
    run("litellm")
    assert run("litellm", days=40)["litellm"].as_of == NOW + timedelta(days=40)


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe", BadSnapshot("too deep")])
def test_a_broken_answer_is_refused_and_what_was_published_stays(upstreams, broken):
    upstreams.litellm.says(small="0.15")
    run("litellm")
    upstreams.litellm.answer = broken
    refused = run("litellm", days=1)["litellm"]
    assert refused.state == RunState.REFUSED
    assert refused.error
    assert published("small") == Decimal("0.15")


def test_one_source_out_of_reach_does_not_stop_the_others(upstreams):
    upstreams.models_dev.answer = FetchFailed("no route")
    upstreams.litellm.says(small="0.15")
    runs = run()
    assert [one.state for one in runs.values()] == [RunState.REFUSED, RunState.PUBLISHED]
    assert runs["models_dev"].error == "no route"


def test_a_dry_run_reports_and_writes_nothing(upstreams):
    upstreams.litellm.says(small="0.15")
    dry = run("litellm", dry_run=True)["litellm"]
    assert dry.report["added"] == 1
    assert not Run.objects.exists()
    assert not Claim.objects.exists()


def test_a_shrunken_answer_waits_for_an_editor(upstreams):
    upstreams.litellm.says(**{f"m{n}": "1" for n in range(60)})
    run("litellm")
    upstreams.litellm.says(**{f"m{n}": "1" for n in range(30)})
    assert run("litellm", days=1)["litellm"].state == RunState.HELD
    assert run("litellm", days=2)["litellm"].state == RunState.HELD
    held = Held.objects.get()  # asked once, not every day
    assert Price.objects.filter(valid_to=None).count() == 60
    held.answer = "accepted"
    held.save()
    assert run("litellm", days=3)["litellm"].state == RunState.PUBLISHED
    assert Price.objects.filter(valid_to=None).count() == 30


def test_an_answer_older_than_the_published_one_is_refused(upstreams):
    upstreams.litellm.says(small="0.15")
    run("litellm", days=1)
    upstreams.litellm.says(small="0.20")
    older = run("litellm", days=0)["litellm"]
    assert older.state == RunState.REFUSED
    assert "older" in older.error
    assert published("small") == Decimal("0.15")


def test_a_new_parser_reads_the_same_bytes_anew(upstreams):
    upstreams.litellm.says(small="0.15")
    run("litellm")
    upstreams.litellm.SOURCE = replace(upstreams.litellm.SOURCE, parser_version=2)
    assert run("litellm", days=1)["litellm"].state == RunState.PUBLISHED


def test_answers_are_kept_and_old_ones_dropped(upstreams, tmp_path):
    for day in range(5):
        upstreams.litellm.says(small=f"0.1{day}")
        run("litellm", days=day)
    assert len(list((tmp_path / "answers" / "litellm").iterdir())) == refresh.ANSWERS_KEPT


def test_a_source_without_an_address_is_read_from_its_recording(upstreams, monkeypatch):
    info = upstreams.litellm.SOURCE
    upstreams.litellm.SOURCE = replace(info, live=False)
    recording = SimpleNamespace(data=b'{"small": "0.15"}', as_of=FIRST, version="7")
    monkeypatch.setattr(refresh.recordings, "recorded", lambda slug: recording)
    read = run("litellm")["litellm"]
    assert (read.recorded, read.version, read.as_of) == (True, "7", FIRST)


def test_the_command_names_the_sources_there_are():
    with pytest.raises(CommandError, match="litellm"):
        call_command("refresh", "nonsense")
