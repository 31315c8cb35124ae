"""Who plays the self-test: two facilities, two people, a patient. Made for a run, put away after it.

The rows stay, switched off, and are used again by the next run: the event log and the audit log are append-only, and
what they speak of must exist. Everything is marked as demonstration, linked to nothing else, so nobody else sees it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from telehealth.accounts.access import deactivate_membership, end_all_sessions
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import License, Membership, User
from telehealth.audit.log import record
from telehealth.consultations.domain.requests import cancel_request, close_request
from telehealth.consultations.domain.sessions import end_session
from telehealth.consultations.enums import RequestState, SessionState
from telehealth.consultations.models import Request
from telehealth.core import clock
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Facility, HubLink, HubSpecialty, Specialty
from telehealth.records.domain.documents import erase_demonstration_file
from telehealth.records.domain.patients import NewPatient, create_patient
from telehealth.records.enums import Sex
from telehealth.records.models import Document, Patient
from telehealth.selftest.report import Trouble

SPOKE = "Cơ sở tự kiểm tra: nơi hỏi"
HUB = "Cơ sở tự kiểm tra: nơi trả lời"
DOCTOR = "tu-kiem-tra.noi-hoi"
SPECIALIST = "tu-kiem-tra.noi-tra-loi"
PATIENT = "Người bệnh tự kiểm tra"
REASON = "Tự kiểm tra kết thúc."
_LOCK = 0x5E1F7E57


@dataclass(frozen=True)
class Player:
    """An account that can sign in now."""

    hat: Hat
    username: str
    password: str


@dataclass(frozen=True)
class Cast:
    """Everything one run plays with."""

    doctor: Player
    specialist: Player
    patient: Patient
    hub: Facility
    specialty: Specialty


@contextmanager
def cast(now: datetime) -> Iterator[Cast]:
    """Make the players; whatever happens, put them away at the end.

    Raises:
        Trouble: `selftest.running` when another run is under way.
    """
    with _alone():
        tidy(now=now)  # what a killed run may have left
        try:
            yield _make(now)
        finally:
            tidy(now=clock.now())


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the one run that may play with these rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise Trouble(
                "selftest.running",
                _("Một lần tự kiểm tra khác đang chạy."),
                _("Đợi lần đó xong (nhiều nhất một phút) rồi chạy lại."),
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@transaction.atomic
def _make(now: datetime) -> Cast:
    specialty = Specialty.objects.first() or Specialty.objects.create(
        key="tu-kiem-tra", name_vi="Tự kiểm tra", name_en="Self-test", position=999
    )
    spoke, hub = _facility(SPOKE), _facility(HUB)
    HubLink.objects.get_or_create(hub=hub, spoke=spoke)
    HubSpecialty.objects.get_or_create(facility=hub, specialty=specialty)
    doctor = _player(spoke, Role.DOCTOR, DOCTOR, "Bác sĩ tự kiểm tra", now=now)
    specialist = _player(hub, Role.SPECIALIST, SPECIALIST, "Chuyên khoa tự kiểm tra", now=now)
    specialist.hat.membership.specialties.set([specialty])
    patient = Patient.objects.filter(home_facility=spoke).first() or create_patient(
        hat=doctor.hat, new=NewPatient(full_name=PATIENT, birth_year=1980, sex=Sex.UNKNOWN), now=now
    )
    record("selftest.began", now=now, hat=doctor.hat, object_type="facility", object_id=spoke.id)
    return Cast(doctor=doctor, specialist=specialist, patient=patient, hub=hub, specialty=specialty)


def _facility(name: str) -> Facility:
    facility, _made = Facility.objects.get_or_create(
        name=name,
        is_demonstration=True,
        defaults={"short_name": name, "kind": FacilityKind.HEALTH_STATION},
    )
    return facility


def _player(facility: Facility, role: Role, username: str, name: str, *, now: datetime) -> Player:
    password = secrets.token_urlsafe(24)
    user = User.objects.filter(username=username).first() or User(username=username)
    user.full_name, user.title = name, "BS."
    # Not marked as demonstration: that means an account with a public password, which production refuses.
    user.is_active = True
    user.set_password(password)
    user.save()
    License.objects.get_or_create(
        user=user, number="TU-KIEM-TRA", defaults={"scope": "Tự kiểm tra", "issued_on": now.date()}
    )
    membership = Membership.objects.filter(user=user, facility=facility, role=role).first()
    if membership is None:
        membership = Membership.objects.create(user=user, facility=facility, role=role)
    elif not membership.is_active:
        membership.is_active = True
        membership.save(update_fields=["is_active"])
    return Player(Hat(membership), username, password)


def tidy(*, now: datetime) -> None:
    """Close what is open, take the accounts and roles away, delete the files. Safe to repeat."""
    memberships = Membership.objects.filter(
        facility__is_demonstration=True,
        facility__name__in=(SPOKE, HUB),
        user__username__in=(DOCTOR, SPECIALIST),
    ).select_related("user", "facility")
    hats = {membership.user.username: Hat(membership) for membership in memberships}
    if DOCTOR in hats:
        for request in Request.objects.filter(facility=hats[DOCTOR].facility).exclude(
            state__in=(RequestState.CLOSED, RequestState.CANCELLED)
        ):
            _close(request, hats[DOCTOR], now=now)
        for document in Document.objects.filter(facility__in=[hat.facility for hat in hats.values()]):
            erase_demonstration_file(document)
    for hat in hats.values():
        user = hat.user
        if user.is_active:
            user.set_unusable_password()
            user.is_active = False
            user.save(update_fields=["password", "is_active"])
            end_all_sessions(user=user, now=now)
        if hat.membership.is_active:
            deactivate_membership(membership=hat.membership, now=now)
            record("selftest.ended", now=now, hat=hat, object_type="facility", object_id=hat.facility.id)


def _close(request: Request, hat: Hat, *, now: datetime) -> None:
    for session in request.sessions.exclude(state=SessionState.ENDED):
        end_session(who=hat, session_id=session.id, reason="interrupted", key=None, now=now)
    request.refresh_from_db()
    if request.state == RequestState.CONCLUDED:
        close_request(hat=hat, request_id=request.id, reason=REASON, now=now)
    else:
        cancel_request(hat=hat, request_id=request.id, reason=REASON, now=now)
