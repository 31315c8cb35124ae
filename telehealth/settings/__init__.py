"""All settings, on one page, from the environment. CONTRIBUTING.md lists the variables."""

import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from telehealth.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent

## Kind of installation ---

ENVIRONMENT = env.choice("TELEHEALTH_ENV", ("development", "test", "production"), "production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("DEBUG", default=False)
DEMONSTRATION = env.flag("DEMONSTRATION", default=not PRODUCTION)
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / "var")))
DEVELOPMENT_SECRET = "only-for-development-and-tests-0123456789abcdef"  # noqa: S105 -- refused in production below
SECRET_KEY = env.text("SECRET_KEY", None if PRODUCTION else DEVELOPMENT_SECRET)
# Older secrets that still open what they signed (smart cards, sealed credentials), after SECRET_KEY was changed.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", "")
MEDIA_SECRET = env.text("MEDIA_SECRET", None if PRODUCTION else DEVELOPMENT_SECRET)

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be 0 in production.")
    if DEMONSTRATION:
        raise ImproperlyConfigured("DEMONSTRATION must be 0 in production.")
    for name, value in (("SECRET_KEY", SECRET_KEY), ("MEDIA_SECRET", MEDIA_SECRET)):
        if value == DEVELOPMENT_SECRET or len(value) < 32:
            raise ImproperlyConfigured(f"{name} must be a secret of your own, at least 32 characters.")

## Addresses ---

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1]")
ALLOWED_ORIGINS = env.words(
    "ALLOWED_ORIGINS", "" if PRODUCTION else "http://127.0.0.1:8000,http://localhost:8000"
)
if PRODUCTION and not (ALLOWED_HOSTS and ALLOWED_ORIGINS):
    raise ImproperlyConfigured("ALLOWED_HOSTS and ALLOWED_ORIGINS must name this installation's addresses.")
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
CSRF_FAILURE_VIEW = "telehealth.web.errors.csrf_failure"
MEDIA_NODES = env.words("MEDIA_NODES", "ws://127.0.0.1:7900/control")
TURN_URLS = env.words("TURN_URLS", "")
TURN_SECRET = env.text("TURN_SECRET", "")
if TURN_URLS and not TURN_SECRET:
    raise ImproperlyConfigured("TURN_SECRET must be coturn's static-auth-secret when TURN_URLS is set.")
# A browser takes none of a connection's addresses when one is malformed.
if not all(re.fullmatch(r"turns?:[^?\s]+(\?transport=(udp|tcp))?", url) for url in TURN_URLS):
    raise ImproperlyConfigured("TURN_URLS must hold addresses like turn:host:3478?transport=udp.")
# The social insurance portal; empty: not connected, insurance stays "unverified". "stand-in:" plays it inside the worker.
INSURANCE_PORTAL_URL = env.text("INSURANCE_PORTAL_URL", "")
if INSURANCE_PORTAL_URL not in {"", "stand-in:"} and not INSURANCE_PORTAL_URL.startswith(
    ("https://", "http://")
):
    raise ImproperlyConfigured("INSURANCE_PORTAL_URL must be the portal's address, https://…, or empty.")
if PRODUCTION and INSURANCE_PORTAL_URL == "stand-in:":
    raise ImproperlyConfigured("INSURANCE_PORTAL_URL must not be the stand-in in production.")
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=PRODUCTION)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

## Messages to people ---

PUBLIC_ORIGIN = env.text("PUBLIC_ORIGIN", ALLOWED_ORIGINS[0]).rstrip("/")
if len(PUBLIC_ORIGIN) > 40:
    raise ImproperlyConfigured("PUBLIC_ORIGIN must be short, at most 40 characters: it stands in every SMS.")
# Carrier, Zalo and push service as one local program that behaves like them (`telehealth stand_ins`).
STAND_INS = env.text("STAND_INS", "" if PRODUCTION else "http://127.0.0.1:7920")
if PRODUCTION and STAND_INS:
    raise ImproperlyConfigured("STAND_INS must not be set in production: its messages reach nobody.")
SMS_URL = env.text("SMS_URL", STAND_INS)
SMS_KEY, SMS_SECRET = env.text("SMS_KEY", ""), env.text("SMS_SECRET", "")
SMS_SENDER = env.text("SMS_SENDER", "SYTNGHEAN")
ZALO_URL = env.text("ZALO_URL", STAND_INS)
ZALO_ACCESS_TOKEN = env.text("ZALO_ACCESS_TOKEN", "stand-in" if STAND_INS else "")
ZALO_TEMPLATES = env.pairs("ZALO_TEMPLATES")
ZALO_APP_ID, ZALO_WEBHOOK_SECRET = env.text("ZALO_APP_ID", ""), env.text("ZALO_WEBHOOK_SECRET", "")
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY", "")
if VAPID_PRIVATE_KEY and not re.fullmatch(r"[A-Za-z0-9_-]{43}", VAPID_PRIVATE_KEY):
    raise ImproperlyConfigured(
        "VAPID_PRIVATE_KEY must be base64url of 32 bytes; `telehealth vapid_key` makes one."
    )
