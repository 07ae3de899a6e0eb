"""What an editor may mean by an id that no rule is sure of."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from .matcher import Catalogue
from .spelling import Key, Spelling, key, normalise


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model an editor may mean; `score` from 0 to 1, best first."""

    model: str
    reason: str
    score: float


def suggest(native_id: str, provider: str, known: Catalogue, *, most: int = 3) -> list[Suggestion]:
    """Models an editor may mean, with why each is not sure."""
    spelling = normalise(native_id, provider)
    mine = key(spelling.name)
    scored = []
    for path, theirs in known.tokens():
        shared = len(set(mine) & set(theirs))
        if not shared:
            continue
        score = _likeness(spelling, mine, path, theirs)
        scored.append((-score, path, theirs))
    return [
        Suggestion(path, _difference(mine, theirs), round(-score, 3))
        for score, path, theirs in sorted(scored)[:most]
    ]


def _likeness(spelling: Spelling, mine: Key, path: str, theirs: Key) -> float:
    letters = SequenceMatcher(None, "-".join(mine), "-".join(theirs), autojunk=False).ratio()
    words = 2 * len(set(mine) & set(theirs)) / (len(set(mine)) + len(set(theirs)))
    same_author = spelling.author == path.partition("/")[0]
    return 0.45 * letters + 0.45 * words + 0.1 * same_author


def _difference(mine: Key, theirs: Key) -> str:
    """What the id has besides, and what it lacks, in words."""
    more = " ".join(token for token in mine if token not in theirs)
    less = " ".join(token for token in theirs if token not in mine)
    if more and less:
        return f"says {more} where the model says {less}"
    if more:
        return f"says {more} besides"
    return f"does not say {less}" if less else "same words in another order"
