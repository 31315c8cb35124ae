"""Who stands behind a socket, and whether they may be there. Synchronous: runs in the database threads."""

from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.utils import translation

from signaling.protocol.closing import CloseCode
from telehealth.accounts.hat import Hat, Origin, choose_hat, hats_of
from telehealth.accounts.models import User
from telehealth.consultations.access import access_session
from telehealth.consultations.models import Participant
from telehealth.core.errors import NotFound


class Denied(Exception):
    """This person may not be here; `code` says why."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True)
class Badge:
    """What a socket showed when it was opened."""

    session_key: str
    language: str
    address: str


def read_badge(scope: dict[str, object]) -> Badge:
    """Return the sign-in, language and address of an ASGI scope. Nothing is checked here."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):  # type: ignore[attr-defined]
        headers.setdefault(name, value)
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
    client = scope.get("client") or ("", 0)
    return Badge(
        session_key=cookies.get(settings.SESSION_COOKIE_NAME, ""),
        language=_language(cookies.get(settings.LANGUAGE_COOKIE_NAME, "")),
        address=str(client[0]),  # type: ignore[index]
    )


def _language(wanted: str) -> str:
    try:
        return translation.get_supported_language_variant(wanted)
    except LookupError:
        return settings.LANGUAGE_CODE


def user_of(badge: Badge) -> tuple[User, UUID | None]:
    """Return who is signed in and which membership they chose.

    Raises:
        Denied: SIGNED_OUT.
    """
    if not badge.session_key:
        raise Denied(CloseCode.SIGNED_OUT)
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(badge.session_key)
    user = get_user(request)  # checks the password's fingerprint in the session too
    if not isinstance(user, User) or not user.is_active:
        raise Denied(CloseCode.SIGNED_OUT)
    chosen = request.session.get("membership")
    return user, UUID(chosen) if chosen else None


def hat_of(badge: Badge) -> Hat:
    """Return the hat that is worn now.

    Raises:
        Denied: SIGNED_OUT; NOT_ALLOWED: a person without a role.
    """
    user, chosen = user_of(badge)
    hat = choose_hat(user, chosen, origin=_origin(badge))
    if hat is None:
        raise Denied(CloseCode.NOT_ALLOWED)
    return hat


def hat_in_room(badge: Badge, session_id: UUID) -> Hat:
    """Return the hat somebody wears in a room: the one worn now, or the one they came in with.

    Raises:
        Denied: SIGNED_OUT, NOT_ALLOWED (without a role, or put out of the room), NOT_FOUND.
    """
    user, chosen = user_of(badge)
    hats = [Hat(membership, _origin(badge)) for membership in hats_of(user)]
    if not hats:
        raise Denied(CloseCode.NOT_ALLOWED)
    places = Participant.objects.filter(session_id=session_id, membership__user=user)
    places_by_membership = {place.membership_id: place for place in places}
    # Changing hats in another tab must not throw anybody out of a call.
    hats.sort(key=lambda hat: (hat.membership.id not in places_by_membership, hat.membership.id != chosen))
    for hat in hats:
        try:
            access_session(hat, session_id)
        except NotFound:
            continue
        place = places_by_membership.get(hat.membership.id)
        if place is not None and place.was_removed:
            raise Denied(CloseCode.NOT_ALLOWED)
        return hat
    raise Denied(CloseCode.NOT_FOUND)


def _origin(badge: Badge) -> Origin:
    return Origin(address=badge.address, session=badge.session_key)


class Authority:
    """The hat behind one socket, looked up again when what we know is older than `MAX_AGE` seconds."""

    MAX_AGE = 5.0

    def __init__(self, badge: Badge, session_id: UUID) -> None:
        self._badge = badge
        self._session_id = session_id
        self._known: tuple[Hat, float] | None = None

    def hat(self, now: float) -> Hat:
        """Return the hat; `now` is seconds of a steady clock.

        Raises:
            Denied: as `hat_in_room`.
        """
        known = self._known
        if known is not None and now - known[1] < self.MAX_AGE:
            return known[0]
        hat = hat_in_room(self._badge, self._session_id)
        self._known = (hat, now)
        return hat

    def forget(self) -> None:
        """Look again next time."""
        self._known = None
