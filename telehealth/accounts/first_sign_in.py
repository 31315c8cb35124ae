"""The link by which a person chooses their first password, or a new one after forgetting it.

Nobody but the person ever knows a password. The link works once, ends by itself, and an older one ends when a newer is issued:
its token is signed over the account's password field, which every issue and every choice of a password changes.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction

from telehealth.accounts.access import end_all_sessions
from telehealth.accounts.models import User


class _Tokens(PasswordResetTokenGenerator):
    """Django's tokens under a salt of our own and at a time that is given."""

    key_salt = "telehealth.accounts.first_sign_in"

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._at = now.astimezone(UTC).replace(tzinfo=None)

    def _now(self) -> datetime:
        return self._at


def lifetime() -> timedelta:
    """Return how long a link works."""
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


@transaction.atomic
def issue_token(*, user: User, now: datetime, remove_factors: bool = False) -> str:
    """Take the password and every open session away, and return the token that lets the person choose a new password.

    `remove_factors` is for a lost telephone or key: authenticator app, passkeys and recovery codes end, too.
    """
    if remove_factors:
        Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_all_sessions(user=user, now=now)
    return _Tokens(now).make_token(user)


def user_of_token(*, user_id: UUID, token: str, now: datetime) -> User | None:
    """Return whose token it is; None when it is wrong, used, replaced or too old."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and _Tokens(now).check_token(user, token) else None
