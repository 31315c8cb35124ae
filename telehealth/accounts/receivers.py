"""Signing out reaches open sockets at once."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.announce import announce_on_commit


@receiver(user_logged_out)
def close_sockets_of_session(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Announce the end of one sign-in; its sockets close, its media stops."""
    key = request.session.session_key
    if user is not None and key:
        announce_on_commit("access.revoked", now=clock.now(), user=str(user.pk), session=key)
