"""A drawn chart opened to be looked into: the table's figures, and a picture to keep."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    ProviderFactory,
    measured,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/models/openai/gpt-9/performance/"


@pytest.fixture
def address(live_server, monkeypatch) -> str:
    """A model measured in three hours of the last day, with a gap."""
    for name in ("views", "measurements"):
        monkeypatch.setattr(f"catalog.{name}._now", lambda: NOW, raising=False)
    endpoint = EndpointFactory(native_id="gpt-9", provider=ProviderFactory(name="Azure"))
    ListingFactory(endpoint=endpoint, model=AIModelFactory(slug="gpt-9", name="GPT-9"))
    for hours_ago in (2, 3, 9):
        measured(endpoint, hours_ago, Tally(ok=6, ttft=Histogram.of([0.1 * hours_ago] * 6)))
    return f"{live_server.url}{PAGE}"


def test_a_chart_opens_to_be_looked_into(visit, address, tmp_path):
    with visit(address) as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.click("#ttft-course button:has-text('Look closer')")
        chart = page.wait_for_selector("dialog.plot canvas")
        assert any("uplot" in url for url in fetched), "fetched only now"
        box = chart.bounding_box()
        page.mouse.move(box["x"] + box["width"] - 30, box["y"] + box["height"] / 2)
        expect(page.locator("dialog.plot .u-legend")).to_contain_text("0.2")
        with page.expect_download() as download:
            page.click("dialog.plot button:has-text('PNG')")
        kept = Path(tmp_path / "chart.png")
        download.value.save_as(kept)
        assert kept.read_bytes().startswith(b"\x89PNG")
        assert download.value.suggested_filename == "ttft-course.png"
        page.keyboard.press("Escape")
        expect(page.locator("dialog.plot")).to_have_count(0)


def test_without_scripts_the_drawing_and_its_table_stand(visit, address):
    with visit(address, java_script_enabled=False) as page:
        expect(page.locator("#ttft-course tbody tr")).to_have_count(3)
        expect(page.locator("#ttft-course button")).to_have_count(0)
