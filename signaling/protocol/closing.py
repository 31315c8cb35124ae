"""WebSocket close codes: whose fault, and may the client try again."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Codes of RFC 6455 §7.4.1 where one fits, else the private range 4000–4999."""

    NORMAL = 1000
    """The client is done here. Do not reconnect."""
    POLICY = 1008
    """The client broke a limit or the protocol. Reconnect only after a reload."""
    TOO_BIG = 1009
    """A message was larger than the protocol allows. Client's fault."""
    SERVICE_RESTART = 1012
    """Our server goes away. Reconnect with jitter."""
    TRY_AGAIN_LATER = 1013
    """Our side is overloaded or the client reads too slowly. Reconnect with jitter and resume by sequence."""
    HELLO_FIRST = 4400
    """The first message was not `hello`, or none came in time. Client's fault."""
    SIGNED_OUT = 4401
    """No valid sign-in. Sign in again, then reconnect."""
    NOT_ALLOWED = 4403
    """This person may not be in this room. Do not reconnect."""
    NOT_FOUND = 4404
    """There is no such room, or it is not yours to see. Do not reconnect."""
    SUPERSEDED = 4409
    """The same person opened the room elsewhere. Do not reconnect by yourself."""
    ROOM_OVER = 4410
    """The call has ended. Do not reconnect."""


RETRYABLE = frozenset({CloseCode.SERVICE_RESTART, CloseCode.TRY_AGAIN_LATER})
"""Besides these, a client retries 1006 and 1001 (the line broke)."""
