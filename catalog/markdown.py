"""Markdown that editors write, as HTML that is safe to show."""

from html import escape

import nh3
from markdown import Markdown

from .highlight import TwoColours

# What prose needs, nothing that loads, runs, styles or asks. Headings start below the page's own.
_TAGS = {
    "p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "dl", "dt", "dd",
    "strong", "em", "del", "sub", "sup", "abbr", "code", "pre", "span", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "abbr": {"title"}}
_CLASSES = {"span": {"s", "q"}}
_SCHEMES = {"http", "https", "mailto"}
_LOWERED = {"h1": "h3", "h2": "h3"}


def render(text: str) -> str:
    """Sanitised HTML; empty for a text of white space.

    Raw HTML is text here: `<b>` reads as those three characters.
    """
    if not text.strip():
        return ""
    try:
        html = _parser().convert(text)
    except RecursionError:  # lists nested hundreds deep: shown as typed
        html = f"<p>{escape(text)}</p>"
    return _clean(_lowered(html))


def _parser() -> Markdown:
    parser = Markdown(
        extensions=["fenced_code", "codehilite", "tables", "sane_lists"],
        extension_configs={
            "codehilite": {"guess_lang": False, "pygments_formatter": TwoColours},
        },
        output_format="html",
    )
    parser.preprocessors.deregister("html_block")
    parser.inlinePatterns.deregister("html")
    return parser


def _lowered(html: str) -> str:
    for written, shown in _LOWERED.items():
        html = html.replace(f"<{written}>", f"<{shown}>").replace(f"</{written}>", f"</{shown}>")
    return html


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        strip_comments=True,
    )
