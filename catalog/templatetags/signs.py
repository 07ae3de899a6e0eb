"""`{% load signs %}`: sigla and dispute marks, set tight against the value they belong to.

Filters and not templates, because a template's last line break would stand before the next comma.
"""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.pages.parts import Dispute, Mark

register = template.Library()


@register.filter
def signs(marks: Iterable[Mark]) -> SafeString:
    """`{{ cell.marks|signs }}`: each source's siglum, linked to its line in the foot."""
    return format_html_join("", "{}", ((_siglum(mark),) for mark in marks))


@register.filter
def sign(mark: Mark | Dispute | None) -> SafeString:
    """`{{ cell.dispute|sign }}`: one mark; nothing for None."""
    if mark is None:
        return SafeString("")
    if isinstance(mark, Mark):
        return _siglum(mark)
    return format_html(
        '<a class="ne{}" href="#d-{}" aria-label="{}">≠{}</a>',
        " why" if mark.explained else "",
        mark.number,
        mark.label,
        mark.number,
    )


def _siglum(mark: Mark) -> SafeString:
    return format_html(
        '<a class="w{}{}" href="#w-{}" aria-label="{}">{}</a>',
        " old" if mark.old else "",
        " ed" if mark.editor else "",
        mark.siglum,
        mark.label,
        f"({mark.siglum})" if mark.old else mark.siglum,
    )
