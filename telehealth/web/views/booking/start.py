"""Where patients begin: what do you want, and where."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from scheduling.appointments.callers import Visitor
from scheduling.appointments.models import ExamService
from scheduling.calendars.enums import Purpose
from scheduling.calendars.models import Availability
from telehealth.accounts.enums import PHYSICIAN_ROLES
from telehealth.core.text import fold
from telehealth.facilities.models import Facility, Specialty
from telehealth.web.views.booking.visitor import for_visitors

EXAM = "exam"
AIMS = {
    EXAM: _("Đăng ký khám tại cơ sở"),
    Purpose.IN_PERSON: _("Hẹn giờ với bác sĩ"),
    Purpose.REMOTE: _("Khám từ xa qua điện thoại"),
}
SHOWN = 30


@require_GET
@for_visitors
def start(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Offer the few things one can do here."""
    return render(request, "booking/start.html", {"contact": by.contact})


@require_GET
@for_visitors
def facilities(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Let somebody choose where: by name, commune, district, or by specialty."""
    aim = request.GET.get("for", EXAM)
    aim = aim if aim in AIMS else EXAM
    text = request.GET.get("q", "").strip()[:80]
    specialty = request.GET.get("specialty", "")
    found = _matching(_open_for(aim, specialty), text)
    context = {
        "aim": aim,
        "aim_text": AIMS[aim],
        "exam": aim == EXAM,
        "text": text,
        "specialty": specialty,
        "specialties": [] if aim == EXAM else Specialty.objects.all(),
        "facilities": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
    }
    return render(request, "booking/facilities.html", context)


def _open_for(aim: str, specialty: str) -> Iterable[Facility]:
    """Return the facilities where one can book that at all."""
    if aim == EXAM:
        where = Q(id__in=ExamService.objects.filter(is_active=True).values("facility_id"))
    else:
        # A pattern without purposes is good for any.
        patterns = Availability.objects.filter(
            Q(purposes=[]) | Q(purposes__contains=[aim]),
            membership__is_active=True,
            membership__role__in=PHYSICIAN_ROLES,
        )
        if specialty:
            patterns = patterns.filter(membership__specialties=specialty)
        where = Q(id__in=patterns.values("membership__facility_id"))
    return Facility.objects.filter(where).select_related("commune").order_by("name")


def _matching(facilities: Iterable[Facility], text: str) -> list[Facility]:
    """Return those in which every typed word occurs, without regard to diacritics and order."""
    words = fold(text).split()
    return [one for one in facilities if all(word in _words_of(one) for word in words)]


def _words_of(facility: Facility) -> str:
    commune = facility.commune
    place = f"{commune.name} {commune.former_district}" if commune else ""
    parts = (
        facility.name,
        facility.short_name,
        " ".join(facility.aliases),
        place,
        facility.address,
        facility.legacy_address,
    )
    return fold(" ".join(parts))
