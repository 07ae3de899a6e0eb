"""What the error names of libraries and providers amount to.

`error.type` of OpenTelemetry, and LiteLLM's classes: a status, an exception's class, or a word that
the provider itself sent. Whose fault an error was decides whether it counts against uptime, so a
name that tells nothing is not guessed at.
"""

import re

from ..choices import Outcome
from .observation import outcome_of

_NO_LETTER = re.compile(r"[^a-z0-9]")
_STATUS = re.compile(r"(?<!\d)([1-5]\d\d)(?!\d)")
# Parts of names without their punctuation; the first that is found decides.
_PARTS: tuple[tuple[Outcome, tuple[str, ...]], ...] = (
    (Outcome.RATE_LIMITED, ("ratelimit", "throttl", "toomanyrequests", "quotaexceeded")),
    (Outcome.RATE_LIMITED, ("insufficientquota", "resourceexhausted")),
    (
        Outcome.CALLER_ERROR,
        (
            *("badrequest", "invalidrequest", "invalidargument", "validation", "unprocessable"),
            *("authentication", "unauthorized", "unauthenticated", "permission", "forbidden"),
            *("accessdenied", "notfound", "contextlength", "contextwindow", "toolarge"),
            *("contentpolicy", "contentfilter", "unsupportedparam", "budgetexceeded"),
            *("cancel", "keyboardinterrupt", "generatorexit", "failedprecondition"),
        ),
    ),
    (
        Outcome.PROVIDER_ERROR,
        (
            *("timeout", "timedout", "deadlineexceeded", "connect", "overloaded", "unavailable"),
            *("internalserver", "servererror", "internalerror", "apierror", "badgateway"),
            *("remoteprotocol", "incompleteread", "readerror", "brokenstream", "midstream"),
            *("modelerror", "modelnotready", "modelstream"),
        ),
    ),
)


def outcome_of_error(name: str) -> Outcome | None:
    """What kind of failure a name tells of; None when it does not say whose it was."""
    if status := _STATUS.search(name):
        return _failed(int(status[1]))
    bare = _NO_LETTER.sub("", name.lower())
    for outcome, parts in _PARTS:
        if any(part in bare for part in parts):
            return outcome
    return None


def _failed(status: int) -> Outcome | None:
    outcome = outcome_of(status)
    return None if outcome == Outcome.OK else outcome
