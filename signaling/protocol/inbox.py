"""The inbox socket's messages: what changed, so that the page fetches it again. Nothing clinical travels here.

The client needs to send nothing; losing a message costs nothing, because a client refreshes everything when it
reconnects.
"""

from typing import Literal

from signaling.protocol.messages import Message


class Ring(Message):
    """A new case for this person to hear and see. `text` is for people, in their language."""

    request_id: str
    urgency: str
    text: str


class Changed(Message):
    """server → client: lists and cases that changed: `worklist`, `request:<id>`."""

    type: Literal["changed"] = "changed"
    topics: tuple[str, ...]
    ring: Ring | None = None
