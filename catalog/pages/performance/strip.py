"""Geometry of uptime bars: a level on which worked slots stand and under which failures hang."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from catalog.pages.incidents import is_bad_of
from providers.stat_queries import Outcomes
from providers.stats.tally import MIN_N

STEP = 4  # units a slot
HEIGHT = 24
LEVEL = 11
STAND, FEW, HANG = 9, 4.5, 12


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour or day as it is drawn."""

    place: int
    ok: int
    failed: int

    @property
    def judged(self) -> int:
        return self.ok + self.failed

    @property
    def is_few(self) -> bool:
        return self.judged < MIN_N

    @property
    def is_bad(self) -> bool:
        """As incidents are defined."""
        return is_bad_of(self.failed, self.judged)


@dataclass(frozen=True, slots=True)
class Strip:
    """SVG paths by what they mean; `void`: nothing was measured, which is not the same as up."""

    width: int
    ok: str
    few: str
    bad: str
    void: str
    measured: int  # slots
    bad_slots: int
    height: int = HEIGHT


def slots_of(outcomes: Iterable[tuple[int, Outcomes]], count: int) -> list[Slot]:
    """Slots in which anything was judged; rate-limited and refused requests judge nothing."""
    return [
        Slot(place, one.ok, one.provider_error)
        for place, one in outcomes
        if 0 <= place < count and one.ok + one.provider_error
    ]


def strip(slots: Iterable[Slot], count: int) -> Strip:
    """Failures hang by the root of their share, so that a little shows."""
    drawn = list(slots)
    paths: dict[str, list[str]] = {"ok": [], "few": [], "bad": []}
    for slot in drawn:
        x = slot.place * STEP + STEP / 2
        if slot.ok:
            kind, tall = ("few", FEW) if slot.is_few else ("ok", STAND)
            paths[kind].append(f"M{x:g} {LEVEL}v-{tall:g}")
        if slot.failed:
            depth = HANG * sqrt(slot.failed / slot.judged)
            paths["bad"].append(f"M{x:g} {LEVEL}v{depth:.1f}")
    return Strip(
        width=count * STEP,
        ok="".join(paths["ok"]),
        few="".join(paths["few"]),
        bad="".join(paths["bad"]),
        void=_void({slot.place for slot in drawn}, count),
        measured=len(drawn),
        bad_slots=sum(slot.is_bad for slot in drawn),
    )


def _void(measured: set[int], count: int) -> str:
    """One line for each run of slots without measurements."""
    runs = []
    begun: int | None = None
    for place in range(count + 1):
        blank = place < count and place not in measured
        if blank and begun is None:
            begun = place
        elif not blank and begun is not None:
            runs.append(f"M{begun * STEP} {LEVEL}h{(place - begun) * STEP}")
            begun = None
    return "".join(runs)
