"""What this process counts as it works, for whoever scrapes /metrics.

Counters of `prometheus_client` live in the process. With several web processes, name an empty
folder in PROMETHEUS_MULTIPROC_DIR: they are then added up.
"""

from prometheus_client import Counter

from ..choices import Inlet

_observations = Counter(
    "almanac_observations_total",
    "Measurements that came in, by inlet and by what became of them.",
    ["inlet", "became"],
)


def came_in(inlet: Inlet, **counts: int) -> None:
    """Count observations by what became of them: `accepted=3, refused=1`."""
    for became, number in counts.items():
        if number:
            _observations.labels(inlet.value, became).inc(number)
