"""Moments and stretches of time in words, as errors and pages say them."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import Interval


def day_text(day: date) -> str:
    """Return "24/11/2026"."""
    return f"{day:%d/%m/%Y}"


def moment_text(moment: datetime) -> str:
    """Return "17:00 24/11/2026", on the province's clock."""
    return f"{moment.astimezone(LOCAL):%H:%M %d/%m/%Y}"


def stretch_text(interval: Interval) -> str:
    """Return "từ 17:00 24/11/2026 đến 07:00 25/11/2026"; within one day the day once."""
    start, end = interval.start.astimezone(LOCAL), interval.end.astimezone(LOCAL)
    if start.date() == end.date():
        return _("từ %(start)s đến %(end)s ngày %(day)s") % {
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
            "day": day_text(start.date()),
        }
    return _("từ %(start)s đến %(end)s") % {"start": moment_text(start), "end": moment_text(end)}
