from .claim import Claim
from .endpoint import Endpoint
from .held import Held
from .job import Job
from .judgement import Judgement
from .price import Price
from .provider import Provider
from .reading import Reading
from .run import Edition, Run
from .source import Source

__all__ = [
    "Claim",
    "Edition",
    "Endpoint",
    "Held",
    "Job",
    "Judgement",
    "Price",
    "Provider",
    "Reading",
    "Run",
    "Source",
]
