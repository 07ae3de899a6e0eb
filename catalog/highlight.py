"""Code in two colours: strings (`s`) and the quiet words (`q`: keywords, comments), nothing else.

Parts of a text may be marked; they come out inside `<mark>`. Marks are written as two private-use
characters around the part, which `pull_marks` takes out again before the text is shown.
"""

from collections.abc import Iterator
from html import escape
from itertools import chain
from typing import Any

from pygments import lex
from pygments.formatter import Formatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, String, Token
from pygments.util import ClassNotFound

MARK_OPENS, MARK_CLOSES = "\ue000", "\ue001"

Marks = list[tuple[int, int]]


def marked(text: str) -> str:
    return MARK_OPENS + text + MARK_CLOSES


def pull_marks(text: str) -> tuple[str, Marks]:
    """The text without its marks, and where they were: half-open ranges of characters."""
    plain: list[str] = []
    marks: Marks = []
    opened = 0
    for character in text:
        if character == MARK_OPENS:
            opened = len(plain)
        elif character == MARK_CLOSES:
            marks.append((opened, len(plain)))
        else:
            plain.append(character)
    return "".join(plain), marks


def highlight(code: str, language: str, marks: Marks | None = None) -> str:
    """HTML for the inside of `<pre><code>`; a language we do not know stays one colour."""
    lexer = _lexer(language)
    return "".join(_html(_cut(_coloured(lex(code, lexer)), marks or [])))


def _lexer(language: str) -> Lexer:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def _coloured(tokens: Any) -> Iterator[tuple[str, str]]:
    for kind, text in tokens:
        if kind in String:
            yield "s", text
        elif kind in Keyword or kind in Comment or kind in Token.Operator.Word:
            yield "q", text
        else:
            yield "", text


def _cut(parts: Iterator[tuple[str, str]], marks: Marks) -> Iterator[tuple[bool, str, str]]:
    """The same parts, cut at the marks' ends, each with whether it is marked."""
    at = 0
    for colour, text in parts:
        ends = {at + len(text)}
        ends.update(edge for mark in marks for edge in mark if at < edge < at + len(text))
        for end in sorted(ends):
            inside = any(start <= at < stop for start, stop in marks)
            yield inside, colour, text[: end - at]
            text, at = text[end - at :], end


def _html(parts: Iterator[tuple[bool, str, str]]) -> Iterator[str]:
    """A mark stands inside its colour's span, and is cut where the colour changes."""
    was_marked, was_colour = False, ""
    for is_marked, colour, text in chain(parts, [(False, "", "")]):
        recoloured = colour != was_colour
        if was_marked and (recoloured or not is_marked):
            yield "</mark>"
            was_marked = False
        if recoloured:
            yield "</span>" if was_colour else ""
            yield f'<span class="{colour}">' if colour else ""
            was_colour = colour
        if is_marked and not was_marked:
            yield "<mark>"
            was_marked = True
        yield escape(text, quote=False)


class TwoColours(Formatter[str]):
    """The same two colours for code blocks in Markdown."""

    def format(self, tokensource: Any, outfile: Any) -> None:
        html = "".join(_html(_cut(_coloured(tokensource), [])))
        outfile.write(f"<pre><code>{html}</code></pre>\n")
