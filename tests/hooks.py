"""Which value a cell of a page asks about, read from its hooks as static/js/marks.js reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

ADDRESS = "/provenance/?"


@dataclass(frozen=True)
class Hook:
    cell: HtmlElement
    address: str


def hooks(root: HtmlElement) -> Iterator[Hook]:
    """Every cell of a page that opens in place, with the address of what it tells."""
    for cell in root.xpath("//main//td | //main//dd"):
        asked = _asked(cell)
        if asked:
            yield Hook(cell, ADDRESS + asked)


def _asked(cell: HtmlElement) -> str:
    row = next(cell.iterancestors("tr"), None)
    table = next(cell.iterancestors("table", "dl"))
    head = _head(table, cell) if cell.tag == "td" else None
    places = [place for place in (cell, row, head, table) if place is not None]
    key = next((place.get("data-key") for place in places if "data-key" in place.attrib), None)
    if key is None and "data-keys" in table.attrib:
        key = table.get("data-keys").split(" ")[row.getparent().xpath("./tr").index(row)]
    of = next((place.get("data-of") for place in places if "data-of" in place.attrib), None)
    if of is None and row is not None:
        of = _of_row(row)
    return f"{of}&key={key}" if of and key else ""


def _of_row(row: HtmlElement) -> str:
    for href in row.xpath(".//a/@href"):
        if href.startswith(ADDRESS):
            return href.removeprefix(ADDRESS)
    for href in row.xpath(".//a/@href"):
        if href.endswith("#sheet"):
            return f"endpoint={parse_qs(urlsplit(href).query)['endpoint'][0]}"
    return ""


def _head(table: HtmlElement, cell: HtmlElement) -> HtmlElement | None:
    column = sum(int(before.get("colspan", "1")) for before in cell.itersiblings(preceding=True))
    for head in table.xpath("./thead/tr[last()]/*"):
        column -= int(head.get("colspan", "1"))
        if column < 0:
            return head
    return None
