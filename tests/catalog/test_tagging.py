from decimal import Decimal

import pytest

from catalog.reconcile.tagging import RULES, Sale, Subject, tags_of
from providers.choices import State


def sale(provider="openai", *, own=False, plain=True, abilities=None, paid=None, free=False):
    prices = {}
    if paid:
        prices = {
            part: (State.KNOWN.value, Decimal(amount))
            for part, amount in zip(("input", "output"), paid, strict=True)
        }
    if free:
        prices = {"input": (State.FREE.value, None), "output": (State.FREE.value, None)}
    return Sale(provider, own, plain, abilities or {}, prices)


def tags(*sales, kind="chat", **facts):
    return set(tags_of(Subject(kind, facts, sales)))


@pytest.mark.parametrize(
    ("facts", "tag"),
    [
        ({"open_weights": True}, "open-weights"),
        ({"input_modalities": ["text", "image"]}, "vision"),
        ({"input_modalities": ["text", "audio"]}, "hearing"),
        ({"context_length": 1_000_000}, "long-context"),
    ],
)
def test_facts_make_tags(facts, tag):
    assert tags(**facts) == {tag}


def test_nothing_known_makes_no_tag():
    assert tags(sale()) == set()


def test_a_plan_is_not_free():
    in_plan = Sale("plan", False, True, {}, {"input": (State.PLAN.value, None)})
    assert "free-somewhere" not in tags(in_plan)
    assert "free-somewhere" in tags(in_plan, sale(free=True))


def test_the_authors_price_decides_what_is_cheap():
    cheap, dear = ("0.10", "0.40"), ("3", "15")
    assert "cheap" in tags(sale(own=True, paid=cheap), sale("a", paid=dear), sale("b", paid=dear))
    assert "cheap" not in tags(sale(own=True, paid=dear), sale("a", paid=cheap))
    assert "cheap" in tags(sale("a", paid=cheap), sale("b", paid=cheap), sale("c", paid=dear))
    assert "cheap" not in tags(sale(own=True, paid=cheap), kind="embedding")


def test_the_author_decides_what_a_model_can_do():
    yes, no = {"parameter.tools": True}, {"parameter.tools": False}
    assert "tool-use" in tags(sale(own=True, abilities=yes), sale("a", abilities=no))
    assert "tool-use" not in tags(sale("a", abilities=yes), sale("b", abilities=no))


def test_every_tag_says_its_rule():
    assert all(rule.rule.endswith(".") for rule in RULES)
    assert len({rule.slug for rule in RULES}) == len(RULES)
