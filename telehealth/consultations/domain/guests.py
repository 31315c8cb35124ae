"""Links for people without an account: issuing, opening, remembering who opened one, revoking.

An address is `id ‖ mac` in base64url: the id of the link and a keyed digest of it (HMAC-SHA-256, cut to 144 bits), so that a
reminder can name it again without the database having kept it. Of the whole only a digest is stored. Whoever has an address
has proven nothing yet: the browser is remembered after a one-time code, or when its verified telephone is the link's.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from scheduling.calendars.enums import Purpose
from telehealth.accounts.hat import Hat, Origin
from telehealth.audit.log import record
from telehealth.consultations import rules
from telehealth.consultations.domain.acts import begin_unattended
from telehealth.consultations.enums import GuestKind, SessionState
from telehealth.consultations.models import GuestLink, Participant, Session, Visit
from telehealth.consultations.principals import Guest
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.core.ids import uuid7
from telehealth.core.text import clean
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import ToPhone
from telehealth.notifications.recipients import e164 as number_of

READ_FOR = timedelta(days=30)
"""How long after the visit its summary can be read by the link."""
REMEMBERED_FOR = timedelta(hours=12)
"""How long a browser that gave the code is known. A shared telephone forgets by the evening."""
MAX_RELATIVES = 3
SESSION_KEY = "guest_links"
VISIT_RELATED = (
    "request",
    "appointment__practitioner__user",
    "appointment__practitioner__facility",
    "appointment__beneficiary",
    "appointment__patient",
    "appointment__contact",
)
LINK_RELATED = tuple(f"visit__{name}" for name in VISIT_RELATED)
_MAC_BYTES = 18


def visit_of(appointment: Appointment) -> Visit:
    """Return the visit of a remote appointment, made when it is first asked for.

    Raises:
        NotFound: `visit.not_found`: a hold, or an appointment of another kind.
    """
    if appointment.kind != Purpose.REMOTE or appointment.status == Status.PENDING or appointment.part_of_id:
        raise no_such_visit()
    visit, _made = Visit.objects.get_or_create(appointment=appointment)
    return visit


def lock_visit(visit_id: UUID) -> Visit | None:
    """Lock a visit's row for the rest of the transaction; None when there is no such remote appointment."""
    appointment = Appointment.objects.filter(id=visit_id, kind=Purpose.REMOTE, part_of=None).first()
    if appointment is None or appointment.status == Status.PENDING:
        return None
    visit_of(appointment)
    return (
        Visit.objects.select_for_update(of=("self",))
        .select_related(*VISIT_RELATED)
        .get(appointment=appointment)
    )


@transaction.atomic
def patient_link(*, appointment: Appointment, now: datetime) -> GuestLink | None:
    """Return the patient's link of a remote appointment, issued when there is none yet; None when there is no telephone for a code.

    For the pages of the booking itself, whose reader has been let through to it.

    Raises:
        NotFound: `visit.not_found`.
    """
    visit = lock_visit(visit_of(appointment).id)
    assert visit is not None, "it was there a moment ago"
    link = visit.links.filter(kind=GuestKind.PATIENT, revoked_at=None).first()
    if link is not None and link.phone == visit.phone:
        return link
    if not visit.phone:
        return None
    return issue_link(
        visit=visit, kind=GuestKind.PATIENT, name=visit.name, phone=visit.phone, by=None, now=now
    )


