"""Who signed in, signed out or failed to: into the audit log. The name tried is not kept: it may be a mistyped password."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from telehealth.accounts.hat import Origin
from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core import clock


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    _record("user.signed_in", request, user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _record("user.signed_out", request, user)


@receiver(user_login_failed)
def sign_in_failed(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    _record("user.sign_in_failed", request, None)


def _record(action: str, request: HttpRequest | None, user: User | None) -> None:
    origin = Origin(address=request.META.get("REMOTE_ADDR", "") if request else "")
    object_id = user.pk if user else "-"
    record(
        action, now=clock.now(), hat=None, user=user, origin=origin, object_type="user", object_id=object_id
    )
