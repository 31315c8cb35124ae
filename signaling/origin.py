"""Only our own pages may open a socket."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
SendEvent = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, SendEvent], Awaitable[None]]


def exact_origin(application: Application, allowed: Iterable[str]) -> Application:
    """Refuse the handshake (HTTP 403) unless the origin is, letter for letter, one of ours.

    A browser always sends one origin, in its only spelling (RFC 6454 §6.2); who sends none is no browser of ours. Cookies
    travel with a foreign page's WebSocket too, so this check is what keeps such a page out.
    """
    origins = frozenset(origin.encode() for origin in allowed)

    async def checked(scope: Scope, receive: Receive, send: SendEvent) -> None:
        shown = [value for name, value in scope.get("headers", ()) if name == b"origin"]
        if len(shown) == 1 and shown[0] in origins:
            await application(scope, receive, send)
        else:
            await refuse(scope, receive, send)

    return checked


async def refuse(scope: Scope, receive: Receive, send: SendEvent) -> None:
    """Refuse the handshake."""
    await receive()
    await send({"type": "websocket.close"})
