"""Writing a request on the page: nothing typed is lost, whatever is refused."""

import pytest

from telehealth.consultations.models import Request
from telehealth.records.models import Document
from tests.factories import NOW, World, complete_content, make_draft, make_facility
from tests.telehealth.signing_in import SignIn


def form(world: World, **changes: object) -> dict[str, object]:
    """Return a complete form as a browser sends it."""
    return {
        "version": "0",
        "chief_complaint": "Đau ngực",
        "history_of_present_illness": "Đau ngực trái hai giờ.",
        "examination": "Tỉnh.",
        "provisional_diagnosis": "Nhồi máu cơ tim",
        "vital_measured_at": ["2026-11-24T14:03"],
        "vital_pulse": ["112"],
        "vital_temperature": ["37,5"],
        "questions": ["Có cần chuyển không?", "Dùng thuốc gì?"],
        "urgency": "urgent",
        "specialty": world.specialty.key,
        "hub": str(world.hub.id),
        "do": "submit",
        **changes,
    }


def test_a_complete_form_is_sent_to_its_hub(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    response = sign_in(world.doctor).post(f"/requests/{draft.id}/edit/", form(world))
    assert (response.status_code, response.headers["Location"]) == (302, f"/requests/{draft.id}/")
    draft.refresh_from_db()
    assert (draft.state, draft.hub_id, draft.urgency) == ("submitted", world.hub.id, "urgent")
    assert list(draft.questions.values_list("number", "text")) == [
        (1, "Có cần chuyển không?"),
        (2, "Dùng thuốc gì?"),
    ]
    row = draft.vital_signs.get()
    assert row.measured_at is not None
    assert (row.pulse, str(row.temperature), row.measured_at.isoformat()) == (
        112,
        "37.5",
        "2026-11-24T07:03:00+00:00",
    )


def test_what_is_missing_is_said_beside_the_field_and_all_that_was_typed_stays(
    world: World, sign_in: SignIn
) -> None:
    draft = make_draft(world)
    sent = form(world, examination="", hub="", questions=["", ""])
    response = sign_in(world.doctor).post(f"/requests/{draft.id}/edit/", sent)
    html = response.content.decode()
    assert response.status_code == 422
    for sentence in (
        "Hãy ghi kết quả khám.",
        "Hãy chọn bệnh viện nhận.",
        "Hãy viết ít nhất một câu hỏi.",
    ):
        assert sentence in html
    assert "Đau ngực trái hai giờ." in html
    assert 'value="37,5"' in html
    draft.refresh_from_db()
    assert (draft.state, draft.history_of_present_illness) == ("draft", "Đau ngực trái hai giờ.")
    # The page goes on from what was saved, so sending again is no conflict.
    assert f'name="version" value="{draft.version}"' in html


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("vital_pulse", "nhanh", "Mạch: “nhanh” không phải là số."),
        ("vital_pulse", "120000", "Mạch: 120000 không thể là số đo thật."),
        ("vital_measured_at", "sáng nay", "Không đọc được thời điểm “sáng nay”."),
        ("admitted_on", "hôm qua", "Không đọc được ngày “hôm qua”."),
    ],
)
def test_an_unreadable_field_is_named_and_kept_on_the_page(
    field: str, typed: str, told: str, world: World, sign_in: SignIn
) -> None:
    draft = make_draft(world)
    response = sign_in(world.doctor).post(f"/requests/{draft.id}/edit/", form(world, **{field: typed}))
    html = response.content.decode()
    assert response.status_code == 422
    assert told in html
    assert f'value="{typed}"' in html
    assert "Đau ngực trái hai giờ." in html
    draft.refresh_from_db()
    assert draft.version == 0


def test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    Request.objects.filter(id=draft.id).update(version=3, chief_complaint="Bản kia")
    response = sign_in(world.doctor).post(f"/requests/{draft.id}/edit/", form(world))
    html = response.content.decode()
    assert response.status_code == 409
    assert "Đau ngực trái hai giờ." in html
    assert 'name="version" value="3"' in html
    draft.refresh_from_db()
    assert draft.chief_complaint == "Bản kia"


def test_strange_numbers_warn_and_never_block(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    warned = client.post("/requests/vitals/", {"vital_temperature": "375"}).content.decode()
    assert "Nhiệt độ: 375 không thể là số đo thật." in warned
    warned = client.post("/requests/vitals/", {"vital_pulse": "280", "vital_spo2": "97"}).content.decode()
    assert "Mạch 280 lần/phút rất hiếm gặp." in warned
    assert "SpO" not in warned
    draft = make_draft(world)
    assert client.post(f"/requests/{draft.id}/edit/", form(world, vital_pulse=["280"])).status_code == 302


def test_only_linked_hubs_of_the_specialty_are_offered(world: World, sign_in: SignIn) -> None:
    other = make_facility("Bệnh viện không nối")
    client = sign_in(world.doctor)
    page = client.get("/requests/hubs/", {"specialty": world.specialty.key}).content.decode()
    assert f'value="{world.hub.id}" selected' in page
    assert str(other.id) not in page
    assert str(world.hub.id) not in client.get("/requests/hubs/", {"specialty": "khong-co"}).content.decode()


def test_a_draft_is_made_from_the_patient_and_known_allergies_are_filled_in(
    world: World, sign_in: SignIn
) -> None:
    world.patient.allergies = "Penicillin"
    world.patient.save()
    client = sign_in(world.doctor)
    response = client.post(f"/patients/{world.patient.id}/requests/")
    draft = Request.objects.get()
    assert response.headers["Location"] == f"/requests/{draft.id}/edit/"
    assert "Penicillin" in client.get(response.headers["Location"]).content.decode()


def test_a_plain_form_uploads_several_files_and_names_the_refused_one(world: World, sign_in: SignIn) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    draft = make_draft(world)
    files = [
        SimpleUploadedFile("ket-qua.pdf", b"%PDF-1.4\n%%EOF\n"),
        SimpleUploadedFile("virus.exe", b"MZ...."),
    ]
    client = sign_in(world.doctor)
    response = client.post(f"/requests/{draft.id}/documents/", {"files": files}, follow=True)
    assert response.redirect_chain == [(f"/requests/{draft.id}/edit/", 302)]
    html = response.content.decode()
    assert "virus.exe: Chỉ nhận ảnh JPEG, PNG và tệp PDF." in html
    assert "ket-qua.pdf" in html
    assert [document.name for document in Document.objects.all()] == ["ket-qua.pdf"]


def test_a_sent_request_opens_as_a_case(world: World, sign_in: SignIn) -> None:
    from telehealth.consultations.domain.requests import save_draft, submit_request

    draft = make_draft(world)
    save_draft(
        hat=world.doctor, request_id=draft.id, content=complete_content(world), base_version=0, now=NOW
    )
    submit_request(hat=world.doctor, request_id=draft.id, now=NOW)
    response = sign_in(world.doctor).get(f"/requests/{draft.id}/edit/")
    assert response.headers["Location"] == f"/requests/{draft.id}/"


def test_what_is_missing_is_asked_for_again_after_every_autosave(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    html = sign_in(world.doctor).get(f"/requests/{draft.id}/edit/").content.decode()
    assert f'hx-get="/requests/{draft.id}/missing/" hx-trigger="autosaved from:closest .split"' in html


def test_the_time_of_vital_signs_carries_the_hospitals_zone(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    html = sign_in(world.doctor).get(f"/requests/{draft.id}/edit/").content.decode()
    assert 'name="vital_measured_at" data-now="Asia/Ho_Chi_Minh"' in html
