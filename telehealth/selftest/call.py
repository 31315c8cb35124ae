"""Sound and picture both ways through the relay."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from media.probe import Probe, ProbeError
from signaling.protocol import messages as wire
from telehealth.selftest.report import Trouble
from telehealth.selftest.room import RoomSocket

CONNECT_SECONDS = 8.0
CONVERSE_SECONDS = 8.0


@dataclass
class Line:
    """One person's media connection."""

    room: RoomSocket
    connection_id: UUID
    probe: Probe

    async def slots_of(self, participant: UUID) -> dict[str, str]:
        """Return the slots (by source) on which the node says this participant's microphone and camera come."""

        def has_both(message: wire.MediaSlots) -> bool:
            return {"microphone", "camera"} <= _sources(message, self.connection_id, participant).keys()

        try:
            found = await self.room.message(wire.MediaSlots, has_both, CONVERSE_SECONDS)
        except Trouble as trouble:
            if trouble.code != "room.silent":
                raise
            raise Trouble(
                "media.no_slots",
                _("Máy chủ media không chuyển tiếng và hình của người kia."),
                _("Xem log của media; khởi động lại tiến trình media rồi chạy lại."),
            ) from trouble
        return _sources(found, self.connection_id, participant)


@contextlib.asynccontextmanager
async def line(room: RoomSocket) -> AsyncIterator[Line]:
    """Connect one person's media for the length of a block.

    Raises:
        Trouble: `media.*`.
    """
    connection_id = uuid4()
    probe = Probe()
    try:
        offer = await _offer(room, connection_id)
        answer = await probe.answer(offer)
        await room.send(wire.MediaAnswer(connection_id=connection_id, sdp=answer))
        await probe.connect(CONNECT_SECONDS)
        await room.message(wire.MediaConnected, lambda m: m.connection_id == connection_id)
        yield Line(room, connection_id, probe)
    except ProbeError as error:
        raise _explained(error, probe) from error
    finally:
        await probe.close()


async def converse(one: Line, other: Line) -> None:
    """Let both talk until each has heard and seen the other.

    Raises:
        Trouble: `media.no_slots`, `media.one_way`.
    """
    async with _talking(one, other):
        wanted = {
            one.connection_id: await one.slots_of(other.room.participant_id),
            other.connection_id: await other.slots_of(one.room.participant_id),
        }
        for listener in (one, other):
            slots = wanted[listener.connection_id]
            try:
                await listener.probe.wait_for(
                    lambda probe, slots=slots: all(probe.of(slot) for slot in slots.values()),  # type: ignore[misc]
                    CONVERSE_SECONDS,
                )
            except TimeoutError:
                raise Trouble(
                    "media.one_way",
                    _("Kết nối media được nhưng không nhận đủ tiếng và hình của người kia."),
                    _(
                        "Tường lửa có thể chỉ cho UDP đi một chiều: mở cả hai chiều cho cổng của máy chủ media."
                    ),
                ) from None


@contextlib.asynccontextmanager
async def _talking(*lines: Line) -> AsyncIterator[None]:
    talkers = [asyncio.create_task(one.probe.talk()) for one in lines]
    try:
        yield
    finally:
        for talker in talkers:
            talker.cancel()
        await asyncio.gather(*talkers, return_exceptions=True)


async def _offer(room: RoomSocket, connection_id: UUID) -> str:
    answer = await room.offer(connection_id)
    if isinstance(answer, wire.MediaOffer):
        return answer.sdp
    raise Trouble(
        "media.no_offer",
        _("Không có máy chủ media nào nhận cuộc gọi (%(code)s).") % {"code": answer.code},
        _(
            "Khởi động tiến trình media; MEDIA_NODES phải trỏ đúng cổng điều khiển và MEDIA_SECRET hai bên phải giống nhau."
        ),
    )


def _sources(message: wire.MediaSlots, connection_id: UUID, participant: UUID) -> dict[str, str]:
    if message.connection_id != connection_id:
        return {}
    return {slot.source: slot.slot for slot in message.slots if slot.participant == str(participant)}


def _explained(error: ProbeError, probe: Probe) -> Trouble:
    offered = getattr(probe, "offered", None)
    where = ", ".join(f"{host}:{port}" for host, port in offered.candidates) if offered else "?"
    ports = ", ".join(sorted({str(port) for _host, port in offered.candidates})) if offered else "?"
    if error.code == "no_path":
        return Trouble(
            "media.no_path",
            _("Không tới được cổng UDP %(ports)s của máy chủ media (%(where)s).")
            % {"ports": ports, "where": where},
            _(
                "Mở tường lửa cho UDP %(ports)s hai chiều; MEDIA_ANNOUNCE phải là địa chỉ mà máy khám gọi tới được."
            )
            % {"ports": ports},
        )
    return Trouble(
        f"media.{error.code}",
        _("Tới được máy chủ media (%(where)s) nhưng không lập được khóa mã hóa.") % {"where": where},
        _("Khởi động lại tiến trình media; nếu vẫn lỗi, một thiết bị trên đường truyền đang sửa gói UDP."),
    )
