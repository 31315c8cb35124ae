"""The pages of time and duty: who sees what, and that what is refused is told beside what was typed."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from openpyxl import Workbook

from scheduling.calendars.domain.swaps import propose_swap
from scheduling.calendars.enums import DutyRank, LeaveState, ResourceKind, SwapState
from scheduling.calendars.excel.rows import COLUMNS, DUTY
from scheduling.calendars.models import (
    Availability,
    CalendarFeed,
    Holiday,
    Leave,
    OnCallShift,
    Resource,
    Roster,
    ShiftSwap,
    WorkingHours,
)
from scheduling.calendars.slots import Interval
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from tests.factories import World, make_person
from tests.scheduling.factories import at, make_availability, make_hours, make_roster, make_shift
from tests.telehealth.signing_in import SignIn

pytestmark = pytest.mark.django_db


def coming(days: int, starts: str = "17:00", ends: str = "07:00") -> Interval:
    """A night some days from now."""
    day = timezone.localdate(clock.now()) + timedelta(days=days)
    return Interval(at(day, starts), at(day, ends, 1))


def shift_form(person: Hat, during: Interval, rank: DutyRank = DutyRank.PRIMARY) -> dict[str, str]:
    start, end = timezone.localtime(during.start), timezone.localtime(during.end)
    return {
        "person": str(person.membership.id),
        "rank": str(rank.value),
        "first_day": f"{start:%Y-%m-%d}",
        "starts": f"{start:%H:%M}",
        "last_day": f"{end:%Y-%m-%d}",
        "ends": f"{end:%H:%M}",
    }


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


PAGES = (
    "/schedule/",
    "/schedule/mine/",
    "/schedule/leaves/",
    "/schedule/hours/",
    "/schedule/holidays/",
    "/schedule/resources/",
    "/on-call/",
    "/on-call/swaps/",
)


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SPECIALIST, Role.NURSE, Role.FACILITY_ADMIN])
def test_every_page_is_there_for_who_works_there(
    world: World, sign_in: SignIn, role: Role, empty: bool
) -> None:
    hat = make_person(world.hub, role)
    if not empty:
        make_hours(world.hub)
        make_availability(world.specialist.membership, 1, "07:00", "09:00")
        roster = make_roster(world.hub, world.specialty)
        mine = make_shift(roster, hat.membership, coming(2))
        make_shift(
            roster, world.specialist.membership, Interval(clock.now(), clock.now() + timedelta(hours=3))
        )
        Resource.objects.create(facility=world.hub, kind=ResourceKind.TELE_ROOM, name="Phòng 1")
        Holiday.objects.create(day=timezone.localdate(clock.now()), name="Nghỉ lễ")
        if role != Role.FACILITY_ADMIN:
            asked = world.specialist.membership.id
            propose_swap(hat=hat, shift_id=mine.id, asked_id=asked, now=clock.now())
    client = sign_in(hat)
    for path in PAGES:
        text_of(client, path)


def test_a_province_operator_sees_the_holidays_and_nothing_else(world: World, sign_in: SignIn) -> None:
    client = sign_in(make_person(world.hub, Role.PROVINCE_OPERATOR, licensed=False))
    assert {path: client.get(path).status_code for path in PAGES} == dict.fromkeys(PAGES, 403) | {
        "/schedule/holidays/": 200
    }
    client.post("/schedule/holidays/propose/", {"year": "2027"})
    assert "Giỗ Tổ Hùng Vương" in text_of(client, "/schedule/holidays/?year=2027")


def test_a_week_shows_hours_duty_and_leave_of_people_by_days(world: World, sign_in: SignIn) -> None:
    make_hours(world.hub, (1, 2, 3, 4, 5, 6, 7))
    make_availability(world.specialist.membership, 1, "07:00", "09:15")
    text = text_of(sign_in(world.doctor), "/schedule/?week=2026-12-02")
    assert "07:00–09:15" not in text  # another facility's
    text = text_of(sign_in(world.second_specialist), "/schedule/?week=2026-12-02")
    assert "07:00–09:15" in text
    assert "30/11/2026" in text


def test_hours_are_typed_and_what_is_wrong_stays_on_the_page(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    wrong = client.post("/schedule/hours/", {"1-morning-opens": "07:00", "1-morning-closes": "06:00"})
    assert (wrong.status_code, WorkingHours.objects.count()) == (422, 0)
    assert "giờ đóng cửa phải sau giờ mở cửa" in wrong.content.decode()
    half = client.post("/schedule/hours/", {"1-morning-opens": "07:00"})
    assert "Hãy ghi cả giờ mở và giờ đóng" in half.content.decode()
    right = client.post("/schedule/hours/", {"1-morning-opens": "07:00", "1-morning-closes": "11:30"})
    assert (right.status_code, WorkingHours.objects.count()) == (302, 1)
    assert sign_in(world.second_specialist).post("/schedule/hours/", {}).status_code in {403, 422}
    assert WorkingHours.objects.count() == 1


def test_a_coordinator_plans_a_doctor_and_a_doctor_asks_for_leave(world: World, sign_in: SignIn) -> None:
    person = world.specialist.membership
    planner, doctor = sign_in(world.coordinator), sign_in(world.specialist)
    weekly = {
        "weekday": "1",
        "starts": "07:00",
        "ends": "11:00",
        "valid_from": "2026-01-01",
        "every_weeks": "1",
    }
    assert doctor.post(f"/schedule/people/{person.id}/availability/", weekly).status_code == 422
    assert planner.post(f"/schedule/people/{person.id}/availability/", weekly).status_code == 302
    clash = planner.post(f"/schedule/people/{person.id}/availability/", weekly)
    assert (clash.status_code, Availability.objects.count()) == (422, 1)
    assert "Trùng với giờ đã có" in clash.content.decode()
    day = timezone.localdate(clock.now()) + timedelta(days=9)
    days = {"kind": "annual", "first_day": str(day), "last_day": str(day)}
    assert doctor.post(f"/schedule/people/{person.id}/leave/", days).status_code == 302
    leave = Leave.objects.get()
    assert "1 đơn nghỉ chờ duyệt" in text_of(planner, "/schedule/")
    planner.post(f"/schedule/leaves/{leave.id}/", {"answer": "grant"})
    leave.refresh_from_db()
    assert leave.state == LeaveState.GRANTED
    assert "Đã duyệt" in text_of(doctor, "/schedule/mine/")


def test_gaps_of_the_month_are_named_and_filled_by_the_form(world: World, sign_in: SignIn) -> None:
    make_hours(world.hub, (1, 2, 3, 4, 5, 6, 7))
    roster = make_roster(world.hub, world.specialty)
    day = (timezone.localdate(clock.now()).replace(day=1) + timedelta(days=31)).replace(day=12)
    night = Interval(at(day, "17:00"), at(day, "07:00", 1))
    for number in range(-11, 20):
        if number:
            other = at(day, "00:00") + timedelta(days=number)
            make_shift(roster, world.second_specialist.membership, Interval(other, other + timedelta(days=1)))
    client = sign_in(world.coordinator)
    page = text_of(client, f"/on-call/?roster={roster.id}&month={day}")
    assert page.count('class="gap"') == 1
    filled = client.post(
        f"/on-call/rosters/{roster.id}/shifts/",
        shift_form(world.specialist, Interval(at(day, "00:00"), at(day, "00:00", 1))),
    )
    assert filled.status_code == 302
    assert 'class="gap"' not in text_of(client, f"/on-call/?roster={roster.id}&month={day}")
    refused = client.post(f"/on-call/rosters/{roster.id}/shifts/", shift_form(world.specialist, night))
    assert refused.status_code == 422
    assert "đã có" in refused.content.decode()


def test_a_spoke_reads_its_hubs_roster_and_changes_nothing(world: World, sign_in: SignIn) -> None:
    roster = make_roster(world.hub, world.specialty)
    shift = make_shift(roster, world.specialist.membership, coming(1))
    client = sign_in(world.doctor)
    month = timezone.localdate(coming(1).start)
    page = text_of(client, f"/on-call/?roster={roster.id}&month={month}")
    assert world.specialist.user.display_name in page
    assert client.get(f"/on-call/shifts/{shift.id}/").status_code == 404
    assert client.post(f"/on-call/shifts/{shift.id}/notes/", {"text": "x"}).status_code == 404
    stranger = sign_in(make_person(world.spoke, Role.COORDINATOR))
    assert (
        stranger.post(
            f"/on-call/rosters/{roster.id}/shifts/", shift_form(world.specialist, coming(3))
        ).status_code
        == 404
    )


def test_a_swap_is_asked_for_and_agreed_to_on_the_pages(world: World, sign_in: SignIn) -> None:
    roster = make_roster(world.hub, world.specialty)
    shift = make_shift(roster, world.specialist.membership, coming(4))
    theirs = make_shift(roster, world.second_specialist.membership, coming(6))
    asking, asked = sign_in(world.specialist), sign_in(world.second_specialist)
    form = {
        "asked": str(world.second_specialist.membership.id),
        "in_return": str(theirs.id),
        "note": "Nhờ anh.",
    }
    assert asking.post(f"/on-call/shifts/{shift.id}/swap/", form).status_code == 302
    again = asking.post(f"/on-call/shifts/{shift.id}/swap/", form)
    assert again.status_code == 422
    assert "Có đồng nghiệp xin đổi trực" in text_of(asked, "/on-call/")
    swap = ShiftSwap.objects.get()
    asked.post(f"/on-call/swaps/{swap.id}/", {"answer": "accept"})
    swap.refresh_from_db()
    holders = [OnCallShift.objects.get(id=one.id).membership for one in (shift, theirs)]
    assert (swap.state, holders) == (
        SwapState.ACCEPTED,
        [world.second_specialist.membership, world.specialist.membership],
    )


def test_hand_over_notes_are_written_and_read_on_the_shifts_page(world: World, sign_in: SignIn) -> None:
    shift = make_shift(make_roster(world.hub), world.specialist.membership, coming(0))
    client = sign_in(world.second_specialist)
    assert client.post(f"/on-call/shifts/{shift.id}/notes/", {"text": ""}).status_code == 422
    client.post(f"/on-call/shifts/{shift.id}/notes/", {"text": "Máy thở số 2 <hỏng>"})
    assert "Máy thở số 2 &lt;hỏng&gt;" in text_of(client, f"/on-call/shifts/{shift.id}/")


## Excel ---


def workbook(*duties: tuple[str, ...]) -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.create_sheet(DUTY)
    for row in (COLUMNS[DUTY], *duties):
        sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("lich.xlsx", stream.getvalue())


def test_a_workbook_is_looked_at_and_then_taken_once(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    day = f"{timezone.localdate(clock.now()) + timedelta(days=8):%d/%m/%Y}"
    duty = (world.specialist.user.username, "", "Trực chính", day, "17:00", "07:00")
    wrong = client.post("/schedule/excel/", {"file": workbook(duty, ("ai.do", *duty[1:]))})
    assert (wrong.status_code, 'name="token"' in wrong.content.decode()) == (200, False)
    assert "1 trong 2 dòng chưa nhập được" in wrong.content.decode()
    shown = client.post("/schedule/excel/", {"file": workbook(duty)}).content.decode()
    token = shown.split('name="token" value="')[1].split('"')[0]
    assert OnCallShift.objects.count() == 0
    stranger = sign_in(make_person(world.spoke, Role.COORDINATOR))
    for browser in (stranger, client, client):
        browser.post("/schedule/excel/import/", {"token": token})
    assert OnCallShift.objects.get().membership == world.specialist.membership


def test_a_file_that_is_no_workbook_is_told_beside_the_field(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    answer = client.post("/schedule/excel/", {"file": SimpleUploadedFile("lich.xlsx", b"PK\x03\x04")})
    assert answer.status_code == 422
    assert "Không đọc được tệp này" in answer.content.decode()
    assert client.get("/schedule/excel/schedule.xlsx").content[:2] == b"PK"


## The calendar at a secret address ---


def secret_path(sign_in: SignIn, hat: Hat) -> str:
    shown = sign_in(hat).post("/schedule/mine/calendar/").content.decode()
    return shown.split('value="http://testserver')[1].split('"')[0]


def test_a_calendar_is_read_without_signing_in_and_only_when_it_changed(
    world: World, sign_in: SignIn
) -> None:
    make_shift(make_roster(world.hub), world.specialist.membership, coming(2))
    path = secret_path(sign_in, world.specialist)
    first = Client().get(path)
    assert (first.status_code, first["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert [str(event["SUMMARY"]) for event in Calendar.from_ical(first.content).walk("VEVENT")] == [
        "Trực chính"
    ]
    unchanged = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    make_shift(Roster.objects.get(), world.specialist.membership, coming(5))
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_revoked_address_answers_like_one_that_never_was(world: World, sign_in: SignIn) -> None:
    path = secret_path(sign_in, world.specialist)
    sign_in(world.specialist).post("/schedule/mine/calendar/revoke/")
    never = Client().get("/calendars/never.ics")
    gone = Client().get(path)
    assert (gone.status_code, gone.content) == (never.status_code, never.content) == (404, never.content)
    assert not CalendarFeed.objects.filter(revoked_at=None).exists()


def test_a_duty_can_be_taken_as_a_file(world: World, sign_in: SignIn) -> None:
    shift = make_shift(make_roster(world.hub), world.specialist.membership, coming(2))
    answer = sign_in(world.specialist).get(f"/on-call/shifts/{shift.id}.ics")
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert (str(event["UID"]), str(event["LOCATION"])) == (str(shift.id), world.hub.name)
