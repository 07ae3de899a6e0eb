"""All settings, read from the environment (and `.env` beside manage.py). README has the table."""

import re
import sys
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path

import django_stubs_ext
import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEFAULT_KEY = "insecure-key-of-a-machine-of-one-person"

DEBUG = env.bool("DEBUG", default=False)
TESTING = "pytest" in sys.modules
SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
FIXTURES_DIR = BASE_DIR / "fixtures"

# Anything but loopback names makes this a public site, which must not run on defaults.
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
PRODUCTION = not set(ALLOWED_HOSTS) <= LOOPBACK
if PRODUCTION:
    if SECRET_KEY == DEFAULT_KEY or len(SECRET_KEY) < 32:
        raise ImproperlyConfigured(
            "SECRET_KEY is the default or shorter than 32 characters. "
            "Set SECRET_KEY to a long random text; `make key` prints one."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on. Unset DEBUG before you set ALLOWED_HOSTS.")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is '*'. Name the host names of this site.")

# Who may read: everybody, or only who has logged in.
SITE_ACCESS = env.str("SITE_ACCESS", default="open")
if SITE_ACCESS not in ("open", "login"):
    raise ImproperlyConfigured(
        f"SITE_ACCESS is {SITE_ACCESS!r}. Write open (everybody reads) or login (only accounts)."
    )

# What a model is that a source names first: shown at once, or waiting for an editor's approval.
NEW_MODELS = env.str("NEW_MODELS", default="shown")
if NEW_MODELS not in ("shown", "approval"):
    raise ImproperlyConfigured(
        f"NEW_MODELS is {NEW_MODELS!r}. Write shown (at once) or approval (an editor's first)."
    )

INSTALLED_APPS = [
    "catalog",
    "providers",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_prometheus",
    "django_htmx",
    "import_export",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "catalog.site_access.SiteAccess",  # above the cache: kept pages are for readers too
    "catalog.page_cache.PageCache",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "catalog.refusals.Refusals",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.context.frame",
            ],
        },
    }
]

# -- database -------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'almanac.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Django's defaults lose writes to "database is locked" when web and worker write at once.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A test database in a file, so that threads and other processes see it too.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://almanac")}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 1000}  # pages of about 20 kB
# Whole pages are kept there. Off where templates are being edited, and in tests.
PAGE_CACHE = not (DEBUG or TESTING)

# -- jobs -----------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Jobs are steered in the database. With it, RabbitMQ would refuse a second worker of one machine.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
# What a worker hears that is not told otherwise. Probes from a region have queues of their own,
# `probe.<region>`, for workers that stand there.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name, type="direct"), routing_key=name)
    for name in ("celery", "pull", "probe", "rollup")
]
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The tick only rings: what is due is found in the database.
    "tick": {"task": "providers.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
}
if CELERY_BROKER_URL.startswith("filesystem://"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.2,
    }

# -- sources --------------------------------------------------------------------------------------

HTTPS_PROXY = env.str("HTTPS_PROXY", default="")
ALLOWED_PRIVATE_NETWORKS = env.list("ALLOWED_PRIVATE_NETWORKS", default=[])
# Where simulated sources are served: https://host/path is read below it as host/path. Every page
# then says that its data is made up; so it may be this machine alone.
SOURCES_AT = env.str("SOURCES_AT", default="").rstrip("/")
SOURCES_AT_NETWORK = "127.0.0.1/32"
if SOURCES_AT and PRODUCTION:
    raise ImproperlyConfigured("SOURCES_AT is set. Unset it: a public site reads real sources.")
if SOURCES_AT and not re.fullmatch(r"http://127\.0\.0\.1:\d{1,5}", SOURCES_AT):
    raise ImproperlyConfigured(
        "SOURCES_AT is not on this machine. Write it like http://127.0.0.1:8300, or unset it to "
        "read the real sources."
    )
# A site of made-up data alone: no source is read, and every page says so.
SIMULATED = env.bool("SIMULATED", default=False)
if SIMULATED and PRODUCTION:
    raise ImproperlyConfigured("SIMULATED is set. Unset it: a public site shows real data.")

# -- measurements ---------------------------------------------------------------------------------

# How long single observations stay after they were counted into hours and days.
OBSERVATIONS_KEPT = timedelta(hours=env.int("OBSERVATIONS_KEPT_HOURS", default=48))

# Prompts that people type on the site, with the operator's keys: off unless somebody wants it.
PLAYGROUND = env.bool("PLAYGROUND", default=False)
try:
    # US dollars that each person may spend in a day, where the admin does not say otherwise.
    PLAYGROUND_PER_DAY = Decimal(env.str("PLAYGROUND_PER_DAY", default="1"))
    is_sum = 0 <= PLAYGROUND_PER_DAY <= 100_000
except ArithmeticError:  # no number, or NaN
    is_sum = False
if not is_sum:
    raise ImproperlyConfigured("PLAYGROUND_PER_DAY: write US dollars from 0 to 100000, like 0.50.")

# Who may read /metrics: addresses that ask in person (10.0.0.0/8), or whoever shows the token.
try:
    METRICS_ALLOWED = [ip_network(one) for one in env.list("METRICS_ALLOWED", default=[])]
except ValueError as error:
    raise ImproperlyConfigured(
        f"METRICS_ALLOWED: {error}. Write networks with commas between, like 10.0.0.0/8,::1/128."
    ) from None
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(
        "METRICS_TOKEN is shorter than 16 characters. `make key` prints a long one."
    )

# -- mail -----------------------------------------------------------------------------------------

# smtp://user:password@host:587 or smtp+tls://…; unset: rules for alerts cannot name addresses.
EMAIL_URL = env.str("EMAIL_URL", default="")
try:
    vars().update(env.email_url_config(EMAIL_URL or "dummymail://"))
except (ImproperlyConfigured, ValueError):  # neither says which, and its value holds a password
    raise ImproperlyConfigured(
        "EMAIL_URL is no mail server. Write it like smtp+tls://user:password@mail.example.org:587."
    ) from None
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="model-almanac@localhost")

# -- web ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# SQLite, the filesystem broker and WhiteNoise each expect their folder to be there.
for folder in ("broker", "broker-control", "static"):
    (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING

# Nothing inline, nothing from elsewhere: pages are complete from this host alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A reverse proxy that ends TLS says so in this header; set BEHIND_TLS_PROXY=1 with one.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SESSION_COOKIE_HTTPONLY = True
LOGIN_URL = "admin:login"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# -- logs: one event a line, JSON where nobody watches a terminal ----------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
_shared: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared,
            "processor": structlog.processors.JSONRenderer()
            if PRODUCTION
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": LOG_LEVEL},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # "No hostname was supplied", of a broker that is a folder.
        "kombu.connection": {"level": "ERROR"},
    },
}

# Called with publish.Published inside the transaction that publishes: the shop window follows.
AFTER_PUBLISH = ["catalog.reconcile.follow"]
