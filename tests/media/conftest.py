"""A node for every test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.media.rig import Node, running_node


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node() as node:
        yield node
