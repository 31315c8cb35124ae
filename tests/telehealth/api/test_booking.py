"""The booking endpoints, over ASGI as Daphne calls them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from scheduling.appointments.codes import qr_text
from scheduling.appointments.domain.contacts import give_pass
from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment, Beneficiary, Registration
from scheduling.appointments.rules import local_day
from scheduling.queues.domain.devices import add_device
from scheduling.queues.enums import DeviceKind
from telehealth.accounts.enums import Role
from telehealth.api import booking
from telehealth.api.light import Light, Scope
from telehealth.core import clock
from telehealth.notifications.models import Notification
from tests.factories import make_person
from tests.scheduling.appointments.factories import Hospital, at, make_family, make_hospital

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "http://127.0.0.1:8000"


class Browser:
    """A client of the endpoints that keeps its cookies."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {"language": "vi"}

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> tuple[int, Any]:
        sent = {
            "host": "127.0.0.1:8000",
            "origin": ORIGIN,
            "content-type": "application/json",
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **(headers or {}),
        }
        path, _, query = f"/api/booking/{path}".partition("?")
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("10.0.0.7", 1),
        }
        whole = content if content is not None else b"" if body is None else json.dumps(body).encode()
        answer: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": whole}

        async def send(event: dict[str, Any]) -> None:
            answer.append(event)

        asyncio.run(booking.light(scope, receive, send))
        for name, value in answer[0]["headers"]:
            if name == b"set-cookie":
                key, _, rest = value.decode().partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return int(answer[0]["status"]), json.loads(answer[1]["body"])


