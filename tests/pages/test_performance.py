"""A model's page of measured figures."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import cos, radians, sin
from typing import Any

import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from lxml import etree

from catalog.pages.performance import page as performance
from catalog.pages.performance.course import Line, column_chart, course_chart
from catalog.pages.performance.effective import effective_price
from catalog.pages.performance.page import PerformancePage
from catalog.pages.performance.strip import Slot, strip
from catalog.queries.statistics import LAST_DAY, LAST_MONTH
from providers import queries as market
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stat_queries import DayOfUse
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    measured,
)

PATH = "/models/openai/gpt-9/performance/"
STREAMED = {
    "ttft": Histogram.of([0.2, 0.3, 0.4, 0.5, 1.2]),
    "throughput": Histogram.of([40.0, 50.0, 60.0, 70.0, 80.0]),
    "latency": Histogram.of([3.0, 3.5, 4.0, 4.5, 9.0]),
}

# What a file draws in which colour of the site's.
DRAWN_IN = {
    "text, .t3": "quiet",
    "path, .base, .line": "ink",
    ".lab, .val, .dot": "ink",
    ".ground": "paper",
    ".dot": "paper",
    ".ax": "rule",
    ".ok, .few": "leaf",
    ".bad, .s4": "rubric",
    ".t4": "rubric",
    ".s2": "quiet",
    ".s3, .void": "edge",
}


def _srgb(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as #rrggbb, by the matrices of CSS Color 4."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    shown = (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055 for x in linear)
    return "#" + "".join(f"{round(255 * min(1, max(0, x))):02x}" for x in shown)


# Colour of the style sheet → in light, in dark.
TOKENS = {
    name: tuple(_srgb(*map(float, stated.split())) for stated in both)
    for name, *both in re.findall(
        r"--(\w+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\)",
        (settings.BASE_DIR / "static/css/tokens.css").read_text(),
    )
}


@pytest.fixture
def model() -> Any:
    return AIModelFactory.create(slug="gpt-9", name="GPT-9")


@pytest.fixture
def endpoint(model: Any, db: None) -> Endpoint:
    endpoint: Any = EndpointFactory.create(
        native_id="gpt-9", provider=ProviderFactory.create(slug="azure", name="Azure")
    )
    ListingFactory.create(endpoint=endpoint, model=model)
    return endpoint


def page(query: str = "") -> PerformancePage:
    found = performance.build("openai", "gpt-9", QueryDict(query), now=NOW)
    assert found is not None
    return found


# -- what is drawn --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_measurements_one_line_says_so(client: Client, endpoint: Endpoint):
    html = client.get(PATH).content.decode()
    assert "Not measured yet." in html
    assert "/about/metrics/#ways-of-measuring" in html
    assert "<svg class=" not in html.split("<main", 1)[1]


@pytest.mark.django_db
def test_every_figure_names_n_window_and_method(endpoint: Endpoint, client: Client):
    measured(endpoint, 1, Tally(ok=5, **STREAMED), region="Frankfurt")
    found = page()
    assert (found.way, found.n, found.regions) == ("our probes", 5, ("Frankfurt",))
    [row] = found.rows
    assert (row.ttft.least, row.ttft.p50, row.ttft.most) == (
        Decimal("0.200"),
        pytest.approx(Decimal("0.4"), rel=Decimal("0.011")),
        Decimal("1.20"),
    )
    assert [figure.n for figure in found.ranges] == [5, 5, 5]


@pytest.mark.django_db
def test_below_the_minimum_counts_are_shown_and_no_share(endpoint: Endpoint):
    measured(endpoint, 1, Tally(ok=3, provider_error=1, ttft=Histogram.of([0.2] * 3)))
    [row] = page().rows
    assert row.uptime is None
    assert (row.counts.ok, row.counts.provider_error) == (3, 1)
    assert not row.ttft.is_known
    assert page().ranges == ()


@pytest.mark.django_db
def test_rate_limited_requests_are_no_part_of_uptime(endpoint: Endpoint):
    measured(endpoint, 1, Tally(ok=9, provider_error=1, rate_limited=90, caller_error=40))
    [row] = page().rows
    assert row.uptime == 90
    assert row.counts.requests == 140


@pytest.mark.django_db
def test_uptime_is_cut_so_that_a_failure_never_reads_as_none(endpoint: Endpoint):
    measured(endpoint, 1, Tally(ok=99_999, provider_error=1))
    assert page().rows[0].uptime == Decimal("99.99")


@pytest.mark.django_db
def test_ways_of_measuring_are_never_mixed(endpoint: Endpoint):
    measured(endpoint, 1, Tally(ok=5, **STREAMED))
    measured(endpoint, 1, Tally(ok=500), inlet=Inlet.PUSH)
    assert page().n == 5
    assert (page("by=push").way, page("by=push").n) == ("reported requests", 500)
    ways = page().switches[0]
    assert [(link.text, link.href) for link in ways.links] == [
        ("our probes", ""),
        ("reported requests", f"{PATH}?by=push"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["by=litellm", "by=nonsense", "over=9y&uptime=x"])
def test_nonsense_counts_as_nothing_asked(endpoint: Endpoint, query: str):
    measured(endpoint, 1, Tally(ok=5))
    assert page(query).n == 5


@pytest.mark.django_db
def test_windows_are_asked_for_in_the_address(endpoint: Endpoint):
    measured(endpoint, 40, Tally(ok=7))
    assert (page().n, page().rows[0].counts.ok) == (0, 7)
    assert page("over=7d").n == 7


@pytest.mark.django_db
def test_endpoints_of_one_name_are_told_apart(endpoint: Endpoint, model: Any):
    other: Any = EndpointFactory.create(native_id="eu/gpt-9", provider=endpoint.provider)
    ListingFactory.create(endpoint=other, model=model)
    for one in (endpoint, other):
        measured(one, 1, Tally(ok=5, **STREAMED))
    assert {row.label for row in page().rows} == {"Azure, gpt-9", "Azure, eu/gpt-9"}


@pytest.mark.django_db
def test_apps_and_use_are_shown(endpoint: Endpoint, client: Client):
    told: dict[str, Any] = {"with_tokens": 9, "input_tokens": 900, "output_tokens": 90}
    measured(endpoint, 30, Tally(ok=9, **told), inlet=Inlet.PUSH, app="chat")
    found = page()
    assert [app.app for app in found.apps] == ["chat"]
    [tokens] = [figure for figure in found.courses if figure.key == "tokens"]
    assert [values for _, values in tokens.moments] == [(Decimal(990), Decimal(9))]


@pytest.mark.django_db
def test_a_fixed_number_of_queries(model: Any, django_assert_num_queries: Any):
    for _ in range(3):
        one: Any = EndpointFactory.create()
        ListingFactory.create(endpoint=one, model=model)
        PriceFactory.create(endpoint=one)
        told: dict[str, Any] = {"input_with_cached": 100, "cached_tokens": 50}
        measured(one, 1, Tally(ok=5, **told, **STREAMED), app="chat")
    with django_assert_num_queries(8):
        assert len(page().rows) == 3


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_figures_come_as_csv(endpoint: Endpoint, client: Client, monkeypatch: Any):
    Endpoint.objects.filter(pk=endpoint.pk).update(native_id="=cmd()")
    _recently(endpoint, Tally(ok=9, provider_error=1, **STREAMED))
    answer = client.get(f"{PATH}figures.csv")
    assert answer["Content-Type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["uptime_percent"], row["ttft_n"], row["method"]) == ("90", "5", "our probes")
    assert row["id"] == "'=cmd()"


@pytest.mark.django_db
@pytest.mark.parametrize("chart", ["uptime", "ttft", "throughput", "latency", "tokens"])
def test_each_chart_is_an_svg_file_with_title_and_words(
    endpoint: Endpoint, client: Client, chart: str
):
    told: dict[str, Any] = {"with_tokens": 9, "input_tokens": 900}
    _recently(endpoint, Tally(ok=9, **told, **STREAMED))
    answer = client.get(f"{PATH}{chart}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    root = etree.fromstring(answer.content)
    spoken = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "source: our probes" in spoken
    assert "GPT-9" in (root.findtext("{http://www.w3.org/2000/svg}title") or "")


@pytest.mark.django_db
def test_a_chart_that_was_kept_follows_its_readers_theme(endpoint: Endpoint, client: Client):
    """In the colours of the site, which viewers of files may not know how to compute."""
    _recently(endpoint, Tally(ok=9, **STREAMED))
    drawn = client.get(f"{PATH}ttft.svg").content.decode()
    light, dark = drawn.split("@media (prefers-color-scheme: dark)")
    for place, styles in enumerate((light, dark)):
        used = re.findall(r"^(\S.*?) {[^}]*: (#\w{6});", styles, re.MULTILINE)
        assert dict(used) == {selector: TOKENS[name][place] for selector, name in DRAWN_IN.items()}
    drawing = drawn.split("</style>")[1]
    assert not re.findall(r'(?:fill|stroke)="|style=', drawing)


@pytest.mark.django_db
def test_what_is_not_there_is_not_found(endpoint: Endpoint, client: Client):
    assert client.get(f"{PATH}uptime.svg").status_code == 404
    assert client.get("/models/openai/nobody/performance/").status_code == 404


def _recently(endpoint: Endpoint, tally: Tally) -> None:
    """In the running hour of the view's own clock."""
    hours_ago = (NOW - datetime.now(UTC)) // timedelta(hours=1) + 1
    measured(endpoint, hours_ago, tally)


