"""The WebSocket addresses, behind the exact-origin check."""

from channels.routing import URLRouter
from django.conf import settings
from django.urls import path, re_path

from signaling.consumers import GuestRoomConsumer, RoomConsumer
from signaling.inbox import InboxConsumer
from signaling.line_check import LineCheckConsumer
from signaling.origin import Application, exact_origin, refuse
from signaling.process import Process
from signaling.queues import QueueConsumer


def websockets(process: Process) -> Application:
    """Return the ASGI application of all sockets of this process."""
    queues = QueueConsumer.as_asgi(process)
    routes = URLRouter(
        [
            path("ws/rooms/<uuid:session_id>/", RoomConsumer.as_asgi(process)),  # type: ignore[arg-type]  # ASGI, not a view
            path("ws/visits/<uuid:session_id>/", GuestRoomConsumer.as_asgi(process)),  # type: ignore[arg-type]
            path("ws/inbox/", InboxConsumer.as_asgi(process)),  # type: ignore[arg-type]
            path("ws/line-check/", LineCheckConsumer.as_asgi(process)),  # type: ignore[arg-type]
            *(
                path(f"ws/queues/{audience}/<uuid:area_id>/", queues, {"audience": audience})  # type: ignore[arg-type]
                for audience in ("display", "kiosk", "staff")
            ),
            path("ws/queues/ticket/<slug:token>/", queues, {"audience": "ticket"}),  # type: ignore[arg-type]
            re_path(r"", refuse),  # type: ignore[arg-type]
        ]
    )
    return exact_origin(routes, settings.ALLOWED_ORIGINS)
