"""A node for every test that asks for one."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from tests.media.rig import Node, running_node

# A property is about values; how long an example takes on a busy machine says nothing.
settings.register_profile("media", deadline=None)
settings.load_profile("media")


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node() as node:
        yield node
