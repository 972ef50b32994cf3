"""All settings, in sections. Every value that may differ comes from the environment, see `env.py`."""

from datetime import timedelta
from typing import Any

import structlog
from django.utils.csp import CSP

from governance.config.env import ROOT, Environment, database, kept_secret, live_origins, var_directory
from governance.config.rooms import *  # noqa: F403 - all of them are settings
from governance.vocabulary import RiskLevel, Verdict

env = Environment.of_this_process()

# --- Shape -----------------------------------------------------------------------------------
REDLINE_MODE = env.one_of("REDLINE_MODE", ("production", "demo", "test"), "production")
IN_PRODUCTION = REDLINE_MODE == "production"
REDLINE_VAR = var_directory()
BASE_DIR = ROOT
DEBUG = False
REDLINE_HTTPS = env.flag("REDLINE_HTTPS", IN_PRODUCTION)
REDLINE_DEMO = REDLINE_MODE == "demo"
REDLINE_URL = env.text("REDLINE_URL", f"http://localhost:{env.number('PORT', 8000, least=1, most=65535)}")
SECRET_KEY = (
    env.text("SECRET_KEY", remedy="Set SECRET_KEY, or SECRET_KEY_FILE, to at least 50 random characters.")
    if IN_PRODUCTION
    else env.text("SECRET_KEY", "") or kept_secret(REDLINE_VAR / f"{REDLINE_MODE}-secret-key")
)
ALLOWED_HOSTS = env.words(
    "REDLINE_HOSTS",
    None if IN_PRODUCTION else ("localhost", "127.0.0.1", "[::1]", "testserver"),
    remedy="Set REDLINE_HOSTS to the names this server answers to, for example redline.example.com.",
)

# --- Apps and middleware ---------------------------------------------------------------------
INSTALLED_APPS = [
    "models_registry",
    "governance",
    "alerts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
]
MIDDLEWARE = [
    "models_registry.audit.request.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "models_registry.access.early.EarlyAnswers",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "governance.config.urls"
WSGI_APPLICATION = "governance.config.wsgi.application"
ASGI_APPLICATION = "governance.config.asgi.application"
APPEND_SLASH = True

# --- Database --------------------------------------------------------------------------------
# The application connects as redline_app, which owns no table. Commands that change the schema
# connect as redline_owner, see `manage.py setup_database`.
DATABASE_URL = (
    env.text("DATABASE_URL", "postgresql://redline_app@/redline_test")
    if REDLINE_MODE == "test"
    else env.text(
        "DATABASE_URL",
        remedy="Set DATABASE_URL to postgresql://redline_app:password@host:5432/redline, or run `make demo`.",
    )
)
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", "")
DATABASE_ADMIN_URL = env.text("DATABASE_ADMIN_URL", "")
DATABASE_POOL = env.number("DATABASE_POOL", 0, most=200)
DATABASES = {"default": database(DATABASE_URL, pool_size=DATABASE_POOL)}
DATABASE_OWNER = database(DATABASE_OWNER_URL) if DATABASE_OWNER_URL else {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache -----------------------------------------------------------------------------------
# Shared by all web processes: allauth counts failed sign-ins in it.
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        if REDLINE_MODE == "test"
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "redline_cache"}
    )
}

# --- People and sessions ---------------------------------------------------------------------
AUTH_USER_MODEL = "models_registry.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if REDLINE_MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_ADAPTER = "governance.config.accounts.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
GUARDIAN_RAISE_403 = False
ANONYMOUS_USER_NAME = None
SESSION_COOKIE_NAME = "__Host-redline" if REDLINE_HTTPS else "redline"
SESSION_COOKIE_SECURE = REDLINE_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
CSRF_COOKIE_NAME = "__Host-redline-csrf" if REDLINE_HTTPS else "redline-csrf"
CSRF_COOKIE_SECURE = REDLINE_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = env.words("REDLINE_TRUSTED_ORIGINS", (REDLINE_URL,))

# --- Live pages ------------------------------------------------------------------------------
# sse: pages hear of changes from a process of its own; poll: they ask; off: they stand still.
REDLINE_LIVE = env.one_of("REDLINE_LIVE", ("sse", "poll", "off"), "poll")
# `/live/` where a proxy leads there; `:8001/live/` where the browser asks that port of the same host.
REDLINE_LIVE_URL = env.text("REDLINE_LIVE_URL", "/live/")

