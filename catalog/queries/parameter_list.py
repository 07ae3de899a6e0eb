"""Reads of the parameters page."""

from catalog.models import Parameter
from catalog.queries.shown import unseen
from providers.models import Endpoint


def parameters() -> list[Parameter]:
    """Parameters that we can explain, by name."""
    return list(Parameter.objects.order_by("name"))


def stated_parameters() -> list[dict[str, bool]]:
    """For each endpoint on sale that states any: parameter → supported or not. One query."""
    rows = Endpoint.objects.listed().exclude(unseen()).exclude(parameters={})
    return list(rows.values_list("parameters", flat=True))
