"""The control protocol between the web process and a media node.

One authenticated WebSocket per (web process, node), JSON text messages, one message a frame. The web process
connects; the node answers commands and pushes events to *every* connected web process, which pick out the
connections that are theirs. Commands are idempotent: sending one twice has the effect of sending it once, and
`request_id` pairs an answer with its command.

Authentication: HTTP header `Authorization: Bearer <token>` at the upgrade, made by `media.grants.sign_control`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

PROTOCOL_VERSION = 1
MAX_SDP_BYTES = 32 * 1024

Source = Literal["microphone", "camera", "screen"]


class ControlMessage(BaseModel):
    # An undeclared field is a protocol bug: fail where the message is made.
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlotSource(ControlMessage):
    """Whose source a downward slot carries now."""

    slot: str
    participant: str
    source: Source


# --- commands: web → node ---


class Join(ControlMessage):
    """Make a connection for the participant the grant names and answer with the one `Offer`.

    With the grant of somebody who has not been admitted it stands by: it comes up (`Connected`), but nothing is forwarded to
    or from it, and it takes no place in the room. A second connection of the same participant replaces the first as soon as
    it is connected (make before break); one that stands by replaces only one that does.
    """

    type: Literal["join"] = "join"
    request_id: str
    connection_id: str
    grant: str


class Answer(ControlMessage):
    """The browser's SDP answer. Answered by `Done` or `Failed`; `Connected` follows when media can flow."""

    type: Literal["answer"] = "answer"
    request_id: str
    connection_id: str
    sdp: Annotated[str, Field(max_length=MAX_SDP_BYTES)]


class Publish(ControlMessage):
    """Make a connection for a device that sends an exam picture by WHIP (RFC 9725), and answer with `Answered`.

    `sdp` is the client's offer. The grant says `device`: the picture is shown as a screen of the participant it names, beside
    what their own connection sends. A second device of the same participant replaces the first.
    """

    type: Literal["publish"] = "publish"
    request_id: str
    connection_id: str
    grant: str
    sdp: Annotated[str, Field(max_length=MAX_SDP_BYTES)]


class Renew(ControlMessage):
    """Lengthen a connection's life with a newer grant of the same participant.

    The grant of somebody who has been admitted since makes a connection that stands by live: `Slots` follows.
    """

    type: Literal["renew"] = "renew"
    request_id: str
    connection_id: str
    grant: str


class Tune(ControlMessage):
    """What one end of a connection says about itself; what is None stays as it was."""

    type: Literal["tune"] = "tune"
    request_id: str
    connection_id: str
    sound_only: bool | None = None
    """By hand: no moving pictures, neither way."""
    uplink: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """Bit/s the browser believes it can send."""
    heights: dict[str, Annotated[int, Field(ge=0, le=4320)]] | None = None
    """Height in device pixels of what shows each video slot, 0 where nothing does."""


class Leave(ControlMessage):
    """Close one connection."""

    type: Literal["leave"] = "leave"
    request_id: str
    connection_id: str


class Remove(ControlMessage):
    """Close every connection of a participant in a room and refuse grants issued before now."""

    type: Literal["remove"] = "remove"
    request_id: str
    room: str
    participant: str


class CloseRoom(ControlMessage):
    """Close a room and all its connections."""

    type: Literal["close_room"] = "close_room"
    request_id: str
    room: str


Command = Annotated[
    Join | Answer | Publish | Renew | Tune | Leave | Remove | CloseRoom, Field(discriminator="type")
]


# --- answers and events: node → web ---


class Hello(ControlMessage):
    """First message on every control connection. A changed `instance` means: the node restarted, its rooms are gone."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL_VERSION
    node: str
    instance: str


class Offer(ControlMessage):
    """Answer to `Join`: the only SDP offer this connection will ever see."""

    type: Literal["offer"] = "offer"
    request_id: str
    connection_id: str
    sdp: str


class Answered(ControlMessage):
    """Answer to `Publish`: the answer to the client's offer. `Connected` follows when media can flow."""

    type: Literal["answered"] = "answered"
    request_id: str
    connection_id: str
    sdp: str


class Done(ControlMessage):
    """Answer to every other command."""

    type: Literal["done"] = "done"
    request_id: str


class Failed(ControlMessage):
    """A command was refused. `code` is stable: bad_grant, bad_sdp, unknown_connection, room_full, draining, busy, internal."""

    type: Literal["failed"] = "failed"
    request_id: str
    code: str
    detail: str = ""


class Connected(ControlMessage):
    """ICE and DTLS are up; media flows, unless the connection stands by."""

    type: Literal["connected"] = "connected"
    room: str
    participant: str
    connection_id: str


class Disconnected(ControlMessage):
    """A connection is over. `reason`: left, removed, replaced, expired, lost, failed, room_closed, draining."""

    type: Literal["disconnected"] = "disconnected"
    room: str
    participant: str
    connection_id: str
    reason: str


class Slots(ControlMessage):
    """The whole slot table of one viewer, sent whenever it changes."""

    type: Literal["slots"] = "slots"
    room: str
    participant: str
    connection_id: str
    slots: tuple[SlotSource, ...]


class Weak(ControlMessage):
    """Nothing was heard from a connection for a while (`silent_ms`), or it is heard again (0)."""

    type: Literal["weak"] = "weak"
    room: str
    participant: str
    connection_id: str
    silent_ms: int


class Wanted(ControlMessage):
    """What of a participant's camera anybody can use, sent whenever it changes.

    `layers` are the simulcast layers to be sent, by rid; none for no moving picture. `stills`: somebody gets still pictures.
    """

    type: Literal["wanted"] = "wanted"
    room: str
    participant: str
    connection_id: str
    layers: tuple[str, ...]
    stills: bool


class LineState(ControlMessage):
    """How a participant's line is, sent when a rung or reason changes and every ten seconds.

    `down` and `up` are rungs of `media.core.ladder` in lower case, the reasons its reasons, None on `full`. Rates in bit/s,
    losses as shares of packets, 0–1.
    """

    type: Literal["line"] = "line"
    room: str
    participant: str
    connection_id: str
    down: str
    down_reason: str | None
    up: str
    up_reason: str | None
    down_bitrate: int
    up_bitrate: int
    down_loss: float
    up_loss: float
    rtt_ms: int


class Load(ControlMessage):
    """Every second: how busy the node is. `cpu` is the share of one core, 0–1; `loop_lag_ms` the worst of the last second."""

    type: Literal["load"] = "load"
    node: str
    instance: str
    rooms: int
    connections: int
    packets_per_second: float
    cpu: float
    loop_lag_ms: float
    draining: bool


Event = Annotated[
    Hello
    | Offer
    | Answered
    | Done
    | Failed
    | Connected
    | Disconnected
    | Slots
    | Weak
    | Wanted
    | LineState
    | Load,
    Field(discriminator="type"),
]

COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)
EVENTS: TypeAdapter[Event] = TypeAdapter(Event)
