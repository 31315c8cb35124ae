"""The queue's wire protocol, written once. JSON Schema and TypeScript are generated from here.

Four audiences speak it: the board in the waiting room (`display`), the kiosk that gives out numbers (`kiosk`), the people who
call (`staff`), and whoever holds a ticket (`ticket`). PROTOCOL.md tells the order of messages, and who is told what.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from scheduling.queues.queue_events import LoggedQueueEvent, QueueSnapshot, SeriesLetter, State
from signaling.protocol.messages import Draining, Message, Ping, Pong, Problem, Refused

QUEUE_PROTOCOL_VERSION = 1
MAX_QUEUE_MESSAGE_BYTES = 4 * 1024
MAX_NAME_CHARACTERS = 120

Audience = Literal["display", "kiosk", "staff", "ticket"]
Reason = Literal["emergency", "under_6", "pregnant", "disability", "age_75", "merit"]
Why = Literal["emergency", "back", "priority", "walk_in", "online", "early", "chosen"]
Basis = Literal["measured", "usual", "window", "no_room"]

# --- actions the client wants to happen exactly once ---


class Take(Message):
    """Take a number. `name` is shown masked, and stored so."""

    do: Literal["take"] = "take"
    service_id: UUID
    reasons: Annotated[tuple[Reason, ...], Field(max_length=6)] = ()
    name: Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)] = ""


class CallNext(Message):
    """Call whose turn it is; whoever is in the room is done."""

    do: Literal["call_next"] = "call_next"
    room_id: UUID
    service_id: UUID | None = None


class OnNumber(Message):
    """Do something with one number, at one room."""

    do: Literal["call", "recall", "start", "skip", "put_back", "finish", "cancel"]
    room_id: UUID
    ticket_id: UUID


class SendOn(Message):
    """Let another room of the area call this number."""

    do: Literal["send"] = "send"
    room_id: UUID
    ticket_id: UUID
    to_room_id: UUID


class MoveOn(Message):
    """Give the number's holder a number of another service."""

    do: Literal["move"] = "move"
    room_id: UUID
    ticket_id: UUID
    service_id: UUID


class Undo(Message):
    """Take back what this room did last."""

    do: Literal["undo"] = "undo"
    room_id: UUID


QueueAction = Annotated[Take | CallNext | OnNumber | SendOn | MoveOn | Undo, Field(discriminator="do")]

# --- client → server ---


class QueueHello(Message):
    """First message on every socket. `last_seq` is the last event the client has of `day` (ISO 8601), None when it has none."""

    type: Literal["hello"] = "hello"
    protocol: int = QUEUE_PROTOCOL_VERSION
    last_seq: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    day: Annotated[str, Field(max_length=10)] = ""


class Do(Message):
    """Ask for an action. `key` is the idempotency key: a repeat after a lost answer has no second effect."""

    type: Literal["do"] = "do"
    key: UUID
    action: QueueAction


QueueClientMessage = Annotated[QueueHello | Do | Ping, Field(discriminator="type")]

# --- server → client ---


class ServiceInfo(Message):
    service_id: UUID
    name: str
    mark: str


class RoomInfo(Message):
    """`number` is what the voice says; without one it says the name."""

    room_id: UUID
    name: str
    number: int | None
    kind: Literal["room", "counter"]
    services: tuple[UUID, ...]


class AreaInfo(Message):
    area_id: UUID
    name: str
    place: str
    facility: str
    emergency_place: str
    voices: tuple[str, ...]
    services: tuple[ServiceInfo, ...]
    rooms: tuple[RoomInfo, ...]


class Elsewhere(Message):
    """A service of another area of the facility, to move somebody to."""

    service_id: UUID
    name: str
    area: str


class QueuePermissions(Message):
    """What this client may do here, so that no button lies."""

    call: bool
    take: bool


class QueueWelcome(Message):
    """Answer to `hello`; said again when the day or the rooms have changed. A `snapshot` replaces everything.

    Without one, `events` bring the client up to date. Whoever holds a ticket gets neither, only `place`.
    """

    type: Literal["welcome"] = "welcome"
    audience: Audience
    day: str
    seq: int
    now: AwareDatetime
    area: AreaInfo
    permissions: QueuePermissions
    elsewhere: tuple[Elsewhere, ...] = ()
    snapshot: QueueSnapshot | None = None
    events: tuple[LoggedQueueEvent, ...] = ()


class QueueEvents(Message):
    """What happened, in order, without gaps."""

    type: Literal["events"] = "events"
    events: tuple[LoggedQueueEvent, ...]


class Foreseen(Message):
    """Somebody who will be called. `why` and `reasons` are for staff: boards are told neither."""

    ticket_id: UUID
    why: Why | None = None
    reasons: tuple[Reason, ...] = ()


class ServiceForecast(Message):
    """How a service goes: who waits, in the order in which they will be called if nobody else comes."""

    service_id: UUID
    waiting: int
    rooms: int
    each_minutes: int
    basis: Basis
    next: tuple[Foreseen, ...]


class Forecast(Message):
    """What is expected after event `seq`. Only the newest counts."""

    type: Literal["forecast"] = "forecast"
    seq: int
    services: tuple[ServiceForecast, ...]


class Place(Message):
    """Where the holder of a ticket stands. `ahead` is None when the number does not wait; `low`, `high` in minutes, None: unknown.

    `near`: be at the door. `after_calls`: it comes back when so many others have been called.
    """

    type: Literal["place"] = "place"
    code: str
    series: SeriesLetter
    state: State
    service: str
    area: str
    place: str
    room: str | None
    ahead: int | None
    low: int | None
    high: int | None
    basis: Basis | None
    each_minutes: int | None
    rooms: int | None
    near: bool
    after_calls: int | None
    window_start: AwareDatetime | None
    window_end: AwareDatetime | None
    taken_at: AwareDatetime
    called_at: AwareDatetime | None
    calls: int


class Issued(Message):
    """A number that was taken, as it is printed."""

    code: str
    series: SeriesLetter
    label: str
    service: str
    area: str
    place: str
    facility: str
    taken_at: AwareDatetime
    ahead: int | None
    low: int | None
    high: int | None
    url: str
    """Opens the live place; what the QR says."""
    qr: tuple[str, ...]
    """The QR code of `url`, one text of 0 and 1 a row, without a border."""


class Done(Message):
    """The action with this key took effect (now or before). `seq` is the area's sequence after it."""

    type: Literal["done"] = "done"
    key: UUID
    seq: int
    issued: Issued | None = None


QueueServerMessage = Annotated[
    QueueWelcome | QueueEvents | Forecast | Place | Done | Refused | Problem | Draining | Pong,
    Field(discriminator="type"),
]

QUEUE_CLIENT_MESSAGE: TypeAdapter[QueueClientMessage] = TypeAdapter(QueueClientMessage)
QUEUE_SERVER_MESSAGE: TypeAdapter[QueueServerMessage] = TypeAdapter(QueueServerMessage)
