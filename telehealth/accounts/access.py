"""Taking access away, everywhere and at once."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from telehealth.accounts.models import Membership, User
from telehealth.core.announce import announce_on_commit


@transaction.atomic
def end_all_sessions(*, user: User, now: datetime) -> int:
    """Sign a person out on every device; return how many sessions ended."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=now):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
            ended += 1
    announce_on_commit("access.revoked", now=now, user=str(user.pk), session="")
    return ended


@transaction.atomic
def deactivate_membership(*, membership: Membership, now: datetime) -> None:
    """Take a role away. Open rooms and lists under this hat close."""
    Membership.objects.filter(id=membership.id).update(is_active=False)
    announce_on_commit("access.revoked", now=now, user=str(membership.user_id), session="")
