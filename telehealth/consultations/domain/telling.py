"""Whom the four turns of a case are told to, beyond the pages that are open. Before the audit entry: its lock is the last."""

from datetime import datetime

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.consultations.enums import Urgency
from telehealth.consultations.models import Request
from telehealth.notifications.domain.telling import notify, notify_all, settle
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import ToUser


def tell_submitted(request: Request, *, hat: Hat, now: datetime) -> None:
    """Tell the hub's specialists of the specialty that a case waits. The page's own ring is announced beside this."""
    specialists = Membership.objects.filter(
        facility=request.hub_id, role=Role.SPECIALIST, is_active=True, specialties=request.specialty_id
    )
    users = specialists.exclude(user=hat.user).values_list("user_id", flat=True).distinct()
    notify_all(
        kind=Kind.REQUEST_RINGING,
        recipients=map(ToUser, users),
        key=_key(request),
        context={},
        now=now,
        red=request.urgency == Urgency.RED,
        facility_id=request.hub_id,
        path=_path(request),
    )


def settle_ringing(request: Request, *, now: datetime) -> None:
    """Nobody needs to be called to the case any more: somebody took it, or it was withdrawn."""
    settle(key=_key(request), kinds=[Kind.REQUEST_RINGING], now=now)


def tell_claimed(request: Request, *, hat: Hat, now: datetime) -> None:
    """Tell who asked that somebody took the case."""
    settle_ringing(request, now=now)
    _tell(Kind.REQUEST_CLAIMED, request, request.requester, hat=hat, now=now)


def tell_answered(request: Request, *, hat: Hat, now: datetime) -> None:
    """Tell who asked that every question is answered and signed."""
    _tell(Kind.REQUEST_ANSWERED, request, request.requester, hat=hat, now=now)


def tell_decided(request: Request, *, hat: Hat, now: datetime) -> None:
    """Tell who answered what the treating doctor does with it."""
    if request.owner is not None:
        _tell(Kind.REQUEST_DECIDED, request, request.owner, hat=hat, now=now)


def _tell(kind: Kind, request: Request, membership: Membership, *, hat: Hat, now: datetime) -> None:
    if membership.user_id == hat.user.pk:
        return  # nobody is told what they have just done
    notify(
        kind=kind,
        recipient=ToUser(membership.user_id),
        key=_key(request),
        context={},
        now=now,
        red=request.urgency == Urgency.RED,
        facility_id=membership.facility_id,
        path=_path(request),
    )


def _key(request: Request) -> str:
    return f"request:{request.id}"


def _path(request: Request) -> str:
    return f"/requests/{request.id}/"
