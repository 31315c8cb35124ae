"""Who is told of the four turns of a case, beside the ring of open pages."""

import pytest

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain import opinions, requests
from telehealth.consultations.domain.sessions import open_session
from telehealth.core.models import OutboxEntry
from telehealth.notifications.domain.reading import shown_to, unread_count
from telehealth.notifications.models import Notification
from tests.factories import NOW, World, answer_all, make_claimed, make_person, make_specialty, make_submitted

pytestmark = pytest.mark.django_db


def under_the_bell(hat: Hat) -> list[tuple[str, str]]:
    return [(told.kind, told.path) for told in shown_to(hat.user)]


def test_a_submitted_case_calls_the_specialists_of_its_specialty_only(world: World) -> None:
    other = make_person(world.hub, Role.SPECIALIST, specialty=make_specialty("than-kinh"))
    request = make_submitted(world)
    called = [("request_ringing", f"/requests/{request.id}/")]
    assert under_the_bell(world.specialist) == under_the_bell(world.second_specialist) == called
    for hat in (world.coordinator, world.doctor, world.nurse, other):
        assert under_the_bell(hat) == []
    # The ring of open pages is announced as ever.
    rung = [
        entry.payload["ring"] for entry in OutboxEntry.objects.filter(topic="inbox") if entry.payload["ring"]
    ]
    assert rung == [{"request": str(request.id), "specialty": world.specialty.key, "urgency": "urgent"}]


def test_only_a_red_case_goes_against_quiet_hours(world: World) -> None:
    make_submitted(world)
    assert set(Notification.objects.values_list("red", flat=True)) == {False}


def test_once_claimed_nobody_needs_to_be_called_and_who_asked_is_told(world: World) -> None:
    request = make_claimed(world)
    assert unread_count(world.second_specialist.user) == 0
    assert under_the_bell(world.doctor) == [("request_claimed", f"/requests/{request.id}/")]
    requests.claim_request(hat=world.specialist, request_id=request.id, now=NOW)
    assert len(under_the_bell(world.doctor)) == 1


def test_a_withdrawn_case_calls_nobody(world: World) -> None:
    request = make_submitted(world)
    requests.cancel_request(hat=world.doctor, request_id=request.id, reason="Đã chuyển viện", now=NOW)
    assert unread_count(world.specialist.user) == 0


def test_answer_and_decision_are_told_to_the_other_side(world: World) -> None:
    request = make_claimed(world)
    open_session(hat=world.doctor, request_id=request.id, now=NOW)
    answer_all(world, request.id)
    opinions.sign_opinion(hat=world.specialist, request_id=request.id, now=NOW)
    assert [kind for kind, _path in under_the_bell(world.doctor)] == ["request_answered", "request_claimed"]
    opinions.record_decision(hat=world.doctor, request_id=request.id, outcome="accepted", reason="", now=NOW)
    assert under_the_bell(world.specialist)[0][0] == "request_decided"
