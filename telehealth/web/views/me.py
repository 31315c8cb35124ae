"""A patient's own page: what is known about them, what was decided, and who looked."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.consultations.domain.queries import signed_minutes_of
from telehealth.consultations.domain.watching import looks_at_patient
from telehealth.core import clock
from telehealth.core.errors import NotFound
from telehealth.records.models import Patient
from telehealth.web.http import hat_of, signed_in
from telehealth.web.presentation import banner


@require_GET
@signed_in
def me(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show the signed-in person their own record.

    Raises:
        NotFound: `patient.not_found` for an account that is no patient's.
    """
    patient = Patient.objects.select_related("commune", "home_facility").filter(account=user).first()
    if patient is None:
        raise NotFound("patient.not_found", _("Tài khoản này không gắn với hồ sơ người bệnh nào."))
    record(
        "patient.viewed_by_patient",
        now=clock.now(),
        hat=hat_of(request),
        user=user,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
    )
    context = {
        "patient": patient,
        "banner": banner(patient),
        "minutes": signed_minutes_of(patient),
        "looks": looks_at_patient(patient),
    }
    return render(request, "me.html", context)
