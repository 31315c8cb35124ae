"""The web process: pages over HTTP, signaling over WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telehealth.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # loads the applications; what follows needs their models

from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from media.client import MediaNodes, OnEvent  # noqa: E402
from signaling.process import Process  # noqa: E402
from signaling.routing import websockets  # noqa: E402
from signaling.whip import with_whip  # noqa: E402
from telehealth.api import booking  # noqa: E402
from telehealth.api.light import at_prefix  # noqa: E402
from telehealth.core import readiness  # noqa: E402
from telehealth.demonstration.guard import refuse_in_production  # noqa: E402

refuse_in_production()


def _media_nodes(on_event: OnEvent) -> MediaNodes:
    return MediaNodes(settings.MEDIA_NODES, secret=settings.MEDIA_SECRET.encode(), on_event=on_event)


get_channel_layer()  # imports a lot the first time; now, not on the event loop later
process = Process(_media_nodes)
application = ProtocolTypeRouter(
    {
        "http": with_whip(process, at_prefix(booking.PREFIX, booking.light, pages)),
        "websocket": websockets(process),
    }
)


async def _media_is_ready() -> bool:
    return await process.media_is_ready()


async def _not_draining() -> bool:
    return not process.draining


readiness.add("media", _media_is_ready)
readiness.add("process", _not_draining)
