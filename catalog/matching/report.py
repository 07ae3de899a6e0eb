"""How well the rules do against somebody else's table of ids and models. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .matcher import Catalogue, name_of, numbers, resolve, sizes
from .spelling import WORDS, Key, key, normalise

Truth = Mapping[str, Sequence[tuple[str, str]]]
Name = tuple[str, Key]
# (provider, native id) → the model we say it serves, and why; None: we refuse to say.
Answer = Callable[[str, str], tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair of the truth and what we say of it."""

    truth: str
    provider: str
    native_id: str
    said: str | None
    reason: str


@dataclass(slots=True)
class Report:
    """Every pair of a truth, sorted by how we did.

    `disputed`: we differ, and by its own words the id cannot be the truth's model. `unknown`: our
    catalog has no such model.
    """

    correct: list[Verdict] = field(default_factory=list)
    wrong: list[Verdict] = field(default_factory=list)
    disputed: list[Verdict] = field(default_factory=list)
    refused: list[Verdict] = field(default_factory=list)
    unknown: list[Verdict] = field(default_factory=list)

    def known(self) -> int:
        """Pairs whose model our catalog knows."""
        return len(self.correct) + len(self.wrong) + len(self.disputed) + len(self.refused)

    def share(self, verdicts: Sequence[Verdict]) -> float:
        """Percent of the pairs whose model our catalog knows."""
        return 100 * len(verdicts) / self.known() if self.known() else 0.0


def compare(truth: Truth, known: Catalogue, answer: Answer) -> Report:
    """Judges every pair. The truth's model is looked up under its other names too."""
    report = Report()
    in_truth = {name_of(_undated(path)) for path in truth}
    for path, pairs in truth.items():
        model = resolve(path, known)
        for provider, native_id in pairs:
            said, reason = answer(provider, native_id)
            if model is None:
                report.unknown.append(Verdict(path, provider, native_id, said, reason))
            elif said == model:
                report.correct.append(Verdict(path, provider, native_id, said, reason))
            elif said is None:
                report.refused.append(Verdict(path, provider, native_id, said, reason))
            else:
                against = contradiction(native_id, provider, path, in_truth)
                found = report.disputed if against else report.wrong
                found.append(Verdict(path, provider, native_id, said, against or reason))
    return report


def _undated(path: str) -> str:
    """A path without its date, in our author's name."""
    spelling = normalise(path)
    return f"{spelling.author}/{spelling.name}"


def contradiction(native_id: str, provider: str, path: str, in_truth: Collection[Name]) -> str:
    """Why an id cannot mean a model by its own words; empty when it can."""
    spelling = normalise(native_id, provider)
    mine, theirs = key(spelling.name), key(normalise(path).name)
    makers = (set(mine) ^ set(theirs)) & WORDS["makers"]
    if makers:
        return f"{' and '.join(sorted(makers))} makes another model"
    if numbers(mine) != numbers(theirs):
        return f"says version {_version(mine)}, not {_version(theirs)}"
    if sizes(mine) - sizes(theirs) and sizes(theirs):
        return f"says size {' '.join(sizes(mine) - sizes(theirs))}"
    if mine != theirs and (spelling.author or "", mine) in in_truth:
        return "is the very name of another model in the same truth"
    return ""


def _version(tokens: Key) -> str:
    return ".".join(numbers(tokens)) or "none"
