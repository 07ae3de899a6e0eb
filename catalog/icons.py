"""Which providers and authors have a symbol in `static/icons/providers.svg`; others get a letter.

`icons.json` is written by `manage.py build_icons` together with the sprite.
"""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("icons.json")


@cache
def _symbols() -> dict[str, str]:
    symbols: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return symbols


def slugs() -> frozenset[str]:
    """Every provider and author that has a symbol."""
    return frozenset(_symbols())


def symbol(slug: str) -> str:
    """The id of the symbol in the sprite; empty when there is none."""
    return _symbols().get(slug, "")
