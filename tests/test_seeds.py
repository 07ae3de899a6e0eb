"""Every value of the reference pages is on ours, under the right seller and on its word.

GPT-4o mini was described by four pages, o4-mini by one. ZenMux's two pages are read as our
manifest says: which card is whose was never named there. The values are written out here; the
days are the one the suite lives on and one a month later, when every one of them is old.
"""

from datetime import timedelta

import pytest
from django.test import Client

from tests.factories import NOW
from tests.reading import ReadPage, printed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

GPT, O4 = "/models/openai/gpt-4o-mini/", "/models/openai/o4-mini/"
AZURE, OPENAI = "ZenMux → Azure OpenAI", "ZenMux → OpenAI"
PARAMETERS = (
    "max_completion_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty",
    "seed", "logit_bias", "logprobs", "top_logprobs", "response_format", "stop", "tools",
    "tool_choice", "parallel_tool_calls",
)  # fmt: skip
SUPPORTED = {
    (GPT, AZURE): {
        "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias",
        "logprobs", "top_logprobs", "response_format", "stop",
    },
    (GPT, OPENAI): set(PARAMETERS) - {"parallel_tool_calls"},
    (O4, AZURE): {"max_completion_tokens", "seed", "response_format", "tools", "tool_choice"},
    (O4, OPENAI): {"max_completion_tokens", "seed", "response_format", "tools", "tool_choice"},
}  # fmt: skip
ROUTES = list(SUPPORTED)


