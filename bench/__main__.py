"""`make bench`: refreshes in seconds, pages as ratios to nginx serving the same bytes.

Everything happens in a folder of its own, on the recorded answers. Cold: every request builds the
page from the database. Warm: the whole answer is kept.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench import live, load, past, probes, pushing, servers

PAGES = {
    "model": "/models/openai/gpt-4o-mini/",
    "list": "/models/",
    "compare": "/compare/?model=openai/gpt-4o-mini&model=openai/o4-mini",
}
SECONDS = 3.0  # of load, for each page and server
ROW = "{:<10}{:>10}{:>12}{:>10}{:>10}{:>13}{:>13}"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="almanac-bench-") as scratch:
        folder = Path(scratch)
        data_dir = folder / "data"
        refreshes(data_dir)
        live.measure(folder)
        probes.measure()
        pricing_desk(folder / "desk")
        pages(folder, data_dir)
        past.measure(data_dir)
        pushing.beside_pages(data_dir)
        pushing.measure(folder)


def refreshes(data_dir: Path) -> None:
    manage(data_dir, "migrate", "-v0")
    manage(data_dir, "load_history")
    first = seconds_of(data_dir, "refresh", "--recorded")
    unchanged = seconds_of(data_dir, "refresh", "--recorded")
    manage(data_dir, "load_curated")
    manage(data_dir, "collectstatic", "--no-input", "-v0")
    print(f"recorded refresh: first {first:.1f} s, unchanged {unchanged:.1f} s\n")


def pricing_desk(data_dir: Path) -> None:
    manage(data_dir, "migrate", "-v0")
    subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "bench.pricing"],
        cwd=servers.ROOT,
        env=os.environ | {"DATA_DIR": str(data_dir)},
        check=True,
    )


def pages(folder: Path, data_dir: Path) -> None:
    with servers.site(data_dir) as address:
        bodies = {name: servers.fetch(address + path) for name, path in PAGES.items()}
        warm = rates({name: address + path for name, path in PAGES.items()})
    with servers.site(data_dir, CACHE_URL="dummycache://") as address:
        cold = rates({name: address + path for name, path in PAGES.items()})
    with servers.nginx(folder, bodies) as address:
        nginx = rates({name: f"{address}/{name}" for name in PAGES})
    print(f"requests a second, by {load.client_name()}, {load.CONNECTIONS} connections")
    print(ROW.format("page", "kB", "nginx", "warm", "cold", "warm/nginx", "cold/nginx"))
    for name in PAGES:
        print(
            ROW.format(
                name,
                f"{len(bodies[name]) / 1000:.1f}",
                f"{nginx[name]:.0f}",
                f"{warm[name]:.0f}",
                f"{cold[name]:.1f}",
                f"{warm[name] / nginx[name]:.3f}",
                f"{cold[name] / nginx[name]:.5f}",
            )
        )


def rates(addresses: Mapping[str, str]) -> dict[str, float]:
    for address in addresses.values():
        servers.fetch(address)  # imports and templates are loaded by the first request
    return {
        name: load.requests_per_second(address, seconds=SECONDS)
        for name, address in addresses.items()
    }


def seconds_of(data_dir: Path, *command: str) -> float:
    started = time.monotonic()
    manage(data_dir, *command)
    return time.monotonic() - started


def manage(data_dir: Path, *command: str) -> None:
    subprocess.run(  # noqa: S603  our own command
        [sys.executable, "manage.py", *command],
        cwd=servers.ROOT,
        env=os.environ | {"DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    main()
