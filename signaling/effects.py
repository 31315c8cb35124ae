"""What a session wants done (effects), and what it hears besides the client's messages (news). Pure.

The consumer performs effects and feeds their results back as news, so that no handler ever waits for the database, the
channel layer or a media node.
"""

from dataclasses import dataclass
from uuid import UUID

from media.control import SlotSource
from signaling.protocol.closing import CloseCode
from signaling.protocol.messages import (
    Action,
    IceServer,
    MediaLine,
    MediaTune,
    Permissions,
    Quality,
    ServerMessage,
    StillReady,
)
from telehealth.consultations.room_events import LineReason, LineRung, LoggedEvent, RoomSnapshot

# --- news: what a session hears -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticked:
    """About a second has passed."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """The client sent something that is no message of the protocol."""


@dataclass(frozen=True, slots=True)
class Oversized:
    """The client sent more than the protocol allows in one message."""


@dataclass(frozen=True, slots=True)
class RoomLoaded:
    """The room as it is, and, when that is all the client lacks, the events it missed."""

    participant_id: UUID
    permissions: Permissions
    snapshot: RoomSnapshot
    missed: tuple[LoggedEvent, ...] | None
    chat_after: int | None = 0
    """What was written in the chat up to this event is not for this client; None: nothing is, they are not in yet."""


@dataclass(frozen=True, slots=True)
class RoomUnavailable:
    """The room could not be loaded now."""


@dataclass(frozen=True, slots=True)
class LogRead:
    """New rows of the room's log, in order. They may repeat what is known, or leave a gap before them."""

    events: tuple[LoggedEvent, ...]


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """The log could not be read now."""


@dataclass(frozen=True, slots=True)
class CommandDone:
    key: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    key: UUID
    code: str
    text: str
    retry: bool


@dataclass(frozen=True, slots=True)
class AccessLost:
    """This person may no longer be here."""

    code: CloseCode


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """A participant has opened a socket. Socket ids grow with time."""

    participant_id: UUID
    socket_id: str


@dataclass(frozen=True, slots=True)
class QualityHeard:
    participant_id: UUID
    quality: Quality


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """A participant's key of an encrypted room: public for all inside, or `wrapped` for `to` alone."""

    participant_id: UUID
    public_key: str
    to: UUID | None = None
    wrapped: str = ""


@dataclass(frozen=True, slots=True)
class LineHeard:
    """The relay reports how the line of a connection of ours is."""

    connection_id: UUID
    line: MediaLine


@dataclass(frozen=True, slots=True)
class LineTold:
    """How the line of somebody in the room is."""

    line: MediaLine


@dataclass(frozen=True, slots=True)
class LineNotNoted:
    """What `NoteLine` asked for was not written down: too soon after the last, or the database was away."""


@dataclass(frozen=True, slots=True)
class StillTold:
    """Somebody in the room has sent a still picture."""

    still: StillReady


@dataclass(frozen=True, slots=True)
class WantedChanged:
    """What of the camera on this connection anybody can use."""

    connection_id: UUID
    layers: tuple[str, ...]
    stills: bool