# --- Browser ---------------------------------------------------------------------------------
# Nothing is inline, hence no nonces.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF, *live_origins(REDLINE_LIVE_URL, hosts=ALLOWED_HOSTS, secure=REDLINE_HTTPS)],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = REDLINE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if REDLINE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = REDLINE_HTTPS
SECURE_HSTS_PRELOAD = REDLINE_HTTPS
if env.flag("REDLINE_BEHIND_PROXY", False):  # only where the proxy overwrites the header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Pages -----------------------------------------------------------------------------------
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
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
                "models_registry.access.context.shell",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = REDLINE_VAR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": REDLINE_VAR / "files"},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if REDLINE_MODE == "test"
            else "governance.config.statics.SpareStaticFiles"
        )
    },
}
WHITENOISE_USE_FINDERS = REDLINE_MODE == "test"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-gb"

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["models_registry.access.parsing.StrictJsonParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["models_registry.access.guard.DenyByDefault"],
    "DEFAULT_PAGINATION_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "governance.config.openapi.HouseSchema",
    "EXCEPTION_HANDLER": "models_registry.access.problem.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Redline",
    "DESCRIPTION": "Continuous governance of models: record, decide, tell.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PATH_CONVERTER_OVERRIDES": {
        "int": {"type": "integer", "minimum": 0},
        "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    },
    "ENUM_NAME_OVERRIDES": {
        "RiskLevel": RiskLevel.choices(),
        "Verdict": Verdict.choices(),
        "AutomatedAction": "governance.scoring.api.ACTIONS",
        "ModelKind": "models_registry.catalog.models.Kind",
        "SourceKind": "models_registry.telemetry.models.SourceKind",
        "RiskState": "governance.risks.models.RiskState",
        "PlanState": "governance.risks.models.PlanState",
        "ApprovalState": "governance.approvals.models.ApprovalState",
        "ArtifactKind": "models_registry.lineage.models.ArtifactKind",
        "EdgeRole": "models_registry.lineage.models.EdgeRole",
        "InventoryOutcome": "models_registry.intake.models.Outcome",
        "PredictionOutcome": "models_registry.lineage.prediction_api.OUTCOMES",
        "SweepOutcome": "models_registry.telemetry.poll_models.SweepOutcome",
    },
}

# --- Evidence and how long it is kept --------------------------------------------------------
# How many combinations of environment and segment one metric of one model may have, see telemetry.series.
REDLINE_SERIES_LIMIT = env.number("REDLINE_SERIES_LIMIT", 1_000, least=1, most=1_000_000)
REDLINE_NAMES_LIMIT = env.number("REDLINE_NAMES_LIMIT", 1_000, least=1, most=1_000_000)
REDLINE_BACKFILL_BYTES = env.number(
    "REDLINE_BACKFILL_BYTES", 1_073_741_824, least=1_048_576, most=1_099_511_627_776
)  # of one file of history
REDLINE_PREDICTION_DAYS = env.number("REDLINE_PREDICTION_DAYS", 400, least=31, most=3_650)  # then months are dropped
# What a first proposal of terms for history begins with, in days; 0 is for ever. Nothing goes before two people agree.
REDLINE_KEEP_MEASUREMENTS_DAYS = env.number("REDLINE_KEEP_MEASUREMENTS_DAYS", 400, least=0, most=36_500)
REDLINE_KEEP_BODIES_DAYS = env.number("REDLINE_KEEP_BODIES_DAYS", 200, least=0, most=36_500)
REDLINE_KEEP_HELD_DAYS = env.number("REDLINE_KEEP_HELD_DAYS", 400, least=0, most=36_500)
REDLINE_KEEP_FINE_DAYS = env.number("REDLINE_KEEP_FINE_DAYS", 400, least=0, most=36_500)
REDLINE_KEEP_COARSE_DAYS = env.number("REDLINE_KEEP_COARSE_DAYS", 0, least=0, most=36_500)

# --- Work ------------------------------------------------------------------------------------
# The broker rings; rows are the work. With no BROKER_URL nobody rings and the poll does it all.
REDLINE_AUTOMATION = env.flag("REDLINE_AUTOMATION", True)  # off: evidence is kept, nothing is scored
# Keys of the vault, `id:base64` separated by commas, the current one first. Only a demo keeps one in REDLINE_VAR.
REDLINE_KEYS = env.text(
    "REDLINE_KEYS",
    None if IN_PRODUCTION else "",
    remedy='Make a key once with: echo "k1:$(openssl rand -base64 32)", and keep it apart from the database.',
)
BROKER_URL = env.text("BROKER_URL", "")
REDLINE_CURRENCY = env.text("REDLINE_CURRENCY", "USD")  # of reports and budgets; other amounts need an exchange rate
if REDLINE_DEMO:
    LINE_TASKS += ("demo.feed.tick",)  # noqa: F405
CELERY_BROKER_URL = BROKER_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if BROKER_URL
    else {
        "data_folder_in": str(REDLINE_VAR / "broker"),
        "data_folder_out": str(REDLINE_VAR / "broker"),
        "control_folder": str(REDLINE_VAR / "broker"),
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "history": {"task": "scoring.work_history", "schedule": 5.0, "options": {"expires": 5}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(REDLINE_VAR / "beat-schedule")

# --- Where messages may go -------------------------------------------------------------------
# Public https addresses always; anything nearer only where the deployment says so, never from a page.
OUTBOUND_HOSTS = env.words("REDLINE_OUTBOUND_HOSTS", ())
OUTBOUND_NETWORKS = env.words("REDLINE_OUTBOUND_NETWORKS", ())
OUTBOUND_PORTS = [int(port) for port in env.words("REDLINE_OUTBOUND_PORTS", ()) if port.isdecimal()]
OUTBOUND_HTTP = env.flag("REDLINE_OUTBOUND_HTTP", False)

# --- Who may read the numbers ----------------------------------------------------------------
METRICS_TOKEN = env.text("REDLINE_METRICS_TOKEN", "")  # without one, /metrics answers this machine alone

# --- Mail ------------------------------------------------------------------------------------
MAILERS = {
    "default": (
        {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": env.text("EMAIL_HOST", "localhost"),
                "port": env.number("EMAIL_PORT", 25, least=1, most=65535),
                "username": env.text("EMAIL_USER", ""),
                "password": env.text("EMAIL_PASSWORD", ""),
                "use_tls": env.flag("EMAIL_STARTTLS", False),
                "timeout": 10,
            },
        }
        if IN_PRODUCTION
        else {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(REDLINE_VAR / "mail")},
        }
    )
}
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Redline <redline@localhost>")

# --- Logs ------------------------------------------------------------------------------------
_shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*_shared_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _shared_processors,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("REDLINE_LOG_LEVEL", "INFO").upper()},
}
