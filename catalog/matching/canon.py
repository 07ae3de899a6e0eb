"""Which models exist: read off the ids that authors and gateways sell under.

An id is evidence of a model when its author sells it, when somebody writes it as `author/slug`, or
when two providers use the name. Then names that can only mean one model are joined: a snapshot with
the model it is of, `llama-3.1-8b` with its `-instruct`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from catalog import authors

from .matcher import (
    Catalogue,
    bag,
    core,
    has_version,
    is_fine_tuned,
    name_of,
    numbers,
    prefixed,
    run_together,
    shortened,
    sizes,
    with_split_version,
)
from .spelling import WORDS, Key, Spelling, key, normalise

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_UNFIT = re.compile(r"[^a-z0-9._-]+")
# By how many providers' the author's own spelling counts.
_OWN_WEIGHT = 2
# So few providers may share a short name for a model, or a variant that only they serve.
_FEW = 3
# The author's own endings that never make another model.
_SNAPSHOT = re.compile(r"beta|experimental|v1\Z")

# Gateways that write every id as `author/slug`: an author they name is one, known or not.
_NAMING_GATEWAYS = {"openrouter", "vercel", "zenmux"}
# What such a gateway writes where an author belongs, when it keeps the author secret.
_NOBODY = {"auto", "custom", "stealth"}

Name = tuple[str, Key]  # author, key of the name


@dataclass(slots=True)
class _Candidate:
    """One name of one author's models, and who uses it."""

    author: str
    tokens: Key
    own: bool = False  # the author itself sells it
    named: bool = False  # somebody writes it behind the author's name
    providers: set[str] = field(default_factory=set)
    spelled: Counter[str] = field(default_factory=Counter)

    def rank(self) -> tuple[bool, bool, int, Key]:
        return (self.own, self.named, len(self.providers), self.tokens)

    def is_evident(self) -> bool:
        return self.own or self.named or len(self.providers) > 1

    def slug(self) -> str:
        """The spelling that counts most; the shorter of two that count the same."""
        best = min(self.spelled, key=lambda name: (-self.spelled[name], len(name), name))
        return _UNFIT.sub("-", best).strip("-._")


def survey(
    sold: Iterable[tuple[str, str]],
    aliases: Mapping[str, str],
    existing: Collection[str] = (),
    held: Collection[str] = (),
) -> Catalogue:
    """The models evident in (provider, native id) pairs.

    `aliases` are people's: other path → path. A path in `existing` keeps its spelling;
    one in `held` is a model whatever the ids say.
    """
    table = {name_of(alias): name_of(path) for alias, path in aliases.items()}
    candidates = _candidates(sold, table)
    _join_authors(candidates)
    joined = _join(candidates)
    doubtful = _doubtful(candidates, joined)
    candidates = {
        name: candidate
        for name, candidate in candidates.items()
        if _follow(name, joined) not in doubtful
    }
    kept = {name: path for path in sorted(existing, reverse=True) for name in [name_of(path)]}
    spelled = {name_of(path): path for path in aliases.values()}
    paths = {name_of(path): path for path in sorted(held)}
    paths |= {
        name: kept.get(name) or spelled.get(name) or f"{name[0]}/{candidate.slug()}"
        for name, candidate in candidates.items()
        if name not in joined
    }
    known = {name: paths[_follow(name, joined)] for name in candidates if name not in paths}
    known |= {alias: paths[name] for alias, name in table.items() if name in paths}
    return Catalogue(paths.values(), known)


def _candidates(
    sold: Iterable[tuple[str, str]], table: Mapping[Name, Name]
) -> dict[Name, _Candidate]:
    pairs = list(sold)
    strangers = _strangers(pairs)
    found: dict[Name, _Candidate] = {}
    for provider, native_id in pairs:
        if is_fine_tuned(native_id):
            continue
        spelling = normalise(native_id, provider)
        tokens = key(spelling.name)
        met = spelling.stranger in strangers
        author = spelling.stranger if met and not spelling.author else spelling.author
        if author is None or not _has_word(spelling):
            continue
        if spelling.rolling and not has_version(tokens):
            continue
        name = table.get((author, tokens), (author, tokens))
        candidate = found.setdefault(name, _Candidate(*name))
        own = authors.sellers().get(provider) == author
        candidate.own |= own
        candidate.named |= spelling.named or met
        candidate.providers.add(provider)
        candidate.spelled[spelling.name] += _OWN_WEIGHT if own else 1
    return {name: found[name] for name in sorted(found) if found[name].is_evident()}


