"""WHIP (RFC 9725): an ultrasound box or an encoder publishes its picture into a room by one HTTP request.

    POST /whip/            Authorization: Bearer <token>, application/sdp   → 201, Location: /whip/sessions/<id>/, the answer
    POST /whip/<token>/    the same for machines that take an address and nothing else
    DELETE /whip/sessions/<id>/                                            → 200

The token is a pass of `telehealth.devices.passes`: issued in the room, used once. A session's address cannot be guessed, so
whoever knows it may end it. Candidates are not needed from a client, so there is no PATCH. There is no CORS: pages have the
room. Errors are JSON with a stable code and a sentence.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings

from media.client import MediaError
from media.control import MAX_SDP_BYTES
from media.grants import GRANT_SECONDS
from media.turn import ice_servers
from signaling.devices import DeviceWatch, sign_device
from signaling.origin import Application, Receive, Scope, SendEvent
from signaling.people import read_badge
from signaling.process import Process
from signaling.texts import text_of
from telehealth.accounts.hat import Origin
from telehealth.core import clock
from telehealth.core.errors import DomainError
from telehealth.devices import passes

logger = logging.getLogger(__name__)

PREFIX = "/whip"
_ENDPOINT = re.compile(r"/whip(?:/([A-Za-z0-9_-]{16,64}))?/?")
_SESSION = re.compile(r"/whip/sessions/([0-9a-f-]{36})/?")
SDP = "application/sdp"
STATUS = {
    "bad_sdp": HTTPStatus.UNPROCESSABLE_ENTITY,
    "room_full": HTTPStatus.CONFLICT,
}
"""HTTP status of a media node's refusals; all others are ours and may be tried again."""


class Refusal(Exception):
    """An answer that is not the wanted one."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.headers = status, code, text, headers or {}


def with_whip(process: Process, pages: Callable[..., Awaitable[None]]) -> Application:
    """Return the HTTP application: WHIP under `/whip`, everything else the pages'."""
    whip = Whip(process)

    async def application(scope: Scope, receive: Receive, send: SendEvent) -> None:
        path = scope["path"]
        if path == PREFIX or path.startswith(PREFIX + "/"):
            await whip.answer(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return application


class Whip:
    """The endpoint of one web process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def answer(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        """Answer one request."""
        try:
            status, headers, body = await self._answer(scope, receive)
        except Refusal as refusal:
            status, headers = refusal.status, {"Content-Type": "application/json", **refusal.headers}
            body = json.dumps({"code": refusal.code, "text": refusal.text}, ensure_ascii=False)
        sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers}
        content = body.encode()
        sent["Content-Length"] = str(len(content))
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            }
        )
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, str], str]:
        await self._process.start()
        method, path = scope["method"], scope["path"]
        if found := _SESSION.fullmatch(path):
            _allow(method, "DELETE, OPTIONS")
            if method == "OPTIONS":
                return HTTPStatus.NO_CONTENT, {"Allow": "DELETE, OPTIONS"}, ""
            return await self._end(found[1])
        endpoint = _ENDPOINT.fullmatch(path)
        if endpoint is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "whip.not_found", text_of("whip.not_found"))
        _allow(method, "POST, OPTIONS")
        if method == "OPTIONS":
            return HTTPStatus.NO_CONTENT, {"Allow": "POST, OPTIONS", "Accept-Post": SDP}, ""
        headers = _headers(scope)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
            told = {"Accept-Post": SDP}
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "whip.not_sdp", text_of("whip.not_sdp"), told)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        token = endpoint[1] or (bearer.strip() if scheme.lower() == "bearer" else "")
        return await self._publish(token, await _body(receive), read_badge(scope).address)

    async def _publish(self, token: str, offer: str, address: str) -> tuple[int, dict[str, str], str]:
        connection_id = uuid4()
        process = self._process
        if process.draining:
            raise _try_again("draining")
        redeem = partial(
            passes.redeem_pass,
            token=token,
            connection_id=connection_id,
            now=clock.now(),
            origin=Origin(address=address),
        )
        try:
            seat = await process.database(redeem)
        except DomainError as error:
            known = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
            raise Refusal(error.status, error.code, error.text, known) from error
        watch = DeviceWatch(process, seat, connection_id)
        try:
            answer = await process.media.nodes.publish(
                seat.node, str(connection_id), sign_device(seat), offer
            )
        except MediaError as error:
            watch.stop()
            await self._give_back(connection_id)
            logger.info("a device was refused: %s", error.code)
            if error.code in STATUS:
                raise Refusal(STATUS[error.code], error.code, text_of(error.code)) from error
            raise _try_again(error.code) from error
        process.spawn(watch.check())
        located = {"Content-Type": SDP, "Location": f"{PREFIX}/sessions/{connection_id}/"}
        if links := _links():
            located["Link"] = links
        return HTTPStatus.CREATED, located, answer

    async def _give_back(self, connection_id: UUID) -> None:
        try:
            await self._process.database(passes.give_back_pass, connection_id=connection_id)
        except DomainError:
            logger.warning("a device's pass was not given back; its holder takes a new one")

    async def _end(self, identifier: str) -> tuple[int, dict[str, str], str]:
        try:
            connection_id = UUID(identifier)
            node = await self._process.database(passes.node_of_device, connection_id=connection_id)
            if not node:
                raise ValueError
            await self._process.media.nodes.leave(node, str(connection_id))
        except ValueError:
            raise Refusal(HTTPStatus.NOT_FOUND, "whip.not_found", text_of("whip.not_found")) from None
        except DomainError as error:
            raise Refusal(error.status, error.code, error.text) from error
        except MediaError as error:
            raise _try_again(error.code) from error
        return HTTPStatus.OK, {}, ""


def _allow(method: str, allowed: str) -> None:
    if method not in allowed.split(", "):
        raise Refusal(
            HTTPStatus.METHOD_NOT_ALLOWED, "whip.method", text_of("whip.method"), {"Allow": allowed}
        )


def _try_again(code: str) -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, code, text_of("media_unavailable"), {"Retry-After": "2"})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope["headers"]}


async def _body(receive: Receive) -> str:
    """Return the offer.

    Raises:
        Refusal: longer than any offer, or not text.
    """
    body: bytes = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Refusal(HTTPStatus.BAD_REQUEST, "bad_sdp", text_of("bad_sdp"))
        body += event.get("body", b"")
        if len(body) > MAX_SDP_BYTES:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "bad_sdp", text_of("bad_sdp"))
        if not event.get("more_body"):
            break
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(STATUS["bad_sdp"], "bad_sdp", text_of("bad_sdp")) from None


def _links() -> str:
    """Return the TURN servers for a machine (RFC 9725 §4.6), "" without one."""
    links: list[str] = []
    for server in ice_servers(
        urls=settings.TURN_URLS,
        secret=settings.TURN_SECRET,
        name=secrets.token_hex(8),
        now=time.time(),
        ttl=GRANT_SECONDS,
    ):
        credentials = f'username="{server["username"]}"; credential="{server["credential"]}"'
        links += [
            f'<{url}>; rel="ice-server"; {credentials}; credential-type="password"' for url in server["urls"]
        ]
    return ", ".join(links)
