"""What a statement is about, and the columns that name it."""

from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q


class Subject(NamedTuple):
    """`endpoint` or `provider` by id, `model` by `author/slug`."""

    kind: str
    id: int | str

    def column(self) -> dict[str, Any]:
        """The column that names it, in claims and judgements."""
        return {"model" if self.kind == "model" else f"{self.kind}_id": self.id}


def of_one_subject(name: str) -> models.CheckConstraint:
    """A row is about an endpoint, a provider or a model: exactly one of the three columns."""
    return models.CheckConstraint(
        condition=(
            Q(endpoint__isnull=False, provider=None, model="")
            | Q(endpoint=None, provider__isnull=False, model="")
            | (Q(endpoint=None, provider=None) & ~Q(model=""))
        ),
        name=name,
    )
