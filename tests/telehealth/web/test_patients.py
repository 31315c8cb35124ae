"""Patients on pages: found, registered once, read by those who treat them."""

from telehealth.accounts.enums import Role
from telehealth.audit.models import AuditEntry
from telehealth.records.domain.patients import NewPatient, create_patient
from telehealth.records.models import Patient
from tests.factories import NOW, World, make_facility, make_person, make_submitted
from tests.telehealth.signing_in import SignIn

FORM = {"full_name": "Lô Thị Hoa", "born": "1990", "sex": "female"}


def test_a_search_without_diacritics_finds_and_is_audited_without_its_text(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.doctor)
    html = client.post("/patients/", {"q": "mau vu"}).content.decode()
    assert "Vừ Thị Mẫu" in html
    entry = AuditEntry.objects.filter(action="patient.searched").get()
    assert "mau" not in str(vars(entry))


def test_results_while_typing_are_a_fragment(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.doctor).post(
        "/patients/", {"q": "mẫu"}, headers={"hx-request": "true", "hx-target": "results"}
    )
    assert "<html" not in response.content.decode()
    assert "Vừ Thị Mẫu" in response.content.decode()


def test_nobody_found_offers_to_register(world: World, sign_in: SignIn) -> None:
    html = sign_in(world.doctor).post("/patients/", {"q": "khongcoai"}).content.decode()
    assert "Không tìm thấy ai" in html
    assert 'href="/patients/new/"' in html


def test_a_case_code_in_the_top_bar_leads_to_the_case(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    found = sign_in(world.specialist).post("/search/", {"q": case.code.lower()})
    assert found.headers["Location"] == f"/requests/{case.id}/"
    stranger = make_person(make_facility(), Role.DOCTOR)
    assert sign_in(stranger).post("/search/", {"q": case.code}).status_code == 200


def test_a_patient_is_registered_and_shown(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.doctor).post("/patients/new/", FORM)
    patient = Patient.objects.get(full_name="Lô Thị Hoa")
    assert (response.status_code, response.headers["Location"]) == (302, f"/patients/{patient.id}/")
    assert (patient.birth_year, patient.sex, patient.home_facility_id) == (1990, "female", world.spoke.id)


def test_the_same_name_and_year_is_shown_before_a_second_record_is_made(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.doctor)
    client.post("/patients/new/", FORM)
    again = client.post("/patients/new/", {**FORM, "full_name": "lo thi HOA", "phone": "0912345678"})
    html = again.content.decode()
    assert again.status_code == 422
    assert "Có thể người này đã có hồ sơ" in html
    assert 'value="0912345678"' in html
    assert Patient.objects.filter(name_key="lo thi hoa").count() == 1
    client.post("/patients/new/", {**FORM, "certain": "1"})
    assert Patient.objects.filter(name_key="lo thi hoa").count() == 2


def test_refused_fields_are_marked_and_all_stays(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    for changes, sentence in (
        ({"full_name": ""}, "Trường này"),
        ({"born": "31/02/1990"}, "Không đọc được ngày"),
        ({"born": "2090"}, "Ngày sinh không hợp lý."),
        ({"citizen_number": "123"}, "Số định danh cá nhân gồm đúng 12 chữ số."),
    ):
        response = client.post("/patients/new/", {**FORM, "address": "Bản Piêng", **changes})
        html = response.content.decode()
        assert response.status_code == 422
        assert "Bản Piêng" in html
        if "Trường" not in sentence:
            assert sentence in html
    assert not Patient.objects.filter(name_key="lo thi hoa").exists()


def test_a_record_shows_what_matters_and_what_happened(world: World, sign_in: SignIn) -> None:
    world.patient.allergies = "Penicillin"
    world.patient.save()
    case = make_submitted(world)
    html = sign_in(world.nurse).get(f"/patients/{world.patient.id}/").content.decode()
    assert "patient-banner__allergy" in html
    assert f"/requests/{case.id}/" in html
    assert "Lập yêu cầu hội chẩn" not in html
    assert (
        "Lập yêu cầu hội chẩn" in sign_in(world.doctor).get(f"/patients/{world.patient.id}/").content.decode()
    )


def test_no_known_allergy_is_no_alarm(world: World, sign_in: SignIn) -> None:
    world.patient.allergies = "Không có tiền sử dị ứng."
    world.patient.save()
    client = sign_in(world.doctor)
    assert "patient-banner__allergy" not in client.get(f"/patients/{world.patient.id}/").content.decode()
    world.patient.allergies = "Không dung nạp sữa"
    world.patient.save()
    assert "patient-banner__allergy" in client.get(f"/patients/{world.patient.id}/").content.decode()


def test_another_facilitys_patient_opens_only_by_the_whole_number(world: World, sign_in: SignIn) -> None:
    other = make_person(make_facility(), Role.DOCTOR)
    patient = create_patient(
        hat=other,
        new=NewPatient(full_name="Kha Văn Xa", birth_year=1970, citizen_number="040070001234"),
        now=NOW,
    )
    client = sign_in(world.doctor)
    assert client.get(f"/patients/{patient.id}/").status_code == 404
    assert "Kha Văn Xa" not in client.post("/patients/", {"q": "kha van xa"}).content.decode()
    assert "Mở theo số thẻ" in client.post("/patients/", {"q": "040070001234"}).content.decode()
    address = f"/patients/{patient.id}/by-number/"
    assert client.post(address, {"q": "040070009999"}).status_code == 404
    opened = client.post(address, {"q": "040070001234"})
    assert "Kha Văn Xa" in opened.content.decode()
    draft = client.post(f"/patients/{patient.id}/requests/", {"number": "040070001234"})
    assert draft.status_code == 302
