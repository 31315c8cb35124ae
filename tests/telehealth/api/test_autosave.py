"""Saving as people type: acknowledged, refused, or both versions kept."""

from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from telehealth.consultations.domain.opinions import sign_opinion
from telehealth.consultations.domain.requests import submit_request
from telehealth.consultations.models import Answer, Note, Request
from tests.factories import NOW, World, answer_all, make_claimed, make_draft, make_submitted
from tests.telehealth.signing_in import SignIn
from tests.telehealth.web.test_drafts import form


def put(client: Client, path: str, **fields: object) -> tuple[int, dict[str, object]]:
    """PUT as the page's script does; return the status and the JSON answered."""
    response = client.put(
        path,
        urlencode(fields, doseq=True),
        content_type="application/x-www-form-urlencoded",
        headers={"accept": "application/json"},
    )
    return response.status_code, response.json()


def test_a_draft_is_saved_and_acknowledged_with_version_and_local_time(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    client = sign_in(world.doctor)
    status, answer = put(client, f"/api/requests/{draft.id}/draft/", **form(world))
    assert (status, answer["version"]) == (200, 1)
    saved_at = datetime.fromisoformat(str(answer["saved_at"]))
    assert saved_at.utcoffset() == timezone.localtime().utcoffset()
    draft.refresh_from_db()
    assert (draft.chief_complaint, draft.questions.count(), draft.state) == ("Đau ngực", 2, "draft")


def test_a_conflict_answers_with_what_stands_on_the_server(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    client = sign_in(world.doctor)
    put(client, f"/api/requests/{draft.id}/draft/", **form(world, chief_complaint="Bản thứ nhất"))
    status, answer = put(client, f"/api/requests/{draft.id}/draft/", **form(world, chief_complaint="Bản hai"))
    assert (status, answer["code"], answer["version"]) == (409, "draft.changed_elsewhere", 1)
    values = answer["values"]
    assert isinstance(values, dict)
    assert values["chief_complaint"] == "Bản thứ nhất"
    assert values["questions"] == ["Có cần chuyển không?", "Dùng thuốc gì?"]
    assert values["vital_temperature"] == ["37,5"]
    assert values["vital_measured_at"] == ["2026-11-24T14:03"]
    # Choosing one's own text on top of the server's version is an ordinary save.
    status, answer = put(
        client, f"/api/requests/{draft.id}/draft/", **form(world, chief_complaint="Bản hai", version="1")
    )
    assert (status, answer["version"]) == (200, 2)


def test_an_unreadable_number_is_refused_and_nothing_is_changed(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    status, answer = put(
        sign_in(world.doctor), f"/api/requests/{draft.id}/draft/", **form(world, vital_pulse="nhanh")
    )
    assert (status, answer["code"], answer["field"]) == (422, "vitals.not_a_number", "pulse")
    draft.refresh_from_db()
    assert draft.version == 0


def test_saving_a_request_that_was_sent_meanwhile_is_no_choice_between_versions(
    world: World, sign_in: SignIn
) -> None:
    case = make_submitted(world)
    status, answer = put(sign_in(world.doctor), f"/api/requests/{case.id}/draft/", **form(world))
    assert (status, answer["code"]) == (422, "request.not_draft")


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_page_without_a_version_is_told_to_reload(version: str, world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    status, answer = put(
        sign_in(world.doctor), f"/api/requests/{draft.id}/draft/", **form(world, version=version)
    )
    assert (status, answer["code"]) == (422, "draft.version_missing")


def test_strangers_and_the_hub_get_the_same_not_found(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    status, answer = put(sign_in(world.specialist), f"/api/requests/{draft.id}/draft/", **form(world))
    assert (status, answer["code"]) == (404, "request.not_found")


def test_a_nurse_may_read_but_not_write(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    status, answer = put(sign_in(world.nurse), f"/api/requests/{draft.id}/draft/", **form(world))
    assert (status, answer["code"]) == (403, "request.not_yours")


def test_without_a_session_the_answer_says_so(world: World) -> None:
    draft = make_draft(world)
    status, answer = put(Client(), f"/api/requests/{draft.id}/draft/", **form(world))
    assert (status, answer["code"]) == (401, "session.ended")


def test_a_foreign_form_is_refused(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.doctor.user)
    status, answer = put(client, f"/api/requests/{draft.id}/draft/", **form(world))
    assert (status, answer["code"]) == (403, "csrf.failed")


def test_a_body_beyond_all_limits_is_refused_in_words(
    world: World, sign_in: SignIn, settings: pytest.FixtureRequest
) -> None:
    draft = make_draft(world)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000  # type: ignore[attr-defined]
    status, answer = put(
        sign_in(world.doctor), f"/api/requests/{draft.id}/draft/", **form(world, examination="x" * 2000)
    )
    assert (status, answer["code"]) == (422, "draft.too_long")


def test_the_owner_keeps_answers_and_others_cannot(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    question = case.questions.first()
    assert question is not None
    path = f"/api/questions/{question.id}/answer/"
    owner = sign_in(world.specialist)
    assert put(owner, path, version=0, conclusion="Một", further_treatment="Hai")[0] == 200
    assert Answer.objects.values_list("conclusion", "further_treatment", "version").get() == ("Một", "Hai", 1)
    status, answer = put(owner, path, version=0, conclusion="Ba", further_treatment="")
    assert (status, answer["version"]) == (409, 1)
    assert answer["values"] == {"conclusion": "Một", "further_treatment": "Hai"}
    assert put(sign_in(world.second_specialist), path, version=1, conclusion="x")[0] == 403
    assert put(sign_in(world.doctor), path, version=1, conclusion="x")[0] == 403


def test_after_the_signature_an_answer_is_closed(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    answer_all(world, case.id)
    sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    question = case.questions.first()
    assert question is not None
    status, answer = put(
        sign_in(world.specialist), f"/api/questions/{question.id}/answer/", version=1, conclusion="Sửa"
    )
    assert (status, answer["code"]) == (422, "answer.signed")


def test_notes_belong_to_their_writer(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    path = f"/api/requests/{case.id}/note/"
    assert put(sign_in(world.doctor), path, version=0, text="Của bác sĩ")[0] == 200
    assert put(sign_in(world.specialist), path, version=0, text="Của chuyên khoa")[0] == 200
    assert set(Note.objects.values_list("author_id", "text")) == {
        (world.doctor.user.pk, "Của bác sĩ"),
        (world.specialist.user.pk, "Của chuyên khoa"),
    }


def test_autosaved_text_is_what_gets_sent(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    put(sign_in(world.doctor), f"/api/requests/{draft.id}/draft/", **form(world))
    submit_request(hat=world.doctor, request_id=draft.id, now=NOW)
    assert Request.objects.get(id=draft.id).history_of_present_illness == "Đau ngực trái hai giờ."
