"""One settings file. Without GREENLIGHT_MODE it is production, and production refuses to start half set up."""

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from fund.project import environment, logs

# Before scikit-learn is loaded: the trees are small, and threads that wait for each other on a busy machine made a fit
# of a minute one of a quarter of an hour.
os.environ.setdefault("OMP_NUM_THREADS", "1")

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Company] and the like run as well as type-check

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
VAR_DIR = Path(environment.text("GREENLIGHT_VAR", str(BASE_DIR / "var" / "demo")))

MODE = environment.text("GREENLIGHT_MODE", "production")
if MODE not in {"demo", "production"}:
    raise ImproperlyConfigured(f"GREENLIGHT_MODE={MODE!r}; expected demo or production.")
DEMO = MODE == "demo"
DEBUG = False

# --- secrets and addresses -------------------------------------------------------------------------
if DEMO:
    SECRET_KEY = environment.demo_secret(VAR_DIR, "secret_key")
    AUDIT_KEY = environment.demo_secret(VAR_DIR, "audit_key")
    SECRET_KEY_FALLBACKS, AUDIT_KEY_FALLBACKS = [], []
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
    KEY_DOMAIN = "localhost"
    DATABASE_URL = environment.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'greenlight.sqlite3'}")
    REDIS_URL = environment.broker("REDIS_URL", "redis://127.0.0.1:6379/0")
else:
    SECRET_KEY = environment.secret("SECRET_KEY")
    AUDIT_KEY = environment.secret("AUDIT_KEY")
    SECRET_KEY_FALLBACKS = environment.secrets_of("SECRET_KEY_FALLBACKS")
    AUDIT_KEY_FALLBACKS = environment.secrets_of("AUDIT_KEY_FALLBACKS")
    ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS")
    KEY_DOMAIN = environment.key_domain("KEY_DOMAIN", ALLOWED_HOSTS)
    DATABASE_URL = environment.text("DATABASE_URL")
    REDIS_URL = environment.broker("REDIS_URL")
    if urlsplit(DATABASE_URL).scheme == "sqlite":  # in whatever letters
        raise ImproperlyConfigured("DATABASE_URL is SQLite; production needs PostgreSQL 15 or newer.")
    if SECRET_KEY == AUDIT_KEY:
        raise ImproperlyConfigured("AUDIT_KEY is the SECRET_KEY; the audit chain needs a key of its own.")
    if not environment.has_password(REDIS_URL):
        raise ImproperlyConfigured("REDIS_URL has no password; production needs one (or a unix socket).")

