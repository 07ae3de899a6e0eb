"""How values read in words and figures: one place, no Django. The template tags only call it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from providers.choices import TIERS, Component, Kind, State
from providers.facts import WEEK_MINUTES, Condition, Schedule

NOT_STATED = ".."
NOT_APPLICABLE = "—"
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DAY_MINUTES = 24 * 60

_STATES = {
    State.FREE: "free",
    State.PLAN: "plan",
    State.VARIES: "varies",
    State.UNKNOWN: NOT_STATED,
    State.NOT_APPLICABLE: NOT_APPLICABLE,
}
_STATE_TITLES = {
    State.FREE: "costs nothing",
    State.PLAN: "included in a plan; no price per token",
    State.VARIES: "decided per request",
    State.UNKNOWN: "no source states it",
    State.NOT_APPLICABLE: "does not apply",
}
_CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥", "JPY": "JP¥"}
_KINDS = {Kind.OCR: "OCR"}
_COMPONENTS: dict[str, str] = {
    Component.CACHE_WRITE_5M: "Cache write 5m",
    Component.CACHE_WRITE_1H: "Cache write 1h",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


# -- figures --------------------------------------------------------------------------------------


def figure(number: Decimal, *, places: int = 0) -> str:
    """Every stated digit and at least `places` decimals: 1234.5 → `1,234.50` with two.

    Zeros that a database column appends are not stated digits and go.
    """
    exact = number.normalize()
    exponent = exact.as_tuple().exponent
    stated = -exponent if isinstance(exponent, int) else 0
    return f"{exact:,.{max(stated, places, 0)}f}".replace("-", MINUS)


def price(amount: Decimal | None, *, state: str = State.KNOWN, currency: str = "") -> str:
    """`0.075`, `0.60`, `1,250.00`, or the state as a word; with `currency`, `$0.60`, `CHF 0.60`."""
    if amount is None or state != State.KNOWN:
        return _STATES.get(State(state), NOT_STATED)
    if not amount:
        return _STATES[State.FREE]
    return currency_sign(currency) + figure(amount, places=2)


def cost(amount: Decimal, places: int, *, currency: str) -> str:
    """`$1.20`: a computed amount with so many decimals."""
    return currency_sign(currency) + f"{amount:,.{places}f}" if amount else _STATES[State.FREE]


def enough_places(amount: Decimal, *, digits: int) -> int:
    """The decimals that show so many digits of an amount; at least two."""
    return max(2, digits - 1 - amount.adjusted()) if amount else 2


def currency_sign(currency: str) -> str:
    """`$`, `CHF `: what stands before an amount."""
    return _CURRENCY_SIGNS.get(currency, currency + NO_BREAK if currency else "")


def state_title(state: str) -> str:
    """What a state's sign means, for a tooltip; empty for a known value."""
    return _STATE_TITLES.get(State(state), "")


def tokens(count: int | str | None) -> str:
    """`128,000`; a text is a limit as its source rounds it (`16.38K`) and stays as stated."""
    if count is None:
        return NOT_STATED
    return count if isinstance(count, str) else f"{count:,}"


def percent(value: Decimal | int | float | None, places: int = 0) -> str:
    """`87.2 %` of a value in percent, with at least `places` decimals."""
    if value is None:
        return NOT_STATED
    return figure(Decimal(str(value)), places=places) + NO_BREAK + "%"


def change(value: Decimal | int | float | None) -> str:
    """`+67 %`, `−50 %`, `=`: a difference in percent, rounded to whole ones, never to none."""
    if value is None:
        return ""
    exact = Decimal(str(value))
    if not exact:
        return "="
    rounded = round(exact)
    sign = MINUS if exact < 0 else "+"
    return f"{sign}{f'{abs(rounded):,}' if rounded else '<1'}{NO_BREAK}%"


# -- dates ----------------------------------------------------------------------------------------


def day(stated: date | str) -> str:
    """`18 July 2024`; a partial date reads `Oct 2023` or `2024`."""
    if isinstance(stated, str) and len(stated) < len("2024-07-18"):
        return _partial(stated)
    on = _date(stated)
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def short_day(stated: date | str) -> str:
    """`18 Jul 2024`, for tables."""
    if isinstance(stated, str) and len(stated) < len("2024-07-18"):
        return _partial(stated)
    on = _date(stated)
    return f"{on.day} {_MONTHS[on.month - 1][:3]} {on.year}"


def moment(at: datetime) -> str:
    """`12 Nov 2026, 14:05 UTC`."""
    return f"{short_day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def iso(stated: date | str) -> str:
    """The same date for machines, at the precision stated."""
    return stated if isinstance(stated, str) else _date(stated).isoformat()


def _partial(stated: str) -> str:
    year, _, month = stated.partition("-")
    return f"{_MONTHS[int(month) - 1][:3]} {year}" if month else year


