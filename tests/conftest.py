"""Real PostgreSQL and Valkey for every test run.

When ``DATABASE_URL`` or ``REDIS_URL`` is not given, the embedded server is started here, once per run, in a
throw-away folder below ``var/``. Parallel workers share the PostgreSQL (each has its own database in it) and
have a Valkey each, because a channel layer is one name space.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from devtool import services
from devtool.paths import VAR

_SHARED = "TELEHEALTH_TEST_STATE"  # set by the process that started the servers, seen by its parallel workers
_stack = ExitStack()


def _start_services() -> None:
    """Start what is missing and put the addresses where the settings read them, before Django is loaded."""
    VAR.mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="test-", dir=VAR))
    _stack.callback(shutil.rmtree, state, ignore_errors=True)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    given = dict(os.environ)
    if worker and _SHARED in os.environ and os.environ[_SHARED] in given.get("REDIS_URL", ""):
        del given["REDIS_URL"]
    addresses = _stack.enter_context(services.temporary(state, given))
    if not worker:
        os.environ[_SHARED] = str(state)
    os.environ.update(addresses.environment())


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
# The synchronous browser driver runs an event loop in the test's thread; Django would refuse it the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
_start_services()
atexit.register(_stack.close)  # when pytest gives up before it is configured


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load the settings now that the addresses are known; pytest-django then sets Django up."""
    from django.conf import settings

    assert settings.DATABASES


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder."""
    _stack.close()
