"""What every public page has around it, and the pages for what goes wrong."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from lxml import html

from providers.models import Edition
from tests.factories import NOW

STATIC = Path(settings.BASE_DIR) / "static"
SECTIONS = ["models", "providers", "compare", "calendar", "sources", "parameters"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_is_in_the_running_head_and_marks_itself(client, name):
    address = reverse(f"catalog:{name}")
    tree = html.fromstring(client.get(address).content)
    (current,) = tree.cssselect("nav[aria-label=Sections] [aria-current]")
    assert current.get("href") == address


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", *SECTIONS])
def test_no_page_carries_inline_style_or_script_or_a_token(client, name):
    answer = client.get(reverse(f"catalog:{name}"))
    tree = html.fromstring(answer.content)
    assert not tree.cssselect("[style], style")
    assert all(script.get("src") for script in tree.cssselect("script"))
    assert not [a for a in tree.xpath("//@*") if a.attrname.startswith("on")]
    assert not tree.cssselect("[name=csrfmiddlewaretoken]")
    assert tree.cssselect("a.skip[href='#main']")
    assert len(tree.cssselect("main#main h1")) == 1


@pytest.mark.django_db
def test_every_page_says_when_its_data_is_simulated(client, settings):
    address = reverse("catalog:models")
    assert not html.fromstring(client.get(address).content).cssselect(".simulated")
    settings.SOURCES_AT = "http://127.0.0.1:8300"
    (note,) = html.fromstring(client.get(address).content).cssselect(".simulated")
    assert "made up" in note.text_content()


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_with_ways_out(client):
    answer = client.get("/models/nobody/nothing/")
    assert answer.status_code == 404
    tree = html.fromstring(answer.content)
    assert tree.cssselect("h1")[0].text == "Not in this edition"
    assert reverse("catalog:models") in [a.get("href") for a in tree.cssselect("main a")]


def test_the_page_of_a_fault_needs_no_database_and_its_style_sheets_exist():
    tree = html.fromstring(render_to_string("500.html"))
    sheets = [link.get("href") for link in tree.cssselect("link[rel=stylesheet]")]
    assert sheets
    assert all((STATIC / href.removeprefix("/static/")).is_file() for href in sheets)


@pytest.mark.django_db
def test_the_foot_names_the_edition(client):
    Edition.objects.create(pk=1, number=7, changed_at=NOW)
    tree = html.fromstring(client.get(reverse("catalog:models")).content)
    assert "Edition 7 of 14 November 2026" in tree.cssselect("footer")[0].text_content()


def test_fonts_come_with_their_licence():
    fonts = {font.stem for font in (STATIC / "fonts").glob("*.woff2")}
    assert fonts
    assert fonts == {text.stem.removesuffix("-OFL") for text in (STATIC / "fonts").glob("*.txt")}


def test_the_sheets_of_pages_stay_within_their_layers():
    shared = [STATIC / "css" / f"{name}.css" for name in ("tokens", "base", "layout", "parts")]
    for sheet in (*shared, *(STATIC / "css" / "pages").glob("*.css")):
        bare = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL).strip()
        assert bare.startswith("@layer"), sheet.name