@pytest.fixture(scope="module", params=[0, 30], ids=["today", "a month later"])
def read(request, real_market):
    """Gets a page as it is that day; each page is asked for once."""
    pages: dict[str, ReadPage] = {}

    def read(path: str) -> ReadPage:
        if path not in pages:
            answer = Client().get(path)
            assert answer.status_code == 200
            pages[path] = ReadPage(answer.content)
        return pages[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalog.views._now", lambda: NOW + timedelta(days=request.param))
        yield read


def sheet(read, path: str, seller: str) -> ReadPage:
    """The page with the sheet of one seller opened, as its name in the table links to it."""
    return read(path + read(path).links("providers")[seller].partition("#")[0])


# -- what ZenMux states of its two routes to either model -----------------------------------------


@pytest.mark.parametrize(
    ("path", "seller", "prices", "limits", "kept"),
    [
        (GPT, AZURE, ("0.15", "0.60", "0.075"), ("128.00K", "16.38K"), "30 days"),
        (GPT, OPENAI, ("0.15", "0.60", "0.075"), ("128.00K", "16.38K"), "none"),
        (O4, AZURE, ("1.10", "4.40", "0.28"), ("200.00K", "100.00K"), "30 days"),
        (O4, OPENAI, ("1.10", "4.40", "0.275"), ("200.00K", "100.00K"), "none"),
    ],
)
def test_prices_limits_and_policy_stand_in_the_table_of_providers(
    read, path, seller, prices, limits, kept
):
    row = read(path).table("providers")[seller]
    stated = [label for label in row if label.startswith(("Input", "Output", "Cache read"))]
    assert tuple(row[label] for label in stated) == prices
    assert (row["Context"], row["Longest"]) == limits
    assert (row["Train"], row["Kept"]) == ("no", kept)
    assert row["Sources"] == "Z (10 Oct 2025)"


@pytest.mark.parametrize(("path", "seller"), ROUTES)
def test_prices_that_were_a_dash_are_said_not_to_be_stated(read, path, seller):
    page = sheet(read, path, seller)
    assert (
        "No source states a price here for cache write, cache write 5m, cache write 1h, web search."
        in page.said("sheet")
    )
    assert "cache write" in page.said("providers").partition("Not drawn")[2]


@pytest.mark.parametrize(("path", "seller"), ROUTES)
def test_each_of_fourteen_parameters_has_its_tick_or_cross(read, path, seller):
    answers = {
        name: next(answer for heads, answer in row.items() if seller in heads.split(", "))
        for name, row in read(path).table("parameters").items()
        if name in PARAMETERS
    }
    wanted = SUPPORTED[path, seller]
    assert answers == {name: "✓" if name in wanted else "×" for name in PARAMETERS}


@pytest.mark.parametrize(("path", "seller"), ROUTES)
def test_protocols_and_the_whole_data_policy_are_stated(read, path, seller):
    page = read(path)
    protocols, policy = _of(page.table("protocols"), seller), _of(page.table("policy"), seller)
    assert protocols["openai chat"] == "✓"
    assert protocols["anthropic messages"] == "×"
    assert policy["Train"] == "no"
    assert policy["Kept"] == ("30 days" if seller == AZURE else "none")
    assert policy["Moderation"] == "by the developer"
    assert policy["Status page"] == "status"
    assert f"https://status.{'azure' if seller == AZURE else 'openai'}.com/" in page.part(
        "policy"
    ).xpath(".//a/@href")


def _of(table: dict[str, dict[str, str]], seller: str) -> dict[str, str]:
    """The row of a seller who may share it with others that say the same."""
    return next(row for head, row in table.items() if seller in head.split(", "))


@pytest.mark.parametrize(("path", "seller"), ROUTES)
def test_the_sheet_of_a_route_names_id_base_and_key(read, path, seller):
    page = sheet(read, path, seller)
    columns = page.table("sheet")["Context"]
    assert set(columns) == {"→ Azure OpenAI", "→ OpenAI"}
    native_id = path.removeprefix("/models/").removesuffix("/")
    for language in ("openai-python", "python-requests", "typescript-fetch", "openai-typescript"):
        code = page.said(f"text-{language}")
        assert native_id in code
        assert "https://zenmux.ai/api/v1" in code
        assert "ZENMUX_API_KEY" in code
    assert native_id in page.said("text-curl")


@pytest.mark.parametrize(
    ("path", "speed", "ttft"),
    [
        (
            GPT,
            {"Azure OpenAI": ("6.17", "24.64", "82.63"), "OpenAI": ("8.3", "13.64", "44.26")},
            {"Azure OpenAI": ("1299", "1547.46", "2742"), "OpenAI": ("642", "719.82", "814")},
        ),
        (
            O4,
            {"Azure OpenAI": ("15.65", "65.33", "138.49"), "OpenAI": ("36.37", "48.77", "100.14")},
            {
                "Azure OpenAI": ("1945", "30199.85", "223821"),
                "OpenAI": ("1677", "7973.91", "93499"),
            },
        ),
    ],
)
def test_least_mean_and_most_are_dated_readings_of_zenmux(read, path, speed, ttft):
    page = read(path)
    charts = {
        chart.get("aria-label").partition(":")[0]: chart
        for chart in page.part("measured").iter("svg")
    }
    for name, figures in {
        "Throughput in tokens per second": speed,
        "Time to first token in milliseconds": ttft,
    }.items():
        label = charts[name].get("aria-label")
        caption = charts[name].getparent().text_content()
        for seller, (least, mean, most) in figures.items():
            assert f"{seller}, least {least}, mean {mean}, most {most}" in label
        assert "ZenMux, 10 October 2025" in caption


@pytest.mark.parametrize(
    ("path", "latency", "throughput"), [(GPT, "0.74 s", "9.56"), (O4, "1.75 s", "14.2")]
)
def test_single_figures_are_dated_readings_of_zenmux(read, path, latency, throughput):
    assert singles(read(path)) >= {
        (OPENAI, "Latency, latest", latency, "Z (10 Oct 2025)"),
        (OPENAI, "Throughput, latest", f"{throughput} tokens/s", "Z (10 Oct 2025)"),
        (OPENAI, "Uptime, latest", "100.00 %", "Z (10 Oct 2025)"),
        (AZURE, "Uptime, latest", "100.00 %", "Z (10 Oct 2025)"),
    }


def singles(page: ReadPage) -> set[tuple[str, ...]]:
    """Seller, what, value, publisher and date of every single reading."""
    rows = page.part("measured").xpath(".//table[contains(@class, 'singles')]/tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    return {(seller, what, value, by) for seller, what, value, _, _, by in cells}


@pytest.mark.parametrize("path", [GPT, O4])
def test_uptime_of_the_hour_is_drawn_for_that_hour_alone(read, path):
    said = read(path).said("measured")
    charts = read(path).part("measured").xpath(".//svg[contains(@aria-label, 'Uptime')]")
    labels = [" ".join(chart.get("aria-label").split()) for chart in charts]
    assert labels == ["Uptime by the hour: Azure OpenAI 100.00 %; OpenAI 100.00 %"]
    assert "Uptime by hour, 10 October 2025" in said
    assert "Published for 15:00 UTC alone." in said


def test_o4_mini_scored_99_5_percent_on_aime_with_python(read):
    score = read(O4).table("benchmarks")["AIME"]
    assert (score["Score"], score["Condition"]) == ("99.5 %", "with Python")
    assert score["Published by"] == "ZenMux"


# -- what three more pages state of GPT-4o mini ---------------------------------------------------


def test_the_author_sells_it_at_0_15_and_0_60_with_128k(read):
    page = read(GPT)
    figures = [printed(one) for one in page.root.xpath("//dl/div")]
    assert figures[0] == "Input $0.15 per 1M tokens"
    assert figures[1] == "Output $0.60 per 1M tokens"
    assert any(one.startswith("Context 128,000") for one in figures)
    row = page.table("providers")["OpenAI"]
    assert row["Context"] == "128,000"


def test_released_on_18_july_2024_and_available(read):
    page = read(GPT)
    assert "18 July 2024" in page.said()
    assert "Status available" in page.said("sheet")
    assert "https://openai.com/index/gpt-4o-mini-advancing-cost-efficient-intelligence/" in (
        page.root.xpath("//main//a/@href")
    )


def test_the_knowledge_cutoff_of_october_2023_stands_beside_who_says_so(read):
    notes = [
        " ".join(row.text_content().split()) for row in read(GPT).part("disagreements").iter("tr")
    ]
    cutoff = next(note for note in notes if "Knows to" in note)
    assert "Sep 2023 (M)" in cutoff
    assert "Oct 2023 (R)" in cutoff


def test_code_and_documents_are_among_what_is_said_to_go_in(read):
    said = " ".join(read(GPT).part("sheet").text_content().split())
    assert "else text, image, pdf, code (R)" in said


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("frequency_penalty", "number"),
        ("logit_bias", "object"),
        ("logprobs", "boolean"),
        ("max_completion_tokens", "integer"),
        ("max_tokens", "integer"),
        ("presence_penalty", "number"),
        ("response_format", "one of"),
        ("seed", "integer"),
        ("stop", "array"),
        ("structured_outputs", "boolean"),
        ("temperature", "number"),
        ("tool_choice", "one of"),
        ("tools", "array"),
        ("top_logprobs", "integer"),
        ("top_p", "number"),
        ("web_search_options", "object"),
    ],
)
def test_its_parameters_have_types_and_meanings(read, name, kind):
    row = read(GPT).table("parameters")[name]
    assert row["OpenAI"] == "✓"
    assert row["Type"] == kind
    assert len(row["Meaning"]) > 20
    assert ("deprecated, use max_completion_tokens" in row["Meaning"]) == (name == "max_tokens")


