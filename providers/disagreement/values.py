"""Facts other than prices, compared within the precision that their sources stated."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..facts import BadFact, canonical, precise
from ..ledger import PRICE
from .causes import CONTEXT, KILO, ONE_APART, ROUNDED, THRESHOLD, UNIT
from .comparable import can_say
from .prices import is_slip
from .statements import Disagreement, Side, Statement

ByKey = Mapping[str, Sequence[Statement]]
# 1,024 for 1,000, and 1,024² for a million.
_KILO = (Decimal("1.024"), Decimal("1.048576"))
# Figures cut short lie within a twentieth; 200,000 is not 256,000 written shorter.
_CUT = Decimal("0.05")


def difference(key: str, stated: ByKey) -> Disagreement | None:
    """The sources' values of one fact, where two of them cannot both be true."""
    rivals = stated[key]
    if len({rival.source for rival in rivals}) < 2:
        return None
    sides = _sides(rivals)
    if len(sides) < 2:
        return None
    return Disagreement(key, rivals[0].condition, sides, _cause(key, sides, stated))


def _sides(rivals: Sequence[Statement]) -> tuple[Side, ...]:
    """Each side's statements all agree with one another; sides stand in the order of the rivals.

    Agreement is no equivalence (16.38K covers 16,384 and 16,380), so values join sides in a fixed
    order: the same statements give the same sides, however they come in.
    """
    order = {id(rival): place for place, rival in enumerate(rivals)}
    sides: list[list[Statement]] = []
    for rival in sorted(rivals, key=lambda r: (canonical(r.value), r.stated, r.source)):
        home = next((side for side in sides if all(agree(rival, one) for one in side)), None)
        if home is None:
            sides.append([rival])
        else:
            home.append(rival)
    drawn = [sorted(side, key=lambda statement: order[id(statement)]) for side in sides]
    drawn.sort(key=lambda side: order[id(side[0])])
    return tuple(Side(_finest(side), tuple(side)) for side in drawn)


def _finest(side: Sequence[Statement]) -> object:
    """The first value that its source did not round, else the first."""
    return next((one.value for one in side if not one.stated), side[0].value)


def agree(one: Statement, other: Statement) -> bool:
    """Equal within the precision both stated."""
    if one.value == other.value or one.source == other.source:
        return True
    if isinstance(one.value, str) and isinstance(other.value, str):
        return _one_text(one.value, other.value)
    if isinstance(one.value, list) and isinstance(other.value, list):
        return _one_list(one, other)
    return _covers(one, other) or _covers(other, one)


def _one_text(one: str, other: str) -> bool:
    """`2024-07` and `2024-07-18`; `FP8` and `fp8`."""
    one, other = one.casefold(), other.casefold()
    return one == other or one.startswith(other + "-") or other.startswith(one + "-")


def _one_list(one: Statement, other: Statement) -> bool:
    """The same members, but for those that the other's format cannot say."""
    return not _denied(one, other) and not _denied(other, one)


def _denied(one: Statement, other: Statement) -> list[str]:
    """Members of `one` that `other` leaves out although it could say them."""
    theirs = set(map(str, other.value))
    return [
        word
        for word in map(str, one.value)
        if word not in theirs and can_say(other.source, one.key, word)
    ]


def _covers(rounded: Statement, exact: Statement) -> bool:
    if not rounded.stated or not isinstance(exact.value, int) or isinstance(exact.value, bool):
        return False
    try:
        return precise(rounded.stated).covers(Decimal(exact.value))
    except BadFact:
        return False


# -- causes ---------------------------------------------------------------------------------------


def _cause(key: str, sides: Sequence[Side], stated: ByKey) -> str:
    numbers = [side.number() for side in sides]
    known = [number for number in numbers if number]
    if len(known) < len(numbers):
        return ""
    least, most = min(known), max(known)
    if most - least == 1:
        return ONE_APART
    if most / least in _KILO:
        return KILO
    if _is_cut_short(least, most):
        return ROUNDED
    if is_slip(known):
        return UNIT
    if key == "max_output" and _one_own_limit(sides, _contexts(stated)):
        return CONTEXT
    if key == "context_length" and _one_own_limit(sides, _thresholds(stated)):
        return THRESHOLD
    return ""


def _is_cut_short(least: Decimal, most: Decimal) -> bool:
    """1,048,000 is 1,048,576 cut to thousands, 1,000,000 is 1,047,576 said as 1M."""
    return any(
        most - least < _last_place(coarse) and most - least <= _CUT * fine
        for coarse, fine in ((least, most), (most, least))
    )


def _last_place(number: Decimal) -> Decimal:
    """What the last figure that is not nought stands for: 1,000 in 202,000."""
    return Decimal(1).scaleb(int(number.normalize().as_tuple().exponent))


Named = set[tuple[str, object]]  # source, value


def _contexts(stated: ByKey) -> Named:
    return {
        (statement.source, statement.value)
        for name in ("context_length", "max_input")
        for statement in stated.get(name, ())
    }


def _thresholds(stated: ByKey) -> Named:
    """Inputs from which somebody's price rises; as any source may repeat them."""
    above = {
        statement.condition.above_tokens
        for key, statements in stated.items()
        if key.startswith(PRICE)
        for statement in statements
    }
    return {
        (statement.source, statement.value)
        for statement in stated["context_length"]
        if statement.value in above
    }


def _one_own_limit(sides: Sequence[Side], repeated: Named) -> bool:
    """Whether one side alone states a limit that is not another figure repeated."""
    own = [
        side
        for side in sides
        if not all((one.source, one.value) in repeated for one in side.statements)
    ]
    return len(own) == 1
