"""`python -m tests.demo`: stand-in providers on this machine, and a site that measures them."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.standin_provider import beside
from tests.upstreams import ROOT, own_database, run_site

from .market import KEY, PROVIDERS, behaviours


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "demo", help="DATA_DIR")
    folder: Path = parser.parse_args().folder
    with ExitStack() as open_ones:
        bases = {
            slug: open_ones.enter_context(beside(dict(behaviours(slug)), key=KEY)).base
            for slug in PROVIDERS
        }
        print(f"Stand-in providers: {', '.join(bases.values())}", flush=True)
        environment = own_database(folder) | {
            "SIMULATED": "1",
            "PLAYGROUND": "1",
            "SOURCES_AT": "",
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.1/32",
            "HTTPS_PROXY": "",
        }
        fill(bases, environment)
        return run_site(environment)


def fill(bases: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """In a process of its own: this one stays small and without Django."""
    subprocess.run(
        [sys.executable, "-m", "tests.demo.fill"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | dict(environment),
        input=json.dumps(bases),
        text=True,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
