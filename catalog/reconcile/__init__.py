"""The shop window follows the market: models, listings, folded facts and derived tags.

`follow` is called inside the transaction that publishes. Everything is a function of the published
endpoints and of what editors said, written by difference: two full runs give the same tables, and
one that finds nothing changed writes nothing.
"""

from datetime import datetime

from catalog.models import AIModel, Listing
from providers.models import Endpoint
from providers.publish import Published

from . import facts, listings
from .alike import list_alike


def follow(published: Published) -> int:
    """Brings models and listings up to what was published; returns how many rows it wrote."""
    written, touched = 0, set[int]()
    if _may_name_models(published):
        alike = list_alike(published.endpoints)
        written, touched = listings.relist() if alike is None else (alike, touched)
    touched |= _models_of(published)
    if published.models:
        touched |= facts.models_spoken_of(published.models)
    return written + facts.refold(touched, now=published.now)


def everything(*, now: datetime) -> int:
    """Lists and folds the whole market anew, as after a change of the rules; rows written."""
    written, _ = listings.relist()
    every_model = set(AIModel.objects.values_list("pk", flat=True))
    return written + facts.refold(every_model, now=now)


def _may_name_models(published: Published) -> bool:
    """Whether an endpoint among the published is not listed yet, so that models may appear."""
    if not published.endpoints:
        return False
    unlisted = Endpoint.objects.filter(listing=None).values_list("pk", flat=True)
    return any(pk in published.endpoints for pk in unlisted.iterator())


def _models_of(published: Published) -> set[int]:
    listed = Listing.objects.exclude(model=None).values_list("endpoint_id", "model_id")
    return {model for endpoint, model in listed.iterator() if endpoint in published.endpoints}
