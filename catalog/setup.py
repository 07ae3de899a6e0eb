"""The first administrator: a link that is printed once and works once.

The link is signed with a nonce kept in DATA_DIR. Printing a new link replaces the nonce and using
the link removes it, so an older link is void even while its signature is young. Nobody can use
one after the site has a superuser.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import roles
from providers.models import Edition

LIFETIME = timedelta(hours=24)
SUBJECT = "first-administrator"
NONCE_FILE = settings.DATA_DIR / "setup-nonce"


class AdministratorForm(UserCreationForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Name and password, checked by AUTH_PASSWORD_VALIDATORS."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit)  # type: ignore[no-any-return]  # a User, by Meta.model


def has_administrator() -> bool:
    return User.objects.filter(is_superuser=True).exists()


def issue_link() -> str:
    """Path of a new link; the one before is void from now on."""
    nonce = secrets.token_urlsafe(24)
    NONCE_FILE.parent.mkdir(parents=True, exist_ok=True)
    NONCE_FILE.touch(mode=0o600)
    NONCE_FILE.write_text(nonce)
    return reverse("catalog:setup", args=[_signer(nonce).sign(SUBJECT).partition(":")[2]])


def is_valid(token: str) -> bool:
    if has_administrator() or not NONCE_FILE.exists():
        return False
    signer = _signer(NONCE_FILE.read_text())
    try:
        return signer.unsign(f"{SUBJECT}:{token}", max_age=LIFETIME) == SUBJECT
    except BadSignature:  # SignatureExpired is one
        return False


def _signer(nonce: str) -> TimestampSigner:
    return TimestampSigner(salt=f"almanac.setup.{nonce}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not is_valid(token):
        raise Http404("This link was used, has expired, or is not ours.")
    form = AdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, _create(form, token))
        return redirect("admin:index")
    return render(request, "setup.html", {"form": form})


@transaction.atomic
def _create(form: AdministratorForm, token: str) -> User:
    """Two people may press the button at once: the edition's row is the lock between them."""
    Edition.objects.get_or_create(pk=1)
    Edition.objects.select_for_update().get(pk=1)
    if not is_valid(token):
        raise Http404("This link was used a moment ago.")
    user: User = form.save()
    roles.ensure()
    NONCE_FILE.unlink()
    return user
