"""Calendars as another program reads them."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from scheduling.calendars.ical import Entry, Party, calendar_file, etag_of, invitation_file
from scheduling.calendars.slots import Interval
from tests.factories import NOW
from tests.scheduling.factories import MONDAY, stretch

DUTY = Entry(
    uid="0190-a",
    what="Trực chính; đêm, số 1\nhai",
    where="Bệnh viện Hữu nghị Đa khoa Nghệ An, km 5, đại lộ Lê-nin, phường Vinh Phú, tỉnh Nghệ An, Việt Nam",
    when=stretch(MONDAY, "17:00", "07:00", 1),
    changed_at=NOW,
    sequence=2,
)
LEAVE = Entry(
    uid="0190-b", what="Nghỉ", when=(date(2027, 2, 6), date(2027, 2, 8)), changed_at=NOW, busy=False
)


def test_a_calendar_is_read_back_as_it_was_written() -> None:
    calendar = Calendar.from_ical(calendar_file([LEAVE, DUTY], name="Lịch làm việc"))
    duty, leave = calendar.walk("VEVENT")
    assert (calendar["VERSION"], str(calendar["X-WR-CALNAME"])) == ("2.0", "Lịch làm việc")
    assert str(duty["SUMMARY"]) == DUTY.what
    assert str(duty["LOCATION"]) == DUTY.where
    assert (duty.decoded("DTSTART"), duty.decoded("DTEND")) == (
        datetime(2026, 11, 30, 10, 0, tzinfo=UTC),
        datetime(2026, 12, 1, 0, 0, tzinfo=UTC),
    )
    assert (duty.decoded("DTSTAMP"), duty["SEQUENCE"], str(duty["STATUS"])) == (NOW, 2, "CONFIRMED")
    assert (leave.decoded("DTSTART"), leave.decoded("DTEND")) == (date(2027, 2, 6), date(2027, 2, 9))
    assert (str(leave["TRANSP"]), str(duty["TRANSP"])) == ("TRANSPARENT", "OPAQUE")


def test_no_line_is_longer_than_the_standard_allows() -> None:
    body = calendar_file([DUTY], name="Lịch làm việc")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_the_same_entries_give_the_same_file_and_others_another() -> None:
    same = calendar_file([DUTY, LEAVE], name="x"), calendar_file([LEAVE, DUTY], name="x")
    moved = Entry(DUTY.uid, DUTY.what, Interval(NOW, NOW + timedelta(hours=1)), NOW, sequence=3)
    assert etag_of(same[0]) == etag_of(same[1])
    assert etag_of(same[0]) != etag_of(calendar_file([moved, LEAVE], name="x"))


def test_an_invitation_has_its_method_and_its_parties() -> None:
    hub, guest = Party("Điều phối HNĐK", "dieuphoi@vidu.vn"), Party("BS. Lô Văn Mẫu", "mau@vidu.vn")
    invitation = Calendar.from_ical(
        invitation_file(DUTY, organizer=hub, attendees=[guest, Party("Không địa chỉ")])
    )
    event = invitation.walk("VEVENT")[0]
    assert str(invitation["METHOD"]) == "REQUEST"
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:dieuphoi@vidu.vn", hub.name)
    assert (str(event["ATTENDEE"]), event["ATTENDEE"].params["CN"]) == ("mailto:mau@vidu.vn", guest.name)
    published = Calendar.from_ical(invitation_file(DUTY))
    assert (str(published["METHOD"]), published.walk("VEVENT")[0].get("ATTENDEE")) == ("PUBLISH", None)


def test_a_cancelled_entry_takes_itself_off() -> None:
    gone = Entry(DUTY.uid, DUTY.what, DUTY.when, NOW, sequence=3, cancelled=True)
    calendar = Calendar.from_ical(invitation_file(gone))
    event = calendar.walk("VEVENT")[0]
    assert (str(calendar["METHOD"]), str(event["STATUS"]), str(event["UID"])) == (
        "CANCEL",
        "CANCELLED",
        DUTY.uid,
    )