@pytest.fixture(autouse=True)
def threads_give_their_connections_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The endpoints' threads keep their connections; a test's database must not be held open by them."""
    light = Light(dict(booking.light.routes))
    monkeypatch.setattr(booking, "light", light)
    yield
    for _n in range(8):
        light.threads.submit(connections.close_all).result()
    light.threads.shutdown()


@pytest.fixture
def hospital() -> Hospital:
    return make_hospital()


def next_monday() -> Any:
    today = local_day(clock.now())
    return today + timedelta(days=7 - today.weekday())


def known() -> tuple[Browser, Beneficiary]:
    """A browser that has verified its phone."""
    visitor, people = make_family(now=clock.now() - timedelta(seconds=5))
    assert visitor.contact is not None
    browser = Browser()
    browser.cookies[booking.PHONE_COOKIE] = give_pass(visitor.contact, now=clock.now())
    return browser, people[0]


def offered(hospital: Hospital, browser: Browser) -> dict[str, Any]:
    """Return the first slot of the first doctor."""
    day = next_monday().isoformat()
    doctor = hospital.doctor.membership.id
    path = f"slots/?facility={hospital.facility.id}&kind=in_person&from={day}&practitioner={doctor}"
    status, answer = browser.ask("GET", path)
    assert status == 200
    return {"facility": str(hospital.facility.id), "kind": "in_person", **answer["slots"][0]}


def test_a_first_time_patient_holds_verifies_adds_a_person_and_confirms(hospital: Hospital) -> None:
    browser = Browser()
    slot = offered(hospital, browser)
    assert slot["start"] == at(next_monday(), 7).isoformat()
    status, held = browser.ask("POST", "hold/", slot)
    assert (status, len(browser.cookies["browser"])) == (201, 24)
    status, answer = browser.ask("POST", "confirm/", {"hold": held["hold"], "person": held["hold"]})
    assert (status, answer["code"]) == (403, "contact.not_verified")
    assert browser.ask("POST", "code/", {"phone": "0912 345 678"})[0] == 202
    sent = Notification.objects.get(kind="one_time_code").values["code"]
    status, answer = browser.ask("POST", "verify/", {"phone": "0912345678", "code": sent})
    assert (status, answer) == (200, {"people": []})
    status, answer = browser.ask("POST", "people/", {"full_name": "Vừ Thị Mẫu", "birth_year": 1990})
    assert status == 201
    told = {"hold": held["hold"], "person": answer["person"]["id"], "reason": "Đau đầu"}
    status, made = browser.ask("POST", "confirm/", told)
    row = Appointment.objects.get(id=made["id"])
    assert (status, made["code"], row.status, row.reason) == (201, row.code, Status.BOOKED, "Đau đầu")
    assert (made["link"], made["confirm_by"]) == (f"/booking/l/{row.link}/", None)
    assert browser.ask("POST", "cancel/", {"booking": made["id"]}) == (200, {"status": "cancelled"})


def test_of_two_who_want_one_slot_the_second_is_told(hospital: Hospital) -> None:
    (first, one), (second, other) = known(), known()
    slot = offered(hospital, first)
    assert first.ask("POST", "book/", {**slot, "person": str(one.id)})[0] == 201
    status, answer = second.ask("POST", "book/", {**slot, "person": str(other.id)})
    assert (status, answer["code"]) == (409, "slot.taken")
    assert offered(hospital, second)["start"] == at(next_monday(), 7, 15).isoformat()


def test_a_registration_has_a_window_and_a_qr_that_a_kiosk_turns_into_a_number(hospital: Hospital) -> None:
    browser, person = known()
    facility = hospital.facility
    day = next_monday().isoformat()
    path = f"sessions/?facility={facility.id}&service=kham-noi&from={day}"
    status, answer = browser.ask("GET", path)
    assert (status, [(one["session"], one["left"]) for one in answer["sessions"]]) == (
        200,
        [("morning", 10), ("afternoon", 10)],
    )
    wanted = {
        "facility": str(facility.id),
        "service": "kham-noi",
        "day": day,
        "session": "morning",
        "insured": True,
        "person": str(person.id),
    }
    status, made = browser.ask("POST", "register/", wanted)
    assert (status, made["place"], made["qr"]) == (201, 1, qr_text(made["code"]))
    assert hospital.service.queue_service is not None
    area = hospital.service.queue_service.area
    admin = make_person(facility, Role.FACILITY_ADMIN, licensed=False)
    _device, key = add_device(
        hat=admin, area_id=area.id, kind=DeviceKind.KIOSK, name="Máy 1", now=clock.now()
    )
    kiosk = Browser()
    told = {"area": str(area.id), "qr": made["qr"]}
    status, answer = kiosk.ask("POST", "checkin/", told)
    assert (status, answer["code"]) == (404, "queue.no_device")
    kiosk.cookies[booking.KIOSK_COOKIE] = key
    status, answer = kiosk.ask("POST", "checkin/", told)
    assert (status, answer["code"]) == (409, "registration.not_today")
    Registration.objects.update(day=local_day(clock.now()))
    status, answer = kiosk.ask("POST", "checkin/", told)
    assert (status, answer["number"]) == (200, "A001")
    status, answer = kiosk.ask("POST", "checkin/", {"area": str(area.id), "qr": "NADK:cut"})
    assert (status, answer["code"]) == (422, "registration.not_a_code")


FORGED = (
    ({"origin": "https://elsewhere.example"}, 403, "csrf.failed"),
    ({"content-type": "text/plain"}, 422, "request.malformed"),
    ({"host": "elsewhere.example"}, 422, "request.malformed"),
)
NOWHERE = "01a20dd9-deaf-70dd-8db8-3b0beb8c18a2"
WRONG = (
    ("POST", "code/", b"", 422, "request.malformed"),
    ("POST", "code/", b"{", 422, "request.malformed"),
    ("POST", "code/", b'{"phone": "0912345678", "more": 1}', 422, "request.malformed"),
    ("POST", "code/", b'{"phone": "' + b"9" * 20_000 + b'"}', 422, "request.malformed"),
    ("POST", "code/", b'{"phone": "0238 384 4528"}', 422, "phone.malformed"),
    ("POST", "verify/", b'{"phone": "0912345678", "code": "000000"}', 422, "code.expired"),
    ("POST", "book/", b'{"person": "x"}', 422, "request.malformed"),
    ("POST", "cancel/", f'{{"booking": "{NOWHERE}"}}'.encode(), 403, "contact.not_verified"),
    ("GET", "code/", b"", 404, "page.not_found"),
    ("GET", "slots/?facility=x", b"", 404, "page.not_found"),
    ("GET", f"slots/?facility={NOWHERE}", b"", 404, "facility.not_found"),
    ("GET", "nothing/", b"", 404, "page.not_found"),
)


def test_only_our_own_pages_may_write() -> None:
    for headers, status, code in FORGED:
        answered, answer = Browser().ask("POST", "code/", {"phone": "0912345678"}, headers=headers)
        assert (headers, answered, answer["code"]) == (headers, status, code)


def test_what_cannot_be_right_is_answered_in_words() -> None:
    for method, path, content, status, code in WRONG:
        answered, answer = Browser().ask(method, path, content=content)
        assert (path, content[:60], answered, answer["code"]) == (path, content[:60], status, code)
        assert answer["text"]


def test_what_days_are_asked_for_is_checked(hospital: Hospital) -> None:
    browser = Browser()
    base = f"slots/?facility={hospital.facility.id}"
    assert browser.ask("GET", f"{base}&from=yesterday")[1]["code"] == "request.malformed"
    assert browser.ask("GET", f"{base}&from=2026-12-01&to=2026-12-31")[1]["code"] == "slots.days"
    assert browser.ask("GET", f"{base}&kind=consultation")[1]["code"] == "request.malformed"