DATABASES = {
    "default": environment.database(
        DATABASE_URL,
        statement_seconds=environment.limit("DATABASE_STATEMENT_SECONDS", 30),
        lock_seconds=environment.limit("DATABASE_LOCK_SECONDS", 10),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- applications ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "fund.apps.FundConfig",  # before the admin: its templates win
    "scoring.apps.ScoringConfig",
    "portfolio.apps.PortfolioConfig",
    "fund.apps.GreenlightAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # so that fund/templates/django/forms is found before its own
    "django_htmx",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "fund.project.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before the next three, so that probes and static files carry the policy too
    "fund.project.middleware.WayMiddleware",
    "fund.project.middleware.ProbeMiddleware",
    "fund.project.bounds.watch.TimeMiddleware",  # before the first question to the database
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fund.project.middleware.CookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fund.project.sessions.SessionLimitMiddleware",
    "fund.project.middleware.NoStoreMiddleware",
    "fund.project.middleware.PanelMiddleware",  # before whatever leads to the log-in page
    "fund.project.middleware.StaffMfaMiddleware",
    "fund.project.bounds.watch.CostMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "fund.project.middleware.DraftMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fund.project.middleware.NulMiddleware",  # last, so that the page that says it has all that pages have
]

ROOT_URLCONF = "fund.urls"
WSGI_APPLICATION = "fund.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "fund.project.context.frame",
            ],
        },
    },
    {  # the rows of long lists
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "fund.project.jinja.environment"},
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- who may enter ---------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["fund.project.accounts.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "fund.project.security_keys.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "fund.project.security_keys.passwords.GuessedFirst"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/app/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "fund.project.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "5/5m/key"}
# Before anybody has an account, and by links: forms of one address, mails to one mailbox, links that are tried.
ENTRANCE_RATES = {
    "sign_up": "10/m/ip,30/h/ip",
    "sign_up_address": "5/h/key",
    "uscc": "60/m/ip",
    "link": "60/m/ip",
    "form": "20/10m/key",
    "join": "10/h/key",
}
# From a browser in which the account was before, from an address that is new to it, and from everywhere together.
WRONG_PASSWORDS = {"device": "5/5m/key", "address": "30/m/ip,5/5m/key", "account": "50/h/key"}
ACCOUNT_SESSION_REMEMBER = False  # how long is by role: fund/project/sessions.py
ACCOUNT_CHANGE_EMAIL = True  # one address; another takes its place when it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # password or factor once more before an address changes
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the address is told of a new password, factor or address
# Keys are good for one domain, and where there is none, for nothing.
MFA_SUPPORTED_TYPES = ["totp", *(["webauthn"] if KEY_DOMAIN else []), "recovery_codes"]
MFA_ADAPTER = "fund.project.security_keys.adapter.KeyAdapter"
MFA_FORMS = {
    "add_webauthn": "fund.project.security_keys.forms.AddKey",
    "edit_webauthn": "fund.project.security_keys.forms.RenameKey",
    "authenticate_webauthn": "fund.project.security_keys.forms.UseKey",
    "reauthenticate_webauthn": "fund.project.security_keys.forms.UseKeyAgain",
}
MFA_TOTP_ISSUER = "Greenlight"
# Accounts are made by an administrator, not signed up for, so an unconfirmed address must not block enrolment.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Staff and approvers need a second factor; the demo says in a banner that its users have none.
STAFF_NEED_MFA = environment.flag("STAFF_NEED_MFA", default=not DEMO)
if not DEMO and not STAFF_NEED_MFA:
    raise ImproperlyConfigured(
        "STAFF_NEED_MFA=0: production asks house roles for a second factor; only the demo may not."
    )

# So long an account that somebody made, reset or gave a role to is not a second person beside them.
HANDLING_COUNTS_FOR = timedelta(days=environment.count("HANDLING_DAYS", 30))

# Rate limits count addresses; behind a proxy the client's stands in X-Forwarded-For, so many places from its end.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.count("PROXY_COUNT", 0 if DEMO else 1)
PROXY_SETS_REQUEST_ID = environment.flag("PROXY_SETS_REQUEST_ID")

# Rate limits must be shared by all web processes and survive a broker that is down: so the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}}

# A house role's session is short; an applicant types a year's figures from many papers.
HOUSE_SESSIONS = environment.session_limits(
    environment.count("HOUSE_IDLE_MINUTES", 30), environment.count("HOUSE_SESSION_HOURS", 12)
)
APPLICANT_SESSIONS = environment.session_limits(
    environment.count("APPLICANT_IDLE_MINUTES", 240), environment.count("APPLICANT_SESSION_HOURS", 24)
)
SESSION_COOKIE_AGE = int(HOUSE_SESSIONS.idle.total_seconds())  # of who is not signed in; else fund/project/sessions.py
HOUSE_TOKEN_DAYS = 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "sessionid" if DEMO else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"
DEVICE_COOKIE_NAME = "device" if DEMO else "__Host-device"
LANGUAGE_COOKIE_NAME = "django_language" if DEMO else "__Host-language"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 63_072_000
# The first two are asked on the machine itself, without TLS; programs are refused instead (WayMiddleware).
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^api/v1/", r"^api/schema/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEMO:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [f"https://{'*' * host.startswith('.')}{host}" for host in ALLOWED_HOSTS]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language, numbers, time -----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "fund" / "locale"]
FORMAT_MODULE_PATH = ["fund.formats"]
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
# The demo serves what the packages hold; production serves what `collectstatic` gathered, by hashed name.
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else's page has use for ours
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- files that people send -------------------------------------------------------------------------
EVIDENCE_MB = environment.count("EVIDENCE_MB", 500)  # of one company, together
FILE_UPLOAD_HANDLERS = ["portfolio.typed.uploads.BoundedUpload"]

# --- mail ------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend" if DEMO else "fund.project.bounds.mail.Backend"
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_USE_TLS, EMAIL_USE_SSL = environment.mail_security("EMAIL_SECURITY")
EMAIL_PORT = environment.count("EMAIL_PORT", 587 if EMAIL_USE_TLS else 465 if EMAIL_USE_SSL else 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = environment.seconds("EMAIL_SECONDS", 2)  # a page waits for the mail server at most this long
if EMAIL_HOST_PASSWORD and not (EMAIL_USE_TLS or EMAIL_USE_SSL) and not DEMO:
    raise ImproperlyConfigured("EMAIL_HOST_PASSWORD would travel in the open; set EMAIL_SECURITY to starttls or tls.")
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "greenlight@localhost")
# Where people reach us: what a worker's mail links to, which answers no request.
SITE_URL = environment.site(
    "SITE_URL", "http://127.0.0.1:8000" if DEMO else f"https://{ALLOWED_HOSTS[0].removeprefix('.')}"
)