@dataclass(frozen=True, slots=True)
class MediaOffered:
    """A connection's offer. Not `admitted`: the connection stands by, nothing is forwarded to or from it."""

    connection_id: UUID
    node: str
    epoch: int
    sdp: str
    admitted: bool
    ice_servers: tuple[IceServer, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaFailed:
    connection_id: UUID
    code: str
    retry: bool
    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class MediaUp:
    connection_id: UUID


@dataclass(frozen=True, slots=True)
class MediaOver:
    """A connection is over; `reason` is one of `media.control.Disconnected`'s."""

    connection_id: UUID
    reason: str
    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class MediaSilent:
    """Nothing has come from a connection for so long; 0: it is heard again."""

    connection_id: UUID
    silent_ms: int


@dataclass(frozen=True, slots=True)
class SlotsChanged:
    connection_id: UUID
    slots: tuple[SlotSource, ...]


@dataclass(frozen=True, slots=True)
class NodeLost:
    """A media node is gone, or is a new instance: the rooms it had are gone."""

    node: str


@dataclass(frozen=True, slots=True)
class NodeDraining:
    """A media node is about to stop. It forwards until its rooms are elsewhere. Said again and again until they are."""

    node: str


@dataclass(frozen=True, slots=True)
class MoveFailed:
    """The room's media could not be placed on another node now."""

    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class Draining:
    """This process is about to stop."""

    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """This process stops now."""


News = (
    Ticked
    | Garbled
    | Oversized
    | RoomLoaded
    | RoomUnavailable
    | LogRead
    | ReadFailed
    | CommandDone
    | CommandRefused
    | AccessLost
    | SocketOpened
    | QualityHeard
    | KeyHeard
    | LineHeard
    | LineTold
    | LineNotNoted
    | StillTold
    | WantedChanged
    | MediaOffered
    | MediaFailed
    | MediaUp
    | MediaOver
    | MediaSilent
    | SlotsChanged
    | NodeLost
    | NodeDraining
    | MoveFailed
    | Draining
    | Stopping
)

# --- effects: what a session wants done ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Refuse:
    """Send `Refused` with the sentence for `code` in the user's language."""

    key: UUID
    code: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Complain:
    """Send `Problem` with the sentence for `code` in the user's language."""

    code: str
    retry: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket after what was sent before. Nothing follows this effect."""

    code: CloseCode


@dataclass(frozen=True, slots=True)
class LoadRoom:
    """→ `RoomLoaded`, `RoomUnavailable` or `AccessLost`."""

    last_seq: int | None


@dataclass(frozen=True, slots=True)
class ReadLog:
    """→ `LogRead` or `ReadFailed`."""

    after: int


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the other sockets that this participant's socket is open (→ their `SocketOpened`)."""

    participant_id: UUID


@dataclass(frozen=True, slots=True)
class Perform:
    """Do a command, in the order given (→ `CommandDone` or `CommandRefused`)."""

    key: UUID
    action: Action


@dataclass(frozen=True, slots=True)
class Enter:
    """Write down that an admitted participant is here."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Write down that this participant's socket lives."""

    participant_id: UUID


@dataclass(frozen=True, slots=True)
class CheckAccess:
    """Look whether this person may still be here (→ `AccessLost` if not)."""


@dataclass(frozen=True, slots=True)
class TellQuality:
    """Tell everybody in the room how this participant's line is."""

    participant_id: UUID
    quality: Quality


@dataclass(frozen=True, slots=True)
class TellKey:
    """Hand a key on (→ `KeyHeard` at the other sockets of the room, which look whether it is for them)."""

    participant_id: UUID
    public_key: str
    to: UUID | None = None
    wrapped: str = ""


@dataclass(frozen=True, slots=True)
class TellLine:
    """Tell everybody in the room how this participant's line is (→ their `LineTold`)."""

    line: MediaLine


@dataclass(frozen=True, slots=True)
class NoteLine:
    """Write down how a participant's line has come to stand (→ the log's `line_changed`, nothing, or `LineNotNoted`)."""

    participant_id: UUID
    down: LineRung
    down_reason: LineReason | None
    up: LineRung
    up_reason: LineReason | None


@dataclass(frozen=True, slots=True)
class KeepSample:
    """Keep a measurement in the diary of the participant's facility. None: not measured; `loss` is a share, 0–1."""

    rtt_ms: float | None
    loss: float
    up_kbps: float | None
    down_kbps: float | None
    gaps: int
    gap_seconds: float


@dataclass(frozen=True, slots=True)
class TuneMedia:
    """Hand the relay what one end of a connection says about itself."""

    node: str
    tune: MediaTune


@dataclass(frozen=True, slots=True)
class JoinMedia:
    """Make a connection, live or on standby as the database says (→ `MediaOffered` or `MediaFailed`)."""

    connection_id: UUID


@dataclass(frozen=True, slots=True)
class AnswerMedia:
    """→ `MediaFailed` when refused."""

    connection_id: UUID
    node: str
    sdp: str


@dataclass(frozen=True, slots=True)
class AdmitMedia:
    """Make a connection that stands by live, if its participant has been let in (→ `MediaFailed` when that fails)."""

    connection_id: UUID
    node: str
    epoch: int


@dataclass(frozen=True, slots=True)
class RenewMedia:
    """Lengthen a connection's life, if this person may still be here."""

    connection_id: UUID
    node: str
    epoch: int


@dataclass(frozen=True, slots=True)
class LeaveMedia:
    connection_id: UUID
    node: str


@dataclass(frozen=True, slots=True)
class MoveMedia:
    """Place the room's media anew, unless somebody did (→ the log's `media_moved`, or `MoveFailed`)."""

    node: str
    if_epoch: int


@dataclass(frozen=True, slots=True)
class RemoveMedia:
    """Stop everything a participant sends and receives. `seq` is the event that says so, 0 when none does."""

    participant_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class CloseMediaRoom:
    pass


Effect = (
    Send
    | Refuse
    | Complain
    | Close
    | LoadRoom
    | ReadLog
    | Announce
    | Perform
    | Enter
    | Touch
    | CheckAccess
    | TellQuality
    | TellKey
    | TellLine
    | NoteLine
    | KeepSample
    | TuneMedia
    | JoinMedia
    | AnswerMedia
    | AdmitMedia
    | RenewMedia
    | LeaveMedia
    | MoveMedia
    | RemoveMedia
    | CloseMediaRoom
)