def _strangers(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Authors that only the gateways' ids tell of."""
    return {
        spelling.stranger
        for provider, native_id in pairs
        if provider in _NAMING_GATEWAYS
        for spelling in [normalise(native_id, provider)]
        if spelling.stranger and _SLUG.match(spelling.stranger)
    } - _NOBODY


def _has_word(spelling: Spelling) -> bool:
    return any(token.isalpha() and len(token) > 1 for token in key(spelling.name)) or bool(
        authors.of_name(spelling.name)
    )


def _join_authors(candidates: dict[Name, _Candidate]) -> None:
    """One name under two authors is one model: of the author whose models begin so."""
    by_tokens: dict[Key, list[_Candidate]] = defaultdict(list)
    for candidate in candidates.values():
        by_tokens[candidate.tokens].append(candidate)
    for tokens, rivals in by_tokens.items():
        if len(rivals) < 2:
            continue
        begins = {authors.of_name(name) for rival in rivals for name in rival.spelled}
        winner = max(rivals, key=lambda rival: (rival.author in begins, rival.rank()))
        for rival in rivals:
            if rival is not winner:
                winner.providers |= rival.providers
                del candidates[rival.author, tokens]


def _join(candidates: Mapping[Name, _Candidate]) -> dict[Name, Name]:
    """Which names are another name of a model: weakest first, each to a stronger one."""
    joined: dict[Name, Name] = {}
    near: dict[tuple[str, Key], list[_Candidate]] = defaultdict(list)
    bags: dict[tuple[str, Key], list[_Candidate]] = defaultdict(list)
    runs: dict[tuple[str, Key], list[_Candidate]] = defaultdict(list)
    for candidate in candidates.values():
        near[candidate.author, bag(core(candidate.tokens))].append(candidate)
        bags[candidate.author, bag(candidate.tokens)].append(candidate)
        runs[candidate.author, run_together(candidate.tokens)].append(candidate)
    for candidate in sorted(candidates.values(), key=_Candidate.rank):
        name = (candidate.author, candidate.tokens)
        target = _snapshot_of(candidate, candidates)
        if target is None and not candidate.own:
            target = (
                _respelled(candidate, candidates)
                or _strongest(candidate, bags[candidate.author, bag(candidate.tokens)])
                or _strongest(candidate, runs[candidate.author, run_together(candidate.tokens)])
                or _extended(candidate, near[candidate.author, bag(core(candidate.tokens))], joined)
            )
        if target is not None and _follow(target, joined) != name:
            joined[name] = target
    return joined


def _doubtful(candidates: Mapping[Name, _Candidate], joined: Mapping[Name, Name]) -> set[Name]:
    """Names of few that may be short for a model, or a host's variant of one: not models yet."""
    by_author: dict[str, list[tuple[set[str], _Candidate]]] = defaultdict(list)
    for name, candidate in candidates.items():
        if name not in joined:
            by_author[candidate.author].append((set(candidate.tokens), candidate))
    return {
        (author, candidate.tokens)
        for author, others in by_author.items()
        for words, candidate in others
        if not candidate.own
        and len(candidate.providers) <= _FEW
        and any(_overshadows(other, theirs, candidate, words) for theirs, other in others)
    }


def _overshadows(
    other: _Candidate, theirs: set[str], candidate: _Candidate, words: set[str]
) -> bool:
    """Whether a better-known model has this one's words and more, or all but a host's ending."""
    if len(other.providers) <= len(candidate.providers):
        return False
    if theirs < words:
        return len(candidate.providers) == 1 and words - theirs <= WORDS["hosts_own"]
    version = numbers(candidate.tokens)
    return (
        words < theirs
        and not (theirs - words) & WORDS["makers"]
        and (not version or version == numbers(other.tokens))
    )


def _snapshot_of(candidate: _Candidate, candidates: Mapping[Name, _Candidate]) -> Name | None:
    """The model this is a numbered snapshot, a beta or a setting of."""
    for spelled in candidate.spelled:
        for name, dropped in shortened(spelled, candidate.author):
            base = (candidate.author, key(name))
            if base == (candidate.author, candidate.tokens) or base not in candidates:
                continue
            if not candidate.own or _SNAPSHOT.match(dropped):
                return base
    return None


def _respelled(candidate: _Candidate, candidates: Mapping[Name, _Candidate]) -> Name | None:
    """The model whose name this lacks the author's word of, or a version's point."""
    for tokens in (
        prefixed(candidate.tokens, candidate.author),
        with_split_version(candidate.tokens),
    ):
        if tokens != candidate.tokens and (candidate.author, tokens) in candidates:
            return (candidate.author, tokens)
    return None


def _strongest(candidate: _Candidate, alike: list[_Candidate]) -> Name | None:
    """The strongest of the names made of the same words, when it is stronger than this."""
    strongest = max(alike, key=_Candidate.rank)
    return None if strongest is candidate else (strongest.author, strongest.tokens)


def _extended(
    candidate: _Candidate, near: list[_Candidate], joined: Mapping[Name, Name]
) -> Name | None:
    """The stronger name that says the same and only leaves out or adds fillers and sizes."""
    mine = sizes(candidate.tokens)
    others = [
        other
        for other in near
        if other is not candidate
        and (other.author, other.tokens) not in joined
        and (mine <= sizes(other.tokens) or sizes(other.tokens) <= mine)
        and (("preview" in candidate.tokens) == ("preview" in other.tokens) or other.own)
    ]
    stronger = [other for other in others if other.rank() > candidate.rank()]
    if not stronger or not _nested(others):
        return None
    strongest = max(stronger, key=_Candidate.rank)
    if not mine <= sizes(strongest.tokens) and not _nested(near):
        return None  # a family's name, not this size's
    return (strongest.author, strongest.tokens)


def _nested(candidates: Iterable[_Candidate]) -> bool:
    """Whether the names state one size, some of them in more detail than others."""
    ladder = sorted((sizes(one.tokens) for one in candidates), key=Counter.total)
    return all(less <= more for less, more in zip(ladder, ladder[1:], strict=False))


def _follow(name: Name, joined: Mapping[Name, Name]) -> Name:
    while name in joined:
        name = joined[name]
    return name
