"""iCalendar (RFC 5545, RFC 5546): calendars to subscribe to and invitation files. Pure.

An entry says what, where and when. It never says who is ill, of what, or what anybody is a specialist of: a calendar is copied to
telephones and companies we know nothing of.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from scheduling.calendars.slots import Interval

PRODUCT = "-//Teleconsultation//Calendars//VI"
REFRESH = timedelta(minutes=30)


@dataclass(frozen=True)
class Entry:
    """Something in somebody's calendar.

    `uid` stays the same for life; `sequence` grows and `changed_at` moves with every change, so that a calendar knows the newer copy.
    With `all_day` the interval is of whole days of the province's clock, given as dates.
    """

    uid: str
    what: str
    when: Interval | tuple[date, date]
    changed_at: datetime
    where: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False
    busy: bool = True


@dataclass(frozen=True)
class Party:
    """Somebody an invitation is from or for."""

    name: str
    email: str = ""


def calendar_file(entries: Iterable[Entry], *, name: str) -> bytes:
    """Return a calendar to subscribe to. The same entries give the same bytes, whatever their order."""
    calendar = _calendar(name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for entry in sorted(entries, key=lambda one: one.uid):
        calendar.add_component(_event(entry))
    body: bytes = calendar.to_ical()
    return body


def invitation_file(
    entry: Entry, *, organizer: Party | None = None, attendees: Iterable[Party] = ()
) -> bytes:
    """Return one entry as a file: an invitation (REQUEST) when it is from somebody for somebody with an address, else for the taking
    (PUBLISH); a cancelled entry takes it off again (CANCEL)."""
    invited = [one for one in attendees if one.email]
    calendar = _calendar("")
    is_invitation = organizer is not None and bool(organizer.email) and bool(invited)
    calendar.add("method", "CANCEL" if entry.cancelled else "REQUEST" if is_invitation else "PUBLISH")
    event = _event(entry)
    if organizer is not None and is_invitation:
        event.add("organizer", _address(organizer))
        for one in invited:
            address = _address(one)
            address.params["RSVP"] = vText("TRUE")
            event.add("attendee", address)
    calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a file (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("summary", entry.what)
    if isinstance(entry.when, Interval):
        event.add("dtstart", entry.when.start.astimezone(UTC))
        event.add("dtend", entry.when.end.astimezone(UTC))
    else:
        first, last = entry.when
        event.add("dtstart", first)
        event.add("dtend", last + timedelta(days=1))
    if entry.where:
        event.add("location", entry.where)
    if entry.url:
        event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.email}")
    address.params["CN"] = vText(party.name)
    return address
