from django.conf import settings
from django.db import models
from django.db.models import Q

from ..choices import EditKind
from ..facts import MAX_TEXT
from .claim import Claim

EDIT_KINDS = [(kind.value, kind.name.title()) for kind in EditKind]


class ChangeSet(models.Model):
    """What an editor changed at once: the log of who did what, when and why.

    Never updated. Undoing it is another change set, which names this one.
    """

    kind = models.CharField(max_length=20, choices=EDIT_KINDS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    why = models.TextField()
    # What was done, in words, where there is more to say than the changes do: `+10 % on 40 prices`.
    what = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.at:%Y-%m-%d %H:%M}"


class Change(models.Model):
    """One statement that a change set began, ended, or put in the place of another."""

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="changes")
    begun = models.OneToOneField(
        Claim, models.PROTECT, null=True, blank=True, related_name="begun_in"
    )
    ended = models.OneToOneField(
        Claim, models.PROTECT, null=True, blank=True, related_name="ended_in"
    )
    # What was published in its place before, by whomever: canonical text; empty: nothing.
    before = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(begun__isnull=False) | Q(ended__isnull=False),
                name="change_of_something",
            ),
        ]

    def __str__(self) -> str:
        return str(self.begun or self.ended)
