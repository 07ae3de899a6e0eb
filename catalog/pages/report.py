"""“Report this”: what a reader reports, read from the address that led here.

`/report/?path=<page>&endpoint=<id>&key=<fact>&condition=<Condition.key()>&shown=<as printed>`;
instead of `endpoint` also `provider=<slug>` or `model=<author/slug>`, or none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.http import url_has_allowed_host_and_scheme

from catalog.pages.fact_names import fact_name
from catalog.queries import report as queries
from providers.facts import MAX_SLUG, MAX_TEXT
from providers.suggestions import About

_MAX_DIGITS = 18  # of an id that every database can look for


class Unknown(ValueError):
    """The address names something that no page shows; the message says what."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What is reported. `what`, `whose`: the value and its owner in words, empty of a whole page.

    `back`: the page it was reported on, empty when the address does not name one of ours.
    """

    what: str
    whose: str
    shown: str
    back: str
    about: About


def build(query: Mapping[str, str]) -> ReportPage:
    """What the address asks to report; raises Unknown. At most one query."""
    key, condition = _read(query, "key", MAX_SLUG), _read(query, "condition", MAX_TEXT)
    shown, path = _read(query, "shown", MAX_TEXT), _read(query, "path", MAX_TEXT)
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        path = ""
    whose, about = _subject(query)
    try:
        what = fact_name(key, condition) if key else ""
    except ValueError as error:
        raise Unknown(f"{str(error).capitalize()}.") from None
    about = replace(about, key=key, condition=condition, shown=shown, path=path)
    return ReportPage(what, whose, shown, path, about)


def _subject(query: Mapping[str, str]) -> tuple[str, About]:
    """Its name, and what names it."""
    if asked := _read(query, "endpoint", MAX_TEXT):
        number = int(asked) if asked.isdecimal() and len(asked) <= _MAX_DIGITS else 0
        if endpoint := queries.endpoint(number):
            return str(endpoint), About(endpoint=endpoint.pk)
        raise Unknown(f"No endpoint has the number {asked[:40]}.")
    if slug := _read(query, "provider", MAX_SLUG):
        if provider := queries.provider(slug):
            return provider.name, About(provider=provider.pk)
        raise Unknown(f"No provider is called {slug}.")
    if path := _read(query, "model", MAX_TEXT):
        if model := queries.model(path):
            return model.name, About(model=f"{model.author.slug}/{model.slug}")
        raise Unknown(f"No model is called {path[:MAX_SLUG]}; write author/slug.")
    return "", About()


def _read(query: Mapping[str, str], name: str, longest: int) -> str:
    value = " ".join(query.get(name, "").split())  # figures are printed with unbroken spaces
    if len(value) > longest or not value.isprintable():
        raise Unknown(f"“{name}” is not one of ours: too long, or with signs that cannot be shown.")
    return value
