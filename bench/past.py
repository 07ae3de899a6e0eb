"""Pages of days gone by beside the page of today, cold: every request builds its page.

Lists keep what they gathered of the last day that was asked for, as they keep what they gathered of
today, so two figures are told: one day asked for again and again, and another day each time.
"""

import statistics
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from bench import servers

PAGES = {
    "model": "/models/openai/gpt-4o-mini/",
    "provider": "/providers/openai/",
    "list": "/models/",
}
ONE_DAY = date(2026, 3, 1)
TIMES = 15
ROW = "{:<10}{:>10}{:>12}{:>13}{:>14}{:>15}"


def measure(data_dir: Path) -> None:
    print(f"pages of days gone by, cold, median of {TIMES} requests one after the other")
    print(
        ROW.format("page", "today ms", "a day, ms", "a day/today", "other days, ms", "other/today")
    )
    with servers.site(data_dir, CACHE_URL="dummycache://") as address:
        for name, path in PAGES.items():
            days = [ONE_DAY - timedelta(days=20 * n) for n in range(TIMES)]
            today = milliseconds(address + path for _ in days)
            then = milliseconds(f"{address}{path}?as_of={ONE_DAY}" for _ in days)
            other = milliseconds(f"{address}{path}?as_of={day}" for day in days)
            print(
                ROW.format(
                    name,
                    f"{today:.0f}",
                    f"{then:.0f}",
                    f"{then / today:.2f}",
                    f"{other:.0f}",
                    f"{other / today:.2f}",
                )
            )
    print()


def milliseconds(addresses: Iterable[str]) -> float:
    """Median of the requests, after one that loads modules and templates."""
    taken = []
    for number, address in enumerate(addresses):
        if not number:
            servers.fetch(address)
        started = time.perf_counter()
        servers.fetch(address)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)
