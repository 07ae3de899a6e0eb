"""The parameters page: what may be sent with a request, and how many endpoints take it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import Parameter
from catalog.queries import parameter_list as queries


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter. Type and meaning are empty while nobody has written them."""

    name: str
    type: str
    meaning: str
    deprecated: bool
    replaced_by: str
    supported: int  # endpoints that state support
    refused: int  # endpoints that state no support
    models_href: str


@dataclass(frozen=True, slots=True)
class ParameterListPage:
    rows: tuple[ParameterRow, ...]
    stating: int  # endpoints that state any parameter


def build(*, now: datetime) -> ParameterListPage:
    """Every parameter that we explain or that an endpoint states, by name."""
    stated = queries.stated_parameters()
    supported: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for parameters in stated:
        for name, takes in parameters.items():
            (supported if takes else refused)[name] += 1
    known = {parameter.name: parameter for parameter in queries.parameters()}
    names = sorted({*known, *supported, *refused})
    return ParameterListPage(
        rows=tuple(_row(name, known.get(name), supported[name], refused[name]) for name in names),
        stating=len(stated),
    )


def _row(name: str, known: Parameter | None, supported: int, refused: int) -> ParameterRow:
    href = f"{reverse('catalog:models')}?{urlencode({'parameter': name})}"
    return ParameterRow(
        name=name,
        type=known.type if known else "",
        meaning=known.description if known else "",
        deprecated=bool(known and known.deprecated),
        replaced_by=known.replaced_by if known else "",
        supported=supported,
        refused=refused,
        models_href=href if supported else "",
    )
