"""What this site's editors wrote, and links to what others did."""

from dataclasses import dataclass

from catalog.pages.links import Link
from catalog.pages.model.reads import Reads

_NOTES = {
    "best_for": "Best for",
    "strengths": "Strengths",
    "limitations": "Limitations",
    "alternatives": "Consider others when",
    "choosing": "Choosing a provider",
}
_LINKS = {
    "announcement_url": "Announcement",
    "docs_url": "Documentation",
    "weights_url": "Weights",
}


@dataclass(frozen=True, slots=True)
class Note:
    """`html` was sanitised when it was stored."""

    slug: str
    title: str
    html: str


def notes(reads: Reads) -> tuple[Note, ...]:
    html = reads.model.html
    return tuple(
        Note(key.replace("_", "-"), title, html[key])
        for key, title in _NOTES.items()
        if html.get(key)
    )


def description(reads: Reads) -> str:
    """Sanitised HTML; empty where no editor wrote any."""
    return str(reads.model.html.get("description", ""))


def links(reads: Reads) -> tuple[Link, ...]:
    found = ((title, getattr(reads.model, key)) for key, title in _LINKS.items())
    return tuple(Link(title, href) for title, href in found if href)
