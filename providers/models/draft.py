from django.conf import settings
from django.db import models

from ..facts import MAX_TEXT
from .change_set import EDIT_KINDS


class Draft(models.Model):
    """Edits of prices that an editor looks at before they are saved; published by nobody yet.

    Kept in the database, so that a preview of thousands survives a closed window and is saved as
    it was shown.
    """

    kind = models.CharField(max_length=20, choices=EDIT_KINDS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    why = models.TextField(blank=True, default="")
    what = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    # pricing_desk.drafts writes and reads both: the edits, and what their author saw there.
    edits = models.JSONField()
    seen = models.JSONField()
    # What an imported file changes, row by row, as its author was told.
    rows = models.JSONField(default=list, blank=True)
    undoes = models.ForeignKey("ChangeSet", models.CASCADE, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"draft of {self.by}, {self.made_at:%Y-%m-%d %H:%M}"