@pytest.mark.parametrize(
    ("benchmark", "score"), [("MMLU", "82.0 %"), ("HumanEval", "87.2 %"), ("MATH", "70.2 %")]
)
def test_its_scores_carry_who_published_them(read, benchmark, score):
    row = read(GPT).table("benchmarks")[benchmark]
    assert row["Score"] == score
    assert row["Published by"]


def test_150_tokens_a_second_is_a_reading_without_a_provider(read):
    reading = ("no provider named", "Throughput, latest", "150 tokens/s", "R (1 Apr 2026)")
    assert reading in singles(read(GPT))


def test_its_tags(read):
    tags = {
        link.text_content()
        for link in read(GPT).root.xpath("//main//a")
        if "?tag=" in link.get("href")
    }
    assert {"Fast", "Cheap", "Vision", "Multimodal", "Tool use"} <= tags


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (
            "best-for",
            ["support chat", "pipelines of several calls", "pictures", "functions", "long"],
        ),
        ("best-for", ["128,000 tokens"]),
        ("alternatives", ["gpt-4o", "gpt-4.1", "o1-mini"]),
        ("strengths", ["low price", "quick", "images", "high volumes"]),
        ("limitations", ["gpt-4o", "output limit", "no audio output"]),
        ("choosing", ["several calls", "zero data retention", "api key or an oidc token"]),
    ],
)
def test_editors_notes_cover_what_the_pages_advise(read, note, words):
    said = read(GPT).said(note).lower()
    assert [word for word in words if word not in said] == []


def test_the_description_compares_it_as_the_pages_do(read):
    said = read(GPT).said()
    for words in ("over 60 % cheaper", "GPT-3.5 Turbo", "82 % on MMLU", "LMSYS"):
        assert words in said


def test_zero_retention_at_vercel_can_be_had(read):
    assert _of(read(GPT).table("policy"), "Vercel AI Gateway")["Zero retention"] == "on request"


@pytest.mark.parametrize(
    ("mode", "native_id"),
    [
        ("Balanced", "openai/gpt-4o-mini"),
        ("Nitro", "openai/gpt-4o-mini:nitro"),
        ("Exacto", "openai/gpt-4o-mini:exacto"),
    ],
)
def test_routing_modes_of_openrouter_with_the_id_to_send(read, mode, native_id):
    page = read(GPT)
    assert "OpenRouter" in page.said("routing")
    ways = {
        " ".join(row[0].text_content().split()): row[-1].text_content().strip()
        for row in page.part("routing").iter("tr")
    }
    assert ways[mode] == native_id


@pytest.mark.parametrize("path", [GPT, O4])
def test_sample_code_in_every_language_takes_an_image(read, path):
    page = read(path)
    for language in ("openai-python", "python-requests", "typescript-fetch", "openai-typescript",
                     "ai-sdk", "curl"):  # fmt: skip
        assert "image" in page.said(f"text-{language}")


@pytest.mark.parametrize("path", [GPT, O4])
def test_more_by_the_author_and_similar_models_are_offered(read, path):
    page = read(path)
    assert len(page.table("more")) >= 4
    assert len(page.table("similar")) >= 3