# --- scoring runs: times in seconds; the first three in this order (checked at start by scoring/checks.py) ---
RUN_SHARD_SECONDS = environment.seconds("RUN_SHARD_SECONDS", 30)
RUN_SOFT_SECONDS = environment.seconds("RUN_SOFT_SECONDS", 60)
RUN_HARD_SECONDS = environment.seconds("RUN_HARD_SECONDS", 90)
RUN_LEASE_SECONDS = environment.seconds("RUN_LEASE_SECONDS", 15)  # renewed while its worker lives
RUN_SWEEP_SECONDS = environment.seconds("RUN_SWEEP_SECONDS", 5)

# --- carbon accounting: newer factors that move a total by more than this propose a restatement ------
RESTATEMENT_PERCENT = environment.count("RESTATEMENT_PERCENT", 5)

# --- Celery: a wake-up, never a truth ---------------------------------------------------------------
CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # docs/why/2026-11-23-early-acks.md
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = RUN_SOFT_SECONDS
CELERY_TASK_TIME_LIMIT = RUN_HARD_SECONDS
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False  # the sweep is the retry; a web request must not wait
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": environment.seconds("BROKER_SOCKET_SECONDS", 2),
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "greenlight:",
    "unacked_restore_throttle": 1,
    # A publisher asks once and gives up: by default it would wait about six seconds at a closed door.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "scoring.tasks.sweep", "schedule": RUN_SWEEP_SECONDS}}
CELERY_TIMEZONE = "UTC"

# Counts new verified disclosures and looks for drift; makes candidates, never a champion.
CELERY_BEAT_SCHEDULE["nightly"] = {
    "task": "scoring.tasks.nightly",
    "schedule": crontab(hour=18, minute=40),
}  # 02:40 CST
CELERY_BEAT_SCHEDULE["prune"] = {"task": "portfolio.tasks.prune", "schedule": 3600}
# Mails: the rows of the outbox are the queue; a message that comes late is none (docs/howto/mail.md).
CELERY_BEAT_SCHEDULE["deliver"] = {
    "task": "portfolio.tasks.deliver_mails",
    "schedule": 15,
    "options": {"expires": 15},
}
CELERY_BEAT_SCHEDULE["deliver_webhooks"] = {  # likewise (docs/howto/webhooks.md)
    "task": "portfolio.tasks.deliver_webhooks",
    "schedule": 5,
    "options": {"expires": 5},
}
CELERY_BEAT_SCHEDULE["remind"] = {"task": "portfolio.tasks.remind", "schedule": 600, "options": {"expires": 600}}

# --- webhooks (docs/howto/webhooks.md) --------------------------------------------------------------
# Hosts that may be told; without any, none. The demo keeps no list, and may call programs on this machine.
WEBHOOK_HOSTS = None if DEMO else environment.webhook_hosts("WEBHOOK_HOSTS")
WEBHOOK_LOCAL = DEMO

# --- API (docs/reference/api.md) --------------------------------------------------------------------
REST_FRAMEWORK = {
    # A Bearer token first: where one is given, the session counts for nothing.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "fund.api.access.TokenAuthentication",
        "fund.api.access.SessionWithSecondFactor",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "fund.api.schema.Operation",
    "EXCEPTION_HANDLER": "portfolio.rest.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Greenlight API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "scoring.engine.finance.eu_benchmarks.VERDICT_CHOICES",
        "DisclosureState": "portfolio.models.disclosure.Disclosure.State",
        "JoinState": "portfolio.models.join.Join.State",
        "FigureBasis": "portfolio.models.disclosure.Figure.Basis",
        "ScoreKind": "scoring.models.score.Headline.Kind",
        "SolutionKind": "portfolio.models.solution.Solution.Kind",
        "MembershipKind": "portfolio.models.company.Membership.Kind",
        "FindingKind": "portfolio.models.desk.finding.Finding.Kind",
        "EmissionQuantities": "portfolio.models.case.substitution.EMISSIONS",
        "OpinionKind": "portfolio.models.case.opinion.Kind",
        "Quantities": "portfolio.models.quantity.Quantity",
        "FileKind": "portfolio.typed.files.EvidenceKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "fund.api.schema.add_what_every_operation_shares",
    ],
}
# How often a person may: counted in the cache above, so that all web processes count together.
API_RATES = {
    "submit": "30/min",
    "run_start": "20/min",
    "token_create": "20/hour",
    "calculate": "120/min",
    "bulk": "60/min",
}

# What one request may cost, and one person's writes: seconds of the processor that may be spent at once, and how many
# of them come back in a second. portfolio/rest/cost.py, fund/project/bounds/watch.py
REQUEST_SECONDS = environment.seconds("REQUEST_SECONDS", 30)
WRITE_SECONDS = environment.seconds("WRITE_SECONDS", 30)
WRITE_SECONDS_REGAINED = 0.25

# --- logs ------------------------------------------------------------------------------------------
LOGGING = logs.configuration(as_json=not DEMO, level=environment.level("LOG_LEVEL", "INFO"))
