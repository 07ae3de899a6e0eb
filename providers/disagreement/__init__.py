"""Where sources differ, and whether we know why: pure.

Prices are compared by what they would charge at probe points, not by how conditions are written:
a peak price and an off-peak price are both right. Other facts are compared within the precision
their source stated. A difference with a known cause is explained; the rest is what to worry about.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..choices import OLD_AFTER_DAYS
from ..ledger import PRICE
from ..trust import EDITOR
from . import prices, scale, values
from .causes import BOTH_RIGHT, CAUSES, MOVED, OLDER, SETTLED, Cause
from .comparable import NOT_COMPARED, VOCABULARIES, Vocabulary, is_comparable
from .scale import Factor, factors
from .statements import Disagreement, Side, Statement, in_force

__all__ = [
    "CAUSES",
    "NOT_COMPARED",
    "VOCABULARIES",
    "Cause",
    "Disagreement",
    "Factor",
    "Known",
    "Side",
    "Statement",
    "Vocabulary",
    "disagreements",
    "factors",
    "in_force",
    "is_comparable",
    "is_rolling",
]

_ROLLING = re.compile(r"(^|[-_.:/])latest($|[-_.:@])|^~")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a subject beyond its own claims.

    `rolling`: its id is an alias that may point at something new; `factors`: of its provider, see
    scale.py; `both_right`: digests of the differences in which an editor found no side wrong.
    """

    rolling: bool = False
    factors: tuple[Factor, ...] = ()
    both_right: frozenset[str] = frozenset()


NOTHING = Known()


def is_rolling(native_id: str) -> bool:
    """Whether an id is an alias by its own word: `gemini-flash-latest`, `~openai/gpt`."""
    return _ROLLING.search(native_id.lower()) is not None


def disagreements(
    statements: Iterable[Statement], *, now: datetime, known: Known = NOTHING
) -> tuple[Disagreement, ...]:
    """Every fact of one subject on which its live sources differ, prices first."""
    stated: dict[str, list[Statement]] = {}
    for statement in in_force(statements, now):
        stated.setdefault(statement.key, []).append(statement)
    found: list[Disagreement] = []
    for key in sorted(stated, key=lambda key: (not key.startswith(PRICE), key)):
        if len({statement.source for statement in stated[key]}) < 2:
            continue
        if key.startswith(PRICE):
            found += prices.differences(key, stated[key], now)
        elif is_comparable(key):
            found += filter(None, [values.difference(key, stated)])
    moved = known.rolling or _serves_several(stated.get("serves", ()))
    return tuple(replace(one, cause=_cause(one, known, moved)) for one in found)


def _cause(one: Disagreement, known: Known, moved: bool) -> str:
    """An editor's word first, then what the values themselves tell, then what surrounds them."""
    if EDITOR in one.sources():
        return SETTLED
    if known.both_right and one.digest() in known.both_right:
        return BOTH_RIGHT
    if one.cause:
        return one.cause
    if moved:
        return MOVED
    return OLDER if _is_older(one.sides) else scale.cause(one, known.factors)


def _serves_several(stated: Sequence[Statement]) -> bool:
    """The sources do not mean the same model by the id."""
    return len({str(statement.value).casefold() for statement in stated}) > 1


def _is_older(sides: Sequence[Side]) -> bool:
    """All sides but the newest were last confirmed over 30 days before it."""
    newest, *others = sorted((side.as_of() for side in sides), reverse=True)
    return all(newest - other > timedelta(days=OLD_AFTER_DAYS) for other in others)
