"""Sample code for the endpoint of the sheet."""

from dataclasses import dataclass

from catalog.pages.model.lines import route_name
from catalog.queries.model import Sold
from catalog.snippets import Snippet, SnippetTarget, snippets_for, why_none


@dataclass(frozen=True, slots=True)
class Code:
    """Snippets for one endpoint; `shown` is the slug of the one that is open.

    `missing` says why there are none.
    """

    seller: str
    snippets: tuple[Snippet, ...]
    shown: str
    missing: str = ""


def code(sold: Sold, asked: str) -> Code:
    """Samples in every language that fits; the one asked for is open, else the first."""
    endpoint, provider = sold.endpoint, sold.endpoint.provider
    target = SnippetTarget(
        kind=endpoint.operation,
        native_id=endpoint.native_id,
        api_base=endpoint.api_base or provider.api_base or "",
        key_variable=endpoint.key_variable or provider.key_variable or "",
        protocols=frozenset(name for name, spoken in endpoint.protocols.items() if spoken),
        input_modalities=frozenset(endpoint.input_modalities or ()),
        sdk=endpoint.sdk or provider.sdk or "",
        provider_name=provider.name,
        provider_slug=provider.slug,
    )
    snippets = snippets_for(target)
    slugs = [snippet.slug for snippet in snippets]
    shown = asked if asked in slugs else next(iter(slugs), "")
    missing = "" if snippets else why_none(target)
    return Code(route_name(endpoint), snippets, shown, missing)
