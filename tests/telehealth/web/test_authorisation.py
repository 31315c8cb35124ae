"""Who gets what answer from which address: every page for every kind of person."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from scheduling.calendars.enums import ResourceKind
from scheduling.calendars.models import OnCallShift, Resource
from scheduling.queues.models import QueueArea, QueueRoom
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.consultations.domain import guests
from telehealth.consultations.domain.requests import attach_document
from telehealth.consultations.models import Request, Session, Visit
from telehealth.core import clock
from telehealth.lines.domain.checks import save_line_check
from telehealth.lines.models import LineCheck
from telehealth.records.cards.reader import read
from telehealth.records.domain.identity import add_card
from telehealth.records.domain.insurance import ask_check
from telehealth.records.domain.smart_cards import issue_card
from telehealth.records.models import Document, IdentityCase, InsuranceCheck, SmartCard
from tests.factories import (
    NOW,
    World,
    guest_at,
    make_draft,
    make_facility,
    make_person,
    make_session,
    make_specialty,
    make_visit,
)
from tests.scheduling.factories import MONDAY, make_roster, make_shift, stretch
from tests.telehealth.signing_in import SignIn

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Things:
    """What the addresses name."""

    session: Session
    case: Request
    draft: Request
    document: Document
    check: LineCheck
    room: Resource
    shift: OnCallShift
    visit: Visit
    token: str
    identity: IdentityCase
    smart_card: SmartCard
    insurance: InsuranceCheck
    queue: QueueRoom


@dataclass(frozen=True)
class People:
    """Everybody who might ask. `None` is somebody who has not signed in."""

    doctor: Hat
    nurse: Hat
    specialist: Hat
    coordinator: Hat
    other_specialty: Hat
    stranger: Hat
    administrator: Hat
    operator: Hat
    auditor: Hat
    patient: User
    anonymous: None = None


@pytest.fixture
def things(world: World) -> Things:
    session = make_session(world)
    document = attach_document(
        hat=world.doctor, request_id=session.request_id, name="phim.pdf", content=PDF, now=NOW
    )
    check = save_line_check(hat=world.doctor, outcomes={}, now=NOW)
    room = Resource.objects.create(facility=world.spoke, kind=ResourceKind.TELE_ROOM, name="Phòng 1")
    night = stretch(MONDAY, "17:00", "07:00", 1)
    shift = make_shift(make_roster(world.spoke), world.doctor.membership, night)
    visit = make_visit(world, starts_at=clock.now())
    token = guests.token_of(guest_at(visit).link.id)
    area = QueueArea.objects.create(facility=world.spoke, name="Khu khám bệnh")
    queue = QueueRoom.objects.create(area=area, name="Phòng khám số 1", number=1)
    case = Request.objects.get(id=session.request_id)
    card = read("040085000123||Lầu Bá Khác|02031985|Nam|Nghệ An|15082021")
    (identity,) = add_card(hat=world.nurse, patient=world.patient, card=card, now=NOW)
    smart = issue_card(hat=world.nurse, patient=world.patient, now=NOW)
    asked = ask_check(hat=world.nurse, patient=world.patient, number="4012345678", now=NOW)
    draft = make_draft(world)
    return Things(
        session, case, draft, document, check, room, shift, visit, token, identity, smart, asked, queue
    )


@pytest.fixture
def people(world: World) -> People:
    account = User.objects.create_user(username="nguoibenh", password="x", full_name="Vừ Thị Mẫu")
    world.patient.account = account
    world.patient.save()
    return People(
        doctor=world.doctor,
        nurse=world.nurse,
        specialist=world.specialist,
        coordinator=world.coordinator,
        other_specialty=make_person(world.hub, Role.SPECIALIST, specialty=make_specialty("da-lieu")),
        stranger=make_person(make_facility(), Role.DOCTOR),
        administrator=make_person(world.spoke, Role.FACILITY_ADMIN),
        operator=make_person(world.hub, Role.PROVINCE_OPERATOR),
        auditor=make_person(world.hub, Role.AUDITOR),
        patient=account,
    )


# Columns in the order of `People`. 302 for the last column is the way to the sign-in page.
CLINICAL = (200, 200, 200, 200, 200, 200, 403, 403, 403, 404, 302)
CASE = (200, 200, 200, 200, 404, 404, 404, 404, 404, 404, 302)
VISIT = (404, 404, 200, 200, 404, 404, 404, 404, 404, 404, 302)
SPOKE = (200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 302)
LINE = (200, 200, 200, 200, 200, 404, 200, 200, 403, 404, 302)
CHECK = (200, 200, 200, 200, 200, 404, 200, 200, 404, 404, 302)
STAFF = (200, 200, 200, 200, 200, 200, 200, 403, 403, 404, 302)
HOUSE = (200, 200, 404, 404, 404, 404, 200, 403, 403, 404, 302)
PLANNER = (403, 403, 403, 200, 403, 403, 200, 403, 403, 404, 302)
DESK = (403, 200, 403, 403, 403, 403, 200, 403, 403, 404, 302)
# A board needs a key, or somebody of the house; without either there is nothing, not even a way to sign in.
BOARD = (200, 200, 404, 404, 404, 404, 200, 404, 404, 404, 404)
MATRIX: dict[str, tuple[int, ...]] = {
    "/": (200, 200, 200, 200, 200, 200, 302, 302, 302, 302, 302),
    "/worklist/": CLINICAL,
    "/hat/": (200,) * 10 + (302,),
    "/me/": (404,) * 9 + (200, 302),
    "/patients/": CLINICAL,
    "/search/": CLINICAL,
    "/patients/new/": CLINICAL,
    "/patients/{patient}/": SPOKE,
    "/requests/hubs/": CLINICAL,
    "/requests/{case}/": CASE,
    "/requests/{case}/panel/": CASE,
    "/requests/{case}/parts/status/": CASE,
    "/requests/{case}/parts/side/": CASE,
    "/requests/{case}/parts/questions/": CASE,
    "/requests/{case}/parts/files/": CASE,
    "/requests/{case}/parts/secretary/": CASE,
    "/requests/{case}/cancel/": CASE,
    "/requests/{case}/close/": CASE,
    "/requests/{draft}/": (302, 200, 404, 404, 404, 404, 404, 404, 404, 404, 302),
    "/requests/{draft}/edit/": (200, 302, 404, 404, 404, 404, 404, 404, 404, 404, 302),
    "/requests/{draft}/missing/": SPOKE,
    "/documents/{document}/": CASE,
    "/rooms/{session}/": CASE,
    "/requests/{case}/meeting/": CASE,
    # No time is agreed: not there for those either who may see the case.
    "/requests/{case}/meeting/invitation.ics": (404,) * 10 + (302,),
    "/visits/": CLINICAL,
    "/visits/part/": CLINICAL,
    "/visits/{visit}/": VISIT,
    "/visits/{visit}/panel/": VISIT,
    "/visits/{visit}/status/": VISIT,
    # A link's own address answers the same to everybody who has it: it asks for the code.
    "/booking/join/{token}/": (200,) * 11,
    "/booking/join/{token}/room/": (302,) * 11,
    "/booking/join/{token}/place/": (302,) * 11,
    "/people/": (403, 403, 403, 403, 403, 403, 200, 403, 403, 404, 302),
    "/people/new/": (403, 403, 403, 403, 403, 403, 200, 403, 403, 404, 302),
    "/people/existing/": (403, 403, 403, 403, 403, 403, 200, 403, 403, 404, 302),
    "/people/{member}/": (403, 403, 403, 403, 403, 403, 200, 403, 403, 404, 302),
    "/province/": (403, 403, 403, 403, 403, 403, 403, 200, 403, 404, 302),
    "/audit/": (403, 403, 403, 403, 403, 403, 403, 403, 200, 404, 302),
    "/desk/": DESK,
    "/desk/walk-in/": DESK,
    "/desk/identity/": DESK,
    "/desk/identity/{identity}/": DESK,
    "/desk/smart-cards/{smart_card}/": DESK,
    "/desk/insurance/{insurance}/": DESK,
    "/desk/insurance-account/": (403, 403, 403, 403, 403, 403, 200, 403, 403, 404, 302),
    "/line-check/": (200,) * 10 + (302,),
    "/line-check/station/": (200,) * 11,
    "/line-check/stations/": (200,) * 9 + (404, 302),
    "/line-check/{check}/": CHECK,
    "/line-check/{check}/report.txt": CHECK,
    "/lines/": (200,) * 8 + (403, 404, 302),
    "/lines/find/": (404,) * 8 + (403, 404, 302),
    "/lines/{spoke}/": LINE,
    "/schedule/": STAFF,
    "/schedule/mine/": STAFF,
    "/schedule/people/{member}/": HOUSE,
    "/schedule/leaves/": STAFF,
    "/schedule/hours/": STAFF,
    "/schedule/holidays/": (200,) * 8 + (403, 404, 302),
    "/schedule/resources/": STAFF,
    "/schedule/resources/{room}/": HOUSE,
    "/schedule/excel/": PLANNER,
    "/schedule/excel/template.xlsx": PLANNER,
    "/schedule/excel/schedule.xlsx": PLANNER,
    "/on-call/": STAFF,
    "/on-call/shifts/{shift}/": HOUSE,
    "/on-call/shifts/{shift}.ics": HOUSE,
    "/on-call/swaps/": STAFF,
    "/calendars/{shift}.ics": (404,) * 11,
    "/notifications/": (200,) * 10 + (302,),
    "/notifications/bell/": (200,) * 10 + (302,),
    "/notifications/preferences/": (200,) * 10 + (302,),
    "/notifications/log/": (403, 403, 403, 403, 403, 403, 200, 200, 403, 404, 302),
    "/notifications/demonstration/": (200,) * 10 + (302,),
    # Whoever holds a message's link is who was told; a wrong one opens nothing to anybody.
    "/n/{shift}": (404,) * 11,
    "/n/{shift}/": (404,) * 11,
    "/queues/": (200, 200, 200, 200, 200, 200, 200, 404, 404, 404, 302),
    "/queues/rooms/{queue}/": (200, 200, 404, 404, 404, 404, 403, 404, 404, 404, 302),
    "/display/{area}/": BOARD,
    "/kiosk/{area}/": BOARD,
}


@pytest.mark.parametrize("path", MATRIX)
def test_each_person_gets_the_declared_answer(
    path: str, people: People, things: Things, world: World, sign_in: SignIn
) -> None:
    address = path.format(
        patient=world.patient.id,
        case=things.case.id,
        draft=things.draft.id,
        document=things.document.id,
        session=things.session.id,
        member=world.nurse.membership.id,
        spoke=world.spoke.id,
        check=things.check.id,
        room=things.room.id,
        shift=things.shift.id,
        visit=things.visit.id,
        token=things.token,
        identity=things.identity.id,
        smart_card=things.smart_card.id,
        insurance=things.insurance.id,
        queue=things.queue.id,
        area=things.queue.area_id,
    )
    answers = {name: _client(sign_in, who).get(address).status_code for name, who in vars(people).items()}
    assert answers == dict(zip(vars(people), MATRIX[path], strict=True))


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in MATRIX
        if "{" in path and not {"documents", "parts", "people", "booking", "desk"} & set(path.split("/"))
    ],
)
def test_what_is_not_there_and_what_is_not_yours_get_the_same_answer(
    path: str, people: People, things: Things, world: World, sign_in: SignIn
) -> None:
    client = sign_in(people.stranger)
    real = {"patient": world.patient.id, "case": things.case.id, "draft": things.draft.id}
    real |= {"session": things.session.id, "spoke": world.spoke.id, "check": things.check.id}
    real |= {"room": things.room.id, "shift": things.shift.id}
    real |= {"visit": things.visit.id}
    real |= {"queue": things.queue.id, "area": things.queue.area_id}
    yours = client.get(path.format(**real))
    nowhere = client.get(path.format(**dict.fromkeys(real, NOBODY)))
    assert (yours.status_code, nowhere.status_code) == (404, 404)
    assert _without_tokens(yours.content) == _without_tokens(nowhere.content)


POSTS = {
    "/requests/{case}/claim/": 404,
    "/requests/{case}/room/": 404,
    "/requests/{case}/sign/": 404,
    "/requests/{case}/decide/": 404,
    "/requests/{case}/cancel/": 404,
    "/requests/{case}/close/": 404,
    "/requests/{case}/documents/": 404,
    "/requests/{draft}/edit/": 404,
    "/patients/{patient}/requests/": 404,
    "/patients/{patient}/by-number/": 404,
    "/requests/{case}/meeting/propose/": 404,
    "/requests/{case}/meeting/answer/": 404,
    "/requests/{case}/meeting/withdraw/": 404,
    "/visits/{visit}/room/": 404,
    "/visits/{visit}/sign/": 404,
    "/visits/{visit}/relatives/": 404,
    "/visits/{visit}/link/": 404,
    "/visits/{visit}/links/{visit}/revoke/": 404,
    # Without the code these lead back to the page that asks for it; the code itself is never told here.
    "/booking/join/{token}/code/": 200,
    "/booking/join/{token}/confirm/": 422,
    "/booking/join/{token}/open/": 302,
    "/people/{member}/first-sign-in/": 403,
    "/people/{member}/deactivate/": 403,
    "/audit/check/": 403,
    "/line-check/stations/{room}/revoke/": 404,
    "/schedule/people/{member}/availability/": 404,
    "/schedule/people/{member}/availability/{room}/end/": 403,
    "/schedule/people/{member}/exceptions/": 404,
    "/schedule/people/{member}/leave/": 404,
    "/schedule/exceptions/{room}/remove/": 404,
    "/schedule/leaves/{room}/": 302,  # back to the list, where the refusal is told
    "/schedule/holidays/propose/": 403,
    "/schedule/holidays/{room}/remove/": 403,
    "/schedule/resources/{room}/exceptions/": 404,
    "/schedule/mine/calendar/": 200,  # one's own
    "/schedule/mine/calendar/revoke/": 302,
    "/schedule/excel/import/": 403,
    "/on-call/rosters/": 403,
    "/on-call/rosters/{room}/shifts/": 403,
    "/on-call/shifts/{shift}/notes/": 404,
    "/on-call/shifts/{shift}/reassign/": 404,
    "/on-call/shifts/{shift}/cancel/": 403,
    "/on-call/shifts/{shift}/swap/": 404,
    "/on-call/swaps/{shift}/": 302,
    "/desk/read/": 403,
    "/desk/register/": 403,
    "/desk/patients/{patient}/": 403,
    "/desk/patients/{patient}/card/": 403,
    "/desk/patients/{patient}/insurance/": 403,
    "/desk/patients/{patient}/number/": 403,
    "/desk/patients/{patient}/smart-card/": 403,
    "/desk/registrations/{patient}/": 403,
    "/desk/appointments/{patient}/": 403,
    "/desk/smart-cards/{smart_card}/revoke/": 403,
    "/notifications/{shift}/open/": 404,
    # One's own, and nothing of anybody else's.
    "/notifications/read/": 302,
    "/notifications/preferences/quiet/": 302,
    "/notifications/preferences/forget/": 302,
    "/notifications/browsers/{shift}/": 302,
    "/queues/{area}/devices/": 403,
    "/queues/devices/{room}/revoke/": 403,
}


@pytest.mark.parametrize("path", POSTS)
def test_a_stranger_can_do_nothing(
    path: str, people: People, things: Things, world: World, sign_in: SignIn
) -> None:
    address = path.format(
        case=things.case.id,
        draft=things.draft.id,
        patient=world.patient.id,
        member=world.nurse.membership.id,
        room=things.room.id,
        shift=things.shift.id,
        visit=things.visit.id,
        token=things.token,
        smart_card=things.smart_card.id,
        area=things.queue.area_id,
    )
    before = _state(things)
    assert sign_in(people.stranger).post(address, {"reason": "x"}).status_code == POSTS[path]
    assert _state(things) == before


def test_every_page_is_in_the_matrix() -> None:
    # A page added without saying who may see it fails here.
    declared = {_shape(path) for path in [*MATRIX, *POSTS]} | {"requests/vitals/", "t/*/"}
    # The patients' site knows no accounts: who may see a booking there is told in tests/telehealth/web/booking.
    elsewhere = ("account/", "api/", "booking/", "language/", "healthz", "readyz", "styleguide/")
    pages = {
        shape
        for shape in _addresses(get_resolver().url_patterns)
        if shape.startswith("booking/join/") or not shape.startswith(elsewhere)
    }
    assert pages - declared == set()


def _client(sign_in: SignIn, who: Hat | User | None) -> Client:
    return Client() if who is None else sign_in(who)


def _state(things: Things) -> list[tuple[object, ...]]:
    return list(Request.objects.order_by("id").values_list("id", "state", "owner_id", "version"))


def _without_tokens(content: bytes) -> list[bytes]:
    # The language form carries a fresh CSRF token and the address of the page.
    return [
        line for line in content.splitlines() if b"csrf" not in line.lower() and b'name="next"' not in line
    ]


def _addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield _shape(prefix + str(pattern.pattern))


def _shape(path: str) -> str:
    """Return an address with every id as `*`."""
    parts = path.strip("/").split("/")
    shown = ["*" if part[:1] in "{<" and part else part for part in parts]
    if "parts" in shown:
        shown[-1] = "*"
    return "/".join(shown) + "/" if path.strip("/") else ""
