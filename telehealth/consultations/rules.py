"""Who may do what to a request. Predicates only; `access` and the use cases enforce them."""

from scheduling.appointments.enums import Status
from telehealth.accounts.enums import PHYSICIAN_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.enums import Mode, RequestState, Side
from telehealth.consultations.models import GuestLink, Request, Session, Visit
from telehealth.consultations.principals import Guest, Principal


def side_of(hat: Hat, request: Request) -> Side | None:
    """Return on which side of the case a hat stands; None when on neither."""
    if not hat.is_clinical:
        return None
    if is_visit(request):
        return Side.HUB if is_owner(hat, request) or helps_at_visits(hat, request) else None
    if hat.facility.id == request.facility_id:
        return Side.SPOKE
    # A draft, also a cancelled one, was never sent: it stays theirs.
    if request.submitted_at is None or hat.facility.id != request.hub_id:
        return None
    if hat.role in {Role.COORDINATOR, Role.NURSE}:
        return Side.HUB
    return Side.HUB if request.specialty_id in hat.specialties else None


def is_visit(request: Request) -> bool:
    """Say whether a practitioner treats the patient directly, without another facility's doctor in between."""
    return request.mode == Mode.DIRECT_TO_PATIENT


def helps_at_visits(hat: Hat, request: Request) -> bool:
    """Nurses and coordinators of the practitioner's facility; its other physicians have nothing to do with a visit."""
    return hat.facility.id == request.facility_id and hat.role in {Role.COORDINATOR, Role.NURSE}


def may_see_visit(hat: Hat, visit: Visit) -> bool:
    """The practitioner, and the nurses and coordinators of the same facility."""
    if hat.membership.id == visit.appointment.practitioner_id:
        return hat.is_clinical
    return hat.facility.id == visit.appointment.facility_id and hat.role in {Role.COORDINATOR, Role.NURSE}


def is_practitioner(hat: Hat, visit: Visit) -> bool:
    return hat.membership.id == visit.appointment.practitioner_id


def may_open_visits(hat: Hat) -> bool:
    """Coordinators open a room for the practitioner; nurses come into one that is open."""
    return hat.role == Role.COORDINATOR


def may_see(hat: Hat, request: Request) -> bool:
    return side_of(hat, request) is not None


def side_in_room(who: Principal, request: Request) -> Side | None:
    """Return on which side somebody sits in the rooms of a request; None: they may not come in.

    A guest comes into the rooms of their own visit, and sees nothing of the request but its room.
    """
    if isinstance(who, Guest):
        # Asked of the database each time: a link that has just been revoked opens nothing any more.
        valid = GuestLink.objects.filter(id=who.link.id, revoked_at=None, visit__request=request).exclude(
            visit__appointment__status=Status.CANCELLED
        )
        return Side.SPOKE if is_visit(request) and valid.exists() else None
    return side_of(who, request)


def may_ask(hat: Hat) -> bool:
    """Physicians ask for consultations; whose facility has a hub is checked when they choose one."""
    return hat.role in PHYSICIAN_ROLES


def may_edit(hat: Hat, request: Request) -> bool:
    return side_of(hat, request) == Side.SPOKE and hat.role in PHYSICIAN_ROLES


def may_claim(hat: Hat, request: Request) -> bool:
    return (
        hat.role == Role.SPECIALIST
        and not is_visit(request)
        and side_of(hat, request) == Side.HUB
        and request.specialty_id in hat.specialties
    )


def is_owner(hat: Hat, request: Request) -> bool:
    return request.owner_id is not None and request.owner_id == hat.membership.id


def may_answer(hat: Hat, request: Request) -> bool:
    """The specialist who claimed the case answers and signs. A visit has a summary instead."""
    return is_owner(hat, request) and not is_visit(request)


def may_decide(hat: Hat, request: Request) -> bool:
    """The treating side's physicians decide (Law 15/2023 Art. 64(4))."""
    return may_edit(hat, request)


def may_close(hat: Hat, request: Request) -> bool:
    return (
        is_owner(hat, request)
        or may_edit(hat, request)
        or (may_see(hat, request) and hat.role == Role.COORDINATOR)
    )


def may_open_room(hat: Hat, request: Request) -> bool:
    return may_see(hat, request) and (hat.role in PHYSICIAN_ROLES or hat.role == Role.COORDINATOR)


def may_schedule(hat: Hat, request: Request) -> bool:
    """Physicians of either side and the hub's coordinators, while the case is open and was sent."""
    open_states = {RequestState.SUBMITTED, RequestState.ACCEPTED, RequestState.IN_SESSION}
    return may_open_room(hat, request) and not is_visit(request) and request.state in open_states


def may_encrypt_room(hat: Hat, request: Request) -> bool:
    """Physicians of either side choose end-to-end encryption when they open the room. Patients' old phones cannot do it."""
    return may_open_room(hat, request) and hat.role in PHYSICIAN_ROLES and not is_visit(request)


def may_be_recorded(session: Session) -> bool:
    """The server can record what it can read: never a room that is encrypted end to end."""
    return not session.encrypted


# In rooms guests act, too. They come, speak, write and leave; whatever orders others about is for hats.


def may_admit(who: Principal, request: Request) -> bool:
    """The owner, or another specialist or coordinator of the hub."""
    if isinstance(who, Guest):
        return False
    return is_owner(who, request) or (
        side_of(who, request) == Side.HUB and who.role in {Role.SPECIALIST, Role.COORDINATOR}
    )


def is_admitted_by_arriving(who: Principal, request: Request) -> bool:
    """The owner of the case has nobody to wait for."""
    return isinstance(who, Hat) and is_owner(who, request)


def may_remove(who: Principal, request: Request) -> bool:
    return isinstance(who, Hat) and is_owner(who, request)


def may_end_call(who: Principal, request: Request) -> bool:
    """Physicians of either side."""
    return isinstance(who, Hat) and may_see(who, request) and who.role in PHYSICIAN_ROLES


def may_mark_patient(who: Principal, request: Request) -> bool:
    return isinstance(who, Hat) and side_of(who, request) == Side.SPOKE
