"""Finding, registering and reading patients."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.enums import CLINICAL_ROLES
from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.domain.queries import requests_of_patient, visible_requests
from telehealth.consultations.domain.requests import create_draft
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.records.access import access_patient, access_patient_by_number
from telehealth.records.domain.duplicates import likely_duplicates
from telehealth.records.domain.patients import create_patient, search_patients
from telehealth.records.models import Patient
from telehealth.web.forms.patients import PatientForm
from telehealth.web.http import with_hat, with_role
from telehealth.web.presentation import banner, record_timeline

SHORTEST_SEARCH = 2
FIELDS_BY_ERROR = {"birth_date": "born"}


@require_http_methods(["GET", "POST"])
@with_role(*CLINICAL_ROLES)
def patients(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Search by name or number. The text travels in the body: a name in an address would end up in logs."""
    text = request.POST.get("q", "").strip()
    found = search_patients(hat=hat, text=text, now=clock.now()) if len(text) >= SHORTEST_SEARCH else []
    context = {
        "search_query": text,
        "searched": len(text) >= SHORTEST_SEARCH,
        "patients": found,
        "own": {patient.id for patient in found if patient.home_facility_id == hat.facility.id},
    }
    part = request.headers.get("HX-Target") == "results"
    return render(request, "patients/_results.html" if part else "patients/search.html", context)


@require_http_methods(["GET", "POST"])
@with_role(*CLINICAL_ROLES)
def search(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Answer the top bar's search: a case code leads to the case, everything else searches patients."""
    text = request.POST.get("q", "").strip()
    if text:
        case = visible_requests(hat).filter(code__iexact=text).values_list("id", flat=True).first()
        if case:
            return redirect("case", request_id=case)
    return patients(request)


@require_http_methods(["GET", "POST"])
@with_role(*CLINICAL_ROLES)
def new_patient(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Register a patient; show who may be the same person before making a second record."""
    form = PatientForm(request.POST or None)
    alike: list[Patient] = []
    if request.method == "POST" and form.is_valid():
        new = form.new_patient()
        year = new.birth_date.year if new.birth_date else new.birth_year
        if "certain" not in request.POST:
            alike = likely_duplicates(hat=hat, full_name=new.full_name, birth_year=year)
        if not alike:
            try:
                patient = create_patient(hat=hat, new=new, now=clock.now())
            except Invalid as error:
                named = str(error.detail.get("field", ""))
                named = FIELDS_BY_ERROR.get(named, named)
                form.add_error(named if named in form.fields else None, error.text)
            else:
                messages.success(request, _("Đã tạo hồ sơ người bệnh."))
                return redirect("patient", patient_id=patient.id)
    status = 422 if request.method == "POST" else 200
    return render(request, "patients/new.html", {"form": form, "alike": alike}, status=status)


@require_GET
@with_hat
def patient(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Show a patient's record: what matters first, then what happened."""
    found = access_patient(hat, patient_id, now=clock.now())
    return _record(request, hat, found)


@require_http_methods(["GET", "POST"])
@with_role(*CLINICAL_ROLES)
def patient_by_number(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Show the record of another facility's patient whose card number was typed in full. A reload searches again."""
    if request.method == "GET":
        return redirect("patients")
    found = access_patient_by_number(hat, patient_id, request.POST.get("q", "").strip(), now=clock.now())
    return _record(request, hat, found, number=request.POST.get("q", "").strip())


@require_POST
@with_hat
def new_request(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Begin a request about a patient and go on writing it."""
    now = clock.now()
    number = request.POST.get("number", "").strip()
    found = (
        access_patient_by_number(hat, patient_id, number, now=now)
        if number
        else access_patient(hat, patient_id, now=now)
    )
    draft = create_draft(hat=hat, patient=found, now=now)
    return redirect("draft", request_id=draft.id)


def _record(request: HttpRequest, hat: Hat, found: Patient, number: str = "") -> HttpResponseBase:
    requests = list(requests_of_patient(hat, found))
    documents = found.documents.select_related("facility").order_by("-created_at")
    shown = documents.filter(attachment__request__in=requests) | documents.filter(
        minutes__request__in=requests
    )
    return render(
        request,
        "patients/record.html",
        {
            "patient": found,
            "banner": banner(found),
            "identifiers": found.identifiers.all(),
            "timeline": record_timeline(requests, shown.distinct()),
            "may_ask": rules.may_ask(hat),
            "number": number,
        },
    )
