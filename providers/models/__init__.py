from .alert import Alert, AlertRule
from .change_set import Change, ChangeSet
from .claim import Claim
from .credential import Credential
from .draft import Draft
from .endpoint import Endpoint
from .exchange_rate import ExchangeRate
from .held import Held
from .job import Job
from .judgement import Judgement
from .observation import Delivery, EventDigest, Observation
from .official_status import OfficialStatus
from .playground import PlaygroundAllowance
from .price import Price
from .probe_plan import ProbeAllowance, ProbePlan
from .prometheus import PrometheusMatch, PrometheusServer
from .provider import Provider
from .reading import Reading
from .rollup import Rollup, StatisticsEdition
from .run import Edition, Run
from .sender import Quarantined, Sender
from .source import Source
from .subject import Subject
from .suggestion import Suggestion

__all__ = [
    "Alert",
    "AlertRule",
    "Change",
    "ChangeSet",
    "Claim",
    "Credential",
    "Delivery",
    "Draft",
    "Edition",
    "Endpoint",
    "EventDigest",
    "ExchangeRate",
    "Held",
    "Job",
    "Judgement",
    "Observation",
    "OfficialStatus",
    "PlaygroundAllowance",
    "Price",
    "ProbeAllowance",
    "ProbePlan",
    "PrometheusMatch",
    "PrometheusServer",
    "Provider",
    "Quarantined",
    "Reading",
    "Rollup",
    "Run",
    "Sender",
    "Source",
    "StatisticsEdition",
    "Subject",
    "Suggestion",
]
