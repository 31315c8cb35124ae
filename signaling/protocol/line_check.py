"""The line check's messages: a pulse to time, and one media connection at a time to our own relay, which sends back what it gets.

The pulse is the room's `Ping` and `Pong`. Nothing here is kept and nothing is promised: a check that breaks is begun again.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from media.control import MAX_SDP_BYTES
from signaling.protocol.messages import Message, Ping

MAX_LINE_CHECK_BYTES = MAX_SDP_BYTES + 1024

# --- client → server ---


class EchoJoin(Message):
    """Ask for a media connection; `EchoOffer` or `EchoLost` follows. One made before is closed."""

    type: Literal["echo_join"] = "echo_join"
    connection_id: UUID


class EchoAnswer(Message):
    """The browser's answer; `EchoUp` follows when media can flow."""

    type: Literal["echo_answer"] = "echo_answer"
    connection_id: UUID
    sdp: Annotated[str, Field(max_length=MAX_SDP_BYTES)]


class EchoLeave(Message):
    """Close the connection."""

    type: Literal["echo_leave"] = "echo_leave"
    connection_id: UUID


LINE_CHECK_CLIENT_MESSAGE: TypeAdapter[Ping | EchoJoin | EchoAnswer | EchoLeave] = TypeAdapter(
    Annotated[Ping | EchoJoin | EchoAnswer | EchoLeave, Field(discriminator="type")]
)

# --- server → client ---


class Ready(Message):
    """First message: the person may be here."""

    type: Literal["ready"] = "ready"


class EchoOffer(Message):
    """The media server's one offer for this connection. What is sent on `m` comes back on `a0`, `c` on `v0`."""

    type: Literal["echo_offer"] = "echo_offer"
    connection_id: UUID
    sdp: str


class EchoUp(Message):
    type: Literal["echo_up"] = "echo_up"
    connection_id: UUID


class EchoLost(Message):
    """There is no connection, or no more; `code` as the media node gives it."""

    type: Literal["echo_lost"] = "echo_lost"
    connection_id: UUID
    code: str
