"""What an editor saw of a fact when its form was opened, and what others changed since.

It travels in the form, signed, so that the second of two editors is told before anything of the
first is overwritten.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from django.core import signing
from django.http import QueryDict

from ..bounds import doubt
from ..claims.lines import price_line
from ..facts import Fact, Price, canonical
from .statements import Says
from .words import condition_words, label, stored_words

_SALT = "providers.admin.seen"
FIELD, SURE = "seen", "sure"
Slot = tuple[str, str]  # key, condition


@dataclass(frozen=True, slots=True)
class Glance:
    """What stood in a slot: the canonical text published, and the editors' own claims."""

    about: str
    key: str
    condition: str
    published: str
    own: tuple[int, ...]

    def signed(self) -> str:
        return signing.dumps(astuple(self), salt=_SALT)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Something that changed while a form was open, in words."""

    what: str
    seen: str
    now: str
    yours: str
    who: str


def glance(about: str, slot: Slot, says: Sequence[Says]) -> Glance:
    """`about` names the row; says: all that is said in the slot."""
    published = next((canonical(one.claim.value) for one in says if one.is_published), "")
    own = tuple(sorted(one.claim.id for one in says if one.editor and not one.about))
    return Glance(about, *slot, published, own)


def seen_in(posted: QueryDict) -> Glance | None:
    """What the form says its editor saw; None of a form that was not made here."""
    try:
        about, key, condition, published, own = signing.loads(posted.get(FIELD, ""), salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Glance(about, key, condition, published, tuple(own))


def slot_of(key: str, statement: Fact | Price) -> Slot:
    """Where a statement would stand: a form of prices may lead elsewhere than it was opened for."""
    if isinstance(statement, Price):
        line = price_line(statement)
        return (line.key, line.condition)
    return (key, "")


def overtaken(
    was: Glance | None, now: Glance, says: Sequence[Says], statement: Fact | Price
) -> Overtaken | None:
    """What changed since `was`, or stands there unseen; None: nothing."""
    if was is None or (was.about, was.key, was.condition) != (now.about, now.key, now.condition):
        was = Glance(now.about, now.key, now.condition, "", ())
    if was == now:
        return None
    when = condition_words(now.condition)
    yours = statement.value() if isinstance(statement, Price) else canonical(statement.value)
    return Overtaken(
        what=f"{label(now.key)}{f', {when}' if when else ''}",
        seen=stored_words(now.key, was.published) or "nothing",
        now=stored_words(now.key, now.published) or "nothing",
        yours=stored_words(now.key, yours),
        who=next((one.editor for one in says if one.editor and one.claim.id not in was.own), ""),
    )


def unsure(statement: Fact | Price, now: Glance, posted: QueryDict) -> str:
    """Why a price needs a tick that is missing; empty: it needs none, or has it."""
    if not isinstance(statement, Price) or posted.get(SURE) == statement.value():
        return ""
    found = doubt(now.key, statement.value(), now.published or None)
    return found[1] if found else ""
