"""Numbers given out at the desk: by registration, by appointment, for somebody who is known, for anybody at all."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduling.appointments.access import access_registration
from scheduling.appointments.domain import registrations
from scheduling.appointments.domain.contacts import link_beneficiary
from scheduling.appointments.domain.visits import mark_arrived
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import PriorityReason, TicketSource
from scheduling.queues.models import QueueService, Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.enums import RECEPTION_ROLES
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Conflict
from telehealth.records.models import Patient
from telehealth.web import desk_page
from telehealth.web.forms.desk import NumberForm
from telehealth.web.http import with_role
from telehealth.web.qr import qr_svg

at_desk = with_role(*RECEPTION_ROLES)


@require_POST
@at_desk
def take(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Give somebody who was received their number. The same press twice gives the same number."""
    patient = desk_page.patient_at_desk(hat, patient_id, request.POST.get("text", ""), now=clock.now())
    return _ticket(request, _take(request, hat, patient))


@require_http_methods(["GET", "POST"])
@at_desk
def walk_in(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Give a number to somebody nobody has asked for a name: first the choice, then the number."""
    if request.method == "GET":
        return render(request, "desk/_walk_in.html", desk_page.number_choices(hat, None, now=clock.now()))
    return _ticket(request, _take(request, hat, None))


@require_POST
@at_desk
def check_in(request: HttpRequest, hat: Hat, registration_id: UUID) -> HttpResponseBase:
    """Check a registration in; whoever was recognised is tied to it."""
    now = clock.now()
    registration = access_registration(hat, registration_id)
    patient_id = request.POST.get("patient")
    if patient_id and registration.beneficiary.patient_id is None:
        patient = desk_page.patient_at_desk(hat, UUID(patient_id), request.POST.get("text", ""), now=now)
        link_beneficiary(hat=hat, beneficiary=registration.beneficiary, patient=patient, now=now)
    return _ticket(request, registrations.check_in(registration=registration, hat=hat, now=now))


@require_POST
@at_desk
def arrive(request: HttpRequest, hat: Hat, appointment_id: UUID) -> HttpResponseBase:
    """Record that somebody with an appointment is there."""
    appointment = mark_arrived(by=hat, appointment_id=appointment_id, now=clock.now())
    return render(request, "desk/_arrived.html", {"appointment": appointment})


def _take(request: HttpRequest, hat: Hat, patient: Patient | None) -> Ticket:
    form = NumberForm(request.POST)
    if not form.is_valid():
        raise Conflict("desk.no_service", _("Hãy chọn khám ở đâu rồi lấy số. Chưa có số nào được lấy."))
    now = clock.now()
    service = (
        QueueService.objects.filter(id=form.cleaned_data["service"], area__facility=hat.facility)
        .select_related("area__facility")
        .first()
    )
    if service is None:
        raise Conflict("desk.no_service", _("Hãy chọn khám ở đâu rồi lấy số. Chưa có số nào được lấy."))
    return take_number(
        facility=hat.facility,
        area=service.area,
        service=service,
        day=local_day(now),
        priority_reasons=frozenset(PriorityReason(reason) for reason in form.cleaned_data["reasons"]),
        source=TicketSource.DESK,
        window=None,
        label=patient.full_name if patient else "",
        reference=f"patient:{patient.id}" if patient else "",
        now=now,
        hat=hat,
        key=form.cleaned_data["key"],
    )


def _ticket(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    address = request.build_absolute_uri(f"/t/{ticket.token}/")
    ticket = Ticket.objects.select_related("service", "area__facility").get(id=ticket.id)
    context = {
        "ticket": ticket,
        "qr": qr_svg(address, label=_("Mã để xem còn bao nhiêu người")),
        "desk_url": reverse("desk"),
    }
    return render(request, "desk/_ticket.html", context)
