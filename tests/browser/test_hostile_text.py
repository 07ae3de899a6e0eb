"""Script in what sources and editors write is text on the page and never runs."""

import pytest

from catalog import markdown
from tests.factories import (
    AIModelFactory,
    AuthorFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCRIPT = '<script>document.title="run"</script><img src=x onerror=document.title="run">'
PROSE = f"""{SCRIPT}

[a link](javascript:document.title='run') <a href="javascript:document.title='run'">raw</a>
<svg onload=document.title='run'></svg>
<iframe srcdoc="<script>parent.document.title='run'</script>">
"""
PATHS = (
    "/", "/models/", "/models/openai/harm/", "/authors/openai/", "/providers/", "/providers/evil/",
    "/compare/?model=openai/harm&model=openai/more-harm",
    "/provenance/?provider=evil", "/provenance/?model=openai/harm",
)  # fmt: skip
DANGEROUS = "main :is(script, iframe, [onerror], [onload], [href^='javascript:' i])"


@pytest.fixture
def hostile_market() -> None:
    """Every text a reader sees, written by somebody who means harm."""
    provider = ProviderFactory(slug="evil", name=f"Evil {SCRIPT}")
    source = SourceFactory(name=f"Source {SCRIPT}")
    RunFactory(source=source, covers=["evil"])
    for slug in ("harm", "more-harm"):
        model = AIModelFactory(
            author=AuthorFactory(slug="openai", name=f"Evil {SCRIPT}"),
            slug=slug,
            name=f"Harm {SCRIPT}",
            summary=SCRIPT,
            description=PROSE,
            best_for=PROSE,
            html={"description": markdown.render(PROSE), "best_for": markdown.render(PROSE)},
            family=SCRIPT,
            licence=SCRIPT,
        )
        endpoint = EndpointFactory(provider=provider, native_id=f'{slug}"{SCRIPT}', name=SCRIPT)
        ListingFactory(endpoint=endpoint, model=model)
        PriceFactory(endpoint=endpoint, source=source)


def test_no_script_in_any_text_runs(visit, live_server, hostile_market):
    with visit(live_server.url) as page:  # fails on leaving if the policy stopped any
        for path in PATHS:
            page.goto(live_server.url + path)
            assert "Harm" in page.inner_text("main") or "Evil" in page.inner_text("main"), path
            assert page.title() != "run", path
            assert page.query_selector_all(DANGEROUS) == [], path
