"""What is measured and how it is counted: the words that pages quote, with the numbers in force.

The constants come from the code that counts, so that no page can say other than what is done.
"""

from dataclasses import dataclass
from math import ceil

from ..choices import Inlet, Outcome
from .histogram import EMPTY, SCALE
from .observation import AHEAD, BEHIND, DIGESTS_KEPT, MIN_STREAM_MS
from .tally import MIN_N

HOURS_KEPT_DAYS = 90
# Windows of figures: the running hour or day and those before it.
DAY_HOURS = 24
WEEK_DAYS = 7
MONTH_DAYS = 30
# An hour in which so many requests failed, and more than this share of them, is a bad one.
BAD_LEAST = 2
BAD_SHARE = 0.05
RANKED_FROM = 30  # requests; a median or a share of fewer is too unsure to be compared
QUANTILE_ERROR_PERCENT = ceil(EMPTY.error * 10_000) / 100  # rounded up: it is a bound

# What legends say in a few words, by the name that a template quotes it by.
QUOTED: dict[str, str] = {
    "day": f"{DAY_HOURS} hours",
    "week": f"{WEEK_DAYS} days",
    "month": f"{MONTH_DAYS} days",
    "least": f"{MIN_N}",
    "ranked": f"{RANKED_FROM}",
    "incident": f"{BAD_LEAST} or more requests, and more than {BAD_SHARE * 100:g} % of at least"
    f" {MIN_N}, ended in a provider error",
    "ahead": f"{AHEAD.seconds // 60} minutes",
    "behind": f"{BEHIND.days} days",
    "digests": f"{DIGESTS_KEPT.days} days",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A term in one sentence or two; `slug` is its anchor."""

    slug: str
    term: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Way:
    """An inlet as readers call it, and what its figures are of."""

    label: str  # within a sentence: "source: our probes"
    meaning: str


OUTCOMES: dict[Outcome, Definition] = {
    Outcome.OK: Definition(
        "ok", "ok", "The provider answered, and the answer came whole (HTTP 2xx or 3xx)."
    ),
    Outcome.PROVIDER_ERROR: Definition(
        "provider-error",
        "provider error",
        "The provider failed: HTTP 5xx or 408, no answer in time, no connection, or a stream that"
        " broke off. It counts against uptime.",
    ),
    Outcome.RATE_LIMITED: Definition(
        "rate-limited",
        "rate limited",
        "HTTP 429. It says as much of the caller’s allowance as of the provider, so it is counted"
        " and shown by itself and is no part of uptime.",
    ),
    Outcome.CALLER_ERROR: Definition(
        "caller-error",
        "caller error",
        "Any other HTTP 4xx: the request was wrong or not permitted. No part of uptime.",
    ),
}

METRICS: tuple[Definition, ...] = (
    Definition(
        "uptime",
        "Uptime",
        "ok / (ok + provider error), in percent. Rate-limited requests and caller errors are in"
        " neither term.",
    ),
    Definition(
        "ttft",
        "Time to first token (TTFT)",
        "From sending the request to the first token of the answer, of successful streamed"
        " requests. Reasoning comes before the answer and is part of it.",
    ),
    Definition(
        "throughput",
        "Throughput",
        "Output tokens after the first, divided by the time after the first, of successful"
        " requests. Reasoning tokens are left out on both sides. Nothing is said where everything"
        f" after the first token came within {MIN_STREAM_MS:g} ms.",
    ),
    Definition(
        "latency", "Latency", "The whole successful request, from sending it to its last byte."
    ),
    Definition(
        "tokens",
        "Tokens a day",
        "Input and output tokens of the requests that told them. It is the traffic that was"
        " reported to this site, not all that the provider serves.",
    ),
    Definition(
        "effective",
        "Effective price after caching",
        "What the input that was reported would cost at today’s plain public prices, with the"
        " share that was read from a cache at the price for cached input, divided by that input."
        " Only requests that told how much was cached are counted.",
    ),
)

RULES: tuple[Definition, ...] = (
    Definition(
        "minimum",
        "Least number of requests",
        f"Below {MIN_N} requests no share and no percentile is shown. The counts are.",
    ),
    Definition(
        "windows",
        "Windows",
        f"Hours and days of UTC. A window of {QUOTED['day']} is the running hour and the"
        f" {DAY_HOURS - 1} before it, one of {QUOTED['month']} today and the {MONTH_DAYS - 1} days"
        " before. A request belongs to the hour in which it was sent, however late it is told: up"
        f" to {QUOTED['behind']}. One told from more than {QUOTED['ahead']} ahead is refused. Hours"
        f" are kept {HOURS_KEPT_DAYS} days, days for ever.",
    ),
    Definition(
        "percentiles",
        "Percentiles",
        "p50, p90 and p99 by nearest rank, from base-2 exponential histograms as OpenTelemetry"
        f" defines them (scale {SCALE}). They are at most {QUANTILE_ERROR_PERCENT} % off, more"
        " where a sender’s own histograms are coarser. Least, mean, most and all counts are exact."
        " Histograms are added and never averaged, so a day is as true as an hour. p90 of"
        " throughput is the rate that nine requests in ten did not exceed.",
    ),
    Definition(
        "idle",
        "Idle hours",
        "An hour in which nothing was measured is blank. A monitor’s own outage shows as unknown,"
        " never as down.",
    ),
    Definition(
        "incidents",
        "Incidents",
        f"Consecutive measured hours of one endpoint in each of which {QUOTED['incident']}. An hour"
        " without measurements ends an incident: nobody knows whether it went on.",
    ),
    Definition(
        "rankings",
        "Rankings",
        f"Of {QUOTED['week']} of UTC, today with them, by one way of measuring. Endpoints with"
        f" fewer than {RANKED_FROM} requests are left out of those by speed and uptime.",
    ),
    Definition(
        "ways",
        "Never mixed",
        "Probes and reported traffic are different instruments: prompts, lengths and times of day"
        " differ. Each figure is of one way of measuring, which it names. What others published is"
        " shown apart, under their names.",
    ),
)

WAYS: dict[Inlet, Way] = {
    Inlet.PROBE: Way(
        "our probes",
        "Streaming requests that this site sends by itself, with prompts that are new each time.",
    ),
    Inlet.PLAYGROUND: Way(
        "playground",
        "Streaming requests that people typed on this site, timed as our probes are.",
    ),
    Inlet.PUSH: Way(
        "reported requests", "Requests that senders made for their own purposes and reported here."
    ),
    Inlet.OTLP: Way(
        "OpenTelemetry",
        "Requests of instrumented applications and gateways, received over OTLP.",
    ),
    Inlet.OTLP_METRICS: Way(
        "OpenTelemetry metrics",
        "Histograms that applications and gateways counted themselves, received over OTLP. Where"
        " they chose their own bounds, percentiles are as coarse as these.",
    ),
    Inlet.LITELLM: Way("LiteLLM", "Requests that a LiteLLM proxy handled and reported here."),
    Inlet.PROMETHEUS: Way(
        "Prometheus",
        "Sums that a Prometheus-compatible server keeps, read from there by query.",
    ),
}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How somebody else defines the same words, as far as they say."""

    name: str
    uptime: str
    latency: str
    throughput: str
    pages: tuple[str, ...]  # where we read it


OTHERS: tuple[Elsewhere, ...] = (
    Elsewhere(
        "OpenRouter",
        "successes / (successes + errors); 429 left out; whether other 4xx count is not said."
        " Windows of 5 and 30 minutes and a day; null where there is too little.",
        "TTFT over 30 minutes: p50, p75, p90, p99.",
        "Output tokens a second over 30 minutes; its routing goes by end-to-end tokens a second.",
        ("https://openrouter.ai/docs/guides/routing/provider-routing",),
    ),
    Elsewhere(
        "Vercel AI Gateway",
        "Valid answers / attempts; all 4xx and requests with the caller’s own key left out."
        " Windows of 15 minutes, an hour and a day. An idle window is drawn as 100 %.",
        "TTFT from the moment at which the request reaches the provider: p50 and p95 over an hour.",
        "Output tokens a second: p50 and p95 over an hour.",
        (
            "https://vercel.com/docs/ai-gateway/models-and-providers/uptime",
            "https://vercel.com/docs/ai-gateway/models-and-providers/metrics",
        ),
    ),
    Elsewhere(
        "ZenMux",
        "Called recent uptime; not defined.",
        "TTFT: least, mean and most on its pages, the median of the day before in its API.",
        "Tokens a minute in its documentation, tokens a second on its pages.",
        ("https://github.com/ZenMux/zenmux-doc",),
    ),
    Elsewhere(
        "Artificial Analysis",
        "None found.",
        "Its own probes with unique prompts of 100, 1,000 and 10,000 tokens, eight times a day:"
        " median of 72 hours. Time to the first token of the answer is a metric of its own.",
        "Tokens a second after the first, counted by one tokenizer for all.",
        ("https://artificialanalysis.ai/methodology/performance-benchmarking",),
    ),
    Elsewhere(
        "Hugging Face",
        "A probe every six hours; one that fails takes the provider off the list until an hourly"
        " test succeeds.",
        "Of the latest probe; it must be below 5 seconds.",
        "Of the latest probe.",
        ("https://huggingface.co/docs/inference-providers/register-as-a-provider",),
    ),
)