def token_of(link_id: UUID) -> str:
    """Return the part of the address that names a link: 46 characters."""
    return base64.urlsafe_b64encode(link_id.bytes + _mac(link_id)).decode().rstrip("=")


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_link(
    *, visit: Visit, kind: GuestKind, name: str, phone: str, by: Hat | None, now: datetime
) -> GuestLink:
    """Make a link for one person to one visit, in the running transaction. A new link of the patient ends the one before.

    `by` is None when the booking itself made it.

    Raises:
        Invalid: `guest.name_missing`, `guest.phone_missing`, `guest.too_many`; `detail["field"]` names the field.
    """
    name = " ".join(clean(name).split())
    if not name:
        raise Invalid("guest.name_missing", _("Hãy ghi họ và tên người được mời."), field="name")
    if not phone:
        raise Invalid(
            "guest.phone_missing",
            _("Hãy ghi số điện thoại của người được mời: mã vào phòng được gửi đến số đó."),
            field="phone",
        )
    if kind == GuestKind.PATIENT:
        for old in visit.links.filter(kind=kind, revoked_at=None):
            _revoke(old, now=now)
    elif visit.links.filter(kind=kind, revoked_at=None).count() >= MAX_RELATIVES:
        raise Invalid(
            "guest.too_many",
            _("Mỗi buổi khám mời thêm được tối đa %(n)s người nhà. Hãy thu hồi một liên kết trước.")
            % {"n": MAX_RELATIVES},
        )
    link_id = uuid7()
    link = GuestLink.objects.create(
        id=link_id,
        visit=visit,
        kind=kind,
        name=name,
        phone=phone,
        digest=digest_of(token_of(link_id)),
        issued_by=by.membership if by else None,
        issued_at=now,
    )
    _audit("guest.link_issued", link, by=by, now=now)
    return link


@transaction.atomic
def invite_relative(*, hat: Hat, visit_id: UUID, name: str, phone: str, now: datetime) -> GuestLink:
    """Let a relative join from a telephone of their own.

    Raises:
        NotFound: `visit.not_found`; Invalid: `phone.malformed`; as `issue_link`.
    """
    visit = lock_visit(visit_id)
    if visit is None or not rules.may_see_visit(hat, visit):
        raise no_such_visit()
    link = issue_link(
        visit=visit,
        kind=GuestKind.RELATIVE,
        name=name,
        phone=number_of(phone) if clean(phone) else "",
        by=hat,
        now=now,
    )
    _send(link, now=now)
    return link


@transaction.atomic
def revoke_link(*, hat: Hat, link_id: UUID, now: datetime) -> GuestLink:
    """End a link at once: whoever is in the room by it is out within two seconds.

    Raises:
        NotFound: `guest.not_found`.
    """
    link = (
        GuestLink.objects.select_for_update(of=("self",))
        .select_related(*LINK_RELATED)
        .filter(id=link_id)
        .first()
    )
    if link is None or not rules.may_see_visit(hat, link.visit):
        raise NotFound("guest.not_found", _("Không có liên kết này, hoặc anh/chị không có quyền."))
    if link.revoked_at is None:
        _revoke(link, now=now)
        _audit("guest.link_revoked", link, by=hat, now=now)
    return link


@transaction.atomic
def renew_patient_link(*, hat: Hat, visit_id: UUID, now: datetime) -> GuestLink:
    """Give the patient a new link; the one before ends.

    Raises:
        NotFound: `visit.not_found`; NotAllowed: `visit.cancelled`.
    """
    visit = lock_visit(visit_id)
    if visit is None or not rules.may_see_visit(hat, visit):
        raise no_such_visit()
    if visit.is_cancelled:
        raise NotAllowed("visit.cancelled", _("Buổi khám này đã hủy."))
    link = issue_link(
        visit=visit, kind=GuestKind.PATIENT, name=visit.name, phone=visit.phone, by=hat, now=now
    )
    _send(link, now=now)
    return link


def open_link(*, token: str, now: datetime) -> GuestLink:
    """Return the link an address names.

    Raises:
        NotFound: `guest.link_unknown`: no link, one that is revoked, or one that is over. The same answer for all.
    """
    link = None
    if _link_id(token) is not None:
        found = GuestLink.objects.select_related(*LINK_RELATED)
        link = found.filter(digest=digest_of(token), revoked_at=None).first()
    if link is None or now >= ends_at(link):
        raise NotFound(
            "guest.link_unknown",
            _(
                "Liên kết này không còn dùng được. Hãy mở tin nhắn mới nhất, hoặc gọi cơ sở y tế để nhận liên kết mới."
            ),
        )
    return link


