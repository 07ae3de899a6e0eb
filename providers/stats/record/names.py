"""Which endpoint an observation is about."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from ...choices import Kind
from ...models import Endpoint
from ..observation import Observation

T = TypeVar("T")
Name = tuple[str, str, str, str]  # provider, model, operation, upstream
AT_ONCE = 900  # names in one query; SQLite takes 999 parameters


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    operation: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The endpoint's id, or why there is none."""

    endpoint_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Endpoints by number and by name, as far as a batch asks for them."""

    numbers: frozenset[int]
    names: dict[Name, Answer]

    def answer(self, one: Observation) -> Answer:
        if one.endpoint is None:
            return self.names[one.name]
        if one.endpoint in self.numbers:
            return Answer(one.endpoint)
        return Answer(reason=f"there is no endpoint {one.endpoint}")


def look_up(batch: Collection[Observation]) -> Book:
    """All that a batch asks for. One query for each 900 names or numbers."""
    numbers = {one.endpoint for one in batch if one.endpoint is not None}
    names = {one.name for one in batch if one.endpoint is None}
    found = _named({(provider, model) for provider, model, _, _ in names})
    return Book(
        frozenset(_numbers(numbers)),
        {name: _answer(name, found.get(name[:2], [])) for name in names},
    )


def _answer(name: Name, sold: list[Candidate]) -> Answer:
    """One of those that bear the provider's and the model's name."""
    _, _, operation, upstream = name
    fitting = [
        each for each in sold if each.upstream == upstream and operation in ("", each.operation)
    ]
    if len(fitting) > 1:
        fitting = [each for each in fitting if each.operation == Kind.CHAT]
        if not fitting:
            return Answer(reason="several operations are sold under this name; name the operation")
    if fitting:
        return Answer(fitting[0].id)
    told = " with this operation and upstream" if operation or upstream else ""
    return Answer(reason=f"no endpoint of this provider bears this name{told}")


def _numbers(wanted: set[int]) -> Iterator[int]:
    for some in _parts(sorted(n for n in wanted if 0 < n < 2**63)):
        yield from Endpoint.objects.filter(pk__in=some).values_list("pk", flat=True)


def _named(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], list[Candidate]]:
    found: dict[tuple[str, str], list[Candidate]] = {}
    for models in _parts(sorted({model for _, model in wanted})):
        rows = Endpoint.objects.filter(native_id__in=models).values_list(
            "pk", "provider__slug", "native_id", "operation", "upstream__slug"
        )
        for pk, provider, model, operation, upstream in rows:
            if (provider, model) in wanted:
                candidate = Candidate(pk, operation, upstream or "")
                found.setdefault((provider, model), []).append(candidate)
    return found


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, AT_ONCE)):
        yield part
