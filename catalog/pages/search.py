"""Finding models by what people type: `gpt4o mini` is GPT-4o mini. Pure.

A text is folded into runs of letters and of digits, each behind a bar: `|gpt|4|o|mini`. A typed
word matches from the start of a run and may go on over bars, so hyphens and dots don't matter, and
`o1` does not find the `o` and `1` of `gemini-pro-1`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_RUN = re.compile(r"[^\W\d_]+|\d+")
LINE = "\n"
CLOSE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Text:
    """What a model is found by, best field first; each folded."""

    fields: tuple[str, ...]

    @classmethod
    def of(cls, *fields: Iterable[str]) -> "Text":
        return cls(tuple(LINE.join(fold(line) for line in field) for field in fields))


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(f"|{run}" for run in _RUN.findall(plain))


def compact(text: str) -> str:
    return fold(text).replace("|", "")


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, ready to be looked for."""

    words: tuple[re.Pattern[str], ...]
    whole: str

    @classmethod
    def of(cls, typed: str) -> "Query":
        words = [word for word in map(compact, typed.split()) if word]
        return cls(tuple(map(_pattern, words)), "".join(words))

    def rank(self, text: Text) -> int | None:
        """How far off a match is, 0 being the name itself; None when a word is not found."""
        worst = 0
        for word in self.words:
            found = next((i for i, field in enumerate(text.fields) if word.search(field)), None)
            if found is None:
                return None
            worst = max(worst, found)
        if worst == 0:
            return self._closeness(text.fields[0])
        return worst + 2

    def _closeness(self, names: str) -> int:
        """0: one of the names exactly, 1: begins with it, 2: has all words somewhere."""
        plain = names.replace("|", "").split(LINE)
        if self.whole in plain:
            return 0
        return 1 if any(name.startswith(self.whole) for name in plain) else 2


def _pattern(word: str) -> re.Pattern[str]:
    # A number ends where it ends: `llama 3` is not Llama 32B.
    end = r"(?!\d)" if word[-1].isdigit() else ""
    return re.compile(r"\|" + r"\|?".join(map(re.escape, word)) + end)


def nearest(typed: str, names: Iterable[str]) -> str | None:
    """The name most like what was typed, if any is."""
    by_compact = {compact(name): name for name in names}
    close = get_close_matches(compact(typed), by_compact, n=1, cutoff=CLOSE_ENOUGH)
    return by_compact[close[0]] if close else None
