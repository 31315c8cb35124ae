"""The same settings with the few overrides that tests need."""

import os

os.environ.setdefault("TELEHEALTH_ENV", "test")

from telehealth.settings import *  # noqa: F403

# Argon and PBKDF2 are slow on purpose; tests sign in a lot.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# No test through Django's client asks for static files; WhiteNoise would look for folders that only a build makes.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("telehealth.web.static.")]  # noqa: F405
DJANGO_VITE = {"default": {"dev_mode": True}}