def _date(stated: date | str) -> date:
    if isinstance(stated, str):
        return date.fromisoformat(stated)
    return stated.astimezone(UTC).date() if isinstance(stated, datetime) else stated


# -- names ----------------------------------------------------------------------------------------


def kind_label(kind: str) -> str:
    return _KINDS.get(Kind(kind), kind.capitalize())


def component_label(component: str) -> str:
    """`Cache read`; one that we never saw reads under its own name."""
    return _COMPONENTS.get(component) or component.replace("_", " ").capitalize()


def unit_words(unit: str) -> str:
    return f"per {unit}"


def listed(words: Sequence[str], *, last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


# -- conditions -----------------------------------------------------------------------------------


def condition_words(condition: Condition) -> str:
    """`batch, EU region, above 200,000 input tokens`; empty when the price always applies."""
    return ", ".join(_condition_parts(condition))


def _condition_parts(condition: Condition) -> Iterable[str]:
    if condition.tier:
        yield TIERS.get(condition.tier, condition.tier.replace("_", " "))
    if condition.region:
        yield region_words(condition.region)
    if condition.above_tokens is not None:
        yield f"above {condition.above_tokens:,} input tokens"
    if condition.schedule:
        yield schedule_words(condition.schedule)
    for name, value in condition.named:
        yield f"{name.replace('_', ' ')} {value}"


def region_words(region: str) -> str:
    """`EU region`, `global`; a cloud's own name of a region stays as it is: `region us-east-1`."""
    if region == "global":
        return region
    return f"{region.upper()} region" if len(region) <= 3 else f"region {region}"


def schedule_words(schedule: Schedule) -> str:
    """`Mon–Fri 00:30–08:30 and 14:00–16:00 UTC`, or `outside …` where that is said in less."""
    hours = hours_words(schedule)
    edges = [0, *(edge for pair in schedule.ranges for edge in pair), WEEK_MINUTES]
    rest = tuple((a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)
    if rest:
        hours = min(hours, f"outside {hours_words(Schedule(schedule.zone, rest))}", key=len)
    return f"{hours} {schedule.zone}"


def hours_words(schedule: Schedule) -> str:
    """`Mon–Fri 00:30–08:30 and 14:00–16:00`, on the schedule's own clock."""
    days: dict[int, list[str]] = {}
    spans = []
    for start, end in _unbroken(schedule.ranges):
        if end - start <= DAY_MINUTES:
            days.setdefault(start // DAY_MINUTES, []).append(_hours(start, end))
        elif start % DAY_MINUTES == end % DAY_MINUTES == 0:
            for on in range(start // DAY_MINUTES, end // DAY_MINUTES):
                days.setdefault(on % 7, []).append("all day")
        else:
            spans.append(f"{_weekday_time(start)}–{_weekday_time(end)}")
    return "; ".join([*_by_hours(days), *spans])


def week_times(minutes: Iterable[int]) -> str:
    """`Mon–Fri at 08:30 and 16:30; Sun at 00:00`: minutes of the week, Monday 00:00 = 0."""
    days: dict[int, list[str]] = {}
    for minute in sorted(minutes):
        days.setdefault(minute // DAY_MINUTES, []).append(_clock(minute % DAY_MINUTES))
    return "; ".join(_by_hours(days, " at "))


def _unbroken(ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Ranges that touch become one, also over the week's end (end beyond `WEEK_MINUTES`)."""
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    if len(joined) > 1 and joined[0][0] == 0 and joined[-1][1] == WEEK_MINUTES:
        first_end = joined.pop(0)[1]
        joined[-1] = (joined[-1][0], WEEK_MINUTES + first_end)
    return joined


def _by_hours(days: dict[int, list[str]], between: str = " ") -> list[str]:
    """Days with the same hours read together."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for on in sorted(days):
        alike.setdefault(tuple(days[on]), []).append(on)
    return [f"{_weekdays(which)}{between}{listed(hours)}" for hours, which in alike.items()]


def _weekdays(which: list[int]) -> str:
    if len(which) == 7:
        return "daily"
    runs: list[list[int]] = []
    for on in which:
        if runs and runs[-1][-1] == on - 1:
            runs[-1].append(on)
        else:
            runs.append([on])
    return ", ".join(
        _WEEKDAYS[run[0]] if len(run) == 1 else f"{_WEEKDAYS[run[0]]}–{_WEEKDAYS[run[-1]]}"
        for run in runs
    )


def _hours(start: int, end: int) -> str:
    if start % DAY_MINUTES == 0 and end - start == DAY_MINUTES:
        return "all day"
    last = end % DAY_MINUTES or DAY_MINUTES
    return f"{_clock(start % DAY_MINUTES)}–{_clock(last)}"


def _weekday_time(minute: int) -> str:
    return f"{_WEEKDAYS[minute // DAY_MINUTES % 7]} {_clock(minute % DAY_MINUTES)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
