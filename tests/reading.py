"""Reads a page as a person does: tables by their heads, cells by what they print."""

from collections.abc import Iterator
from typing import Any

from lxml import html
from lxml.html import HtmlElement

# Elements that a browser sets on a line or in a cell of their own.
SET_APART = {"br", "p", "div", "li", "tr", "th", "td", "dt", "dd", "h1", "h2", "h3", "small"}


class ReadPage:
    """One answer of the site, parsed."""

    def __init__(self, content: bytes) -> None:
        self.root: HtmlElement = html.document_fromstring(content.decode())

    def part(self, name: str) -> HtmlElement:
        """The block that `#name` leads to."""
        return self.root.get_element_by_id(name)

    def said(self, name: str = "main") -> str:
        """All a block prints, signs of sources left out."""
        return printed(self.part(name))

    def table(self, name: str, number: int = 0) -> dict[str, dict[str, str]]:
        """A block's table: row head → column head → what the cell prints.

        The first row of its name wins: further ones are tiers and snapshots of the same seller.
        """
        return read_table(self.part(name).xpath(".//table")[number])

    def links(self, name: str) -> dict[str, str]:
        """Text of every link in a block → where it leads."""
        return {printed(link): link.get("href") for link in self.part(name).iter("a")}


def read_table(table: HtmlElement) -> dict[str, dict[str, str]]:
    heads = [printed(cell) for cell in table.xpath("./thead/tr[last()]/*")]
    found: dict[str, dict[str, str]] = {}
    for row in table.xpath("./tbody/tr[not(contains(@class, 'group'))]"):
        cells = [printed(cell) for cell in row.xpath("./th|./td")]
        found.setdefault(cells[0], dict(zip(heads[1:], cells[1:], strict=False)))
    return found


def printed(element: HtmlElement) -> str:
    """The text a reader takes in, spaces evened out, without the signs of sources and disputes."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Any) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in ("script", "style"):
        return
    if element.tag == "a" and element.get("href", "").startswith(("#w-", "#d-")):
        return
    apart = " " if element.tag in SET_APART else ""
    yield apart + (element.text or "")
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    yield apart