# -- geometry -------------------------------------------------------------------------------------


def test_blank_slots_are_dotted_and_few_requests_stand_lower():
    drawn = strip([Slot(1, ok=9, failed=0), Slot(2, ok=2, failed=0)], 4)
    assert drawn.void == "M0 11h4M12 11h4"
    assert (drawn.ok, drawn.few, drawn.bad) == ("M6 11v-9", "M10 11v-4.5", "")


def test_failures_hang_by_the_root_of_their_share():
    drawn = strip([Slot(0, ok=99, failed=1), Slot(1, ok=0, failed=9)], 2)
    assert drawn.bad == "M2 11v1.2M6 11v12.0"
    assert drawn.bad_slots == 1


def test_a_line_breaks_where_nothing_was_measured():
    values = {0: Decimal(1), 1: Decimal(2), 5: Decimal(3)}
    chart = course_chart([Line("Azure", values)], LAST_DAY, NOW)
    assert chart is not None
    [line] = chart.lines
    assert (line.path.count("M"), line.path.count("L"), line.dots.count("M")) == (2, 1, 1)


def test_nothing_measured_draws_nothing():
    assert course_chart([Line("Azure", {})], LAST_DAY, NOW) is None
    assert column_chart({}, LAST_MONTH, NOW) is None


# -- effective price ------------------------------------------------------------------------------


def day(*, given: int, cached: int) -> DayOfUse:
    return DayOfUse(NOW, "push", 1, 1, given, 0, cached, given)


@pytest.mark.django_db
def test_input_after_caching_is_billed_by_the_price_list(endpoint: Endpoint):
    PriceFactory.create(endpoint=endpoint, amount=Decimal("1.00"))
    PriceFactory.create(endpoint=endpoint, component="cache_read", amount=Decimal("0.10"))
    prices = market.prices_at([endpoint.pk], when=NOW)[endpoint.pk]
    found = effective_price("Azure", [day(given=1000, cached=500)], prices, now=NOW)
    assert found is not None
    assert (found.listed, found.effective, found.cached_percent) == (1, Decimal("0.55"), 50)


def test_without_a_price_nothing_is_guessed():
    found = effective_price("Azure", [day(given=1000, cached=500)], [], now=NOW)
    assert found is not None
    assert (found.listed, found.effective, found.change) == (None, None, None)


def test_nobody_told_what_was_cached():
    assert effective_price("Azure", [day(given=0, cached=0)], [], now=NOW) is None
