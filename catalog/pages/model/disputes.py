"""Where sources disagree about a model and the endpoints that sell it."""

from collections.abc import Iterator

from catalog.pages.disagreement.notes import About, Noted, noted, of_endpoint
from catalog.pages.model.lines import route_name, variant_of
from catalog.pages.model.reads import Reads
from catalog.queries.model import Sold
from providers.disagreement import Known
from providers.disputes import Subject
from providers.facts import MODEL_FACTS


def disputes(reads: Reads) -> Noted:
    """Differences about each endpoint on sale and about the model; equal ones share a note."""
    return noted(_subjects(reads), reads.signs)


def _subjects(reads: Reads) -> Iterator[About]:
    """What statements are compared about: the endpoints on sale, then the model itself.

    About the model its own claims speak, and those about its author's endpoints.
    """
    for sold in reads.on_sale():
        claims = reads.claims.get(sold.endpoint.pk, [])
        yield of_endpoint(sold.endpoint, _name(sold), claims, reads.both_right)
    own = [sold.endpoint for sold in reads.on_sale() if sold.by_author and not variant_of(sold)]
    said = [
        claim
        for endpoint in own
        for claim in reads.claims.get(endpoint.pk, [])
        if claim.key in MODEL_FACTS
    ]
    if reads.model_claims:
        subject = Subject("model", reads.path)
        known = Known(both_right=reads.both_right.get(subject, frozenset()))
        provider = own[0].provider.slug if own else ""
        yield About(subject, reads.model.name, provider, [*reads.model_claims, *said], known)


def _name(sold: Sold) -> str:
    return ", ".join(filter(None, (route_name(sold.endpoint), variant_of(sold))))
