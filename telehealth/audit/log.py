"""Writing and checking the audit log."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from telehealth.accounts.hat import Hat, Origin
from telehealth.accounts.models import User
from telehealth.audit.models import AuditEntry

GENESIS = "0" * 64


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
    with transaction.atomic(), connection.cursor() as cursor:
        # Taken last in every use case and held until its commit, so the chain has one writer at a time.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [chain])
        last = AuditEntry.objects.filter(chain=chain).order_by("-number").only("number", "hash").first()
        entry = AuditEntry(
            chain=chain,
            number=last.number + 1 if last else 1,
            at=now,
            action=action,
            user_id=hat.user.pk if hat else (user.pk if user else None),
            membership_id=hat.membership.id if hat else None,
            object_type=object_type,
            object_id=str(object_id),
            patient_id=patient_id,
            address=origin.address,
            detail=detail,
            previous_hash=last.hash if last else GENESIS,
        )
        entry.hash = entry_hash(entry)
        entry.save(force_insert=True)
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the entry's canonical JSON and the hash before it."""
    body = [
        entry.previous_hash,
        entry.chain,
        entry.number,
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
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


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
