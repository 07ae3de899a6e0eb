import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from ..facts import MAX_NAME, MAX_TEXT
from .provider import Provider

# Only variables that were set for this purpose may be sent anywhere; else whoever may enter a name
# here could have SECRET_KEY or a cloud's key sent to a host of their own.
VARIABLE = re.compile(r"PROBE_KEY_[A-Z0-9_]+\Z")
# Nothing that two readers of addresses could read differently.
_BASE = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~%/-]*)?\Z")
HEADERS = [
    ("", "as the protocol has it"),
    ("authorization", "Authorization: Bearer …"),
    ("x-api-key", "x-api-key: …"),
    ("api-key", "api-key: …"),
]


def check_base(base: str) -> None:
    if not _BASE.match(base):
        raise ValidationError(
            "%(base)s is no root of an API; write it like https://api.openai.com/v1, in small "
            "letters, without a user name, ? or #",
            params={"base": base},
        )


class Credential(models.Model):
    """A key of ours at a provider, and the one address that it is sent to.

    The address is the operator's word, never a source's: a catalog that was tampered with could
    otherwise have keys sent to itself.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="credentials")
    label = models.CharField(max_length=MAX_NAME, help_text="What you call this key.")
    base = models.CharField(
        "API root",
        max_length=MAX_TEXT,
        validators=[check_base],
        help_text="Where the key is sent, and nowhere else; like https://api.openai.com/v1.",
    )
    header = models.CharField("handed over", max_length=20, choices=HEADERS, blank=True, default="")
    # One of the two: encrypted here (see vault.py), or the name of an environment variable.
    sealed = models.TextField(blank=True, editable=False)
    hint = models.CharField(max_length=4, blank=True, editable=False)  # its last characters
    variable = models.CharField(
        "environment variable",
        max_length=MAX_NAME,
        blank=True,
        validators=[
            RegexValidator(VARIABLE, "Name a variable that begins with PROBE_KEY_, in capitals.")
        ],
        help_text="Instead of a key: a variable of the workers, beginning with PROBE_KEY_.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "label"], name="credential_once"),
            models.CheckConstraint(
                condition=(Q(sealed="") & ~Q(variable="")) | (~Q(sealed="") & Q(variable="")),
                name="credential_kept_in_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}: {self.label} ({self.shown})"

    @property
    def shown(self) -> str:
        """All that is ever shown of it."""
        return self.variable or f"…{self.hint}"

    @property
    def origin(self) -> str:
        """Like https://api.openai.com; the key goes there alone."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"
