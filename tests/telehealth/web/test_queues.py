"""Pages of the queue: a machine's key is told once and kept in a cookie; a ticket in the hand opens its place, whole without scripts."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import TicketSource
from scheduling.queues.models import QueueDevice, Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.enums import Role
from telehealth.core import clock
from tests.factories import make_person
from tests.scheduling.queues.factories import Queue, make_queue
from tests.telehealth.signing_in import SignIn


@pytest.fixture
def queue(db: None) -> Queue:
    return make_queue()


def take(queue: Queue, days_ago: int = 0) -> Ticket:
    now = clock.now() - timedelta(days=days_ago)
    return take_number(
        facility=queue.facility,
        area=queue.area,
        service=queue.examination,
        day=local_day(now),
        priority_reasons=frozenset(),
        source=TicketSource.KIOSK,
        window=None,
        label="Vừ Thị Mẫu",
        reference="",
        now=now,
    )


def link_of(queue: Queue, sign_in: SignIn, kind: str) -> str:
    """Let the administrator add a machine; return the link that is shown."""
    client = sign_in(make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False))
    made = client.post(f"/queues/{queue.area.id}/devices/", {"kind": kind, "name": "Sảnh"}, follow=True)
    found = re.search(rf"http://testserver(/{kind}/[^<]+)", made.content.decode())
    assert found
    # Shown once: the key is nowhere any more, not even with us.
    assert "key=" not in client.get("/queues/").content.decode()
    return found[1]


@pytest.mark.parametrize("kind", ["display", "kiosk"])
def test_a_machine_s_link_is_opened_once_and_the_key_leaves_the_address(
    kind: str, queue: Queue, sign_in: SignIn
) -> None:
    link = link_of(queue, sign_in, kind)
    machine = Client()
    opened = machine.get(link)
    assert (opened.status_code, opened.headers["Location"]) == (302, f"/{kind}/{queue.area.id}/")
    cookie = opened.cookies[f"queue_{kind}"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert machine.get(f"/{kind}/{queue.area.id}/").status_code == 200
    other = "kiosk" if kind == "display" else "display"
    assert machine.get(f"/{other}/{queue.area.id}/").status_code == 404
    assert machine.get(f"/{kind}/{make_queue().area.id}/").status_code == 404


def test_a_machine_that_is_removed_shows_nothing_more(queue: Queue, sign_in: SignIn) -> None:
    machine = Client()
    machine.get(link_of(queue, sign_in, "display"))
    admin = sign_in(make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False))
    device = QueueDevice.objects.get()
    assert admin.post(f"/queues/devices/{device.id}/revoke/").status_code == 302
    assert machine.get(f"/display/{queue.area.id}/").status_code == 404


def test_a_machine_without_a_name_or_kind_is_not_added(queue: Queue, sign_in: SignIn) -> None:
    client = sign_in(make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False))
    for sent in ({"kind": "display", "name": " "}, {"kind": "printer", "name": "Sảnh"}):
        assert client.post(f"/queues/{queue.area.id}/devices/", sent).status_code == 302
    assert QueueDevice.objects.count() == 0


def test_a_ticket_s_place_is_whole_without_scripts_and_names_nobody(queue: Queue) -> None:
    take(queue)
    ticket = take(queue)
    page = Client().get(f"/t/{ticket.token}/").content.decode()
    assert "A002" in page
    assert "Còn 1 người trước anh/chị" in page
    assert '<meta http-equiv="refresh" content="20">' in page
    assert ("V***" in page, "Mẫu" in page) == (False, False)


def test_a_ticket_of_yesterday_and_a_wrong_one_get_the_same_answer(queue: Queue) -> None:
    old = take(queue, days_ago=1)
    assert [Client().get(f"/t/{token}/").status_code for token in (old.token, "x" * 22)] == [404, 404]


def test_the_area_says_how_many_wait(queue: Queue, sign_in: SignIn) -> None:
    for _person in range(3):
        take(queue)
    page = sign_in(queue.doctor).get("/queues/").content.decode()
    assert "3 người đang chờ" in page
    assert f"/queues/rooms/{queue.room.id}/" in page
    assert "Thêm máy" not in page
