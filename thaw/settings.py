"""One settings module for every place; what differs comes from the environment.

`.env.example` lists all that is read. The defaults run a checkout: SQLite and mail in var/, an
embedded broker, a key made on first use.
"""

from ssl import CERT_REQUIRED
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF
from django_guid.integrations.celery import CeleryIntegration

from governance.offsets import parse_offsets
from thaw.environment import (
    FEWEST_DAYS_KEPT,
    ROOT,
    VAR,
    broker_url,
    checked,
    choice,
    database_settings,
    development_secret_key,
    email_settings,
    env,
    flag,
    make_var,
    networks,
    number,
    rate,
    refuse_too_few,
    sender,
    zone,
)
from thaw.log_lines import FORMATS, LEVELS, log_settings, passwords_in, values_of
from thaw.production import idle_preload, refuse_half_configured, refuse_insecure, short_token
from thaw.sign_in.configuring import GITHUB_COM, USUAL_SCOPES, GitHub, OpenIDConnect

env.read_env(ROOT / ".env")

DEBUG = flag("DEBUG", default=True)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SECRET_KEY = env.str("SECRET_KEY", default="") or (development_secret_key() if DEBUG else "")
# Keys of before: what they signed still holds, and nothing is signed with them but for webhooks.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
OIDC = OpenIDConnect(
    server=env.str("OIDC_SERVER", default=""),
    client_id=env.str("OIDC_CLIENT_ID", default=""),
    secret=env.str("OIDC_SECRET", default=""),
    name=env.str("OIDC_NAME", default=""),
    hosts=tuple(env.list("OIDC_HOSTS", default=[])),
    scopes=tuple(env.list("OIDC_SCOPES", default=[])) or USUAL_SCOPES,
    groups_claim=env.str("OIDC_GROUPS_CLAIM", default="") or "groups",
    roles=tuple(env.list("OIDC_ROLES", default=[])),
    new_people=flag("OIDC_NEW_PEOPLE", default=True),
    session_hours=number("OIDC_SESSION_HOURS", default=12, least=1),
    allows_http=DEBUG,
)
GITHUB = GitHub(
    client_id=env.str("GITHUB_CLIENT_ID", default=""),
    secret=env.str("GITHUB_SECRET", default=""),
    url=env.str("GITHUB_URL", default="") or GITHUB_COM,
    new_people=flag("GITHUB_NEW_PEOPLE", default=False),
    allows_http=DEBUG,
)
SIGN_IN_PROBLEMS = OIDC.problems() + GITHUB.problems()
if DEBUG:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]", "testserver"]
    refuse_half_configured(SIGN_IN_PROBLEMS)
else:
    # Browsers keep such a promise for so long, whatever we say later. It is made for our own name:
    # of those below it only whoever runs them knows whether they all speak https.
    SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", default=365 * 24 * 3600, least=0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = flag("SECURE_HSTS_PRELOAD", default=False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # which ask for both
    refuse_insecure(
        secret_key=SECRET_KEY,
        allowed_hosts=ALLOWED_HOSTS,
        site_url=SITE_URL,
        others=[
            *SIGN_IN_PROBLEMS,
            *short_token("METRICS_TOKEN", METRICS_TOKEN),
            *idle_preload(
                preload=SECURE_HSTS_PRELOAD,
                subdomains=SECURE_HSTS_INCLUDE_SUBDOMAINS,
                seconds=SECURE_HSTS_SECONDS,
            ),
        ],
    )
    # A supervisor asks from the host itself; no link is ever made from the host it names.
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "thaw",
    "meetings",
    "governance",
    "releases",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.socialaccount",
    "axes",
    "csp",
    "django_guid",
    "django_htmx",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "thaw.request_lines.changes_told",
    "thaw.supervisors.asked_by_any_name",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "thaw.sessions.kept_by_their_reader_alone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
if DEBUG:
    MIDDLEWARE.append("thaw.unknown.OurOwnPage")

ROOT_URLCONF = "thaw.urls"
WSGI_APPLICATION = "thaw.wsgi.application"
ASGI_APPLICATION = "thaw.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Data: SQLite in var/ unless DATABASE_URL names another -----------------------------------

SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",  # a writer waits its turn instead of failing half-way
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
    ),
}

