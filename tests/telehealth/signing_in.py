"""Browsers without a browser: Django's client, signed in."""

from collections.abc import Callable

from django.test import Client

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.web.middleware import HAT_KEY

SignIn = Callable[[Hat | User], Client]


def sign_in(who: Hat | User) -> Client:
    """Return a client signed in as a person; a hat is also put on."""
    client = Client()
    client.force_login(who.user if isinstance(who, Hat) else who)
    if isinstance(who, Hat):
        session = client.session
        session[HAT_KEY] = str(who.membership.id)
        session.save()
    return client
