"""The room's wire protocol, written once. JSON Schema and TypeScript are generated from here.

One JSON text message a WebSocket frame. Every class says who sends it. PROTOCOL.md tells the order of messages.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from media.control import SlotSource
from telehealth.consultations.room_events import LineReason, LineRung, LoggedEvent, RoomSnapshot

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 64 * 1024
MAX_CHAT_CHARACTERS = 4000
MAX_KEY_CHARACTERS = 120
MAX_WRAPPED_CHARACTERS = 240

Quality = Literal["good", "weak", "poor"]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=MAX_KEY_CHARACTERS)]
WrappedBytes = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=MAX_WRAPPED_CHARACTERS)]
"""Base64url without padding. What is in it is the clients' business (E2EE.md)."""


class Message(BaseModel):
    # An undeclared field is a protocol bug: fail where the message is made.
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


# --- commands the client wants to happen exactly once ---


class Arrive(Message):
    """Device check done: take a place in the waiting room."""

    do: Literal["arrive"] = "arrive"


class Admit(Message):
    """Let a waiting participant in."""

    do: Literal["admit"] = "admit"
    participant_id: UUID


class MarkPatient(Message):
    """The spoke says whether the patient is present."""

    do: Literal["mark_patient"] = "mark_patient"
    present: bool


class SetMedia(Message):
    """Say what I send, so that the others' screens tell the truth."""

    do: Literal["set_media"] = "set_media"
    microphone: bool
    camera: bool
    screen: bool
    exam: bool = False
    """What is on the screen line is a picture of the examination: a second camera, a scope, a capture card."""
    auscultation: bool = False
    """The microphone is on the patient's chest."""


class PostChat(Message):
    do: Literal["post_chat"] = "post_chat"
    text: Annotated[str, Field(max_length=MAX_CHAT_CHARACTERS)]
    document_id: UUID | None = None


class Leave(Message):
    """Leave; the call goes on for the others."""

    do: Literal["leave"] = "leave"


class Remove(Message):
    """Put a participant out of the room."""

    do: Literal["remove"] = "remove"
    participant_id: UUID


class EndCall(Message):
    """End the call for everybody. The request stays open until it is answered or closed."""

    do: Literal["end_call"] = "end_call"
    reason: Literal["finished", "interrupted"] = "finished"


Action = Annotated[
    Arrive | Admit | MarkPatient | SetMedia | PostChat | Leave | Remove | EndCall, Field(discriminator="do")
]


# --- client → server ---


class Hello(Message):
    """First message on every socket. `last_seq` is the last event the client has, None when it has none."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL_VERSION
    last_seq: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class Command(Message):
    """Ask for an action. `key` is the idempotency key: a repeat after a lost answer has no second effect."""

    type: Literal["command"] = "command"
    key: UUID
    action: Action


class MediaJoin(Message):
    """Ask for a media connection. `connection_id` is made by the client, new for every RTCPeerConnection.

    Before its person is admitted it stands by: it comes up, but nothing is forwarded to or from it.
    """

    type: Literal["media_join"] = "media_join"
    connection_id: UUID


class MediaAnswer(Message):
    type: Literal["media_answer"] = "media_answer"
    connection_id: UUID
    sdp: Annotated[str, Field(max_length=32 * 1024)]


class MediaLeave(Message):
    """The client closed a media connection."""

    type: Literal["media_leave"] = "media_leave"
    connection_id: UUID


class SlotHeight(Message):
    """How high, in device pixels, what shows a downward video line is; 0 where nothing does."""

    slot: Annotated[str, Field(pattern=r"^v\d{1,2}$")]
    height: Annotated[int, Field(ge=0, le=4320)]


class MediaTune(Message):
    """What this end of a connection says about itself; what is None stays as it was. A new connection knows nothing yet."""

    type: Literal["media_tune"] = "media_tune"
    connection_id: UUID
    sound_only: bool | None = None
    """By hand: no moving pictures, neither way."""
    uplink_bitrate: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """Bit/s the browser believes it can send."""
    heights: Annotated[tuple[SlotHeight, ...], Field(max_length=20)] | None = None


class ReportQuality(Message):
    """How my line is, in three honest steps. Shown to all, stored nowhere."""

    type: Literal["report_quality"] = "report_quality"
    quality: Quality


class AnnounceKey(Message):
    """In an encrypted room: my public key, to everybody inside. Asks them for the keys of what they send. Stored nowhere."""

    type: Literal["e2ee_key"] = "e2ee_key"
    public_key: PublicKey


class WrapKey(Message):
    """In an encrypted room: the key of what I send, wrapped so that only the owner of one public key can open it."""

    type: Literal["e2ee_wrapped"] = "e2ee_wrapped"
    to: UUID
    public_key: PublicKey
    wrapped: WrappedBytes


class Ping(Message):
    """Heartbeat, every 5 s. Browsers cannot see WebSocket pings, so the protocol has its own."""

    type: Literal["ping"] = "ping"
    n: Annotated[int, Field(ge=0, lt=2**53)]


ClientMessage = Annotated[
    Hello
    | Command
    | MediaJoin
    | MediaAnswer
    | MediaLeave
    | MediaTune
    | ReportQuality
    | AnnounceKey
    | WrapKey
    | Ping,
    Field(discriminator="type"),
]


# --- server → client ---


class Permissions(Message):
    """What this person may do here, so that no button lies."""

    admit: bool
    mark_patient: bool
    remove: bool
    end_call: bool


class Welcome(Message):
    """Answer to `Hello`: a snapshot, or None when `events` bring the client up to date by themselves.

    `participant_id` is who the client is in this room; the same before and after it arrives.
    """

    type: Literal["welcome"] = "welcome"
    participant_id: UUID
    permissions: Permissions
    snapshot: RoomSnapshot | None = None
    events: tuple[LoggedEvent, ...] = ()


class Events(Message):
    """What happened, in order, without gaps."""

    type: Literal["events"] = "events"
    events: tuple[LoggedEvent, ...]


class Ack(Message):
    """The command with this key took effect (now or before). `seq` is the room's sequence after it."""

    type: Literal["ack"] = "ack"
    key: UUID
    seq: int


