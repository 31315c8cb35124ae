"""Who stands behind a socket, and whether they may be there. Synchronous: runs in the database threads."""

from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.http import HttpRequest, parse_cookie
from django.utils import timezone, translation

from signaling.protocol.closing import CloseCode
from telehealth.accounts.hat import Hat, Origin, choose_hat, hats_of
from telehealth.accounts.models import User
from telehealth.consultations.access import access_session
from telehealth.consultations.domain.guests import guest_of
from telehealth.consultations.models import Participant
from telehealth.consultations.principals import Guest, Principal
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
    cookies = read_cookies(scope)
    client = scope.get("client") or ("", 0)
    return Badge(
        session_key=cookies.get(settings.SESSION_COOKIE_NAME, ""),
        language=_language(cookies.get(settings.LANGUAGE_COOKIE_NAME, "")),
        address=str(client[0]),  # type: ignore[index]
    )


def read_cookies(scope: dict[str, object]) -> dict[str, str]:
    """Return the cookies of an ASGI scope."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):  # type: ignore[attr-defined]
        headers.setdefault(name, value)
    cookies: dict[str, str] = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
    return cookies


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
    request.session = _session_of(badge)
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


def guest_in_room(badge: Badge, session_id: UUID) -> Guest:
    """Return the guest whose link this browser has opened, in a room of their visit.

    Raises:
        Denied: SIGNED_OUT (no link was opened here), NOT_ALLOWED (revoked, or put out of the room), NOT_FOUND (of another visit).
    """
    if not badge.session_key:
        raise Denied(CloseCode.SIGNED_OUT)
    found = guest_of(_session_of(badge), session_id=session_id, origin=_origin(badge), now=timezone.now())
    if found is None:
        raise Denied(CloseCode.SIGNED_OUT)
    if found.link.revoked_at is not None:
        raise Denied(CloseCode.NOT_ALLOWED)
    place = Participant.objects.filter(session_id=session_id, guest=found.link).first()
    if place is not None and place.was_removed:
        raise Denied(CloseCode.NOT_ALLOWED)
    return found


def _session_of(badge: Badge) -> SessionBase:
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(badge.session_key)
    return store


def _origin(badge: Badge) -> Origin:
    return Origin(address=badge.address, session=badge.session_key)


# Whole rows of people and memberships: a column that comes to matter later is in already.
STANDING = """
    SELECT md5(ROW(
        signed_in.session_data, person, request.facility_id, request.hub_id, request.specialty_id, request.submitted_at,
        request.owner_id, request.mode,
        ARRAY(
            SELECT ROW(membership, practised.specialty_id)
            FROM accounts_membership membership
            LEFT JOIN accounts_membership_specialties practised ON practised.membership_id = membership.id
            WHERE membership.user_id = person.id
            ORDER BY membership.id, practised.specialty_id),
        ARRAY(
            SELECT ROW(place.membership_id, place.was_removed)
            FROM consultations_participant place JOIN accounts_membership worn ON worn.id = place.membership_id
            WHERE place.session_id = session.id AND worn.user_id = person.id
            ORDER BY place.id)
    )::text)
    FROM django_session signed_in, accounts_user person, consultations_session session
    JOIN consultations_request request ON request.id = session.request_id
    WHERE signed_in.session_key = %s AND signed_in.expire_date > %s AND person.id = %s AND session.id = %s
"""


def standing_of(badge: Badge, user: User, session_id: UUID) -> str | None:
    """Return the fingerprint of every row that `hat_in_room` decides from, in one statement; None: signed out.

    The same fingerprint means the same decision.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [badge.session_key, timezone.now(), user.pk, session_id])
        row = cursor.fetchone()
    return row[0] if row else None


class GuestAuthority:
    """The guest behind one socket, checked again when what we know is older than `MAX_AGE` seconds. Three small look-ups."""

    MAX_AGE = 5.0

    def __init__(self, badge: Badge, session_id: UUID) -> None:
        self._badge = badge
        self._session_id = session_id
        self._guest: Guest | None = None
        self._checked_at = float("-inf")

    def principal(self, now: float) -> Principal:
        """Return the guest; `now` is seconds of a steady clock.

        Raises:
            Denied: as `guest_in_room`.
        """
        if self._guest is None or now - self._checked_at >= self.MAX_AGE:
            self._guest = guest_in_room(self._badge, self._session_id)
            self._checked_at = now
        return self._guest

    def forget(self) -> None:
        """Check again next time."""
        self._checked_at = float("-inf")


class Authority:
    """The hat behind one socket, checked again when what we know is older than `MAX_AGE` seconds.

    A check is one statement; only when that shows a change is everything looked up anew.
    """

    MAX_AGE = 5.0

    def __init__(self, badge: Badge, session_id: UUID) -> None:
        self._badge = badge
        self._session_id = session_id
        self._hat: Hat | None = None
        self._standing: str | None = None
        self._checked_at = float("-inf")

    def principal(self, now: float) -> Principal:
        """Return the hat; `now` is seconds of a steady clock.

        Raises:
            Denied: as `hat_in_room`.
        """
        hat = self._hat
        if hat is not None and now - self._checked_at < self.MAX_AGE:
            return hat
        # Read before the rows it stands for: what changes in between is seen the next time. The first time nobody is
        # known to ask about, so the second time looks again.
        standing = standing_of(self._badge, hat.user, self._session_id) if hat else None
        if hat is None or standing is None or standing != self._standing:
            hat = hat_in_room(self._badge, self._session_id)
        self._hat, self._standing, self._checked_at = hat, standing, now
        return hat

    def forget(self) -> None:
        """Check again next time."""
        self._checked_at = float("-inf")
