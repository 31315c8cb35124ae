"""A production process with an unsafe setting does not start, and says which one it is."""

import os
import runpy
import subprocess
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from devtool.paths import ROOT
from telehealth.accounts.models import User
from telehealth.demonstration.guard import refuse_in_production
from telehealth.facilities.models import Facility
from telehealth.selftest.cast import cast
from tests.factories import NOW

SOUND = {
    "TELEHEALTH_ENV": "production",
    "SECRET_KEY": "k" * 48,
    "MEDIA_SECRET": "m" * 48,
    "DATABASE_URL": "postgresql://telehealth:password@database:5432/telehealth",
    "REDIS_URL": "redis://valkey:6379/0",
    "ALLOWED_HOSTS": "hoichan.example.vn",
    "ALLOWED_ORIGINS": "https://hoichan.example.vn",
}


def settings_of(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> dict[str, Any]:
    """Evaluate the settings' source as a fresh process with exactly this environment would."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in {**SOUND, **changed}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "telehealth" / "settings" / "__init__.py"))


def test_sound_settings_start_and_are_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch)
    strict = {
        name: found[name]
        for name in (
            "PRODUCTION", "DEBUG", "DEMONSTRATION", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
            "SESSION_COOKIE_HTTPONLY", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "WHITENOISE_USE_FINDERS",
        )
    }  # fmt: skip
    assert strict == {
        "PRODUCTION": True,
        "DEBUG": False,
        "DEMONSTRATION": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "WHITENOISE_USE_FINDERS": False,
    }
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_without_a_word_about_the_environment_it_is_production(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, TELEHEALTH_ENV=None)["PRODUCTION"] is True


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"DEMONSTRATION": "1"}, "DEMONSTRATION"),
        ({"SECRET_KEY": "only-for-development-and-tests-0123456789abcdef"}, "SECRET_KEY"),
        ({"MEDIA_SECRET": "only-for-development-and-tests-0123456789abcdef"}, "MEDIA_SECRET"),
        ({"SECRET_KEY": "k" * 31}, "SECRET_KEY"),
        ({"MEDIA_SECRET": "m" * 31}, "MEDIA_SECRET"),
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"MEDIA_SECRET": None}, "MEDIA_SECRET"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_ORIGINS": ""}, "ALLOWED_ORIGINS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://database/telehealth"}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"REDIS_URL": "http://valkey"}, "REDIS_URL"),
        ({"TELEHEALTH_ENV": "prod"}, "TELEHEALTH_ENV"),
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"DATABASE_POOL": "many"}, "DATABASE_POOL"),
    ],
)
def test_an_unsafe_or_missing_setting_stops_the_start_by_name(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | None], named: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(monkeypatch, **changed)
    assert named in str(refused.value)


def test_the_process_ends_with_one_sentence_and_no_secret() -> None:
    environment = {**SOUND, "SECRET_KEY": "too short to be safe", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "telehealth", "web"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == ("telehealth: SECRET_KEY must be a secret of your own, at least 32 characters.\n")


@pytest.mark.django_db
def test_the_demonstration_is_not_loaded_in_production(settings: LazySettings) -> None:
    settings.PRODUCTION, settings.DEMONSTRATION = True, False
    with pytest.raises(CommandError) as refused:
        call_command("load_demonstration")
    assert "TELEHEALTH_ENV" in str(refused.value)
    assert not Facility.objects.exists()


@pytest.mark.django_db
def test_production_does_not_start_beside_accounts_whose_password_is_public(settings: LazySettings) -> None:
    user = User.objects.create_user(username="bs.kyson", full_name="Lô Văn A", is_demonstration=True)
    refuse_in_production()
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_in_production()
    assert "DATABASE_URL" in str(refused.value)
    User.objects.filter(id=user.id).update(is_active=False)
    refuse_in_production()


@pytest.mark.django_db
def test_the_self_tests_own_people_do_not_stop_production(settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with cast(NOW):
        refuse_in_production()
    refuse_in_production()


def test_production_sends_messages_only_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch)
    off = ("STAND_INS", "SMS_URL", "ZALO_URL", "VAPID_PRIVATE_KEY", "EMAIL_ON")
    assert {name: found[name] for name in off} == {
        "STAND_INS": "",
        "SMS_URL": "",
        "ZALO_URL": "",
        "VAPID_PRIVATE_KEY": "",
        "EMAIL_ON": False,
    }
    found = settings_of(
        monkeypatch,
        EMAIL_URL="smtp://thu:m%40t@mail.example.vn",
        ZALO_TEMPLATES="booked=12345, booked.en=12346",
    )
    mail = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_ON")
    assert [found[name] for name in mail] == ["mail.example.vn", 587, "thu", "m@t", True, True]
    assert found["ZALO_TEMPLATES"] == {"booked": "12345", "booked.en": "12346"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STAND_INS", "http://127.0.0.1:7920"),
        ("PUBLIC_ORIGIN", "https://" + "x" * 40),
        ("EMAIL_URL", "mail.example.vn"),
        ("ZALO_TEMPLATES", "booked"),
        ("VAPID_PRIVATE_KEY", "not a key"),
    ],
)
def test_a_bad_setting_of_messages_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        settings_of(monkeypatch, **{name: value})
