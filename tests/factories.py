"""Small true worlds for tests: facilities, people, a patient, a case in the state a test needs. No surprises."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment, Beneficiary, Contact
from scheduling.calendars.enums import Purpose
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import License, Membership, User
from telehealth.consultations.domain import guests, opinions, requests, sessions
from telehealth.consultations.enums import GuestKind
from telehealth.consultations.models import GuestLink, Participant, Request, Session, Visit
from telehealth.consultations.principals import Guest
from telehealth.facilities.enums import FacilityKind, Level
from telehealth.facilities.models import Facility, HubLink, HubSpecialty, Specialty
from telehealth.records.domain.patients import NewPatient, create_patient
from telehealth.records.enums import Sex
from telehealth.records.models import Patient

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PASSWORD = "mat-khau-de-thu-2026"
_numbers = count(1)


def make_specialty(key: str = "tim-mach") -> Specialty:
    specialty, _made = Specialty.objects.get_or_create(
        key=key, defaults={"name_vi": f"Chuyên khoa {key}", "name_en": f"Specialty {key}", "position": 1}
    )
    return specialty


def make_facility(name: str = "") -> Facility:
    number = next(_numbers)
    return Facility.objects.create(
        name=name or f"Bệnh viện {number}",
        short_name=name or f"BV {number}",
        kind=FacilityKind.GENERAL_HOSPITAL,
        level=Level.BASIC,
    )


def make_person(
    facility: Facility, role: Role, *, specialty: Specialty | None = None, licensed: bool = True
) -> Hat:
    """Make a person with one role, and return them wearing that hat."""
    number = next(_numbers)
    user = User.objects.create_user(
        username=f"nguoi{number}", password=PASSWORD, full_name=f"Lô Văn {number}", title="BS."
    )
    if licensed:
        License.objects.create(user=user, number=f"GP-{number}", scope="Nội khoa", issued_on=NOW.date())
    membership = Membership.objects.create(user=user, facility=facility, role=role)
    if specialty:
        membership.specialties.add(specialty)
    return Hat(membership)


def make_patient(hat: Hat, name: str = "Vừ Thị Mẫu") -> Patient:
    return create_patient(hat=hat, new=NewPatient(full_name=name, birth_year=1985, sex=Sex.FEMALE), now=NOW)


@dataclass(frozen=True)
class World:
    """A spoke that may ask a hub for one specialty, with people on both sides and a patient."""

    specialty: Specialty
    spoke: Facility
    hub: Facility
    doctor: Hat
    nurse: Hat
    specialist: Hat
    second_specialist: Hat
    coordinator: Hat
    patient: Patient


def make_world() -> World:
    specialty = make_specialty()
    spoke, hub = make_facility(), make_facility()
    HubLink.objects.create(hub=hub, spoke=spoke)
    HubSpecialty.objects.create(facility=hub, specialty=specialty)
    doctor = make_person(spoke, Role.DOCTOR)
    return World(
        specialty=specialty,
        spoke=spoke,
        hub=hub,
        doctor=doctor,
        nurse=make_person(spoke, Role.NURSE),
        specialist=make_person(hub, Role.SPECIALIST, specialty=specialty),
        second_specialist=make_person(hub, Role.SPECIALIST, specialty=specialty),
        coordinator=make_person(hub, Role.COORDINATOR),
        patient=make_patient(doctor),
    )


def complete_content(
    world: World, questions: tuple[str, ...] = ("Có cần chuyển không?", "Dùng thuốc gì?")
) -> requests.DraftContent:
    return requests.DraftContent(
        summary={
            "chief_complaint": "Đau ngực",
            "history_of_present_illness": "Đau ngực trái hai giờ.",
            "examination": "Tỉnh, huyết áp ổn.",
            "provisional_diagnosis": "Theo dõi nhồi máu cơ tim",
        },
        questions=questions,
        vital_signs=(
            requests.VitalSignsEntry(measured_at=NOW, pulse=96, systolic=130, diastolic=80, spo2=95),
        ),
        urgency="urgent",
        specialty=world.specialty.key,
        hub_id=world.hub.id,
    )


def make_draft(world: World) -> Request:
    return requests.create_draft(hat=world.doctor, patient=world.patient, now=NOW)


def make_submitted(world: World) -> Request:
    draft = make_draft(world)
    requests.save_draft(
        hat=world.doctor, request_id=draft.id, content=complete_content(world), base_version=0, now=NOW
    )
    return requests.submit_request(hat=world.doctor, request_id=draft.id, now=NOW)


def make_claimed(world: World) -> Request:
    request = make_submitted(world)
    return requests.claim_request(hat=world.specialist, request_id=request.id, now=NOW)


def make_session(world: World, *, now: datetime = NOW) -> Session:
    """Make a claimed case whose room is open and empty.

    Where the platform's worker runs, `now` must be the clock's: a room in which nobody has been for half an hour is swept away.
    """
    return sessions.open_session(hat=world.doctor, request_id=make_claimed(world).id, now=now)


def make_visit(
    world: World,
    *,
    starts_at: datetime = NOW,
    name: str = "Vừ Thị Mẫu",
    reason: str = "",
    patient: Patient | None = None,
    phone: str = "+84912345678",
) -> Visit:
    """Make a remote appointment of the specialist's at that time, half an hour long, by a phone of its own."""
    number = next(_numbers)
    contact, _made = Contact.objects.get_or_create(
        phone=phone, defaults={"created_at": NOW, "verified_at": NOW, "passes_from": NOW}
    )
    about = Beneficiary.objects.create(
        contact=contact,
        full_name=name,
        birth_year=1985,
        sex=Sex.FEMALE,
        birth_precision="year",
        created_at=NOW,
    )
    appointment = Appointment.objects.create(
        code=f"V{number:05d}",
        link=f"{number:016d}",
        status=Status.BOOKED,
        kind=Purpose.REMOTE,
        facility=world.hub,
        practitioner=world.specialist.membership,
        person=world.specialist.user,
        contact=contact,
        beneficiary=about,
        patient=patient,
        during=range_of(Interval(starts_at, starts_at + timedelta(minutes=30))),
        lane=number % 1000,
        reason=reason,
        created_at=NOW,
    )
    return guests.visit_of(appointment)


