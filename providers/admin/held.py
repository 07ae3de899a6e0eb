from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import claims, jobs, publish
from ..facts import BadFact
from ..models import Held
from .readonly import ReadOnlyAdmin


@admin.register(Held)
class HeldAdmin(ReadOnlyAdmin):
    """What waits for an editor: before, after, accept or refuse."""

    list_display = (
        "subject",
        "key",
        "before",
        "after",
        "reason",
        "source",
        "answer",
        "answered_by",
    )
    list_select_related = ("endpoint__provider", "endpoint__upstream", "source", "answered_by")
    list_filter = ("answer", "kind", "source")
    ordering = ("answer", "-pk")
    actions = ("accept", "refuse")

    @admin.display(description="What is held")
    def subject(self, row: Held) -> str:
        return str(row.endpoint or f"a whole reading of {row.source}")

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.correct_price"))

    @admin.action(description="Accept: publish what the source states", permissions=["answer"])
    def accept(self, request: HttpRequest, items: QuerySet[Held]) -> None:
        self._answer(request, items, accept=True)

    @admin.action(description="Refuse: keep what was published", permissions=["answer"])
    def refuse(self, request: HttpRequest, items: QuerySet[Held]) -> None:
        self._answer(request, items, accept=False)

    def _answer(self, request: HttpRequest, items: QuerySet[Held], *, accept: bool) -> None:
        now = datetime.now(UTC)
        touched = []
        for held in items.select_related("source", "run"):
            try:
                claims.answer(held, accept=accept, by=request.user, now=now)  # type: ignore[arg-type]
            except BadFact as error:
                messages.warning(request, f"{held}: {error}")
                continue
            if held.endpoint_id:
                touched.append(held.endpoint_id)
            elif accept:
                jobs.ask("refresh", held.source.slug, now=now)
                messages.info(request, f"{held.source} is read again at the next tick.")
        publish.publish(now=now, endpoints=touched)
        messages.success(request, "Accepted." if accept else "Refused; what was published stays.")
