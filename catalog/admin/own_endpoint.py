"""Endpoints made by hand, such as those of an own gateway: made, listed, taken off sale.

It stands here because whoever makes one says at once which model it serves. What it costs and can
do is then stated like any correction.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog import worklist
from catalog.worklist import WorklistError
from providers import own_endpoints
from providers.admin.endpoint import EndpointAdmin
from providers.choices import Group, Kind
from providers.facts import MAX_ID, MAX_NAME, MAX_SLUG, BadFact
from providers.models import Endpoint, Provider
from providers.own_endpoints import AlreadyThere, NearDuplicates, NewEndpoint, NewProvider

_GROUPS = {
    Group.GATEWAY: "a gateway: it calls somebody else",
    Group.CLOUD: "a cloud or host: it runs models itself",
    Group.AUTHOR: "an author: it sells its own models",
    Group.PLAN: "a plan: no price per token",
}


class OwnEndpointForm(forms.Form):
    """Who sells it, under which id, for what, and why it is here."""

    provider = forms.ModelChoiceField(
        Provider.objects.none(), required=False, empty_label="a new one, named below"
    )
    new_slug = forms.CharField(
        required=False, max_length=MAX_SLUG, label="New provider’s slug",
        help_text="As its page’s address will have it: a-z, 0-9, dots and dashes.",
    )  # fmt: skip
    new_name = forms.CharField(required=False, max_length=MAX_NAME, label="New provider’s name")
    new_group = forms.ChoiceField(
        required=False, label="New provider’s group",
        choices=[(group.value, words) for group, words in _GROUPS.items()],
    )  # fmt: skip
    native_id = forms.CharField(
        max_length=MAX_ID,
        label="Id",
        help_text="Exactly as a request names the model there.",
        widget=forms.TextInput(attrs={"size": 50}),
    )
    operation = forms.ChoiceField(
        choices=[(kind.value, kind.name.title()) for kind in Kind],
        error_messages={
            "invalid_choice": f"%(value)s is no operation; write one of {', '.join(Kind)}."
        },
    )
    upstream = forms.ModelChoiceField(
        Provider.objects.none(), required=False, empty_label="not named",
        help_text="Who runs it behind the gateway.",
    )  # fmt: skip
    name = forms.CharField(
        required=False,
        max_length=MAX_NAME,
        help_text="Empty: the id.",
        widget=forms.TextInput(attrs={"size": 50}),
    )
    model = forms.CharField(
        required=False, max_length=MAX_ID, help_text="Empty: the rules look for it by the id.",
        widget=forms.TextInput(
            attrs={
                "list": "models",
                "placeholder": "author/slug",
                "autocomplete": "off",
                "size": 50,
            }
        ),
    )  # fmt: skip
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where you know it from, with a link. It is kept and shown beside its values.",
    )
    anyway = forms.BooleanField(
        required=False, label="Make it all the same", widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, may_list: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("provider", "upstream"):
            self.fields[name].queryset = Provider.objects.by_name()  # type: ignore[attr-defined]
        if not may_list:
            del self.fields["model"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("provider") and not cleaned.get("new_slug"):
            self.add_error("provider", "Choose a provider, or write the slug of a new one.")
        if cleaned.get("provider") and cleaned.get("new_slug"):
            self.add_error("new_slug", "Leave this empty, or choose no provider above.")
        if cleaned.get("model"):
            cleaned["model"] = self._model(cleaned["model"])
        return cleaned

    def _model(self, words: str) -> str:
        meant = worklist.meant(words)
        if path := meant.model or meant.new:
            return path
        nearest = ", ".join(one.model for one in meant.nearest[:3])
        hint = f" Nearest: {nearest}." if nearest else ""
        self.add_error("model", f"“{words}” is no model; write author/slug.{hint}")
        return ""

    def asked(self) -> tuple[NewEndpoint, NewProvider | None]:
        typed = self.cleaned_data
        new = None
        if not typed["provider"]:
            name = typed["new_name"] or typed["new_slug"]
            new = NewProvider(typed["new_slug"], name, Group(typed["new_group"] or Group.GATEWAY))
        endpoint = NewEndpoint(
            provider=new.slug if new else typed["provider"].slug,
            native_id=typed["native_id"],
            operation=Kind(typed["operation"]),
            upstream=typed["upstream"].slug if typed["upstream"] else "",
            name=typed["name"],
        )
        return endpoint, new

    def confirm(self) -> None:
        """Lets the editor insist after near duplicates were shown."""
        self.fields["anyway"].widget = forms.CheckboxInput()


class ReasonForm(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why")


admin.site.unregister(Endpoint)


@admin.register(Endpoint)
class OwnEndpointAdmin(EndpointAdmin):
    """The market's endpoints, and those made here."""

    change_form_template = "admin/endpoint.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.add_endpoint"))

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.take_off_view)
        return [
            path("<int:pk>/take-off/", guarded, name="providers_endpoint_take_off"),
            *super().get_urls(),
        ]

    # -- making -----------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        may_list = request.user.has_perm("catalog.change_listing")
        form = OwnEndpointForm(request.POST or None, may_list=may_list)
        if request.method == "POST" and form.is_valid():
            endpoint = self._make(request, form)
            if endpoint:
                messages.success(request, f"Made: {endpoint}. State its prices and facts below.")
                return HttpResponseRedirect(_address(endpoint))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Make an endpoint by hand",
            "form": form,
            "models": worklist.model_paths() if may_list else (),
        }
        return TemplateResponse(request, "admin/own_endpoint.html", context)

    def _make(self, request: HttpRequest, form: OwnEndpointForm) -> Endpoint | None:
        """All of it or nothing; what stands in the way is told in the form."""
        now, by, typed = datetime.now(UTC), request.user, form.cleaned_data
        try:
            asked, provider = form.asked()
            with transaction.atomic():
                endpoint = own_endpoints.make(
                    asked,
                    by=by,  # type: ignore[arg-type]  # staff: admin_view let them in
                    why=typed["reason"],
                    now=now,
                    provider=provider,
                    anyway=typed["anyway"],
                )
                if path := typed.get("model"):
                    worklist.assign([endpoint.pk], path, by=by, now=now, reason=typed["reason"])  # type: ignore[arg-type]
            return endpoint
        except AlreadyThere as error:
            form.add_error("native_id", _named("It exists already: {}.", [error.endpoint]))
        except NearDuplicates as error:
            form.add_error(None, _named("Is it one of these? {}", error.rows))
            form.confirm()
        except (BadFact, WorklistError) as error:
            form.add_error(None, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return None

    # -- taking off sale --------------------------------------------------------------------------

    def take_off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Endpoint.objects.select_related("provider", "upstream"), pk=pk)
        if row.made_by_id is None:
            raise Http404("Only an endpoint made by hand is taken off sale here.")
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                done = own_endpoints.take_off(
                    row,
                    by=request.user,  # type: ignore[arg-type]  # staff
                    why=form.cleaned_data["reason"],
                    now=datetime.now(UTC),
                )
                log = reverse("admin:providers_changeset_change", args=[done.pk])
                words = 'Off sale. What was stated of it is kept: <a href="{}">undo</a>.'
                messages.success(request, format_html(words, log))
                return HttpResponseRedirect(_address(row))
            except BadFact as error:
                form.add_error(None, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Take {row} off sale",
            "form": form,
        }
        return TemplateResponse(request, "admin/take_off.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_take_off": self.has_add_permission(request)}
        # Nothing of an endpoint is typed into its form.
        extra |= dict.fromkeys(("show_save", "show_save_and_continue"), False)
        extra["show_save_and_add_another"] = False
        return super().changeform_view(request, object_id, form_url, extra)


def _address(row: Model) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def _named(sentence: str, rows: Sequence[Model]) -> SafeString:
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((_address(row), str(row)) for row in rows)
    )
    return format_html(sentence, links)
