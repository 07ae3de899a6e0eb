"""Draw the sprite of provider and author symbols from the icon set it is taken from.

    npm pack @lobehub/icons-static-svg@1.95.1 && tar xf lobehub-icons-static-svg-1.95.1.tgz
    manage.py build_icons package

Takes the one-colour files only (the coloured ones carry gradients whose ids clash in one sprite),
and of those only the ones that a slug of this site names.
"""

import json
import re
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog import authors, icons
from providers.roster import ROSTER

NAMES = icons.FILE.with_suffix(".toml")
SPRITE = Path(settings.BASE_DIR) / "static" / "icons" / "providers.svg"
_DRAWING = re.compile(r'<svg[^>]*\bviewBox="([\d. -]+)"[^>]*>(.*)</svg>\s*\Z', re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_SHAPES_ONLY = re.compile(r"(?:</?(?:path|g|circle|ellipse|rect|polygon)\b[^<>]*>\s*)+\Z")
# Anything that could run, fetch or clash with another symbol.
_UNWANTED = re.compile(r"\b(?:id|href|style|on\w+)=|url\(")


class Command(BaseCommand):
    help = "Draw static/icons/providers.svg from an unpacked @lobehub/icons-static-svg."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("package", type=Path, help="folder with icons/*.svg")

    def handle(self, *, package: Path, **options: Any) -> None:
        folder = package / "icons"
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder; name the unpacked npm package.")
        named = tomllib.loads(NAMES.read_text(encoding="utf-8"))
        drawn = {file.stem for file in folder.glob("*.svg")}
        symbols = symbols_of({*ROSTER, *authors.entries()}, named, drawn)
        drawings = {name: drawing(folder / f"{name}.svg") for name in set(symbols.values())}
        for name in sorted(name for name, shapes in drawings.items() if not shapes):
            self.stderr.write(f"{name}.svg is more than plain shapes: left out")
        symbols = {slug: name for slug, name in symbols.items() if drawings[name]}
        SPRITE.write_text(sprite(drawings), encoding="utf-8")
        icons.FILE.write_text(
            json.dumps(symbols, indent=0, sort_keys=True) + "\n", encoding="utf-8"
        )
        self.stdout.write(f"{len(set(symbols.values()))} symbols for {len(symbols)} slugs")


def symbols_of(slugs: Iterable[str], named: dict[str, str], drawn: set[str]) -> dict[str, str]:
    """Slug → symbol: as `icons.toml` says, else its own name, else its company's."""

    def of(slug: str) -> str:
        if slug in named:
            return named[slug]
        own = re.sub(r"[^a-z0-9]", "", slug)
        if own in drawn:
            return own
        company = ROSTER[slug].company if slug in ROSTER else None
        return of(company) if company else ""

    found = {slug: of(slug) for slug in slugs}
    missing = sorted({name for name in found.values() if name and name not in drawn})
    if missing:
        raise CommandError(f"icons.toml names symbols the set lacks: {', '.join(missing)}")
    return {slug: name for slug, name in found.items() if name}


def sprite(drawings: dict[str, str]) -> str:
    symbols = "\n".join(drawings[name] for name in sorted(drawings) if drawings[name])
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def drawing(file: Path) -> str:
    """One file as a symbol; empty when it is more than shapes in one colour."""
    found = _DRAWING.search(file.read_text(encoding="utf-8"))
    shapes = _TITLE.sub("", found[2]).strip() if found else ""
    if not found or not _SHAPES_ONLY.match(shapes) or _UNWANTED.search(shapes):
        return ""
    return f'<symbol id="{file.stem}" viewBox="{found[1]}" fill-rule="evenodd">{shapes}</symbol>'
