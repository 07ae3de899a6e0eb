"""All that is stated of a subject, or of one family of its facts, line by line."""

from collections.abc import Sequence

from catalog.pages.model.lines import condition_order
from catalog.pages.stated import wording
from catalog.pages.stated.drawing import Drawing
from catalog.pages.stated.parts import Fact
from providers.choices import Component
from providers.facts import ENDPOINT_FACTS, PROVIDER_FACTS, Condition
from providers.ledger import PRICE

_COMPONENTS: Sequence[str] = [component.value for component in Component]
_FACTS = list({**ENDPOINT_FACTS, **PROVIDER_FACTS})


def facts(drawing: Drawing) -> tuple[Fact, ...]:
    """Prices, then facts in the order of the vocabulary, then families by name."""
    slots = {(voice.claim.key, voice.claim.condition) for voice in drawing.matter.voices}
    slots |= {
        (key, "") for key, claim in drawing.matter.published.items() if _heard(drawing, claim)
    }
    return tuple(
        _fact(drawing, *slot)
        for slot in sorted([slot for slot in slots if _is_asked(drawing, slot)], key=_rank)
    )


def _heard(drawing: Drawing, claim: int) -> bool:
    return drawing.matter.voice(claim) is not None


def _is_asked(drawing: Drawing, slot: tuple[str, str]) -> bool:
    key, condition = slot
    if drawing.asked.key:
        return key.startswith(f"{drawing.asked.key}.")
    return not drawing.asked.condition or condition == drawing.asked.condition


def _fact(drawing: Drawing, key: str, condition: str) -> Fact:
    voices = drawing.matter.about(key, condition)
    row = drawing.price(key, condition)
    published = drawing.published(key, row)
    statements = drawing.statements(voices, published)
    agreeing = [statement for statement in statements if not statement.differs]
    dispute = drawing.dispute(voices)
    return Fact(
        key=key,
        label=wording.label(key, condition),
        text=drawing.text(key, row, published),
        marks=tuple(dict.fromkeys(statement.mark for statement in agreeing)),
        confirmed=max((s.confirmed for s in agreeing if s.confirmed), default=None),
        old=all(statement.old for statement in agreeing),
        disputed=("explained" if dispute.cause else "unexplained") if dispute else "",
        href=drawing.href(key, condition),
    )


def _rank(slot: tuple[str, str]) -> tuple[object, ...]:
    key, condition = slot
    if key.startswith(PRICE):
        return (0, condition_order(Condition.from_key(condition)), _place(key[6:], _COMPONENTS))
    return (1 if key in _FACTS else 2, (), (_FACTS.index(key) if key in _FACTS else 0, key))


def _place(name: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)
