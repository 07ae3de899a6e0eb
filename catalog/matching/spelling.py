"""Native ids taken apart: what in them is the model's name, and what is the seller's.

`us.anthropic.claude-sonnet-4-6-v1:0`, `databricks-claude-sonnet-4-6`, `claude-sonnet-4.6@default`
are one name. Whatever is taken off is kept as the spelling's variant. Nothing here knows which
models exist; see matching for what is done when a name may be read in two ways.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from catalog import authors

WORDS: Mapping[str, frozenset[str]] = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(Path(__file__).with_suffix(".toml").read_text()).items()
}

# Parts of a path or dotted id that say where a model runs.
_REGION = re.compile(
    r"(us|eu|uk|apac|global|au|jp|ca|in|us-gov|global-standard|data-?zone(-standard)?"
    r"|(us|eu|ap|sa|ca|me|af|il|mx|us-gov|cn)-[a-z]+-\d)\Z"
)
_PICTURE_SIZE = re.compile(r"\d+-x-\d+\Z|(\d+|max)-steps\Z|(low|medium|high|hd|standard|auto)\Z")
_COMMITMENT = re.compile(r"\d+-month-commitment\Z")

# After a colon also a limit of the prompt.
_LIMIT = re.compile(r"(\d{3,6}|\d+[km])\Z")

_YEAR = r"20[12]\d"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"[-@:.]({_YEAR}-?{_MONTH}-?{_DAY}|{_MONTH}-{_YEAR}|{_YEAR}-{_MONTH}"
    rf"|2[3-9]{_MONTH}{_DAY}|(?<=preview-){_MONTH}-{_DAY}|(?<=exp-){_MONTH}-{_DAY})\Z"
)
_MONTH_DAY = re.compile(rf"(?<=[a-z0-9])-{_MONTH}-?{_DAY}(?=-|\Z)")
# `-v1:0` says nothing, nor does any number behind a date; `-v2:0` alone is the model's version.
_BEDROCK_VERSION = re.compile(r"-v?1:\d+(:\d+k)?\Z|(?<=\d{8})-v\d:\d+\Z|:\d(:\d+k)?\Z")
# A numbered release of a version: gemini-2.0-flash-001, but not text-embedding-005.
_RELEASE = re.compile(r"(?<=[a-z])-00\d\Z")
_MINOR_VERSION = re.compile(r"-v(\d):([1-9])\Z")  # mistral-7b-instruct-v0:2 is version 0.2
_AT_VERSION = re.compile(r"@[a-z0-9.-]+\Z")
_COLON_SIZE = re.compile(r":(?=(e?\d+(\.\d+)?[bm]\b|\d+x\d+b))")

_SELLER_PREFIX = re.compile(f"({'|'.join(sorted(WORDS['seller_prefixes']))})-(?=.)")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A native id taken apart.

    `author` is the lab the id names or whose models begin so; `named` when the id itself says it.
    `stranger` is an owner in the path whom the table of authors does not know. `variant` holds what
    was taken off, in the order of the id. `rolling`: the id follows the newest release (`-latest`).
    """

    name: str
    author: str | None = None
    named: bool = False
    stranger: str | None = None
    variant: tuple[str, ...] = ()
    rolling: bool = False

    def variant_text(self) -> str:
        return " ".join(self.variant)


