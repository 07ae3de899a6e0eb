"""The market's closed vocabularies and the field's names for what is open.

Components, tiers and condition names are open lists: a source may bring one we never saw. The
enums hold those the site knows how to word, order and bill.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a model does, and so which operation an endpoint offers."""

    CHAT = "chat"
    EMBEDDING = "embedding"
    IMAGE = "image"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    VIDEO = "video"
    RERANK = "rerank"
    MODERATION = "moderation"
    OCR = "ocr"


class Group(StrEnum):
    """What a provider is to its buyers."""

    AUTHOR = "author"
    CLOUD = "cloud"  # clouds and hosts: they run it themselves
    GATEWAY = "gateway"  # they call somebody else for you
    PLAN = "plan"  # a subscription; no price per token


class Protocol(StrEnum):
    """How an endpoint is spoken to; the key of a fact is `protocol.` and one of these."""

    OPENAI_CHAT = "openai-chat"
    OPENAI_RESPONSES = "openai-responses"
    OPENAI_COMPLETIONS = "openai-completions"
    OPENAI_EMBEDDINGS = "openai-embeddings"
    OPENAI_IMAGES = "openai-images"
    OPENAI_IMAGE_EDITS = "openai-image-edits"
    OPENAI_SPEECH = "openai-speech"
    OPENAI_TRANSCRIPTIONS = "openai-transcriptions"
    OPENAI_VIDEOS = "openai-videos"
    OPENAI_MODERATIONS = "openai-moderations"
    OPENAI_REALTIME = "openai-realtime"
    OPENAI_BATCH = "openai-batch"
    ANTHROPIC_MESSAGES = "anthropic-messages"
    GOOGLE_GENERATE = "google-generate"
    GOOGLE_INTERACTIONS = "google-interactions"
    GOOGLE_LIVE = "google-live"
    BEDROCK_CONVERSE = "bedrock-converse"
    COHERE_RERANK = "cohere-rerank"
    DEEPGRAM_LISTEN = "deepgram-listen"
    MISTRAL_OCR = "mistral-ocr"


class Component(StrEnum):
    """What a price is charged for."""

    INPUT = "input"
    OUTPUT = "output"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    CACHE_WRITE_5M = "cache_write_5m"
    CACHE_WRITE_1H = "cache_write_1h"
    REASONING = "reasoning"
    IMAGE_INPUT = "image_input"
    IMAGE_OUTPUT = "image_output"
    AUDIO_INPUT = "audio_input"
    AUDIO_OUTPUT = "audio_output"
    AUDIO_CACHE_READ = "audio_cache_read"
    AUDIO_CACHE_WRITE = "audio_cache_write"
    IMAGE_CACHE_READ = "image_cache_read"
    VIDEO_INPUT = "video_input"
    VIDEO_OUTPUT = "video_output"
    REQUEST = "request"
    WEB_SEARCH = "web_search"


class Unit(StrEnum):
    """What one price buys. Per-second prices are stored per hour, per-token ones per million."""

    MILLION_TOKENS = "1M tokens"
    MILLION_CHARACTERS = "1M characters"
    THOUSAND_REQUESTS = "1K requests"
    REQUEST = "request"
    IMAGE = "image"
    MEGAPIXEL = "1M pixels"
    HOUR = "hour"
    PAGE = "page"


class State(StrEnum):
    """What is known of a value. Unknown is not zero."""

    KNOWN = "known"
    FREE = "free"  # known to cost nothing
    PLAN = "plan"  # included in a plan; no price per token
    VARIES = "varies"  # decided per request, as by a router model
    UNKNOWN = "unknown"  # nobody told us
    NOT_APPLICABLE = "not_applicable"


class Book(StrEnum):
    """Whose price list a claim belongs to."""

    PUBLIC = "public"
    CONTRACT = "contract"  # what we pay
    HOUSE = "house"  # what we bill


class Status(StrEnum):
    """Where an endpoint or model is in its life."""

    ALPHA = "alpha"
    BETA = "beta"
    AVAILABLE = "available"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class HeldKind(StrEnum):
    """Why an item waits for an editor."""

    BOUNDS = "bounds"  # outside sane bounds for its unit
    JUMP = "jump"  # a hundredfold change
    SHRUNK = "shrunk"  # a complete snapshot that lost a third of its endpoints


class RunState(StrEnum):
    """What became of one reading of a source."""

    STARTED = "started"
    UNCHANGED = "unchanged"
    PUBLISHED = "published"
    HELD = "held"
    REFUSED = "refused"
    RECORDED = "recorded"  # claims written, not yet published
    ABANDONED = "abandoned"  # died on the way; the next run took its claims over


class EditKind(StrEnum):
    """How an editor came to change something."""

    CORRECTION = "correction"  # one value
    DROP = "drop"  # a correction taken back
    BULK = "bulk"  # many prices from the pricing desk
    IMPORT = "import"  # a file
    UNDO = "undo"


class Verdict(StrEnum):
    """What an editor says of a disagreement."""

    ACCEPTED = "accepted"  # one side, which is now the editors' own claim
    BOTH_RIGHT = "both_right"
    SNOOZED = "snoozed"  # to be looked at again when a source changes its word


class Answer(StrEnum):
    """What became of a reader's suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Outcome(StrEnum):
    """How one request ended. Uptime is ok / (ok + provider error)."""

    OK = "ok"
    PROVIDER_ERROR = "provider_error"  # 5xx, time-out, broken stream
    RATE_LIMITED = "rate_limited"  # 429; a series of its own
    CALLER_ERROR = "caller_error"  # other 4xx: says nothing of the provider


class Inlet(StrEnum):
    """By which way a measurement came in. Figures of two are never mixed unlabelled."""

    PROBE = "probe"  # our own requests
    PLAYGROUND = "playground"  # requests that somebody typed here
    PUSH = "push"  # POST /api/v1/observations
    OTLP = "otlp"  # spans: one request each
    OTLP_METRICS = "otlp_metrics"  # counted by the sender; beside its spans, never added to them
    LITELLM = "litellm"
    PROMETHEUS = "prometheus"


class AlertKind(StrEnum):
    """What an operator may want to be told of."""

    FAILING = "failing"
    SLOW = "slow"
    SILENT = "silent"  # nothing comes in: the monitor's own trouble, not the provider's
    STUCK = "stuck"  # a job that fails again and again


class AlertEvent(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"


class Period(StrEnum):
    """How much time one roll-up covers, in UTC."""

    HOUR = "hour"
    DAY = "day"


STANDARD_TIER = ""
# Service tiers we can word; any other is kept and shown under its own name.
TIERS = {
    "": "standard",
    "batch": "batch",
    "flex": "flex",
    "priority": "priority",
    "fast": "fast",
}

# Confirmed longer ago than this, a value is "old": shown so, and never "best".
OLD_AFTER_DAYS = 30
