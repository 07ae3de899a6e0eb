"""How others hand in measurements: configurations to copy, with this site's own address in them."""

from dataclasses import dataclass

from providers.stats.definitions import QUOTED

from ..highlight import highlight

TOKEN = "almanac_…"  # noqa: S105  where the sender's token goes


@dataclass(frozen=True, slots=True)
class Sample:
    """Something to copy, and where it goes. `html` is the highlighted text."""

    slug: str
    place: str
    html: str


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of sender: what to do, what to copy, what becomes of it."""

    slug: str
    title: str
    address: str
    steps: str
    samples: tuple[Sample, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendingPage:
    header: str
    ways: tuple[Way, ...]


def build(*, root: str) -> SendingPage:
    """`root`: the site's address without a slash at its end. No query."""
    return SendingPage(
        header=f"Authorization: Bearer {TOKEN}",
        ways=(_litellm(root), _collector(root), _sdk(root), _openrouter(root), _curl(root)),
    )


def _sample(slug: str, place: str, language: str, *lines: str) -> Sample:
    return Sample(slug, place, highlight("\n".join(lines), language))


def _litellm(root: str) -> Way:
    return Way(
        slug="litellm",
        title="LiteLLM proxy",
        address=f"{root}/api/v1/observations/litellm",
        steps="Its generic API callback posts calls in batches, also those that failed.",
        samples=(
            _sample(
                *("litellm-config", "config.yaml", "yaml"),
                "litellm_settings:",
                '  callbacks: ["generic_api"]',
                "  turn_off_message_logging: true  # prompts and answers stay with you",
            ),
            _sample(
                *("litellm-environment", "Environment of the proxy", "bash"),
                f"export GENERIC_LOGGER_ENDPOINT={root}/api/v1/observations/litellm",
                f'export GENERIC_LOGGER_HEADERS="Authorization=Bearer {TOKEN}"',
            ),
        ),
        notes=(
            "Time is taken by the proxy, so what it needs for itself is part of it.",
            "The app is the team of the key that was used, or else the request's first tag.",
            "Answers from the proxy's cache and its own rate limits measure no provider.",
            "The callback sends nothing twice: calls that end while it posts others, or while this"
            " site cannot be reached, go unreported.",
        ),
    )


def _collector(root: str) -> Way:
    return Way(
        slug="collector",
        title="OpenTelemetry Collector",
        address=f"{root}/v1/traces and {root}/v1/metrics",
        steps="OTLP over HTTP, as protobuf or JSON, with or without gzip.",
        samples=(
            _sample(
                *("collector-config", "config.yaml", "yaml"),
                "processors:",
                "  filter/genai:",
                "    error_mode: ignore",
                "    traces:",
                "      span:",
                '        - attributes["gen_ai.request.model"] == nil',
                "  cumulativetodelta: {}",
                "  batch/almanac:",
                "    send_batch_max_size: 1000  # a body may have 4 MB, unpacked",
                "    send_batch_size: 1000",
                "",
                "exporters:",
                "  otlphttp/almanac:",
                f"    endpoint: {root}",
                "    headers:",
                "      Authorization: Bearer ${env:ALMANAC_TOKEN}",
                "",
                "service:",
                "  pipelines:",
                "    traces/almanac:",
                "      receivers: [otlp]",
                "      processors: [filter/genai, batch/almanac]",
                "      exporters: [otlphttp/almanac]",
                "    metrics/almanac:",
                "      receivers: [otlp]",
                "      processors: [cumulativetodelta, batch/almanac]",
                "      exporters: [otlphttp/almanac]",
            ),
        ),
        notes=(
            "Read are spans of chat, generate_content, text_completion and embeddings by the GenAI"
            " semantic conventions: provider, model, tokens, time to first chunk, error.type. Other"
            " spans are passed over. Prompts are neither read nor kept.",
            "Of metrics: gen_ai.client.token.usage, gen_ai.client.operation.duration,"
            " gen_ai.server.request.duration, gen_ai.server.time_to_first_token and"
            " gen_ai.server.time_per_output_token, with delta temporality.",
            "Spans and metrics of the same requests are counted apart and never added up.",
            "What could not be taken is told as partial_success, which the Collector logs.",
        ),
    )


def _sdk(root: str) -> Way:
    return Way(
        slug="sdk",
        title="A program with an OpenTelemetry SDK",
        address=f"{root}/v1/traces and {root}/v1/metrics",
        steps="Any instrumentation that follows the GenAI conventions, without a Collector.",
        samples=(
            _sample(
                *("sdk-environment", "Environment of the program", "bash"),
                f"export OTEL_EXPORTER_OTLP_ENDPOINT={root}",
                "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
                f'export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20{TOKEN}"',
                "export OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta",
                "export OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=\\",
                "base2_exponential_bucket_histogram",
                "export OTEL_SERVICE_NAME=support-bot  # shown as the app",
            ),
        ),
        notes=(
            "With exponential histograms percentiles are as exact as ours; with bounds of the"
            " sender's own they are as coarse as these.",
        ),
    )


def _openrouter(root: str) -> Way:
    return Way(
        slug="openrouter",
        title="OpenRouter Broadcast",
        address=f"{root}/v1/traces",
        steps=(
            "In OpenRouter's settings, under Observability, enable Broadcast, add the destination"
            " OpenTelemetry Collector, and enter:"
        ),
        samples=(
            _sample("openrouter-endpoint", "Endpoint", "text", f"{root}/v1/traces"),
            _sample(
                *("openrouter-headers", "Headers", "json"),
                f'{{"Authorization": "Bearer {TOKEN}"}}',
            ),
        ),
        notes=(
            "OpenRouter calls from outside: this site must be reachable for it over https.",
            "A trace counts for the endpoint of OpenRouter that ran upstream where it is listed,"
            " else for OpenRouter's model as a whole.",
        ),
    )


def _curl(root: str) -> Way:
    return Way(
        slug="curl",
        title="Anything else",
        address=f"{root}/api/v1/observations",
        steps="JSON or lines of JSON, up to 50,000 requests at once.",
        samples=(
            _sample(
                *("curl-example", "Shell", "bash"),
                f"curl {root}/api/v1/observations \\",
                f"  -H 'Authorization: Bearer {TOKEN}' \\",
                "  -H 'Content-Type: application/json' \\",
                "  -d '[{",
                '    "id": "req-8f3a", "at": "2026-11-20T08:30:00Z", "outcome": "ok",',
                '    "provider": "openai", "model": "gpt-4o-mini",',
                '    "ttft_ms": 412.5, "latency_ms": 2310,',
                '    "input_tokens": 1200, "output_tokens": 310, "app": "support-bot"',
                "  }]'",
            ),
        ),
        notes=(
            "outcome is ok, provider_error, rate_limited or caller_error; at is when the request"
            f" was sent, at most {QUOTED['behind']} ago.",
            "200: all of it was taken. 422: the answer names what was not, by its index; the rest"
            " was. 503: nothing was, send it again.",
        ),
    )
