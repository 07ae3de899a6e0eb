"""Every kind of page is valid HTML that leads where it says."""

from collections import Counter
from itertools import pairwise

import html5lib
import pytest
from django.test import Client
from lxml import html
from lxml.html import HtmlElement

from tests.pages_of_site import MAIN_PAGES


@pytest.fixture(scope="module", params=MAIN_PAGES)
def content(real_market, request) -> str:
    """A page, printed once for all tests."""
    return Client().get(request.param).content.decode()


@pytest.fixture(scope="module")
def page(content) -> HtmlElement:
    return html.document_fromstring(content)


def test_a_strict_parser_finds_no_error(content):
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(content)
    assert [(place, code) for place, code, _ in parser.errors] == []


def test_ids_and_references_fit_together(page):
    ids = Counter(page.xpath("//@id"))
    assert [name for name, times in ids.items() if times > 1] == []
    assert [
        href for href in page.xpath("//a/@href") if href[:1] == "#" and href[1:] not in ids
    ] == []
    assert [name for name in page.xpath("//label/@for") if name not in ids] == []
    named = " ".join(page.xpath("//@aria-labelledby | //@aria-describedby")).split()
    assert [name for name in named if name not in ids] == []


def test_every_field_has_a_label(page):
    labelled = set(page.xpath("//label/@for"))
    fields = page.xpath("//input[not(@type='hidden')] | //select | //textarea")
    assert [html.tostring(one) for one in fields if not _is_labelled(one, labelled)] == []


def _is_labelled(field: HtmlElement, labelled: set[str]) -> bool:
    return (
        field.get("aria-label") is not None
        or field.get("id") in labelled
        or any(parent.tag == "label" for parent in field.iterancestors())
    )


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(one.tag[1]) for one in page.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [(upper, lower) for upper, lower in pairwise(levels) if lower > upper + 1] == []


def test_nothing_is_inline_that_the_policy_forbids(page):
    assert page.xpath("//@style | //style | //script[not(@src)]") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []
    assert page.xpath("//a[starts-with(@href, 'javascript:')]") == []
