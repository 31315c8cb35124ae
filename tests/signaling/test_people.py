"""Whether somebody may still be here: one statement while nothing changes, and every change is seen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as SignIn
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from signaling.people import Authority, Badge, Denied
from signaling.protocol.closing import CloseCode
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, User
from telehealth.consultations.domain import sessions
from telehealth.consultations.models import Participant, Request, Session
from telehealth.core import clock
from tests.factories import PASSWORD, World, make_session, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def room(world: World) -> Session:
    room = make_session(world)
    for hat in (world.specialist, world.second_specialist):
        sessions.arrive(who=hat, session_id=room.id, key=None, now=clock.now())
    return room


def badge_of(hat: Hat) -> Badge:
    browser = Browser()
    assert browser.login(username=hat.user.username, password=PASSWORD)
    return Badge(session_key=browser.session.session_key or "", language="vi", address="203.0.113.1")


def hat_at(authority: Authority, now: float) -> Hat:
    found = authority.principal(now)
    assert isinstance(found, Hat)
    return found


def settled(hat: Hat, room: Session) -> Authority:
    """Return an authority that has looked everything up and knows it stands."""
    authority = Authority(badge_of(hat), room.id)
    assert hat_at(authority, 0).membership == hat_at(authority, 10).membership == hat.membership
    return authority


def test_check_is_one_statement_while_nothing_changes(world: World, room: Session) -> None:
    authority = settled(world.second_specialist, room)

    with CaptureQueriesContext(connection) as statements:
        authority.principal(14)
        assert len(statements) == 0
        authority.principal(20)
        assert len(statements) == 1
        authority.forget()
        authority.principal(21)
        assert len(statements) == 2


def sign_out(hat: Hat, room: Session) -> None:
    SignIn.objects.all().delete()


def let_the_sign_in_expire(hat: Hat, room: Session) -> None:
    SignIn.objects.update(expire_date=clock.now() - timedelta(seconds=1))


def deactivate(hat: Hat, room: Session) -> None:
    User.objects.filter(pk=hat.user.pk).update(is_active=False)


def change_password(hat: Hat, room: Session) -> None:
    hat.user.set_password("another one")
    hat.user.save()


def end_role(hat: Hat, room: Session) -> None:
    Membership.objects.filter(id=hat.membership.id).update(is_active=False)


def take_role(hat: Hat, room: Session) -> None:
    Membership.objects.filter(id=hat.membership.id).update(role=Role.FACILITY_ADMIN)


def take_specialty(hat: Hat, room: Session) -> None:
    hat.membership.specialties.clear()


def send_the_case_elsewhere(hat: Hat, room: Session) -> None:
    Request.objects.filter(id=room.request_id).update(hub=room.request.facility)


def put_out(hat: Hat, room: Session) -> None:
    Participant.objects.filter(session=room, membership=hat.membership).update(was_removed=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (sign_out, CloseCode.SIGNED_OUT),
        (let_the_sign_in_expire, CloseCode.SIGNED_OUT),
        (deactivate, CloseCode.SIGNED_OUT),
        (change_password, CloseCode.SIGNED_OUT),
        (end_role, CloseCode.NOT_ALLOWED),
        (take_role, CloseCode.NOT_FOUND),
        (take_specialty, CloseCode.NOT_FOUND),
        (send_the_case_elsewhere, CloseCode.NOT_FOUND),
        (put_out, CloseCode.NOT_ALLOWED),
    ],
)
def test_every_change_that_takes_access_away_is_seen_within_five_seconds(
    world: World, room: Session, change: Callable[[Hat, Session], None], code: CloseCode
) -> None:
    authority = settled(world.second_specialist, room)

    change(world.second_specialist, room)

    with pytest.raises(Denied) as denied:
        authority.principal(15)
    assert denied.value.code is code


def test_change_between_the_first_look_and_the_second_is_seen(world: World, room: Session) -> None:
    authority = Authority(badge_of(world.second_specialist), room.id)
    authority.principal(0)

    end_role(world.second_specialist, room)

    with pytest.raises(Denied):
        authority.principal(5)


def test_role_ended_elsewhere_leaves_the_hat_that_is_worn_here(world: World, room: Session) -> None:
    hat = world.second_specialist
    other = Membership.objects.create(user=hat.user, facility=world.spoke, role=Role.NURSE)
    authority = settled(hat, room)

    Membership.objects.filter(id=other.id).update(is_active=False)

    assert hat_at(authority, 15).membership == hat.membership
