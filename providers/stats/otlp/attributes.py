"""Attributes as plain values, and the readings of them that spans and metrics share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from ..naming import OPENROUTER, OTEL, Name, names, provider_at, slug_of

Attributes = Mapping[str, Any]

PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
REQUESTED, ANSWERED = "gen_ai.request.model", "gen_ai.response.model"
OPERATION = "gen_ai.operation.name"
# What the conventions call a request for inference; agents and tools are made of these.
OPERATIONS = {
    "chat": "",
    "generate_content": "",
    "text_completion": "",
    "completion": "",
    "embeddings": "embedding",
}
HOSTS = ("server.address", "net.peer.name")
UNNAMED_SERVICE = "unknown_service"
FROM_OPENROUTER = "trace.metadata.openrouter."


class BadAttribute(ValueError):
    """Names an attribute that cannot be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who measured: the service and its region, as the resource says."""

    app: str = ""
    region: str = ""


@dataclass(slots=True)
class Faults:
    """Why items were not taken, each reason with how many."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, count: int = 1) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + count


def plain(values: Iterable[KeyValue]) -> dict[str, Any]:
    """Texts, numbers and booleans by key; lists and maps are not read anywhere."""
    found = {}
    for pair in values:
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "double_value", "bool_value"):
            found[pair.key] = getattr(pair.value, kind)
    return found


def source_of(resource: Attributes) -> Source:
    app = text(resource, "service.name")
    if app.startswith(UNNAMED_SERVICE) or app.lower() == OPENROUTER:
        app = ""  # a default of the SDK, or the gateway: nobody's app
    return Source(app, text(resource, "cloud.region"))


def text(told: Attributes, *keys: str) -> str:
    """The first of these that says anything."""
    return next((str(told[key]) for key in keys if told.get(key)), "")


def whole(told: Attributes, *keys: str) -> int | None:
    number = _number(told, *keys)
    if number is not None and number != int(number):
        raise BadAttribute(f"{keys[0]} is {number}; write a whole number")
    return None if number is None else int(number)


def seconds(told: Attributes, *keys: str) -> float | None:
    return _number(told, *keys)


def dollars(told: Attributes, *keys: str) -> Decimal | None:
    number = _number(told, *keys)
    return None if number is None else Decimal(repr(number))


def names_of(told: Attributes, hosts: Mapping[str, str]) -> tuple[Name, ...]:
    """Names to try: the host that was called says more than the name of the SDK's flavour."""
    models = [told[key] for key in (REQUESTED, ANSWERED) if told.get(key)]
    operation = OPERATIONS.get(text(told, OPERATION), "")
    stated = text(told, *PROVIDER)
    if any(key.startswith(FROM_OPENROUTER) for key in told):
        return names([OPENROUTER], map(str, models), operation, slug_of(OPENROUTER, stated))
    host = text(told, *HOSTS)
    known = provider_at(host, hosts) if host else ""
    providers = [known] if known else [slug_of(OTEL, stated)] if stated else []
    return names(providers, map(str, models), operation)


def _number(told: Attributes, *keys: str) -> int | float | None:
    key = next((key for key in keys if key in told), None)
    if key is None:
        return None
    value = told[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadAttribute(f"{key} is {str(value)[:40]!r}; write a number")
    if value != value or value in (float("inf"), float("-inf")):
        raise BadAttribute(f"{key} is {value}; write a number")
    return value
