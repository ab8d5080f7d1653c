"""Settings of the whole house, read from the environment.

`DATABASE_URL` names the role the product runs as, `DATABASE_OWNER_URL` the role that owns the
schema; `stack` hands both over for the embedded servers. Everything else has a default that is
safe for production; `OPSDESK_DEBUG=1` relaxes only what it must.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from opsdesk.openapi import SPECTACULAR_SETTINGS  # noqa: F401  (read by its name)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("OPSDESK_DATA_DIR") or BASE_DIR / "var")

DEBUG = os.environ.get("OPSDESK_DEBUG") == "1"


def _secret_key() -> str:
    """The key from the environment, else the 0600 file that `stack` makes in the data folder.

    Without either (a command that needs no server) a key for this process alone will do.
    """
    if key := os.environ.get("OPSDESK_SECRET_KEY"):
        return key
    file = Path(os.environ.get("OPSDESK_SECRET_KEY_FILE") or DATA_DIR / "secret_key")
    return file.read_text().strip() if file.is_file() else secrets.token_urlsafe(50)


SECRET_KEY = _secret_key()
#: Earlier keys, with spaces between them: sessions, signed links and sealed secrets stay readable.
SECRET_KEY_FALLBACKS = os.environ.get("OPSDESK_SECRET_KEY_FALLBACKS", "").split()


def _database(url: str) -> dict[str, Any]:
    """A Django database entry from `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"DATABASE_URL is {parts.scheme!r}://…; only postgresql:// works, "
            "for example postgresql://opsdesk:secret@db.example/opsdesk"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname or "127.0.0.1",
        "PORT": str(parts.port or 5432),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "NAME": unquote(parts.path.lstrip("/")) or "opsdesk",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # One statement may never hold a page or a worker for ever; each kind of process
        # (web, worker, command) states its own patience.
        "OPTIONS": {
            "options": (
                f"-c statement_timeout={os.environ.get('OPSDESK_STATEMENT_TIMEOUT_MS', '15000')}"
                f" -c lock_timeout={os.environ.get('OPSDESK_LOCK_TIMEOUT_MS', '5000')}"
                # JIT costs more than it saves on queries of a few milliseconds.
                " -c jit=off"
                # Pages join from one row outwards, in the order written: planning the seventeen
                # joins of a ticket freely takes 7-16 ms, in groups of four 1.8.
                " -c join_collapse_limit=4"
            ),
        },
        "TEST": {
            "NAME": os.environ.get("OPSDESK_TEST_DATABASE", "test_opsdesk"),
            "TEMPLATE": os.environ.get("OPSDESK_TEST_TEMPLATE"),
        },
    }


DATABASES = {
    "default": _database(
        os.environ.get("DATABASE_URL") or "postgresql://opsdesk_app@127.0.0.1:5432/opsdesk"
    )
}
# The role that gets SELECT and INSERT on events, and no more (core.grants).
APP_DB_ROLE = os.environ.get("OPSDESK_APP_ROLE", "")

REDIS_URL = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "core",
    "accounts",
    "catalog",
    "docs_portal",
    "tickets",
    "feedback",
    "reports",
    "opsdesk",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before whatever reads sessions, people or templates: it answers from Redis alone.
    "core.polling.LivePolling",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "opsdesk.urls"
WSGI_APPLICATION = "opsdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # What is the same on every page of a language is drawn once for it.
            "loaders": [
                (
                    "core.folding.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsdesk.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "core.templatetags.ui",
                "core.templatetags.formkeys",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.policies.LongEnoughValidator"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "opsdesk_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "opsdesk.formats"
USE_I18N = True
# The company's zone: weeks and days of every report are cut in it.
TIME_ZONE = os.environ.get("OPSDESK_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("OPSDESK_STATIC_ROOT") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    # The icon sprite is made from the lucide package.
    "core.static_files.MadeFilesFinder",
]
MEDIA_ROOT = Path(os.environ.get("OPSDESK_MEDIA_ROOT") or DATA_DIR / "files")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "core.static_files.BundledStaticFilesStorage"
    },
}
# Set by the test run, which collects no static files.
if os.environ.get("OPSDESK_PLAIN_STATIC") == "1":
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = "opsdesk_session"
MESSAGE_STORAGE = "core.toasts.ReaderStorage"
CACHES = {
    "default": {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": REDIS_URL, "TIMEOUT": 300}
}

# Behind TLS unless the start script says the pages are served in the clear on this machine.
HTTPS = os.environ.get("OPSDESK_HTTPS", "0" if DEBUG else "1") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and os.environ.get("OPSDESK_SSL_REDIRECT", "1") == "1"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
ALLOWED_HOSTS = [
    host for host in os.environ.get("OPSDESK_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host
]
# How links in mails and chat messages begin; pages know it from their own request.
BASE_URL = os.environ.get("OPSDESK_BASE_URL") or (
    f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0] if ALLOWED_HOSTS else 'localhost'}"
)
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("OPSDESK_TRUSTED_ORIGINS", "").split(",") if origin
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# One ticket takes at most this much in one request: the limits of an attachment times their count.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
ATTACHMENT_MAX_COUNT = 10
# A video of a manual page: some minutes of a screen in good quality.
VIDEO_MAX_BYTES = 300 * 1024 * 1024
# A mail that comes in is opened up to this size, and kept whole up to the other one.
MAIL_MAX_BYTES = 40 * 1024 * 1024
MAIL_KEEP_BYTES = 200 * 1024 * 1024
# Certificates of the company's own authority, for mailboxes on its own servers.
MAIL_CA_FILE = os.environ.get("OPSDESK_MAIL_CA_FILE", "")

EMAIL_BACKEND = os.environ.get(
    "OPSDESK_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = os.environ.get("OPSDESK_EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("OPSDESK_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("OPSDESK_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("OPSDESK_EMAIL_PASSWORD", "")
# "starttls" (587), "tls" (465), or nothing for a server in the house.
EMAIL_USE_TLS = os.environ.get("OPSDESK_EMAIL_SECURITY", "") == "starttls"
EMAIL_USE_SSL = os.environ.get("OPSDESK_EMAIL_SECURITY", "") == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("OPSDESK_FROM_EMAIL", "opsdesk@localhost")
# Without a server mails are kept apart and settings → health says so; a log is no mail server.
MAIL_SERVER_IS_GIVEN = bool(os.environ.get("OPSDESK_EMAIL_HOST"))
# Chats that are reached through a gateway of the company's own: "feishu=https://proxy.example,…".
CHAT_GATEWAYS = dict(
    entry.strip().split("=", 1)
    for entry in os.environ.get("OPSDESK_CHAT_GATEWAYS", "").split(",")
    if "=" in entry
)
# Hosts and networks in private ranges that webhooks may call: "hooks.lan,10.20.0.0/16".
ALLOWED_PRIVATE_HOSTS = [
    entry.strip()
    for entry in os.environ.get("OPSDESK_ALLOWED_PRIVATE_HOSTS", "").split(",")
    if entry.strip()
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "accounts.api.tokens.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_RESULT_BACKEND: str | None = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# What the clock starts; each task finds for itself what is due, so a missed run or a second
# beat does no harm. Seconds.
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {"task": "core.periodic.sweep_outbox", "schedule": 5.0},
    "tidy": {"task": "core.periodic.tidy", "schedule": 3600.0},
    "tidy-sign-in": {"task": "accounts.periodic.tidy", "schedule": 3600.0},
    "follow-facts": {"task": "reports.periodic.follow", "schedule": 10.0},
    "send-reports": {"task": "reports.periodic.send_reports", "schedule": 120.0},
    "weekly-reports": {"task": "reports.periodic.make_weekly_reports", "schedule": 600.0},
    "look-ahead": {"task": "reports.periodic.look_ahead", "schedule": 900.0},
    "follow-rounds": {"task": "feedback.periodic.follow_rounds", "schedule": 30.0},
    "follow-releases": {"task": "feedback.periodic.follow_releases", "schedule": 900.0},
    "score-demands": {"task": "feedback.periodic.score_demands", "schedule": 60.0},
    "publish-due-announcements": {
        "task": "docs_portal.periodic.publish_due_announcements",
        "schedule": 30.0,
    },
    "follow-training": {"task": "docs_portal.periodic.follow_training", "schedule": 300.0},
    "follow-must-reads": {
        "task": "docs_portal.periodic.follow_must_reads",
        "schedule": 1800.0,
    },
    "forget-writing-drafts": {
        "task": "docs_portal.periodic.forget_writing_drafts",
        "schedule": 86_400.0,
    },
    "tell-newcomers": {"task": "docs_portal.periodic.tell_newcomers", "schedule": 900.0},
    "tidy-tickets": {"task": "tickets.periodic.tidy", "schedule": 3600.0},
    "run-rules-of-time": {"task": "tickets.periodic.run_rules_of_time", "schedule": 60.0},
    "assign-waiting": {"task": "tickets.periodic.assign_waiting_tickets", "schedule": 60.0},
    "watch-bursts": {"task": "tickets.periodic.watch_bursts", "schedule": 60.0},
    "usual-rates": {"task": "tickets.periodic.keep_usual_rates", "schedule": 3600.0},
    "tidy-rules": {"task": "tickets.periodic.tidy_rules", "schedule": 86400.0},
    "sweep-service-targets": {
        "task": "tickets.periodic.sweep_service_targets",
        "schedule": 30.0,
    },
    "settle-due-times": {"task": "tickets.periodic.settle_due_times", "schedule": 21600.0},
    "read-mailboxes": {"task": "tickets.periodic.read_mailboxes", "schedule": 60.0},
    "follow-causes": {"task": "tickets.periodic.follow_causes", "schedule": 300.0},
    "count-title-words": {"task": "tickets.periodic.count_title_words", "schedule": 3600.0},
    "close-silent-tickets": {"task": "tickets.periodic.close_silent_tickets", "schedule": 900.0},
}

# Seconds a notice waits in the outbox, so that an undo can stop it (domain.md, invariant 3).
NOTICE_DELAY_SECONDS = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "core.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line",
        }
    },
    # Its finer words hold the addresses of robots, which let anybody write there.
    "loggers": {"apprise": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("OPSDESK_LOG_LEVEL", "INFO")},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# User names are unique whatever their case, by a constraint on Lower("username").
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

COMPANY_NAME = os.environ.get("OPSDESK_COMPANY_NAME", "") or _("Your company")
