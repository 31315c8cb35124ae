"""Writing and checking the audit log."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from telehealth.accounts.hat import Hat, Origin
from telehealth.accounts.models import User
from telehealth.audit.models import AuditEntry

GENESIS = "0" * 64
_APPEND = "SELECT * FROM audit_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)"


def record(
    action: str,
    *,
    now: datetime,
    hat: Hat | None,
    object_type: str,
    object_id: object,
    patient_id: UUID | None = None,
    user: User | None = None,
    origin: Origin | None = None,
    facility_id: UUID | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry in the running transaction.

    Args:
        action: verb of the act, `object.verb` in the past tense ("request.claimed").
        hat: who acted and as what; None for the system or for somebody without a role (then `user`).
        facility_id: where, for an act without a hat: somebody from outside booked there. It stands in that facility's chain.
        detail: facts that help an auditor; never clinical content, never identity.
    """
    chain = str(hat.facility.id if hat else facility_id or "-")
    origin = hat.origin if hat else origin or Origin()
    entry = AuditEntry(
        chain=chain,
        at=now,
        action=action,
        user_id=hat.user.pk if hat else (user.pk if user else None),
        membership_id=hat.membership.id if hat else None,
        object_type=object_type,
        object_id=str(object_id),
        patient_id=patient_id,
        address=origin.address,
        detail=detail,
    )
    with connection.cursor() as cursor:
        # Called last in every use case: the chain's lock is held until the commit.
        cursor.execute(
            _APPEND,
            [
                chain,
                now,
                action,
                entry.user_id,
                entry.membership_id,
                object_type,
                entry.object_id,
                patient_id,
                entry.address,
                _json(detail),
                _json(chain),
                _json(_rest(entry))[1:],
            ],
        )
        entry.id, entry.number, entry.previous_hash, entry.hash = cursor.fetchone()
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the entry's canonical JSON and the hash before it."""
    body = [entry.previous_hash, entry.chain, entry.number, *_rest(entry)]
    return hashlib.sha256(_json(body).encode()).hexdigest()


def _rest(entry: AuditEntry) -> list[Any]:
    """Return what is hashed behind the hash before, the chain and the number."""
    return [
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.action,
        str(entry.user_id),
        str(entry.membership_id),
        entry.object_type,
        entry.object_id,
        str(entry.patient_id),
        entry.address,
        entry.detail,
    ]


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def find_breaks(entries: Iterable[AuditEntry]) -> list[str]:
    """Return a sentence for every place where one chain, given in order of number, does not hold."""
    breaks: list[str] = []
    previous, number = GENESIS, 0
    for entry in entries:
        number += 1
        if entry.number != number:
            breaks.append(f"{entry.chain}: number {number} is missing before {entry.number}")
            number = entry.number
        if entry.previous_hash != previous:
            breaks.append(f"{entry.chain}: entry {entry.number} does not follow its predecessor")
        if entry.hash != entry_hash(entry):
            breaks.append(f"{entry.chain}: entry {entry.number} was changed")
        previous = entry.hash
    return breaks
