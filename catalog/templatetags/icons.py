"""`{% load icons %}`: the symbol of a provider or author."""

from django import template

from catalog import icons

register = template.Library()


@register.filter
def symbol(slug: str) -> str:
    """`{{ slug|symbol }}`: its id in the sprite, empty when it has none."""
    return icons.symbol(slug)
