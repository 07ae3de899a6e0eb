"""Names with the address of their page; empty address where there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import AIModel
from providers.models import Endpoint, Provider


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str = ""


def to_model(model: AIModel) -> Link:
    """A hidden model has no page. Needs `author` loaded."""
    if not model.is_shown():
        return Link(model.name)
    return Link(model.name, reverse("catalog:model", args=[model.author.slug, model.slug]))


def author_href(slug: str) -> str:
    return reverse("catalog:author", args=[slug])


def to_provider(provider: Provider) -> Link:
    return Link(provider.name, reverse("catalog:provider", args=[provider.slug]))


def to_provider_named(slug: str, names: Mapping[str, str]) -> Link:
    """A provider known by its slug; without a page unless `names` has it."""
    if slug not in names:
        return Link(slug)
    return Link(names[slug], reverse("catalog:provider", args=[slug]))


def model_of(endpoint: Endpoint) -> AIModel | None:
    """What the endpoint serves; None while nobody has said. Needs `listing__model` loaded."""
    return endpoint.listing.model if hasattr(endpoint, "listing") else None


def to_served(endpoint: Endpoint) -> Link:
    """The model behind an endpoint; one not matched yet goes by its own name."""
    model = model_of(endpoint)
    return to_model(model) if model else Link(endpoint.name or endpoint.native_id)


def endpoint_name(provider: str, native_id: str, upstream: str = "") -> str:
    """How an address names an endpoint: `zenmux:openai/gpt-4o-mini@azure`."""
    return f"{provider}:{native_id}" + (f"@{upstream}" if upstream else "")


def name_of(endpoint: Endpoint) -> str:
    """The endpoint's name in an address. Needs `provider` and `upstream` loaded."""
    upstream = endpoint.upstream.slug if endpoint.upstream else ""
    return endpoint_name(endpoint.provider.slug, endpoint.native_id, upstream)


def asked_of(kind: str, name: int | str, condition: str = "") -> str:
    """How an address names the subject of a value: `endpoint=12`, `model=openai/gpt-4o`."""
    return urlencode({kind: name, **({"condition": condition} if condition else {})}, safe="/:")


def to_provenance(
    kind: str, name: int | str, key: str = "", condition: str = "", *, as_of: str = ""
) -> str:
    """Where a value, or with no key everything of a subject, is told."""
    asked = {kind: name, "key": key, "condition": condition, "as_of": as_of}
    said = {name: value for name, value in asked.items() if value}
    return f"{reverse('catalog:provenance')}?{urlencode(said, safe='/:')}"


def to_compare(*, models: Iterable[str] = (), endpoints: Iterable[str] = ()) -> str:
    """The comparison of models (`author/slug`) or of endpoints (see endpoint_name)."""
    asked = [("model", path) for path in models] + [("endpoint", name) for name in endpoints]
    address = reverse("catalog:compare")
    return f"{address}?{urlencode(asked, safe='/:@')}" if asked else address
