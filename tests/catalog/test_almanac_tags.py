from datetime import UTC, date, datetime
from decimal import Decimal

from django.template import Context, Template

from catalog.pages.parts import Money
from providers.choices import State
from providers.facts import Condition


def drawn(source: str, value: object) -> str:
    return Template("{% load almanac %}" + source).render(Context({"value": value}))


def test_money_draws_its_amount_its_state_and_its_padding() -> None:
    money = Money(state=State.KNOWN, amount=Decimal("0.6"), pad=1)
    assert drawn("{{ value|price }}/{{ value|price_with_currency }}", money) == "0.60/$0.60"
    assert drawn("{{ value|pad }}", money) == "k1"
    assert drawn("{{ value|price }}|{{ value|pad }}", Money()) == "..|"
    assert drawn("{{ value|state_title }}", Money()) == "no source states it"


def test_dates_are_time_elements() -> None:
    assert drawn("{{ value|day }}", date(2024, 7, 18)) == (
        '<time datetime="2024-07-18">18 July 2024</time>'
    )
    assert drawn("{{ value|short_day }}", "2023-10") == '<time datetime="2023-10">Oct 2023</time>'
    assert drawn("{{ value|moment }}", datetime(2026, 11, 12, 9, 5, tzinfo=UTC)) == (
        '<time datetime="2026-11-12T09:05:00+00:00">12 Nov 2026, 09:05 UTC</time>'
    )
    assert drawn("{{ value|day }}", None) == ".."


def test_a_date_text_cannot_carry_markup() -> None:
    assert "<b>" not in drawn("{{ value|tokens }}", "<b>16K</b>")


def test_labels_reach_templates() -> None:
    assert drawn("{{ value|condition_words }}", Condition(tier="batch")) == "batch"
    assert drawn("{{ value|component_label }}", "cache_read") == "Cache read"
    assert drawn("{{ value|kind_label }}", "chat") == "Chat"
    assert drawn("{{ value|unit_words }}", "1M tokens") == "per 1M tokens"
    assert drawn("{{ value|tokens }}", 128000) == "128,000"
    assert drawn("{{ value|percent:1 }}", Decimal(82)) == "82.0\N{NO-BREAK SPACE}%"
    assert drawn("{{ value|figure:2 }}", 3) == "3.00"
    assert drawn("{{ value|listed }}", ["a", "b"]) == "a and b"
    assert drawn("{{ value|change }}", 10) == "+10\N{NO-BREAK SPACE}%"
