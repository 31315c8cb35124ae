"""Asking: draft, submit, claim, cancel, close."""

from dataclasses import replace

import pytest

from telehealth.accounts.enums import Role
from telehealth.audit.models import AuditEntry
from telehealth.consultations.access import access_request
from telehealth.consultations.domain import requests
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Question
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.models import OutboxEntry
from tests import factories
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.make_world()


def test_a_draft_keeps_everything_typed(world: World) -> None:
    draft = factories.make_draft(world)
    content = factories.complete_content(world)
    saved = requests.save_draft(
        hat=world.doctor, request_id=draft.id, content=content, base_version=0, now=NOW
    )
    assert saved.version == 1
    assert {name: getattr(saved, name) for name in content.summary} == dict(content.summary)
    assert list(saved.questions.values_list("number", "text")) == [
        (1, "Có cần chuyển không?"),
        (2, "Dùng thuốc gì?"),
    ]
    assert list(saved.vital_signs.values_list("pulse", "systolic", "diastolic", "spo2")) == [
        (96, 130, 80, 95)
    ]


def test_saving_over_somebody_elses_save_is_refused_and_keeps_theirs(world: World) -> None:
    draft = factories.make_draft(world)
    content = factories.complete_content(world)
    requests.save_draft(hat=world.doctor, request_id=draft.id, content=content, base_version=0, now=NOW)
    late = replace(content, summary={"chief_complaint": "Khác"})
    with pytest.raises(Conflict) as refused:
        requests.save_draft(hat=world.doctor, request_id=draft.id, content=late, base_version=0, now=NOW)
    assert refused.value.code == "draft.changed_elsewhere"
    draft.refresh_from_db()
    assert (draft.version, draft.chief_complaint) == (1, "Đau ngực")


def test_an_incomplete_draft_is_refused_naming_what_is_missing(world: World) -> None:
    draft = factories.make_draft(world)
    with pytest.raises(Invalid) as refused:
        requests.submit_request(hat=world.doctor, request_id=draft.id, now=NOW)
    assert refused.value.detail["missing"] == [
        "chief_complaint",
        "history_of_present_illness",
        "examination",
        "provisional_diagnosis",
        "questions",
        "specialty",
        "hub",
    ]
    draft.refresh_from_db()
    assert draft.state == RequestState.DRAFT


def test_a_hub_without_the_specialty_is_refused(world: World) -> None:
    draft = factories.make_draft(world)
    content = replace(factories.complete_content(world), specialty=factories.make_specialty("da-lieu").key)
    requests.save_draft(hat=world.doctor, request_id=draft.id, content=content, base_version=0, now=NOW)
    with pytest.raises(Invalid) as refused:
        requests.submit_request(hat=world.doctor, request_id=draft.id, now=NOW)
    assert refused.value.code == "request.hub_without_specialty"


def test_a_draft_is_invisible_to_the_hub_and_visible_once_submitted(world: World) -> None:
    draft = factories.make_draft(world)
    requests.save_draft(
        hat=world.doctor,
        request_id=draft.id,
        content=factories.complete_content(world),
        base_version=0,
        now=NOW,
    )
    with pytest.raises(NotFound):
        access_request(world.specialist, draft.id, now=NOW)
    requests.submit_request(hat=world.doctor, request_id=draft.id, now=NOW)
    assert access_request(world.specialist, draft.id, now=NOW) == draft


def test_a_cancelled_draft_stays_invisible_to_the_hub(world: World) -> None:
    draft = factories.make_draft(world)
    requests.save_draft(
        hat=world.doctor,
        request_id=draft.id,
        content=factories.complete_content(world),
        base_version=0,
        now=NOW,
    )
    requests.cancel_request(hat=world.doctor, request_id=draft.id, reason="", now=NOW)
    for hat in (world.specialist, world.coordinator):
        with pytest.raises(NotFound):
            access_request(hat, draft.id, now=NOW)


def test_strangers_get_the_same_answer_as_for_nothing(world: World) -> None:
    request = factories.make_submitted(world)
    stranger = factories.make_person(factories.make_facility(), Role.DOCTOR)
    other_specialty = factories.make_person(
        world.hub, Role.SPECIALIST, specialty=factories.make_specialty("da-lieu")
    )
    errors = []
    for hat, request_id in (
        (stranger, request.id),
        (other_specialty, request.id),
        (stranger, stranger.user.pk),
    ):
        with pytest.raises(NotFound) as refused:
            access_request(hat, request_id, now=NOW)
        errors.append((refused.value.code, refused.value.text))
    assert len(set(errors)) == 1


def test_claiming_makes_one_owner_and_tells_the_others_who(world: World) -> None:
    request = factories.make_claimed(world)
    assert (request.state, request.owner) == (RequestState.ACCEPTED, world.specialist.membership)
    assert requests.claim_request(hat=world.specialist, request_id=request.id, now=NOW).owner == request.owner
    with pytest.raises(Conflict) as refused:
        requests.claim_request(hat=world.second_specialist, request_id=request.id, now=NOW)
    assert refused.value.code == "request.already_claimed"
    assert world.specialist.user.display_name in refused.value.text


def test_only_a_licensed_specialist_of_the_specialty_claims(world: World) -> None:
    request = factories.make_submitted(world)
    unlicensed = factories.make_person(world.hub, Role.SPECIALIST, specialty=world.specialty, licensed=False)
    codes = []
    for hat in (world.coordinator, world.doctor, unlicensed):
        with pytest.raises(NotAllowed) as refused:
            requests.claim_request(hat=hat, request_id=request.id, now=NOW)
        codes.append(refused.value.code)
    assert codes == ["request.not_eligible", "request.not_eligible", "request.no_license"]


def test_a_submitted_request_needs_a_reason_to_be_cancelled_or_closed(world: World) -> None:
    request = factories.make_submitted(world)
    for act in (requests.cancel_request, requests.close_request):
        with pytest.raises(Invalid):
            act(hat=world.doctor, request_id=request.id, reason="  ", now=NOW)
    closed = requests.close_request(hat=world.doctor, request_id=request.id, reason="Đã chuyển viện", now=NOW)
    assert (closed.state, closed.close_reason) == (RequestState.CLOSED, "Đã chuyển viện")


def test_every_step_is_audited_and_announced(world: World) -> None:
    AuditEntry.objects.all()
    before = AuditEntry.objects.count()
    request = factories.make_claimed(world)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[before:]
    assert actions == ["request.created", "request.submitted", "request.claimed"]
    assert {entry.topic for entry in OutboxEntry.objects.all()} == {"inbox"}
    rung = [entry.payload["ring"] for entry in OutboxEntry.objects.all() if entry.payload["ring"]]
    assert rung == [{"request": str(request.id), "specialty": world.specialty.key, "urgency": "urgent"}]


def test_hostile_text_is_kept_as_text(world: World) -> None:
    draft = factories.make_draft(world)
    text = "<script>alert(1)</script> \x00\x07 \u202e 'quoted' \r\n$x$"
    content = replace(factories.complete_content(world, questions=(text,)), summary={"examination": text})
    requests.save_draft(hat=world.doctor, request_id=draft.id, content=content, base_version=0, now=NOW)
    kept = "<script>alert(1)</script>  \u202e 'quoted'\n$x$"
    draft.refresh_from_db()
    assert draft.examination == kept
    assert Question.objects.get(request=draft).text == kept
