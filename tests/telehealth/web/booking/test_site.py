"""The patients' site, as somebody without an account walks it: book, register, change, wait."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from scheduling.appointments.domain.bookings import ForWhom, book, cancel_booking
from scheduling.appointments.domain.contacts import give_pass
from scheduling.appointments.domain.waiting import Wish, join_waiting_list
from scheduling.appointments.enums import Relation, Status, WaitingState
from scheduling.appointments.models import Appointment, Beneficiary, Offer, Registration, WaitingEntry
from scheduling.calendars.enums import Purpose
from scheduling.calendars.slots import Interval
from telehealth.notifications.models import Notification
from tests.scheduling.appointments.factories import (
    Hospital,
    at,
    make_contact,
    make_family,
    make_hospital,
)

pytestmark = pytest.mark.django_db
PHONE = "0912 345 678"


@pytest.fixture
def hospital() -> Hospital:
    return make_hospital()


@pytest.fixture
def client() -> Client:
    return Client()


def weekday_ahead() -> "tuple[str, Interval]":
    """A weekday some days ahead of now, with a slot of its morning."""
    day = timezone.localdate() + timedelta(days=3)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day.isoformat(), Interval(at(day, 9), at(day, 9, 15))


def slot_of(hospital: Hospital, interval: Interval) -> str:
    """What the button of a time sends."""
    start, end = (int(at.timestamp()) for at in (interval.start, interval.end))
    return f"{start}-{end}-{hospital.doctor.membership.id.hex}"


def take(client: Client, hospital: Hospital, interval: Interval, **more: str) -> str:
    """Press a time; return where that leads."""
    values = {
        "facility": str(hospital.facility.id),
        "kind": "in_person",
        "slot": slot_of(hospital, interval),
    }
    response = client.post("/booking/take/", values | more)
    assert response.status_code == 302
    return str(response["Location"])


def show_phone(client: Client, address: str, phone: str = PHONE) -> None:
    """Have a code sent and type it."""
    assert client.post(address, {"step": "phone", "phone": phone}).status_code == 302
    notice = Notification.objects.order_by("-created_at").first()
    assert notice is not None
    response = client.post(address, {"step": "code", "code": notice.values["code"]})
    assert response.status_code == 302


PERSON = {
    "who": "new",
    "relation": "parent",
    "full_name": "Vừ Bá Mẫu",
    "born": "1948",
    "sex": "male",
    "reason": "Đau khớp gối",
}


def test_somebody_new_books_for_a_parent_with_nothing_but_a_phone(client: Client, hospital: Hospital) -> None:
    day, interval = weekday_ahead()
    assert "Anh/chị cần gì?" in client.get("/booking/").content.decode()
    found = client.get("/booking/facilities/", {"for": "in_person"}).content.decode()
    assert hospital.facility.name in found
    page = client.get(f"/booking/at/{hospital.facility.id}/in_person/", {"day": day}).content.decode()
    assert slot_of(hospital, interval) in page

    details = take(client, hospital, interval)
    assert "Số điện thoại của anh/chị" in client.get(details).content.decode()
    show_phone(client, details)
    assert "Ai đi khám?" in client.get(details).content.decode()
    done = client.post(details, PERSON)
    assert done.status_code == 302

    made = Appointment.objects.get()
    assert (made.status, made.reason, made.kind) == (Status.BOOKED, "Đau khớp gối", "in_person")
    assert made.contact is not None
    assert made.contact.phone == "+84912345678"
    person = made.beneficiary
    assert person is not None
    assert (person.full_name, person.birth_year, person.relation) == ("Vừ Bá Mẫu", 1948, Relation.PARENT)
    page = client.get(done["Location"]).content.decode()
    assert made.code in page
    assert "<svg" in page
    assert made.code in client.get("/booking/mine/").content.decode()


def test_somebody_registers_for_examination(client: Client, hospital: Hospital) -> None:
    day, _interval = weekday_ahead()
    services = client.get(f"/booking/at/{hospital.facility.id}/exam/").content.decode()
    assert "Khám nội" in services
    address = f"/booking/at/{hospital.facility.id}/exam/?service={hospital.service.id}&day={day}"
    assert "Còn 10 chỗ" in client.get(address).content.decode()
    details = f"/booking/details/?service={hospital.service.id}&day={day}&session=morning"
    show_phone(client, details)
    done = client.post(details, PERSON | {"insured": "on"})
    made = Registration.objects.get()
    assert (made.day.isoformat(), made.session, made.place, made.insured) == (day, "morning", 1, True)
    page = client.get(done["Location"]).content.decode()
    assert made.code in page
    assert "07:00–" in page
    assert "Còn 9 chỗ" in client.get(address).content.decode()


def test_a_wrong_code_says_how_many_tries_are_left_and_keeps_the_phone(
    client: Client, hospital: Hospital
) -> None:
    details = take(client, hospital, weekday_ahead()[1])
    client.post(details, {"step": "phone", "phone": PHONE})
    response = client.post(details, {"step": "code", "code": "00000"})
    assert response.status_code == 422
    assert "còn 4 lần nhập" in response.content.decode()
    assert PHONE in response.content.decode()
    assert "Mã vừa được gửi" in client.post(details, {"step": "again"}).content.decode()


def test_a_form_with_mistakes_comes_back_with_everything_typed(client: Client, hospital: Hospital) -> None:
    details = take(client, hospital, weekday_ahead()[1])
    show_phone(client, details)
    response = client.post(details, PERSON | {"born": "31/02/1948"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="Vừ Bá Mẫu"' in page
    assert "Đau khớp gối" in page
    assert 'value="31/02/1948"' in page
    assert not Beneficiary.objects.exists()


def test_who_is_too_late_for_a_time_is_told_and_sees_the_same_day(client: Client, hospital: Hospital) -> None:
    day, interval = weekday_ahead()
    take(client, hospital, interval)
    other = Client()
    back = take(other, hospital, interval)
    assert back == f"/booking/at/{hospital.facility.id}/in_person/?day={day}"
    assert "vừa có người đặt" in other.get(back).content.decode()


def test_a_hold_is_of_the_browser_that_took_it(client: Client, hospital: Hospital) -> None:
    details = take(client, hospital, weekday_ahead()[1])
    stranger = Client()
    assert stranger.get(details).status_code == 404
    assert client.get(details).status_code == 200


@pytest.fixture
def booked(hospital: Hospital) -> Appointment:
    visitor, people = make_family(now=timezone.now())
    return book(
        by=visitor,
        wanted=hospital.wanted(weekday_ahead()[1]),
        whom=ForWhom(beneficiary=people[0]),
        now=timezone.now(),
    )


def test_a_booking_is_moved_and_cancelled_by_its_link(
    client: Client, hospital: Hospital, booked: Appointment
) -> None:
    _day, interval = weekday_ahead()
    page = client.get(f"/booking/l/{booked.link}/").content.decode()
    assert "Đổi giờ" in page
    later = Interval(interval.start + timedelta(hours=1), interval.end + timedelta(hours=1))
    assert take(client, hospital, later, move=booked.link) == f"/booking/l/{booked.link}/"
    booked.refresh_from_db()
    assert booked.during.lower == later.start
    client.post(f"/booking/l/{booked.link}/cancel/")
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLED
    again = client.post(f"/booking/l/{booked.link}/cancel/", follow=True)
    assert again.status_code == 200


def test_a_remote_appointment_leads_to_its_waiting_room(client: Client, hospital: Hospital) -> None:
    visitor, people = make_family(now=timezone.now())
    remote = book(
        by=visitor,
        wanted=hospital.wanted(weekday_ahead()[1], purpose=Purpose.REMOTE),
        whom=ForWhom(beneficiary=people[0]),
        now=timezone.now(),
    )
    assert "Vào phòng khám từ xa" in client.get(f"/booking/l/{remote.link}/").content.decode()
    there = client.post(f"/booking/l/{remote.link}/join/")["Location"]
    assert there.startswith("/booking/join/")
    assert client.get(there).status_code == 200


def test_an_appointment_at_the_facility_has_no_waiting_room(client: Client, booked: Appointment) -> None:
    assert "Vào phòng khám từ xa" not in client.get(f"/booking/l/{booked.link}/").content.decode()
    assert client.post(f"/booking/l/{booked.link}/join/").status_code == 404


def test_links_and_lists_of_others_lead_nowhere(client: Client, booked: Appointment) -> None:
    assert client.get(f"/booking/l/{'x' * len(booked.link)}/").status_code == 404
    assert client.get(f"/booking/l/{booked.id}/").status_code == 404
    assert client.get("/booking/mine/").status_code == 302
    client.cookies["booking_pass"] = give_pass(make_contact(timezone.now()), now=timezone.now())
    assert booked.code not in client.get("/booking/mine/").content.decode()
    client.cookies["booking_pass"] = "forged:token:here"
    assert client.get("/booking/mine/").status_code == 302


def test_the_calendar_file_says_where_and_when_and_not_who_or_why(
    client: Client, booked: Appointment
) -> None:
    response = client.get(f"/booking/l/{booked.link}/calendar.ics")
    text = response.content.decode()
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "BEGIN:VEVENT" in text
    assert booked.beneficiary is not None
    assert booked.beneficiary.full_name not in text


def test_who_waits_is_offered_what_frees_and_takes_it_by_the_link(
    client: Client, hospital: Hospital, booked: Appointment
) -> None:
    visitor, people = make_family("Lô Thị Mẫu", now=timezone.now())
    today = timezone.localdate()
    wish = Wish(
        facility=hospital.facility,
        first_day=today,
        last_day=today + timedelta(days=14),
        kind=Purpose.IN_PERSON,
    )
    entry = join_waiting_list(by=visitor, beneficiary=people[0], wish=wish, now=timezone.now())
    cancel_booking(by=visitor, appointment_id=booked.id, link=booked.link, now=timezone.now())
    offer = Offer.objects.get(entry=entry)
    assert "Có chỗ trống cho anh/chị" in client.get(f"/booking/o/{offer.link}/").content.decode()
    assert Offer.objects.get(id=offer.id).answer == "open"
    taken = client.post(f"/booking/o/{offer.link}/answer/", {"answer": "take"})
    entry.refresh_from_db()
    assert entry.state == WaitingState.TAKEN
    assert taken["Location"].startswith("/booking/l/")


def test_the_waiting_list_is_joined_and_left(client: Client, hospital: Hospital) -> None:
    day, _interval = weekday_ahead()
    page = client.get(f"/booking/at/{hospital.facility.id}/in_person/", {"day": day}).content.decode()
    found = re.search(r'href="(/booking/details/\?wait=[^"]+)"', page)
    assert found is not None
    details = found[1].replace("&amp;", "&")
    show_phone(client, details)
    assert client.post(details, PERSON)["Location"] == "/booking/mine/"
    entry = WaitingEntry.objects.get()
    assert "Thứ 1 trong hàng chờ" in client.get("/booking/mine/").content.decode()
    client.post(f"/booking/mine/waiting/{entry.id}/leave/")
    entry.refresh_from_db()
    assert entry.state == WaitingState.LEFT


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hold": "x"},
        {"hold": str(uuid4())},
        {"service": "x", "day": "2026-13-01", "session": "morning"},
        {"wait": "1", "from": "2026-12-01"},
        {
            "wait": "1",
            "from": "2026-12-01",
            "to": "2026-12-02",
            "facility": str(uuid4()),
            "kind": "in_person",
        },
        {"hold": "'; DROP TABLE appointments; --"},
    ],
)
def test_an_address_about_nothing_leads_back_to_choosing(client: Client, query: dict[str, str]) -> None:
    response = client.get("/booking/details/", query)
    assert response.status_code == 404
    assert "Hãy chọn lại giờ" in response.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"slot": ""},
        {"slot": "yesterday"},
        {"slot": "1-2-3"},
        {"slot": f"2-1-{uuid4().hex}"},
        {"slot": f"{10**20}-{10**20}-{uuid4().hex}"},
        {"facility": "x"},
        {"kind": "consultation"},
    ],
)
def test_a_time_no_page_offers_is_refused_in_words(
    client: Client, hospital: Hospital, changed: dict[str, str]
) -> None:
    _day, interval = weekday_ahead()
    values = {
        "facility": str(hospital.facility.id),
        "kind": "in_person",
        "slot": slot_of(hospital, interval),
    }
    response = client.post("/booking/take/", values | changed)
    assert response.status_code == 404
    assert not Appointment.objects.exists()


def test_facilities_are_found_without_accents_in_any_order(client: Client, hospital: Hospital) -> None:
    facility = hospital.facility
    facility.name = "Trạm y tế xã Mường Xén"
    facility.save(update_fields=["name"])
    page = client.get("/booking/facilities/", {"for": "exam", "q": "xen muong"}).content.decode()
    assert "Trạm y tế xã Mường Xén" in page
    nothing = client.get("/booking/facilities/", {"for": "exam", "q": "<script>"}).content.decode()
    assert "Không có cơ sở nào khớp" in nothing
    assert "<script>" not in nothing.replace("<script type", "")


def test_forgetting_the_phone_leaves_nothing_to_see(client: Client, booked: Appointment) -> None:
    assert booked.contact is not None
    client.cookies["booking_pass"] = give_pass(booked.contact, now=timezone.now())
    assert booked.code in client.get("/booking/mine/").content.decode()
    response = client.post("/booking/sign-out/", {"everywhere": "1"})
    assert response.cookies["booking_pass"].value == ""
    client.cookies["booking_pass"] = give_pass(booked.contact, now=timezone.now() - timedelta(minutes=1))
    assert client.get("/booking/mine/").status_code == 302


def test_the_site_can_be_installed_and_its_worker_sees_only_itself(client: Client) -> None:
    manifest = client.get("/booking/manifest.webmanifest").json()
    assert (manifest["scope"], manifest["display"]) == ("/booking/", "standalone")
    worker = client.get("/booking/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "booking" in worker.content.decode()
    assert "no-cache" in worker["Cache-Control"]


def test_everything_is_there_in_english(client: Client, hospital: Hospital) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "What do you need?" in client.get("/booking/").content.decode()
    page = client.get(f"/booking/at/{hospital.facility.id}/exam/").content.decode()
    assert "Internal medicine" in page
