"""A program with OpenTelemetry's SDK that tells of calls; where to, its environment alone says.

`python -m bench.instrumented openai gpt-4o-mini 20` reports so many answers, as spans and as
histograms.
"""

import sys
import time

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

TTFT, LATENCY = 0.25, 2.0  # seconds
INPUT_TOKENS, OUTPUT_TOKENS = 100, 50
NS_PER_SECOND = 10**9


def report(provider: str, model: str, calls: int) -> bool:
    """Whether all of it was exported."""
    named = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }
    tracing = TracerProvider()
    tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    metering = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    duration = metering.get_meter("bench").create_histogram(
        "gen_ai.client.operation.duration", unit="s"
    )
    tracer = tracing.get_tracer("bench")
    now = time.time_ns()
    for number in range(calls):
        begun = now - (number + 3) * NS_PER_SECOND
        span = tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, start_time=begun)
        span.set_attributes(
            {
                **named,
                "gen_ai.response.time_to_first_chunk": TTFT,
                "gen_ai.usage.input_tokens": INPUT_TOKENS,
                "gen_ai.usage.output_tokens": OUTPUT_TOKENS,
            }
        )
        span.end(begun + int(LATENCY * NS_PER_SECOND))
        duration.record(LATENCY, named)
    flushed = [tracing.force_flush(), metering.force_flush()]
    tracing.shutdown()
    metering.shutdown()
    return all(flushed)


if __name__ == "__main__":
    _, provider, model, calls = sys.argv
    sys.exit(0 if report(provider, model, int(calls)) else 1)
