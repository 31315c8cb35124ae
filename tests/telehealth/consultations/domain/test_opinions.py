"""Answering, signing, deciding, and the minutes that come of it."""

import io
import unicodedata
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from pypdf import PdfReader

from telehealth.accounts.hat import Hat
from telehealth.consultations import room_events as events
from telehealth.consultations.documents.minutes_data import MinutesData
from telehealth.consultations.domain import opinions, sessions, upkeep
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Minutes, Participant, Request
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.records.domain.documents import read_document
from tests import factories
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _uploads(settings: LazySettings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world() -> World:
    return factories.make_world()


@pytest.fixture
def request_(world: World) -> Request:
    return factories.make_claimed(world)


def sign(world: World, request: Request) -> Minutes:
    factories.answer_all(world, request.id)
    return opinions.sign_opinion(hat=world.specialist, request_id=request.id, now=NOW)


def text_of(minutes: Minutes) -> str:
    pages = PdfReader(io.BytesIO(read_document(minutes.document))).pages
    return " ".join(unicodedata.normalize("NFC", " ".join(page.extract_text() for page in pages)).split())


def test_only_the_owner_answers(request_: Request, world: World) -> None:
    question = request_.questions.first()
    assert question is not None
    for hat in (world.second_specialist, world.doctor):
        with pytest.raises(NotAllowed):
            opinions.save_answer(
                hat=hat,
                question_id=question.id,
                conclusion="x",
                further_treatment="",
                base_version=0,
                now=NOW,
            )


def test_a_question_without_a_conclusion_stops_the_signature(request_: Request, world: World) -> None:
    question = request_.questions.get(number=2)
    opinions.save_answer(
        hat=world.specialist,
        question_id=question.id,
        conclusion="Có",
        further_treatment="",
        base_version=0,
        now=NOW,
    )
    with pytest.raises(Invalid) as refused:
        opinions.sign_opinion(hat=world.specialist, request_id=request_.id, now=NOW)
    assert (refused.value.code, refused.value.detail["missing"]) == ("answer.missing", [1])


def test_signing_without_a_call_is_an_answer_in_writing(request_: Request, world: World) -> None:
    minutes = sign(world, request_)
    request_.refresh_from_db()
    assert request_.state == RequestState.CONCLUDED
    data = MinutesData.model_validate(minutes.content)
    assert (data.version, data.channel, data.attendance) == (1, "writing", ())
    assert [(a.number, a.conclusion) for a in data.answers] == [(1, "Kết luận câu 1"), (2, "Kết luận câu 2")]
    assert [(s.role, s.digest) for s in data.signatures] == [("chair", data.digest)]


def test_signed_answers_cannot_be_changed(request_: Request, world: World) -> None:
    sign(world, request_)
    question = request_.questions.get(number=1)
    with pytest.raises(Conflict) as refused:
        opinions.save_answer(
            hat=world.specialist,
            question_id=question.id,
            conclusion="Khác",
            further_treatment="",
            base_version=1,
            now=NOW,
        )
    assert refused.value.code == "answer.signed"


def test_the_minutes_say_when_the_line_left_no_moving_picture_but_not_what_was_chosen_by_hand(
    world: World,
) -> None:
    session = factories.make_session(world)
    for hat in (world.specialist, world.doctor):
        sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
    places = {p.membership_id: p.id for p in Participant.objects.filter(session=session)}
    doctor, specialist = places[world.doctor.membership.id], places[world.specialist.membership.id]

    def note(who: UUID, rung: events.LineRung, reason: events.LineReason | None, minute: int) -> None:
        change = events.LineChanged(
            participant_id=who, down=rung, down_reason=reason, up="full", up_reason=None
        )
        upkeep.note_line(session_id=session.id, change=change, now=NOW + timedelta(minutes=minute))

    note(doctor, "quarter", "loss", 1)
    note(doctor, "still", "loss", 3)
    note(specialist, "sound", "by_hand", 4)
    note(doctor, "full", None, 9)
    data = MinutesData.model_validate(sign(world, session.request).content)
    user, facility = world.doctor.user, world.doctor.facility
    assert [(i.at, i.until, i.text) for i in data.interruptions] == [
        (
            NOW + timedelta(minutes=3),
            NOW + timedelta(minutes=9),
            f"Đường truyền yếu, chỉ còn âm thanh và ảnh tĩnh: {user.title} {user.full_name} ({facility.short_name})",
        )
    ]


def test_the_minutes_name_who_was_there_as_the_log_says(world: World) -> None:
    session = factories.make_session(world)
    for hat in (world.specialist, world.doctor, world.nurse):
        sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
    doctor = Participant.objects.get(session=session, membership=world.doctor.membership)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    for hat in (world.specialist, world.doctor):
        sessions.enter(who=hat, session_id=session.id, now=NOW)
    upkeep.lose_line(session_id=session.id, participant_id=doctor.id, now=NOW)
    sessions.enter(who=world.doctor, session_id=session.id, now=NOW)
    minutes = sign(world, session.request)
    data = MinutesData.model_validate(minutes.content)
    assert {a.name for a in data.attendance} == {world.specialist.user.full_name, world.doctor.user.full_name}
    assert data.channel == "video"
    assert len(data.interruptions) == 1
    text = text_of(minutes)
    for expected in (
        "BIÊN BẢN HỘI CHẨN",
        session.request.code,
        world.patient.full_name,
        world.specialist.user.full_name,
        "Kết luận câu 1",
        "Kết luận câu 2",
        "Có cần chuyển không?",
    ):
        assert expected in text


def test_the_decision_makes_a_second_version_and_leaves_the_first(request_: Request, world: World) -> None:
    first = sign(world, request_)
    first_bytes = read_document(first.document)
    second = opinions.record_decision(
        hat=world.doctor, request_id=request_.id, outcome="changed", reason="Không có thuốc tại chỗ", now=NOW
    )
    request_.refresh_from_db()
    assert request_.state == RequestState.CLOSED
    data = MinutesData.model_validate(second.content)
    assert (data.version, [d.outcome for d in data.decisions]) == (2, ["changed"])
    assert [s.role for s in data.signatures] == ["chair", "treating_doctor"]
    assert data.digest == MinutesData.model_validate(first.content).digest
    assert read_document(first.document) == first_bytes
    assert "Không có thuốc tại chỗ" in text_of(second)


def test_changing_or_declining_the_advice_needs_a_reason(request_: Request, world: World) -> None:
    sign(world, request_)
    for outcome in ("changed", "declined"):
        with pytest.raises(Invalid) as refused:
            opinions.record_decision(
                hat=world.doctor, request_id=request_.id, outcome=outcome, reason=" ", now=NOW
            )
        assert refused.value.code == "decision.reason_missing"


def test_the_hub_does_not_decide_for_the_treating_side(request_: Request, world: World) -> None:
    sign(world, request_)
    with pytest.raises(NotAllowed):
        opinions.record_decision(
            hat=world.specialist, request_id=request_.id, outcome="accepted", reason="", now=NOW
        )


@pytest.mark.parametrize("who", ["nurse", "doctor"])
def test_the_secretary_is_chosen_from_those_who_attended_and_printed(
    who: str, request_: Request, world: World
) -> None:
    factories.attend(world, request_, world.nurse, world.doctor)
    factories.answer_all(world, request_.id)
    secretary: Hat = getattr(world, who)
    minutes = opinions.sign_opinion(
        hat=world.specialist, request_id=request_.id, secretary_id=secretary.membership.id, now=NOW
    )
    assert minutes.content["secretary"]["name"] == secretary.user.full_name
    names = [member["name"] for member in minutes.content["members"]]
    assert names == ([] if who == "nurse" else [world.nurse.user.full_name])
    text = text_of(minutes)
    assert f"Thư ký: {secretary.user.display_name}, {world.spoke.name}" in text
    assert ("Bác sĩ điều trị, trình bày; thư ký" in text) == (who == "doctor")
    # The decision makes a version of its own; who kept the minutes stays.
    second = opinions.record_decision(
        hat=world.doctor, request_id=request_.id, outcome="accepted", reason="", now=NOW
    )
    assert second.content["secretary"] == minutes.content["secretary"]


def test_nobody_is_secretary_unless_named(request_: Request, world: World) -> None:
    minutes = sign(world, request_)
    assert minutes.content["secretary"] is None
    assert "Thư ký: Không có" in text_of(minutes)


def test_neither_the_chair_nor_an_absent_person_is_secretary(request_: Request, world: World) -> None:
    factories.attend(world, request_, world.doctor)
    factories.answer_all(world, request_.id)
    for hat in (world.specialist, world.nurse):
        with pytest.raises(Invalid) as refused:
            opinions.sign_opinion(
                hat=world.specialist, request_id=request_.id, secretary_id=hat.membership.id, now=NOW
            )
        assert refused.value.code == "minutes.secretary_absent"
    assert request_.minutes.count() == 0
