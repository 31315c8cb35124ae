"""What the domain tells the world after a commit: topics, written once.

room     {session, seq}                       the room's log grew
inbox    {facility|user, topics, ring?}       lists of these people changed
"""

from datetime import datetime
from typing import Any

from telehealth.audit.log import record
from telehealth.consultations.models import Request, Session
from telehealth.consultations.principals import Guest, Principal
from telehealth.core.announce import announce_on_commit


def announce_room(session: Session, *, now: datetime) -> None:
    announce_on_commit("room", now=now, session=str(session.id), seq=session.seq)


def announce_request(request: Request, *, now: datetime, ring: bool = False) -> None:
    """Tell both sides that a request changed; `ring` also rings the hub's people of its specialty."""
    topics = ["worklist", f"request:{request.id}"]
    announce_on_commit("inbox", now=now, facility=str(request.facility_id), topics=topics, ring=None)
    if request.submitted_at and request.hub_id and request.hub_id != request.facility_id:
        bell = (
            {"request": str(request.id), "specialty": request.specialty_id, "urgency": request.urgency}
            if ring
            else None
        )
        announce_on_commit("inbox", now=now, facility=str(request.hub_id), topics=topics, ring=bell)


def audit_request(
    action: str, *, request: Request, who: Principal | None, now: datetime, **detail: Any
) -> None:
    """Write an audit entry about a request and its patient. What a guest does is written where the visit is."""
    guest = who if isinstance(who, Guest) else None
    if guest:
        detail["guest"] = str(guest.link.id)
    record(
        action,
        now=now,
        hat=None if isinstance(who, Guest) else who,
        origin=guest.origin if guest else None,
        facility_id=request.facility_id if guest else None,
        object_type="request",
        object_id=request.id,
        patient_id=request.patient_id,
        **detail,
    )
