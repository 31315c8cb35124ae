"""Who may do what to a request. Predicates only; `access` and the use cases enforce them."""

from telehealth.accounts.enums import PHYSICIAN_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.enums import Side
from telehealth.consultations.models import Request, Session


def side_of(hat: Hat, request: Request) -> Side | None:
    """Return on which side of the case a hat stands; None when on neither."""
    if not hat.is_clinical:
        return None
    if hat.facility.id == request.facility_id:
        return Side.SPOKE
    # A draft, also a cancelled one, was never sent: it stays theirs.
    if request.submitted_at is None or hat.facility.id != request.hub_id:
        return None
    if hat.role in {Role.COORDINATOR, Role.NURSE}:
        return Side.HUB
    return Side.HUB if request.specialty_id in hat.specialties else None


def may_see(hat: Hat, request: Request) -> bool:
    return side_of(hat, request) is not None


def may_ask(hat: Hat) -> bool:
    """Physicians ask for consultations; whose facility has a hub is checked when they choose one."""
    return hat.role in PHYSICIAN_ROLES


def may_edit(hat: Hat, request: Request) -> bool:
    return side_of(hat, request) == Side.SPOKE and hat.role in PHYSICIAN_ROLES


def may_claim(hat: Hat, request: Request) -> bool:
    return (
        hat.role == Role.SPECIALIST
        and side_of(hat, request) == Side.HUB
        and request.specialty_id in hat.specialties
    )


def is_owner(hat: Hat, request: Request) -> bool:
    return request.owner_id is not None and request.owner_id == hat.membership.id


def may_answer(hat: Hat, request: Request) -> bool:
    """The specialist who claimed the case answers and signs."""
    return is_owner(hat, request)


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


def may_encrypt_room(hat: Hat, request: Request) -> bool:
    """Physicians of either side choose end-to-end encryption when they open the room."""
    return may_open_room(hat, request) and hat.role in PHYSICIAN_ROLES


def may_be_recorded(session: Session) -> bool:
    """The server can record what it can read: never a room that is encrypted end to end."""
    return not session.encrypted


def may_admit(hat: Hat, request: Request) -> bool:
    """The owner, or another specialist or coordinator of the hub."""
    return is_owner(hat, request) or (
        side_of(hat, request) == Side.HUB and hat.role in {Role.SPECIALIST, Role.COORDINATOR}
    )


def may_remove(hat: Hat, request: Request) -> bool:
    return is_owner(hat, request)


def may_end_call(hat: Hat, request: Request) -> bool:
    """Physicians of either side."""
    return may_see(hat, request) and hat.role in PHYSICIAN_ROLES


def may_mark_patient(hat: Hat, request: Request) -> bool:
    return side_of(hat, request) == Side.SPOKE