DATABASE_URL = env.str("DATABASE_URL", default="")
SQLITE = "sqlite:///" + quote(str(VAR / "thaw.sqlite3"))
DATABASES: dict[str, dict[str, Any]] = {"default": database_settings(DATABASE_URL or SQLITE)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    # Statements are prepared for the questions of `releases.prepared`, where the pooler allows it.
    prepare_after = 5 if flag("DATABASE_PREPARED", default=True) else None
    DATABASES["default"].setdefault("OPTIONS", {}).update(prepare_threshold=prepare_after)
make_var()
# Of one log file.
SOURCE_BYTES_KEPT = number("SOURCE_BYTES_KEPT", default=64 * 1024 * 1024, least=0)

# --- Sign-in ----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_CALLABLE = "thaw.sign_in.views.locked_out"
AXES_LOCKOUT_PARAMETERS = [["ip_address", "username"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "thaw.visitors.name"

# With accounts that people have elsewhere; none is set, and there is none.
ACCOUNT_ADAPTER = "thaw.sign_in.adapters.Logins"
ACCOUNT_EMAIL_VERIFICATION = "none"  # the provider has verified it, or it counts for nothing
SOCIALACCOUNT_ADAPTER = "thaw.sign_in.adapters.SocialAccounts"
SOCIALACCOUNT_PROVIDERS = OIDC.provider() | GITHUB.provider()

# --- Language, zones, pages -------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "thaw.formats"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
# Whether an #agreed by a chair who holds the right is applied at once; else it is a suggestion.
APPLY_AGREED = flag("APPLY_AGREED", default=False)
DEADLINE_ZONE = zone("DEADLINE_ZONE", default="UTC")

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or str(ROOT / "staticfiles")
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Mail -------------------------------------------------------------------------------------

if EMAIL_URL := env.str("EMAIL_URL", default=""):
    vars().update(email_settings(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR / "mail")
DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", default="Thaw <thaw@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Reminders --------------------------------------------------------------------------------

REMINDER_OFFSETS = env.str("REMINDER_OFFSETS", default="72h,24h,2h,0")
checked("REMINDER_OFFSETS", REMINDER_OFFSETS, read=parse_offsets)
REMINDER_UNCERTAIN = choice("REMINDER_UNCERTAIN", default="resend", known=["resend", "park"])
REMINDER_SOURCES = [
    "governance.subjects.StandingExceptions",
    "governance.subjects.UndecidedRequests",
    "governance.subjects.Milestones",
    "meetings.reminding.OpenActions",
]
# Where a process dies, in tests of what is left behind; never in production.
FAILPOINT = env.str("THAW_FAILPOINT", default="") if DEBUG else ""

# --- Background work --------------------------------------------------------------------------

REDIS_URL = broker_url(env.str("REDIS_URL", default=""))
CELERY_BROKER_URL = REDIS_URL or "sqla+sqlite:///" + quote(str(VAR / "broker.sqlite3"))
if REDIS_URL.startswith("rediss:"):
    # Else kombu believes any certificate. Options in the address, as ?ssl_ca_certs=, go before.
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": CERT_REQUIRED}
CELERY_TASK_IGNORE_RESULT = True  # the ledger is the record
CELERY_TASK_ACKS_LATE = bool(REDIS_URL)  # means nothing on the embedded transport
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # what waits, waits where another worker can take it
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        # A task comes back when its worker has said nothing of it for longer than any task takes.
        # A dead broker delays a page by seconds, not by the default of forty.
        "visibility_timeout": 150,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry_policy": {"max_retries": 1, "interval_start": 0, "timeout": 2},
    }
    if REDIS_URL
    else {}
)
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 1}
HEARTBEAT_SECONDS = number("HEARTBEAT_SECONDS", default=30, least=1)
SWEEP_SECONDS = number("SWEEP_SECONDS", default=30, least=1)
# What has run its course is forgotten after so many days; 0 keeps everything.
KEPT_DAYS = number("KEPT_DAYS", default=180, least=0)
refuse_too_few("KEPT_DAYS", KEPT_DAYS, fewest=FEWEST_DAYS_KEPT)
SYNC_SECONDS = number("SYNC_SECONDS", default=300, least=1)
PRUNE_SECONDS = 6 * 3600
WEBHOOK_SECONDS = number("WEBHOOK_SECONDS", default=30, least=1)  # from one round to the next
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")


def every(seconds: int, task: str, *, rounds: int = 1) -> dict[str, Any]:
    """Plain seconds: no local zone, no skipped hour. What waited for so many rounds is dropped:
    the one that comes next finds the same, and more.
    """
    return {"task": task, "schedule": float(seconds), "options": {"expires": rounds * seconds}}


CELERY_BEAT_SCHEDULE = {
    "heartbeat": every(HEARTBEAT_SECONDS, "governance.tasks.heartbeat", rounds=3),
    "sweep": every(SWEEP_SECONDS, "governance.tasks.sweep"),
    "webhooks": every(WEBHOOK_SECONDS, "governance.tasks.deliver_webhooks"),
    "sync proposals": every(SYNC_SECONDS, "governance.tasks.sync_proposals"),
    "prune": every(PRUNE_SECONDS, "thaw.tasks.prune"),
}

# --- Forges: which are asked, and how ----------------------------------------------------------

FORGE_HOSTS = env.list(
    "FORGE_HOSTS",
    default=[
        "launchpad.net=launchpad",
        "review.opendev.org=gerrit",
        "go-review.googlesource.com=gerrit",
        "chromium-review.googlesource.com=gerrit",
        "gerrit.wikimedia.org=gerrit",
        "github.com=github",
        "gitlab.com=gitlab",
        "codeberg.org=forgejo",
    ],
)
FORGE_BASE_URLS = env.list("FORGE_BASE_URLS", default=[])
FORGE_TOKENS = env.list("FORGE_TOKENS", default=[])
FORGE_PRIVATE_HOSTS = [host.strip().lower() for host in env.list("FORGE_PRIVATE_HOSTS", default=[])]
FORGE_CONNECTIONS = number("FORGE_CONNECTIONS", default=4, least=1)  # to one host
FORGE_SECONDS = number("FORGE_SECONDS", default=15.0, least=0.1)  # for one answer
SYNC_ROUND_SECONDS = 20.0  # then a worker turns to its other tasks

# --- The API ----------------------------------------------------------------------------------

# A caller that asks more is asked to wait: a politeness, counted by each process for itself.
API_RATES = {
    "anon": rate("API_RATE_ANONYMOUS", default="1200/min"),
    "user": rate("API_RATE_SIGNED_IN", default="6000/min"),
}
number("WEB_CONCURRENCY", default=1, least=1)  # gunicorn reads it; a slip is told by each command
UPLOAD_BYTES = number("UPLOAD_BYTES", default=64 * 1024 * 1024, least=1)  # of one request
GATE_CACHE_SECONDS = number("GATE_CACHE_SECONDS", default=30, least=0)
# Hosts that webhooks may be sent to, and the secrets that forges sign their own events with.
WEBHOOK_HOSTS = [host.strip() for host in env.list("WEBHOOK_HOSTS", default=[])]
FORGE_SECRETS = env.list("FORGE_SECRETS", default=[])
# Tokens that may set the status of a commit, by host; and where a host's API is, if elsewhere.
STATUS_TOKENS = env.list("STATUS_TOKENS", default=[])
STATUS_BASE_URLS = env.list("STATUS_BASE_URLS", default=[])
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "thaw.tokens.Bearer",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["thaw.tokens.OpenToRead"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["releases.bodies.JSONBody"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": API_RATES,
    "DEFAULT_SCHEMA_CLASS": "thaw.schema.Named",
    "EXCEPTION_HANDLER": "thaw.api.explain",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Thaw",
    "DESCRIPTION": (
        "May this change land in this release now, who decided so, where did they say it, and"
        " until when? Reading is open to anybody. To change something, send a token of yours"
        " (made on /me/tokens/) as `Authorization: Bearer …`."
    ),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "StatusEnum": "governance.lifecycle.Status",
        "VerbEnum": "governance.lifecycle.Verb",
        "ScopeEnum": "governance.lifecycle.Scope",
        "ChangeKindEnum": "releases.models.ChangeKind",
        "ProposalStateEnum": "releases.models.ProposalState",
        "MilestoneKindEnum": "releases.models.MilestoneKind",
        "ForgeEnum": "releases.models.Forge",
        "RoleEnum": "releases.models.Role",
        "ItemKindEnum": "meetings.models.ItemKind",
        "ActionStateEnum": "meetings.models.ActionState",
        "SuggestionStateEnum": "meetings.models.SuggestionState",
        "VerdictEnum": "meetings.models.suggestions.VerdictChoice",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "thaw.schema.declare_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
}

# --- Security ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "thaw.sessions"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "thaw.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "thaw.uploads.OnDisk",
]
PROXY_COUNT = 0  # proxies of ours between a visitor and here
if not DEBUG:
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Asked by supervisors on the host.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    if flag("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        PROXY_COUNT = number("PROXY_COUNT", default=1, least=1)
        AXES_CLIENT_IP_CALLABLE = "thaw.visitors.address"
        REST_FRAMEWORK["NUM_PROXIES"] = PROXY_COUNT

# --- What is told of itself -------------------------------------------------------------------

# Who may read /metrics: whoever sends the token, or asks from one of these networks. In production
# nobody, until one of them is set.
METRICS_NETWORKS = networks(
    "METRICS_NETWORKS",
    env.list("METRICS_NETWORKS", default=["127.0.0.0/8", "::1"] if DEBUG else []),
)
# The id of a request: that of the proxy where it sends one, else made here. It goes along to the
# workers, and stands in every line of the log.
DJANGO_GUID = {
    "GUID_HEADER_NAME": "X-Request-ID",
    "EXPOSE_HEADER": False,
    "INTEGRATIONS": [CeleryIntegration(use_django_logging=True)],
}
LOG_FORMAT = choice("LOG_FORMAT", default="plain" if DEBUG else "json", known=list(FORMATS))
LOGGING = log_settings(
    format_=LOG_FORMAT,
    level=choice("LOG_LEVEL", default="INFO", known=LEVELS),
    secrets=[
        SECRET_KEY,
        *SECRET_KEY_FALLBACKS,
        METRICS_TOKEN,
        OIDC.secret,
        GITHUB.secret,
        *passwords_in(DATABASE_URL, EMAIL_URL, REDIS_URL),
        *values_of(*FORGE_TOKENS, *FORGE_SECRETS, *STATUS_TOKENS),
    ],
)
