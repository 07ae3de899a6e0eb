from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import claims, publish
from ..choices import HeldKind
from ..facts import BadFact
from ..models import Held
from .asking import refresh_now
from .readonly import ReadOnlyAdmin
from .words import condition_words, label, stored_words


@admin.register(Held)
class HeldAdmin(ReadOnlyAdmin):
    """What waits for an editor: before, after, accept or refuse."""

    list_display = (
        "subject", "what", "was", "would_be", "reason", "source", "answer",
    )  # fmt: skip
    list_select_related = ("endpoint__provider", "endpoint__upstream", "source", "answered_by")
    list_filter = ("answer", "kind", "source")
    ordering = ("answer", "-pk")
    actions = ("accept", "refuse")
    fields = (
        "subject", "what", "when", "was", "would_be", "effective_from", "effective_to",
        "reason", "source", "run", "answer", "answered_by", "answered_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="What is held")
    def subject(self, row: Held) -> str:
        return str(row.endpoint or f"a whole reading of {row.source}")

    @admin.display(description="Fact", ordering="key")
    def what(self, row: Held) -> str:
        return label(row.key)

    @admin.display(description="Condition", ordering="condition")
    def when(self, row: Held) -> str:
        return condition_words(row.condition)

    @admin.display(description="Published")
    def was(self, row: Held) -> str:
        return _words(row, row.before)

    @admin.display(description="The source says")
    def would_be(self, row: Held) -> str:
        return _words(row, row.after)

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.correct_price"))

    @admin.action(description="Accept: publish what the source states", permissions=["answer"])
    def accept(self, request: HttpRequest, items: QuerySet[Held]) -> None:
        answered = self._answer(request, items, accept=True)
        messages.success(request, f"Accepted {answered}.")

    @admin.action(description="Refuse: keep what was published", permissions=["answer"])
    def refuse(self, request: HttpRequest, items: QuerySet[Held]) -> None:
        answered = self._answer(request, items, accept=False)
        messages.success(request, f"Refused {answered}; what was published stays.")

    def _answer(self, request: HttpRequest, items: QuerySet[Held], *, accept: bool) -> int:
        """How many were answered; those answered before are told and left."""
        now = datetime.now(UTC)
        answered: list[Held] = []
        with transaction.atomic():
            for held in items.select_related("source", "run"):
                try:
                    claims.answer(held, accept=accept, by=request.user, now=now)  # type: ignore[arg-type]  # staff
                    answered.append(held)
                except BadFact as error:
                    messages.warning(request, f"{held}: {error}")
            touched = [held.endpoint_id for held in answered if held.endpoint_id]
            publish.publish(now=now, endpoints=touched)
        if accept:
            _read_again(request, answered)
        return len(answered)


def _read_again(request: HttpRequest, answered: list[Held]) -> None:
    """A whole reading that was held is not kept: it is fetched anew."""
    for held in answered:
        if held.endpoint_id is None:
            refresh_now(held.source.slug)
            messages.info(request, f"{held.source} is read again in a moment.")


def _words(row: Held, text: str) -> str:
    if row.kind == HeldKind.SHRUNK.value:
        return text[:12]  # the answer's sha256
    return stored_words(row.key, text)