VAPID_SUBJECT = env.text("VAPID_SUBJECT", f"{PUBLIC_ORIGIN}/")
PUSH_SERVICES = env.words(
    "PUSH_SERVICES",
    "fcm.googleapis.com,updates.push.services.mozilla.com,*.notify.windows.com,web.push.apple.com",
)
if STAND_INS:
    PUSH_SERVICES = [*PUSH_SERVICES, STAND_INS]
if EMAIL := env.email("EMAIL_URL"):
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS = EMAIL
elif not PRODUCTION:
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", STATE_DIR / "mail"
EMAIL_TIMEOUT = 10
EMAIL_ON = bool(EMAIL) or not PRODUCTION
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "khong-tra-loi@localhost")

## Applications ---

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_vite",
    "telehealth.core",
    "telehealth.facilities",
    "telehealth.accounts",
    "telehealth.audit",
    "telehealth.notifications",
    "telehealth.records",
    "scheduling.calendars",
    "scheduling.queues",
    "scheduling.appointments",
    "telehealth.lines",
    "telehealth.consultations",
    "telehealth.devices",
    "telehealth.integrations",
    "telehealth.web",
    "telehealth.demonstration",
    "telehealth.selftest",
    "signaling",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "telehealth.web.static.StaticFilesMiddleware",
    "telehealth.web.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "telehealth.web.middleware.vietnamese_first",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "telehealth.web.middleware.hat",
    "telehealth.web.middleware.domain_errors",
]

ROOT_URLCONF = "telehealth.urls"
ASGI_APPLICATION = "telehealth.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "telehealth.web.shell.shell",
            ],
        },
    }
]

## Truth and hints ---

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database("DATABASE_URL", None if PRODUCTION else "postgresql:///telehealth"),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # A call must learn within seconds that the database is away, and go on without it.
            "connect_timeout": 3,
            "options": "-c statement_timeout=10s -c idle_in_transaction_session_timeout=10s -c timezone=UTC",
            "pool": {
                "min_size": 1,
                "max_size": env.number("DATABASE_POOL", 20),
                "timeout": 3,
            },
        },
    }
}
REDIS_URL, CELERY_BROKER_URL = env.redis_locations(
    "REDIS_URL", None if PRODUCTION else "redis://127.0.0.1:6379/0"
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "telehealth"},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

## The link diary ---

# How long hours of lines and line checks are kept: a year to compare with.
LINE_HISTORY_DAYS = env.number("LINE_HISTORY_DAYS", 400)

## Background work ---

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 10}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # What a lost hint delays, this delivers. No long countdowns anywhere: due work lives in PostgreSQL.
    "relay-outbox": {"task": "telehealth.core.relay_outbox", "schedule": 2.0, "options": {"expires": 2}},
    "sweep-rooms": {
        "task": "telehealth.consultations.sweep_rooms",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "send-messages": {
        "task": "telehealth.notifications.send_due",
        "schedule": 2.0,
        "options": {"expires": 2},
    },
    "roll-up-lines": {"task": "telehealth.lines.roll_up", "schedule": 300.0, "options": {"expires": 300}},
    "send-booking-messages": {
        "task": "scheduling.appointments.send_messages",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "pass-on-bookings": {
        "task": "scheduling.appointments.pass_on",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "tell-turns": {
        "task": "scheduling.appointments.tell_turns",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "clear-up-bookings": {
        "task": "scheduling.appointments.clear_up",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "remind-of-duty": {
        "task": "scheduling.calendars.remind_of_duty",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "check-due-insurance": {
        "task": "telehealth.integrations.check_due_insurance",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "prune-lines": {"task": "telehealth.lines.prune", "schedule": 3600.0, "options": {"expires": 3600}},
}

## Sign-in ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        # Decree 331/2026 and TCVN 14423: 14 characters without a second factor.
        "OPTIONS": {"min_length": 14},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "telehealth.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Thirty people of one hospital share one address: the limit per address must let them all in.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "Hội chẩn từ xa Nghệ An"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_SSL_REDIRECT = False  # the proxy's business
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

## Language and time ---

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [BASE_DIR / "telehealth" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = False

## Files ---

# Uploads do not live in `media/`: that is the media relay's package.
MEDIA_ROOT = STATE_DIR / "uploads"
MEDIA_URL = "/unused/"
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [
    folder for folder in (BASE_DIR / "frontend" / "dist", BASE_DIR / "frontend" / "static") if folder.is_dir()
]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
DJANGO_VITE = {
    "default": {"dev_mode": False, "manifest_path": BASE_DIR / "frontend" / "dist" / "manifest.json"},
}
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

## Logs: what and when, never who is ill or of what ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "websockets": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        # It writes whole addresses; the insurance portal wants its secrets in them.
        "httpx": {"level": "WARNING"},
        # It prints a traceback for each hint that Redis could not take; our own line says it once.
        "channels_redis": {"level": "CRITICAL"},
    },
}
