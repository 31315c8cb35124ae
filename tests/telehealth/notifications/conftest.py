"""The stand-ins behind a real socket, as every test of sending needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from telehealth.notifications.stand_ins.server import Server


@pytest.fixture
def stand_ins(settings: Settings) -> Iterator[Server]:
    from telehealth.notifications.stand_ins.server import running

    with running() as server:
        settings.STAND_INS = settings.SMS_URL = settings.ZALO_URL = server.origin
        settings.PUSH_SERVICES = [server.origin]
        server.hang_seconds = 0
        yield server