class Refused(Message):
    """The command with this key had no effect. `code` is stable, `text` is for people, `retry` says whether to try again."""

    type: Literal["refused"] = "refused"
    key: UUID
    code: str
    text: str
    retry: bool = False


class Problem(Message):
    """Something other than a command could not be done."""

    type: Literal["problem"] = "problem"
    code: str
    text: str
    retry: bool = False


class IceServer(Message):
    """A TURN server, with credentials for this one connection. Allocations made in time outlive them."""

    urls: tuple[str, ...]
    username: str
    credential: str


class MediaOffer(Message):
    """The media server's one offer for this connection, and the ways round a network that blocks it."""

    type: Literal["media_offer"] = "media_offer"
    connection_id: UUID
    epoch: int
    sdp: str
    ice_servers: tuple[IceServer, ...] = ()


class MediaConnected(Message):
    """The connection is up. Once it is live, `media_slots` follows."""

    type: Literal["media_connected"] = "media_connected"
    connection_id: UUID


class MediaLost(Message):
    """This media connection is void; make a new one after `retry_after_ms`, unless `retry` is false."""

    type: Literal["media_lost"] = "media_lost"
    connection_id: UUID | None
    code: str
    retry: bool
    retry_after_ms: int = 0


class MediaSlots(Message):
    """Which participant's source arrives on which m-line (mid)."""

    type: Literal["media_slots"] = "media_slots"
    connection_id: UUID
    slots: tuple[SlotSource, ...]


class MediaWanted(Message):
    """What of my camera anybody can use: which simulcast layers to send, by rid, and whether still pictures are looked at."""

    type: Literal["media_wanted"] = "media_wanted"
    connection_id: UUID
    layers: tuple[str, ...]
    stills: bool


class LineFigures(Message):
    """The numbers behind a line, for technicians. Rates in bit/s, losses as shares of packets, 0–1."""

    down_bitrate: int
    up_bitrate: int
    down_loss: float
    up_loss: float
    rtt_ms: int


class MediaLine(Message):
    """How far a participant's line has come down, and why. To everybody in the room, so that both sides know; stored nowhere."""

    type: Literal["media_line"] = "media_line"
    participant_id: UUID
    down: LineRung
    down_reason: LineReason | None
    up: LineRung
    up_reason: LineReason | None
    figures: LineFigures


class StillReady(Message):
    """A new still picture of a participant's camera can be fetched over HTTP. `seq` grows; it is the picture's ETag."""

    type: Literal["still_ready"] = "still_ready"
    participant_id: UUID
    seq: int
    taken_at: AwareDatetime


class ParticipantQuality(Message):
    type: Literal["participant_quality"] = "participant_quality"
    participant_id: UUID
    quality: Quality


class KeyAnnounced(Message):
    """Somebody else's public key. Who sent it is said by the server, what it is by them."""

    type: Literal["e2ee_key"] = "e2ee_key"
    participant_id: UUID
    public_key: str


class KeyWrapped(Message):
    """Somebody else's key, wrapped for this client alone."""

    type: Literal["e2ee_wrapped"] = "e2ee_wrapped"
    participant_id: UUID
    public_key: str
    wrapped: str


class Draining(Message):
    """This server goes away; reconnect after `retry_after_ms`. Media is not affected."""

    type: Literal["draining"] = "draining"
    retry_after_ms: int


class Pong(Message):
    type: Literal["pong"] = "pong"
    n: int


ServerMessage = Annotated[
    Welcome
    | Events
    | Ack
    | Refused
    | Problem
    | MediaOffer
    | MediaConnected
    | MediaLost
    | MediaSlots
    | MediaWanted
    | MediaLine
    | StillReady
    | ParticipantQuality
    | KeyAnnounced
    | KeyWrapped
    | Draining
    | Pong,
    Field(discriminator="type"),
]

CLIENT_MESSAGE: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)
SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
