"""The WebSocket addresses, behind the exact-origin check."""

from channels.routing import URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.urls import path, re_path

from signaling.consumers import RoomConsumer
from signaling.inbox import InboxConsumer
from signaling.process import Process
from signaling.sockets import Application


def websockets(process: Process) -> Application:
    """Return the ASGI application of all sockets of this process."""
    routes = URLRouter(
        [
            path("ws/rooms/<uuid:session_id>/", RoomConsumer.as_asgi(process)),  # type: ignore[arg-type]  # ASGI, not a view
            path("ws/inbox/", InboxConsumer.as_asgi(process)),  # type: ignore[arg-type]
            re_path(r"", WebsocketDenier.as_asgi()),
        ]
    )
    # Scheme, host and port must all fit. A browser always sends an origin; who sends none is no browser of ours.
    application: Application = OriginValidator(routes, settings.ALLOWED_ORIGINS)
    return application
