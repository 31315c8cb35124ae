"""What can happen in a room, one frozen class an event. Pure: no Django here.

These classes are the rows of a session's event log *and* what travels to the browser, so both are written once.
The log's sequence is gap-free; folding it gives the room's state (`signaling.room`).
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Side = Literal["hub", "spoke"]
RoomRole = Literal["doctor", "specialist", "coordinator", "nurse", "patient", "relative"]
"""The last two are guests: they came by a link."""
PresenceState = Literal["waiting", "admitted", "in_room", "away", "left"]
LeaveReason = Literal["left", "removed", "lost", "ended"]
EndReason = Literal["finished", "interrupted", "abandoned", "cancelled"]
LineRung = Literal["full", "half", "quarter", "low_rate", "still", "sound", "writing"]
"""How far a line has come down, best first: the relay's ladder, from the whole picture to nothing but writing."""
LineReason = Literal["thin_line", "loss", "delay", "by_hand", "camera_off", "far_side", "silent"]
CHAT_SHOWN = 200
"""How many messages of the chat, the newest, are part of the room; earlier ones are read on demand."""


class EventModel(BaseModel):
    # An undeclared field is a schema bug; fail where the event is made.
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class ParticipantInfo(EventModel):
    """Who somebody is to the others. No contact data, no login name."""

    participant_id: UUID
    name: str
    title: str
    role: RoomRole
    facility: str
    """Short name; "" for a guest."""
    side: Side


class DocumentInfo(EventModel):
    """A file offered in the room; fetched over HTTP, where access is checked again."""

    document_id: UUID
    name: str
    content_type: str
    size: int


class SessionOpened(EventModel):
    """The call exists; people may come to the waiting room. Whether it is `encrypted` end to end never changes."""

    kind: Literal["session_opened"] = "session_opened"
    encrypted: bool = False


class ParticipantArrived(EventModel):
    """Somebody finished the device check and stands in the waiting room."""

    kind: Literal["participant_arrived"] = "participant_arrived"
    participant: ParticipantInfo


class ParticipantAdmitted(EventModel):
    """Somebody may enter. `by` is None when the owner of the case admits themselves by arriving."""

    kind: Literal["participant_admitted"] = "participant_admitted"
    participant_id: UUID
    by: UUID | None = None


class ParticipantEntered(EventModel):
    """An admitted participant's socket is in the room (first time or back from `away`)."""

    kind: Literal["participant_entered"] = "participant_entered"
    participant_id: UUID


class ParticipantAway(EventModel):
    """The line of a participant is gone; their place is kept."""

    kind: Literal["participant_away"] = "participant_away"
    participant_id: UUID


class ParticipantLeft(EventModel):
    kind: Literal["participant_left"] = "participant_left"
    participant_id: UUID
    reason: LeaveReason


class PatientPresenceChanged(EventModel):
    """The spoke says whether the patient is in front of the camera."""

    kind: Literal["patient_presence_changed"] = "patient_presence_changed"
    present: bool
    by: UUID


class WentLive(EventModel):
    """The hub's specialist and somebody of the spoke are in the room together for the first time."""

    kind: Literal["went_live"] = "went_live"


class MediaChanged(EventModel):
    """What a participant sends. `exam`: what is on the screen line is a picture of the examination, not a screen.

    `auscultation`: the microphone is on the patient's chest, and nothing of its sound is filtered away.
    """

    kind: Literal["media_changed"] = "media_changed"
    participant_id: UUID
    microphone: bool
    camera: bool
    screen: bool
    exam: bool = False
    auscultation: bool = False


class LineChanged(EventModel):
    """A participant's line stands on other rungs than last written down, and has for some seconds. For the record only.

    `down` is what they get, `up` what is got of them; a reason is None where the line is not in the way.
    """

    kind: Literal["line_changed"] = "line_changed"
    participant_id: UUID
    down: LineRung
    down_reason: LineReason | None
    up: LineRung
    up_reason: LineReason | None


class ChatPosted(EventModel):
    kind: Literal["chat_posted"] = "chat_posted"
    message_id: UUID
    participant_id: UUID
    text: str
    document: DocumentInfo | None = None


class Withheld(EventModel):
    """Stands for an event that is not this reader's to see. Never written: the log's numbers stay free of gaps for everybody."""

    kind: Literal["withheld"] = "withheld"


class MediaMoved(EventModel):
    """The room's media lives under a new epoch: connections of older epochs are void, make a new one."""

    kind: Literal["media_moved"] = "media_moved"
    epoch: int


class SessionEnded(EventModel):
    kind: Literal["session_ended"] = "session_ended"
    reason: EndReason
    by: UUID | None = None


RoomEventBody = Annotated[
    SessionOpened
    | ParticipantArrived
    | ParticipantAdmitted
    | ParticipantEntered
    | ParticipantAway
    | ParticipantLeft
    | PatientPresenceChanged
    | WentLive
    | MediaChanged
    | LineChanged
    | ChatPosted
    | Withheld
    | MediaMoved
    | SessionEnded,
    Field(discriminator="kind"),
]

ROOM_EVENT_BODY: TypeAdapter[RoomEventBody] = TypeAdapter(RoomEventBody)


class LoggedEvent(EventModel):
    """One row of the log. `seq` starts at 1 and has no gaps."""

    seq: int
    at: datetime
    body: RoomEventBody


class RoomParticipant(EventModel):
    """A participant as the room shows them."""

    info: ParticipantInfo
    state: PresenceState
    microphone: bool = False
    camera: bool = False
    screen: bool = False
    exam: bool = False
    auscultation: bool = False


class ChatLine(EventModel):
    message_id: UUID
    participant_id: UUID
    at: datetime
    text: str
    document: DocumentInfo | None = None


class ChatPage(EventModel):
    """Earlier messages of a room's chat, read on demand; the fields are those of `RoomSnapshot`."""

    chat: tuple[ChatLine, ...]
    chat_before: int


class RoomSnapshot(EventModel):
    """The room after event `seq`. `fold(events) == snapshot` is a tested promise."""

    session_id: UUID
    seq: int
    state: Literal["waiting", "live", "ended"]
    epoch: int
    encrypted: bool = False
    """Sound and picture are encrypted end to end (`signaling/E2EE.md`)."""
    patient_present: bool
    opened_at: datetime | None
    live_since: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    participants: tuple[RoomParticipant, ...]
    chat: tuple[ChatLine, ...]
    """The newest, `CHAT_SHOWN` at most."""
    chat_before: int = 0
    """How many earlier ones there are. A message's place in the chat never changes, so this is the place of the first shown."""
