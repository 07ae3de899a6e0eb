"""Native ids to models: exact names first, then readings that only one model allows, else refusal.

Pure: it knows a `Catalogue` of paths (`author/slug`) and nothing of tables.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog import authors

from .spelling import WORDS, Key, Spelling, is_size, key, normalise

FILLERS = WORDS["fillers"]
_FOUR_DIGITS = re.compile(r"\d{4}\Z")
_CONTEXT_SIZE = re.compile(r"-(\d+k|1m|2m|4096|8192|16384|32768|65536|131072)\Z")
_BETA = re.compile(r"-(?:experimental-)?beta(?:-latest)?(?=-|\Z)")
_FINE_TUNED = re.compile(r"ft:|.*(\bfine-?tun|[.:]ft\b)")


@dataclass(frozen=True, slots=True)
class Match:
    """The model an id names, as `author/slug`; None when unsure. `reason` is for readers."""

    model: str | None
    reason: str
    variant: str = ""


class Catalogue:
    """The models that exist, by every spelling of their paths, ready for many lookups."""

    def __init__(
        self, paths: Iterable[str], aliases: Mapping[tuple[str, Key], str] | None = None
    ) -> None:
        """`aliases`: (author, key of another name) → path."""
        self.paths = frozenset(paths)
        self.authors = frozenset(path.partition("/")[0] for path in self.paths)
        self._lower = {path.lower(): path for path in self.paths}
        self._exact: dict[Key, set[str]] = defaultdict(set)
        self._bag: dict[Key, set[str]] = defaultdict(set)
        self._core: dict[Key, set[str]] = defaultdict(set)
        self._run: dict[Key, set[str]] = defaultdict(set)
        self._tokens: dict[str, Key] = {}
        for path in sorted(self.paths):
            self._index(path)
        self._aliases = dict(aliases or {})
        self._alias_tokens: dict[Key, set[str]] = defaultdict(set)
        for (_, tokens), path in self._aliases.items():
            self._alias_tokens[tokens].add(path)

    @classmethod
    def of_paths(cls, paths: Iterable[str], aliases: Mapping[str, str]) -> "Catalogue":
        """A catalogue whose aliases are written as paths too."""
        return cls(paths, {name_of(alias): path for alias, path in aliases.items()})

    def _index(self, path: str) -> None:
        tokens = key(path.partition("/")[2])
        self._tokens[path] = tokens
        self._exact[tokens].add(path)
        self._bag[bag(tokens)].add(path)
        self._core[bag(core(tokens))].add(path)
        self._run[run_together(tokens)].add(path)

    def find(self, path: str) -> str | None:
        """The model called exactly so, whatever the case."""
        return self._lower.get(path.lower())

    def exact(self, tokens: Key, author: str | None) -> set[str]:
        if author and (author, tokens) in self._aliases:
            return {self._aliases[author, tokens]}
        return _of(author, self._exact.get(tokens) or self._alias_tokens.get(tokens, set()))

    def reordered(self, tokens: Key, author: str | None) -> set[str]:
        return _of(author, self._bag.get(bag(tokens), set()))

    def run_together(self, tokens: Key, author: str | None) -> set[str]:
        return _of(author, self._run.get(run_together(tokens), set()))

    def extended(self, tokens: Key, author: str | None) -> set[str]:
        """Models whose names differ from this one only by fillers and by sizes left out."""
        near = _of(author, self._core.get(bag(core(tokens)), set()))
        if len(near) == 1 and not any(sizes(self._tokens[path]) for path in near):
            return near
        return {path for path in near if sizes(tokens) <= sizes(self._tokens[path])}

    def dated(self, tokens: Key, author: str | None) -> str | None:
        """The newest of the models that carry this name and a year and month (`-2512`)."""
        length = len(tokens)
        dated = [
            (known[-1], path)
            for known, paths in self._exact.items()
            if len(known) == length + 1
            and known[:length] == tokens
            and _FOUR_DIGITS.match(known[-1])
            for path in _of(author, paths)
        ]
        return max(dated)[1] if dated else None

    def tokens(self) -> Iterator[tuple[str, Key]]:
        yield from self._tokens.items()


def name_of(path: str) -> tuple[str, Key]:
    """Author and key of the name in `author/slug`."""
    author, _, slug = path.partition("/")
    return author, key(slug)


def _of(author: str | None, paths: set[str]) -> set[str]:
    return paths if author is None else {p for p in paths if p.partition("/")[0] == author}


def has_version(tokens: Key) -> bool:
    """Whether a number other than a size stands in a name."""
    return bool(numbers(tokens))


def numbers(tokens: Key) -> Key:
    """Version numbers, in order."""
    return tuple(token for token in tokens if token[0].isdigit() and not is_size(token))


def sizes(tokens: Key) -> Counter[str]:
    return Counter(token for token in tokens if is_size(token))


def bag(tokens: Key) -> Key:
    """Words in any order, numbers in theirs, the `v` of versions left out."""
    words = sorted(word for word in tokens if not word[0].isdigit() and word != "v")
    return (*words, *(number for number in tokens if number[0].isdigit()))


def run_together(tokens: Key) -> Key:
    """Words that stand side by side as one: `code-llama` is `codellama`."""
    together: list[str] = []
    for token in tokens:
        if together and token.isalpha() and together[-1].isalpha():
            together[-1] += token
        else:
            together.append(token)
    return tuple(together)


def core(tokens: Key) -> Key:
    """What is left without fillers, sizes and a last `v1`."""
    if tokens[-2:] == ("v", "1"):
        tokens = tokens[:-2]
    return tuple(token for token in tokens if token not in FILLERS and not is_size(token))


# -- matching -------------------------------------------------------------------------------------


def match(native_id: str, provider: str, known: Catalogue) -> Match:
    """Which model an id means. Of several readings the first that leaves one model counts."""
    if is_fine_tuned(native_id):
        return Match(None, "a fine-tuned model is its owner's own")
    spelling = normalise(native_id, provider)
    for said_author in _authors(spelling, known):
        found = _read(spelling, said_author, known)
        if found:
            return found
    if spelling.rolling:
        return Match(None, "follows the newest release, and which that is was not stated")
    if spelling.author is None:
        return Match(None, "names no author, and no model or several are called so")
    return Match(None, f"no model of {spelling.author} is called {spelling.name}")


def is_fine_tuned(native_id: str) -> bool:
    return _FINE_TUNED.match(native_id.lower()) is not None


def _authors(spelling: Spelling, known: Catalogue) -> list[str | None]:
    """The author the id names, then the one whose models begin so, then any."""
    begins = authors.of_name(spelling.name)
    stranger = spelling.stranger if spelling.stranger in known.authors else None
    named = [author for author in (stranger, spelling.author, begins) if author]
    return [*dict.fromkeys(named), None]


def _read(spelling: Spelling, author: str | None, known: Catalogue) -> Match | None:
    tokens = key(spelling.name)
    variant = spelling.variant_text()
    if spelling.rolling and not has_version(tokens):
        newest = known.dated(tokens, author)
        if newest:
            return Match(newest, "the newest release under this name", variant)
    for find, reason in _READINGS:
        for name, dropped in shortened(spelling.name, author or spelling.author):
            paths = find(known, key(name), author)
            if len(paths) == 1:
                (path,) = paths
                said = f"{reason}, without {dropped}" if dropped else reason
                return Match(path, said, " ".join(filter(None, (variant, dropped))))
            if paths:
                return None
        if author is None:
            # Without an author only a whole name is sure enough.
            return None
    return None


_READINGS: tuple[tuple[Callable[[Catalogue, Key, str | None], set[str]], str], ...] = (
    (Catalogue.exact, "same name"),
    (lambda known, tokens, author: known.exact(prefixed(tokens, author), author),
     "same name after the author's"),
    (Catalogue.reordered, "same words in another order"),
    (Catalogue.run_together, "same words, written together"),
    (lambda known, tokens, author: known.exact(with_split_version(tokens), author),
     "same name, its version written without a point"),
    (Catalogue.extended, "the only model of that name and size"),
)  # fmt: skip


def shortened(name: str, author: str | None) -> Iterator[tuple[str, str]]:
    """The name, then the name without an ending that may be a snapshot, a setting, a limit."""
    yield name, ""
    ending = _CONTEXT_SIZE.search(name)
    if ending:
        yield name[: ending.start()], ending[0].strip("-")
    entry = authors.entry(author)
    front, dash, last = name.rpartition("-")
    if dash and entry and last in entry.switches:
        yield normalise(front).name, last
    beta = _BETA.search(name)
    if beta and beta.start() > 0:
        yield name[: beta.start()] + name[beta.end() :], beta[0].strip("-")
    if name.endswith("-v1"):
        yield name.removesuffix("-v1"), "v1"


def prefixed(tokens: Key, author: str | None) -> Key:
    """`r1` of DeepSeek is deepseek-r1."""
    return (author, *tokens) if author else tokens


def with_split_version(tokens: Key) -> Key:
    """`gpt 54 mini` as `gpt 5 4 mini`."""
    for place, token in enumerate(tokens):
        if len(token) == 2 and token.isdigit():
            return (*tokens[:place], token[0], token[1], *tokens[place + 1 :])
    return tokens


def resolve(path: str, known: Catalogue) -> str | None:
    """The model that another catalog's `author/slug` means."""
    found = known.find(path)
    if found:
        return found
    author, _, slug = path.partition("/")
    return match(f"{author}/{slug}", "", known).model
