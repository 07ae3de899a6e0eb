"""A provider that is not one: real HTTP on loopback, three protocols, every way to fail.

What a model does is its `Behaviour`, chosen by the model's id in the request; what was asked and
when each token left is written down (`Served`), on the clock of `time.monotonic`, which is one
clock for all processes of a machine. `python -m tests.standin_provider` serves by hand.
"""

from .behaviour import Behaviour, Fault
from .running import StandinProvider, apart, beside
from .served import Served

__all__ = ["Behaviour", "Fault", "Served", "StandinProvider", "apart", "beside"]