def remember(session: MutableMapping[str, Any], link: GuestLink, *, now: datetime) -> None:
    """Write into a browser's session that whoever uses it has shown to be the link's person."""
    kept = dict(session.get(SESSION_KEY, {}))
    kept[str(link.id)] = (now + REMEMBERED_FOR).isoformat()
    session[SESSION_KEY] = kept


def is_remembered(session: Mapping[str, Any], link: GuestLink, *, now: datetime) -> bool:
    """Say whether this browser has shown to be the link's person, not too long ago."""
    until = session.get(SESSION_KEY, {}).get(str(link.id))
    return until is not None and now < datetime.fromisoformat(until)


def guest_of(session: Mapping[str, Any], *, session_id: UUID, origin: Origin, now: datetime) -> Guest | None:
    """Return as whom a browser may come into a room; None when it is remembered for no link of that room's visit.

    A revoked link is returned, so that its holder can be told; the caller looks.
    """
    links = GuestLink.objects.select_related(*LINK_RELATED).filter(
        id__in=list(session.get(SESSION_KEY, {})), visit__request__sessions=session_id
    )
    known = [
        link
        for link in links.order_by("-issued_at")
        if is_remembered(session, link, now=now) and now < ends_at(link)
    ]
    valid = next((link for link in known if is_valid(link)), None) or next(iter(known), None)
    return Guest(valid, origin) if valid else None


def ends_at(link: GuestLink) -> datetime:
    """Return when a link ends by itself: some weeks after the visit, in which the summary can be read."""
    return link.visit.ends_at + READ_FOR


def is_valid(link: GuestLink) -> bool:
    """Say whether a link opens its room: it was not revoked, and the appointment was not cancelled."""
    return link.revoked_at is None and not link.visit.is_cancelled


def no_such_visit() -> NotFound:
    """Return the one answer for "not there" and "not yours"."""
    return NotFound("visit.not_found", _("Không có buổi khám này, hoặc anh/chị không có quyền xem."))


def _send(link: GuestLink, *, now: datetime) -> None:
    """Send the address to the link's telephone, in the running transaction."""
    notify(
        kind=Kind.REMOTE_READY,
        recipient=ToPhone(link.phone),
        key=f"guest:{link.id}",
        context={"code": link.visit.appointment.code},
        now=now,
        facility_id=link.visit.appointment.facility_id,
        path=f"/booking/join/{token_of(link.id)}/",
    )


def _revoke(link: GuestLink, *, now: datetime) -> None:
    link.revoked_at = now
    link.save(update_fields=["revoked_at"])
    _put_out(link, now=now)
    announce_on_commit("access.revoked", now=now, user=str(link.id), session="")


def _put_out(link: GuestLink, *, now: datetime) -> None:
    places = Participant.objects.filter(guest=link).exclude(session__state=SessionState.ENDED)
    for session_id in places.values_list("session_id", flat=True):
        act = begin_unattended(session_id, now=now)
        place = act.session.participants.get(guest=link)
        act.put_out(place, "removed")
        Participant.objects.filter(id=place.id).update(was_removed=True)
        act.finish()


def _audit(action: str, link: GuestLink, *, by: Hat | None, now: datetime) -> None:
    record(
        action,
        now=now,
        hat=by,
        facility_id=link.visit.appointment.facility_id,
        object_type="visit",
        object_id=link.visit_id,
        patient_id=link.visit.appointment.patient_id,
        guest=str(link.id),
        kind=link.kind,
    )


def _link_id(token: str) -> UUID | None:
    """Return the id a token names, if its keyed digest is right."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != 16 + _MAC_BYTES:
        return None
    link_id = UUID(bytes=raw[:16])
    return link_id if hmac.compare_digest(raw[16:], _mac(link_id)) else None


def _mac(link_id: UUID) -> bytes:
    return salted_hmac("telehealth.consultations.guest_link", link_id.bytes, algorithm="sha256").digest()[
        :_MAC_BYTES
    ]


def session_open(visit: Visit) -> Session | None:
    """Return the visit's room that has not ended."""
    if visit.request_id is None:
        return None
    return Session.objects.filter(request_id=visit.request_id).exclude(state=SessionState.ENDED).first()
