"""Official status pages: which are read, and what they answer."""

import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

MAX_WORDS = 200
PAGES: dict[str, str] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


class Indicator(StrEnum):
    """How bad it is, in the words of the format."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Official:
    """What a page says of the whole service."""

    indicator: Indicator
    words: str  # like "All Systems Operational"


class BadStatus(Exception):
    """An answer that is none; the message says what is wrong with it."""


def address(page: str) -> str:
    return f"{page}/api/v2/status.json"


def parse(content: bytes) -> Official:
    """Raises `BadStatus` for anything but the format."""
    try:
        answer: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadStatus(f"no JSON: {type(error).__name__}") from None
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise BadStatus("it has no object called status")
    indicator, words = status.get("indicator"), status.get("description")
    if not isinstance(indicator, str) or indicator not in set(Indicator):
        raise BadStatus(f"an unknown indicator, {str(indicator)[:40]!r}")
    if not isinstance(words, str) or not words.strip() or not words.isprintable():
        raise BadStatus("its description is no line of text")
    return Official(Indicator(indicator), words.strip()[:MAX_WORDS])