def guest_at(visit: Visit, *, kind: GuestKind = GuestKind.PATIENT) -> Guest:
    """Return the guest of a visit's link; a relative's is made."""
    if kind == GuestKind.RELATIVE:
        link: GuestLink | None = guests.issue_link(
            visit=visit, kind=kind, name="Vừ Bá Con", phone="+84987654321", by=None, now=NOW
        )
    else:
        link = guests.patient_link(appointment=Appointment.objects.get(id=visit.id), now=NOW)
    assert link is not None
    return Guest(GuestLink.objects.select_related(*guests.LINK_RELATED).get(id=link.id))


def answer_all(world: World, request_id: UUID) -> None:
    """Let the owner draft an answer to every question."""
    for question in Request.objects.get(id=request_id).questions.all():
        opinions.save_answer(
            hat=world.specialist,
            question_id=question.id,
            conclusion=f"Kết luận câu {question.number}",
            further_treatment="Theo dõi sát.",
            base_version=0,
            now=NOW,
        )


def attend(world: World, request: Request, *hats: Hat) -> None:
    """Let people into a call about the case, and end it."""
    session = sessions.open_session(hat=world.specialist, request_id=request.id, now=NOW)
    for hat in (world.specialist, *hats):
        sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
        guest = Participant.objects.get(session=session, membership=hat.membership)
        if hat is not world.specialist:
            sessions.admit(
                who=world.specialist, session_id=session.id, participant_id=guest.id, key=None, now=NOW
            )
        sessions.enter(who=hat, session_id=session.id, now=NOW)
    sessions.end_session(who=world.specialist, session_id=session.id, reason="finished", key=None, now=NOW)
