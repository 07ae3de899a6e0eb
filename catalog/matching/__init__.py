"""Native ids to canonical models: taking ids apart, which models exist, matching, suggestions.

Pure: no Django. What people know better than the rules stands in `aliases.toml`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .canon import survey
from .matcher import Catalogue, Match, match, resolve
from .spelling import Spelling, normalise
from .suggesting import Suggestion, suggest

__all__ = [
    "Catalogue",
    "Match",
    "Spelling",
    "Suggestion",
    "match",
    "normalise",
    "people_aliases",
    "resolve",
    "suggest",
    "survey",
]


@cache
def people_aliases() -> Mapping[str, str]:
    """The human alias table: another name's path → the model's."""
    table = Path(__file__).with_name("aliases.toml")
    aliases: dict[str, str] = tomllib.loads(table.read_text(encoding="utf-8"))["aliases"]
    return aliases
