"""A patient's page: the code, the wait, the room, the summary; all by one address."""

from datetime import timedelta

import pytest
from django.test import Client

from scheduling.appointments.domain.contacts import give_pass
from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from telehealth.consultations.domain import guests, sessions, summaries, visits
from telehealth.consultations.models import Participant, Visit
from telehealth.consultations.principals import Guest
from telehealth.core import clock
from telehealth.notifications.models import Notification
from telehealth.web.views.join import PASS_COOKIE
from tests.factories import World, guest_at, make_visit


@pytest.fixture
def visit(world: World) -> Visit:
    return make_visit(world, starts_at=clock.now(), reason="Nhức đầu buổi sáng")


def address(guest: Guest, part: str = "") -> str:
    return f"/booking/join/{guests.token_of(guest.link.id)}/{part}"


def known(guest: Guest) -> Client:
    client = Client()
    session = client.session
    guests.remember(session, guest.link, now=clock.now())
    session.save()
    return client


def page(client: Client, guest: Guest) -> str:
    answer = client.get(address(guest))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_address_alone_tells_nothing_and_the_code_opens_it(visit: Visit, client: Client) -> None:
    guest = guest_at(visit)
    closed = page(client, guest)
    assert "•••• ••• 678" in closed
    for secret in (visit.name, visit.practitioner.user.full_name, "Nhức đầu", "0912345"):
        assert secret not in closed
    assert client.post(address(guest, "code/")).status_code == 200
    code = Notification.objects.get(kind="one_time_code").values["code"]
    wrong = client.post(address(guest, "confirm/"), {"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 422
    assert client.post(address(guest, "confirm/"), {"code": code}).status_code == 302
    opened = page(client, guest)
    assert visit.name in opened
    assert "Vào phòng chờ" in opened


def test_the_pass_of_the_links_own_telephone_is_enough_and_of_no_other(
    world: World, visit: Visit, client: Client
) -> None:
    guest = guest_at(visit)
    contact = visit.appointment.contact
    assert contact is not None
    client.cookies[PASS_COOKIE] = give_pass(contact, now=clock.now())
    contact.passes_from = clock.now() - timedelta(days=1)
    contact.save()
    assert visit.name in page(client, guest)
    other = Client()
    stranger = make_visit(world, starts_at=clock.now(), phone="+84987654321").appointment.contact
    assert stranger is not None
    other.cookies[PASS_COOKIE] = give_pass(stranger, now=clock.now())
    assert visit.name not in page(other, guest)


def test_the_waiting_room_opens_in_its_time_and_the_line_is_told(world: World, visit: Visit) -> None:
    guest = guest_at(visit)
    client = known(guest)
    assert client.post(address(guest, "open/")).status_code == 302
    room = client.get(address(guest, "room/"))
    assert (room.status_code, room.headers["Referrer-Policy"]) == (200, "no-referrer")
    boot = room.context["boot"]
    assert (boot["kind"], boot["panel_url"], boot["request_id"]) == ("guest", "", "")
    assert "Nhức đầu" not in room.content.decode()
    told = client.get(address(guest, "place/")).json()
    assert told["ahead"] == 0
    early = guest_at(make_visit(world, starts_at=clock.now() + timedelta(hours=3), name="Đến sớm"))
    assert known(early).post(address(early, "open/")).status_code == 409


def test_the_summary_is_read_by_the_same_link_once_it_is_signed(world: World, visit: Visit) -> None:
    guest, now = guest_at(visit), clock.now()
    client = known(guest)
    session = visits.open_visit(who=world.specialist, visit_id=visit.id, now=now)
    sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=now)
    sessions.arrive(who=guest, session_id=session.id, key=None, now=now)
    place = Participant.objects.get(session=session, guest=guest.link)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=place.id, key=None, now=now)
    words = {"findings": "Huyết áp cao nhẹ", "advice": "Uống thuốc đều", "warning_signs": "", "follow_up": ""}
    summaries.save_summary(hat=world.specialist, visit_id=visit.id, values=words, base_version=0, now=now)
    assert "Huyết áp cao nhẹ" not in page(client, guest)
    summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=now)
    read = page(client, guest)
    assert "Huyết áp cao nhẹ" in read
    assert "Uống thuốc đều" in read
    assert "Huyết áp cao nhẹ" not in page(Client(), guest)


def test_a_link_that_opens_nothing_says_what_to_do(world: World, visit: Visit, client: Client) -> None:
    guest = guest_at(visit)
    guests.revoke_link(hat=world.specialist, link_id=guest.link.id, now=clock.now())
    for asked in (address(guest), "/booking/join/abc/", address(guest, "room/")):
        answer = client.get(asked)
        assert answer.status_code == 404
        assert "Liên kết không dùng được" in answer.content.decode()


def test_a_cancelled_appointment_says_so(visit: Visit) -> None:
    guest = guest_at(visit)
    Appointment.objects.filter(id=visit.id).update(status=Status.CANCELLED)
    assert "đã hủy" in page(known(guest), guest)
