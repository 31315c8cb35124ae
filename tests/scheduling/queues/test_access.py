"""Who sees which queue; a board's key opens one area; a ticket in the hand leads to where its number went."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scheduling.queues import access
from scheduling.queues.domain import calls
from scheduling.queues.domain.devices import add_device, revoke_device
from scheduling.queues.enums import DeviceKind
from scheduling.queues.models import QueueDevice
from telehealth.accounts.enums import Role
from telehealth.core.errors import DomainError, NotFound
from tests.factories import NOW, make_facility, make_person
from tests.scheduling.queues.factories import Queue, make_queue


@pytest.fixture
def queue(db: None) -> Queue:
    return make_queue()


def test_people_of_the_house_see_its_areas_and_nobody_else(queue: Queue) -> None:
    def sees(role: Role, *, here: bool = True) -> bool:
        hat = make_person(queue.facility if here else make_facility(), role, licensed=False)
        return access.visible_areas(hat).filter(id=queue.area.id).exists()

    assert {role.value for role in Role if sees(role)} == {
        "doctor",
        "specialist",
        "coordinator",
        "nurse",
        "facility_admin",
    }
    assert not sees(Role.DOCTOR, here=False)


def test_a_key_opens_its_area_as_its_kind_until_it_is_revoked(queue: Queue) -> None:
    admin = make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False)
    device, key = add_device(
        hat=admin, area_id=queue.area.id, kind=DeviceKind.DISPLAY, name=" Sảnh tầng 1 ", now=NOW
    )
    assert (device.name, key in str(QueueDevice.objects.values().get())) == ("Sảnh tầng 1", False)
    assert access.access_device(key, queue.area.id, kind=DeviceKind.DISPLAY) == device
    for shown, area, kind in (
        (key, queue.area.id, DeviceKind.KIOSK),
        (key, make_queue().area.id, DeviceKind.DISPLAY),
        (key + "x", queue.area.id, DeviceKind.DISPLAY),
        ("", queue.area.id, DeviceKind.DISPLAY),
    ):
        with pytest.raises(NotFound, match=r"queue\.no_device"):
            access.access_device(shown, area, kind=kind)
    for _again in range(2):
        revoke_device(hat=admin, device_id=device.id, now=NOW)
    with pytest.raises(NotFound):
        access.access_device(key, queue.area.id, kind=DeviceKind.DISPLAY)


def test_only_the_house_s_administrator_sets_up_devices(queue: Queue) -> None:
    admin = make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False)
    elsewhere = make_person(make_facility(), Role.FACILITY_ADMIN, licensed=False)
    device, _key = add_device(hat=admin, area_id=queue.area.id, kind=DeviceKind.KIOSK, name="Cửa A", now=NOW)

    def refusal(work: object) -> str:
        with pytest.raises(DomainError) as error:
            work()  # type: ignore[operator]
        return error.value.code

    def add(hat: object, name: str = "Bảng") -> object:
        return lambda: add_device(
            hat=hat,  # type: ignore[arg-type]
            area_id=queue.area.id,
            kind=DeviceKind.DISPLAY,
            name=name,
            now=NOW,
        )

    assert [refusal(add(queue.nurse)), refusal(add(elsewhere)), refusal(add(admin, " "))] == [
        "queue.not_yours_to_set_up",
        "queue.not_found",
        "queue.device_name",
    ]
    assert refusal(lambda: revoke_device(hat=elsewhere, device_id=device.id, now=NOW)) == "queue.no_device"
    assert refusal(lambda: revoke_device(hat=queue.doctor, device_id=device.id, now=NOW)) == (
        "queue.not_yours_to_set_up"
    )


def test_a_ticket_leads_to_the_number_it_has_become_and_only_today(queue: Queue) -> None:
    ticket = queue.take()
    assert access.access_ticket(ticket.token, now=NOW) == ticket
    calls.move_to_service(
        hat=queue.doctor,
        room_id=queue.room.id,
        ticket_id=ticket.id,
        service_id=queue.imaging.id,
        key=uuid4(),
        now=NOW,
    )
    assert access.access_ticket(ticket.token, now=NOW).code == "AX001"
    for token, now in ((ticket.token, NOW + timedelta(days=1)), ("", NOW), ("x" * 22, NOW)):
        with pytest.raises(NotFound, match=r"ticket\.not_found"):
            access.access_ticket(token, now=now)
