from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import senders
from ..models import Delivery, Quarantined, Sender
from ..models.observation import INLETS
from ..models.sender import PUSHING
from .readonly import ReadOnlyAdmin

WORDS = dict(INLETS)
SHOWN_ONCE = "Token of %s, shown this once: %s"


class SenderForm(forms.ModelForm[Sender]):
    inlets = forms.MultipleChoiceField(
        choices=[(inlet, WORDS[inlet]) for inlet in PUSHING],
        initial=list(PUSHING),
        widget=forms.CheckboxSelectMultiple,
        help_text="By which ways it may hand in measurements.",
    )

    class Meta:
        model = Sender
        fields = ("name", "inlets", "paused")


@admin.register(Sender)
class SenderAdmin(admin.ModelAdmin[Sender]):
    form = SenderForm
    list_display = ("name", "ways", "token", "paused", "created_at", "last_seen_at")
    list_filter = ("paused",)
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("pause", "go_on", "new_token")

    def get_readonly_fields(self, request: HttpRequest, obj: Sender | None = None) -> Any:
        # Events are known by their sender's name: under another one, replays would count again.
        return ("name",) if obj else ()

    @admin.display(description="Inlets")
    def ways(self, sender: Sender) -> str:
        return ", ".join(WORDS.get(inlet, inlet) for inlet in sender.inlets)

    @admin.display(description="Token")
    def token(self, sender: Sender) -> str:
        return f"… {sender.token_hint}"

    def save_model(self, request: HttpRequest, obj: Sender, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        token = senders.issue(obj.name, now=datetime.now(UTC), inlets=obj.inlets)
        saved = senders.named(obj.name)
        assert saved is not None  # noqa: S101  issued a line above
        senders.pause(saved, obj.paused)
        obj.pk = saved.pk
        messages.warning(request, SHOWN_ONCE % (obj.name, token))

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Sender]) -> None:
        messages.success(request, f"Paused {rows.update(paused=True)}.")

    @admin.action(description="Go on", permissions=["change"])
    def go_on(self, request: HttpRequest, rows: QuerySet[Sender]) -> None:
        messages.success(request, f"Going on with {rows.update(paused=False)}.")

    @admin.action(description="New token (the old one is void at once)", permissions=["change"])
    def new_token(self, request: HttpRequest, rows: QuerySet[Sender]) -> None:
        for sender in rows:
            messages.warning(request, SHOWN_ONCE % (sender.name, senders.renew(sender)))


@admin.register(Quarantined)
class QuarantinedAdmin(ReadOnlyAdmin):
    """Names in pushed measurements that no endpoint bears. Forgotten after a month."""

    list_display = ("model", "provider", "count", "sender", "last_seen_at")
    list_filter = ("sender", "provider")
    search_fields = ("provider", "model")
    ordering = ("-count",)
    fields = (
        "provider", "model", "operation", "upstream", "reason", "count", "sender", "first_seen_at",
        "last_seen_at", "example",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("forget",)

    def has_forget_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.delete_quarantined"))

    @admin.action(description="Forget", permissions=["forget"])
    def forget(self, request: HttpRequest, rows: QuerySet[Quarantined]) -> None:
        deleted, _ = rows.delete()
        messages.success(request, f"Forgot {deleted}.")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What came in: by whom, how much, and whether it was counted. Kept two days."""

    list_display = ("sender", "inlet", "count", "received_at", "folded_at")
    list_filter = ("inlet", "sender", ("folded_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    fields = list_display
    readonly_fields = fields
