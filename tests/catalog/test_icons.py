import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string

from catalog import icons
from catalog.management.commands.build_icons import drawing, sprite, symbols_of

SPRITE = Path(settings.BASE_DIR) / "static" / "icons" / "providers.svg"
SHAPE = '<svg fill="currentColor" viewBox="0 0 24 24"><title>T</title>{}</svg>'


def icon(slug, name):
    return render_to_string("catalog/_model_offer.html", {"row": {"slug": slug, "label": name}})


def test_every_symbol_named_is_drawn_and_every_one_drawn_is_named():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    assert drawn == {icons.symbol(slug) for slug in icons.slugs()}


def test_the_sprite_is_shapes_in_the_colour_of_the_text():
    text = SPRITE.read_text()
    assert not re.search(r"<script|<style|url\(|href|gradient", text, re.IGNORECASE)
    assert not re.search(r'fill="(?!none|currentColor)', text)


def test_a_provider_with_a_symbol_shows_it():
    assert "#openai" in icon("openai", "OpenAI")


def test_a_provider_without_one_shows_its_first_letter():
    assert 'data-letter="N"' in icon("nobody-knows", "nobody")
    assert "data-letter" not in icon("openai", "OpenAI")


def test_a_plan_takes_its_companys_symbol():
    symbols = symbols_of(["alibaba-coding-plan", "openai"], {}, {"alibaba", "openai"})
    assert symbols == {"alibaba-coding-plan": "alibaba", "openai": "openai"}


def test_a_name_that_the_set_lacks_is_refused():
    with pytest.raises(CommandError, match="nowhere"):
        symbols_of(["openai"], {"openai": "nowhere"}, set())


@pytest.mark.parametrize(
    "shapes",
    [
        "<script>alert(1)</script>",
        '<path d="M0 0" fill="url(#a)"/>',
        '<path id="a" d="M0 0"/>',
        '<path onload="x" d="M0 0"/>',
        '<image href="x"/>',
    ],
)
def test_anything_but_plain_shapes_is_left_out(tmp_path, shapes):
    file = tmp_path / "x.svg"
    file.write_text(SHAPE.format(shapes))
    assert drawing(file) == ""


def test_a_drawing_becomes_a_symbol_without_its_title(tmp_path):
    file = tmp_path / "x.svg"
    file.write_text(SHAPE.format('<path d="M0 0h1"></path>'))
    assert drawing(file) == (
        '<symbol id="x" viewBox="0 0 24 24" fill-rule="evenodd"><path d="M0 0h1"></path></symbol>'
    )
    assert "<symbol" in sprite({"x": drawing(file), "y": ""})


def test_a_folder_that_is_not_the_package_is_refused(tmp_path):
    with pytest.raises(CommandError, match="unpacked"):
        call_command("build_icons", tmp_path)
