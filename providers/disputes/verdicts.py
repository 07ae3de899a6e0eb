"""What editors said of disagreements."""

from collections.abc import Iterable

from django.db.models import Q

from ..choices import Verdict
from ..models import Judgement, Subject

Judged = tuple[Subject, str, str]  # verdict, digest of the difference it was about


def judged(about: Q = Q()) -> list[Judged]:  # noqa: B008  never changed
    """What editors said, the latest word on each difference."""
    latest: dict[tuple[Subject, str], str] = {}
    rows = Judgement.objects.filter(about).order_by("pk")
    for endpoint, provider, model, digest, verdict in rows.values_list(
        "endpoint_id", "provider_id", "model", "digest", "verdict"
    ):
        latest[subject_of(endpoint, provider, model), digest] = verdict
    return [(subject, verdict, digest) for (subject, digest), verdict in latest.items()]


def subject_of(endpoint: int | None, provider: int | None, model: str) -> Subject:
    if endpoint is not None:
        return Subject("endpoint", endpoint)
    return Subject("model", model) if provider is None else Subject("provider", provider)


def with_verdict(judged: Iterable[Judged], wanted: Verdict) -> dict[Subject, frozenset[str]]:
    found: dict[Subject, set[str]] = {}
    for subject, verdict, digest in judged:
        if verdict == wanted:
            found.setdefault(subject, set()).add(digest)
    return {subject: frozenset(digests) for subject, digests in found.items()}