@lru_cache(maxsize=50_000)
def normalise(native_id: str, provider: str = "") -> Spelling:
    """The model's name in a native id. Taking apart a name again changes nothing."""
    path = _without_path(native_id.strip().lower().removeprefix("~"))
    name, owner, fronts, backs = path.name, path.owner, list(path.regions), list[str]()
    while True:
        shorter, owner, front = _without_front(name, owner)
        shorter, back = _without_back(shorter)
        shorter, snapshot = _without_month_day(shorter, owner or authors.of_name(shorter))
        fronts, backs = fronts + front, snapshot + back + backs
        if shorter == name:
            break
        name = shorter
    seller = None if path.stranger else authors.sellers().get(provider)
    return Spelling(
        name=name,
        author=owner or authors.of_name(name) or seller,
        named=owner is not None,
        stranger=path.stranger,
        variant=tuple(fronts + backs),
        rolling="latest" in backs or native_id.startswith("~"),
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """The parts of a path: the last, and what the others say."""

    name: str
    owner: str | None = None
    stranger: str | None = None
    regions: tuple[str, ...] = ()


def _without_path(text: str) -> _Path:
    for shelf in ("@cf/", "@hf/", "@oi/", "hf:"):
        text = text.replace(shelf, "")
    *path, name = [part for part in text.split("/") if part] or [text]
    owner = stranger = None
    regions: list[str] = []
    for part in path:
        part = part.removeprefix("~").replace(" ", "-")
        if part in WORDS["shelves"]:
            continue
        if part in authors.names():
            owner = authors.names()[part]
        elif _REGION.match(part) or _COMMITMENT.match(part) or _PICTURE_SIZE.match(part):
            regions.append(part)
        elif owner or authors.of_name(part):
            name = f"{part}-{name}"
        else:
            stranger = part
    return _Path(name.replace(" ", "-"), owner, None if owner else stranger, tuple(regions))


def _without_front(name: str, owner: str | None) -> tuple[str, str | None, list[str]]:
    """Without regions, sellers' marks and the author's name before the model's."""
    front, dot, rest = name.partition(".")
    if dot and rest and _REGION.match(front):
        return rest, owner, [front]
    if dot and rest and front in authors.names() and not rest[0].isdigit():
        return rest, owner or authors.names()[front], []
    seller = _SELLER_PREFIX.match(name)
    if seller:
        return name[seller.end() :], owner, []
    for mark in re.finditer(r"-+", name):
        front, rest = name[: mark.start()], name[mark.end() :]
        slug = authors.names().get(front)
        if slug and (mark.end() - mark.start() > 1 or authors.of_name(rest) == slug):
            return rest, owner or slug, []
    return name, owner, []


def _without_back(name: str) -> tuple[str, list[str]]:
    """Without one version, date or way of serving at the end."""
    name = _MINOR_VERSION.sub(r"-v\1.\2", _COLON_SIZE.sub("-", name))
    for pattern in (_DATE, _AT_VERSION, _BEDROCK_VERSION):
        match = pattern.search(name)
        if match and match.start() > 0:
            return name[: match.start()], [match[0].strip("-@:.")]
    release = _RELEASE.search(name)
    if release and any(letter.isdigit() for letter in name[: release.start()]):
        return name[: release.start()], [release[0].strip("-")]
    front, colon, ending = name.rpartition(":")
    if colon and front and (ending in WORDS["serving"] | WORDS["settings"] or _LIMIT.match(ending)):
        return front, [ending]
    front, dash, ending = name.rpartition("-")
    if dash and front and ending in WORDS["serving"]:
        return front, [ending]
    return name, []


def _without_month_day(name: str, author: str | None) -> tuple[str, list[str]]:
    """Where an author writes snapshots as month and day: without them, wherever they stand."""
    entry = authors.entry(author)
    if entry is None or not entry.month_day_snapshots:
        return name, []
    found = [match[0].strip("-") for match in _MONTH_DAY.finditer(name)]
    return (_MONTH_DAY.sub("", name), found) if found else (name, [])


# -- comparing names ------------------------------------------------------------------------------

_SIZE = re.compile(
    r"(?<![a-z0-9.])(?:a?\d+(?:\.\d+)?[bmt]|\d+x\d+(?:\.\d+)?b|e\d+(?:\.\d+)?b|\d+e)(?![a-z0-9])"
)
_TOKEN = re.compile(r"\d+[a-z]*|[a-z]+")
_DECIMAL = re.compile(r"(?<=\d)[_p](?=\d)")

Key = tuple[str, ...]


@lru_cache(maxsize=50_000)
def key(name: str) -> Key:
    """What two spellings of one name share: words, numbers and sizes in order.

    `Llama-3_1-8B`, `llama3.1-8b` and `llama-v3p1-8b` differ only in `v`; `4.0` is `4`.
    """
    text = _DECIMAL.sub(".", name.lower().replace("+", "-plus"))
    tokens: list[str] = []
    end = 0
    for size in _SIZE.finditer(text):
        tokens += _TOKEN.findall(text[end : size.start()])
        tokens.append(size[0])
        end = size.end()
    tokens += _TOKEN.findall(text[end:])
    neighbours = zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False)
    return tuple(
        this
        for before, this, after in neighbours
        # 4.0 is 4, but 2.0.1 is not 2.1.
        if this != "0" or not before.isdigit() or after.isdigit()
    )


def is_size(token: str) -> bool:
    return _SIZE.fullmatch(token) is not None
