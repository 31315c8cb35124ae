"""Fixtures of the pages' tests. Imports wait until Django is set up: pytest reads this file before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from tests.factories import World
    from tests.telehealth.signing_in import SignIn


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.core.signals import setting_changed

    call_command("compile_translations")
    # Catalogues read before that are read again.
    setting_changed.send(sender=None, setting="LOCALE_PATHS", value=settings.LOCALE_PATHS, enter=True)


@pytest.fixture
def world(db: None) -> World:
    from tests.factories import make_world

    return make_world()


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Return a function that gives a client signed in as a person, under a hat when one is given."""
    from tests.telehealth.signing_in import sign_in

    return sign_in


@pytest.fixture(autouse=True)
def uploads_in_a_folder_of_their_own(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
