"""Pages of administrators, operators and auditors, and the patient's own."""

import json

import pytest

from telehealth.accounts.enums import Role
from telehealth.accounts.models import Membership, User
from telehealth.audit.models import AuditEntry
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.opinions import sign_opinion
from telehealth.core.announce import subscribe
from telehealth.facilities.enums import FacilityKind
from tests.factories import NOW, World, answer_all, make_claimed, make_facility, make_person, make_session
from tests.telehealth.signing_in import SignIn


def test_an_administrator_ends_a_role_and_sockets_hear_of_it(
    world: World, sign_in: SignIn, django_capture_on_commit_callbacks: object
) -> None:
    heard: list[dict[str, object]] = []
    subscribe("access.revoked", heard.append)
    admin = make_person(world.spoke, Role.FACILITY_ADMIN)
    client = sign_in(admin)
    assert world.nurse.user.display_name in client.get("/people/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        response = client.post(f"/people/{world.nurse.membership.id}/deactivate/")
    assert response.headers["Location"] == "/people/"
    assert not Membership.objects.get(id=world.nurse.membership.id).is_active
    assert heard == [{"user": str(world.nurse.user.pk), "session": ""}]
    assert AuditEntry.objects.filter(action="membership.ended", user_id=admin.user.pk).count() == 1


def test_an_administrator_cannot_end_themselves_or_people_elsewhere(world: World, sign_in: SignIn) -> None:
    admin = make_person(world.spoke, Role.FACILITY_ADMIN)
    client = sign_in(admin)
    assert client.post(f"/people/{admin.membership.id}/deactivate/").status_code == 409
    assert client.post(f"/people/{world.specialist.membership.id}/deactivate/").status_code == 404
    assert Membership.objects.filter(is_active=False).count() == 0


def test_the_operator_sees_numbers_and_nobody_ill(world: World, sign_in: SignIn) -> None:
    make_session(world)
    client = sign_in(make_person(make_facility(), Role.PROVINCE_OPERATOR))
    for headers in ({}, {"hx-request": "true"}):
        html = client.get("/province/", headers=headers).content.decode()
        assert world.spoke.name in html
        assert "Đau ngực" not in html
        assert world.patient.full_name not in html


def in_log(action: str) -> str:
    """Return how the log shows an action's code, for support, beside its words."""
    return f'<code class="soft small">{action}</code>'


def test_the_auditor_filters_the_log_and_checks_the_chains(world: World, sign_in: SignIn) -> None:
    department = make_facility("Sở Y tế")
    department.kind = FacilityKind.DEPARTMENT_OF_HEALTH
    department.save()
    case = make_claimed(world)
    client = sign_in(make_person(department, Role.AUDITOR))
    whole = client.get("/audit/").content.decode()
    assert "<div>Nhận ca<br>" in whole
    assert '<option value="request.claimed">Nhận ca</option>' in whole
    assert f'<div title="request {case.id}">Ca<br>' in whole
    claimed = client.get("/audit/", {"action": "request.claimed"}).content.decode()
    assert in_log("request.claimed") in claimed
    assert in_log("request.submitted") not in claimed
    by_person = client.get("/audit/", {"username": world.doctor.user.username}).content.decode()
    assert world.doctor.user.display_name in by_person
    assert in_log("request.claimed") not in by_person
    assert in_log("request.claimed") in client.get("/audit/", {"case_code": case.code}).content.decode()
    assert "Không có dòng nào khớp" in client.get("/audit/", {"until": "2000-01-01"}).content.decode()
    assert "Chuỗi nguyên vẹn" in client.post("/audit/check/").content.decode()


def test_a_hospitals_auditor_reads_only_that_hospitals_log(world: World, sign_in: SignIn) -> None:
    make_claimed(world)
    html = sign_in(make_person(world.hub, Role.AUDITOR)).get("/audit/").content.decode()
    assert in_log("request.claimed") in html
    assert in_log("request.submitted") not in html


def test_a_broken_chain_is_named(world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from telehealth.audit import log

    make_claimed(world)
    auditor = make_person(world.spoke, Role.AUDITOR)
    client = sign_in(auditor)
    good = log.entry_hash
    monkeypatch.setattr(log, "entry_hash", lambda entry: good(entry) if entry.number != 2 else "0" * 64)
    html = client.post("/audit/check/").content.decode()
    assert "Có 1 chỗ không khớp" in html
    assert "entry 2 was changed" in html


def test_a_patient_sees_their_own_signed_minutes_and_who_looked(world: World, sign_in: SignIn) -> None:
    account = User.objects.create_user(username="nguoibenh", password="x", full_name="Vừ Thị Mẫu")
    world.patient.account = account
    world.patient.save()
    case = make_claimed(world)
    answer_all(world, case.id)
    client = sign_in(account)
    assert client.get("/").headers["Location"] == "/me/"
    before = client.get("/me/").content.decode()
    assert "Chưa có kết quả hội chẩn nào được ký." in before
    assert "Kết luận câu 1" not in before
    minutes = sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    access_request(world.nurse, case.id, now=NOW)
    after = client.get("/me/").content.decode()
    assert f"/documents/{minutes.document_id}/" in after
    assert world.nurse.user.display_name in after
    assert client.get(f"/documents/{minutes.document_id}/").content.startswith(b"%PDF-")
    assert client.get(f"/requests/{case.id}/").status_code == 404


def test_another_patient_cannot_read_those_minutes(world: World, sign_in: SignIn) -> None:
    from tests.factories import make_patient

    stranger = User.objects.create_user(username="nguoikhac", password="x", full_name="Lô Thị Khác")
    other = make_patient(world.doctor, "Lô Thị Khác")
    other.account = stranger
    other.save()
    case = make_claimed(world)
    answer_all(world, case.id)
    minutes = sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    assert sign_in(stranger).get(f"/documents/{minutes.document_id}/").status_code == 404


def test_the_room_page_carries_what_its_script_needs(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    html = sign_in(world.nurse).get(f"/rooms/{session.id}/").content.decode()
    start = html.index('<script id="room-boot" type="application/json">')
    boot = json.loads(html[html.index(">", start) + 1 : html.index("</script>", start)])
    csrf = boot.pop("csrf_token")
    assert len(csrf) > 30
    hub = session.request.hub
    assert hub is not None
    assert boot == {
        "session_id": str(session.id),
        "request_id": str(session.request_id),
        "ws_url": f"/ws/rooms/{session.id}/",
        "language": "vi",
        "kind": "consultation",
        "place_url": "",
        "documents_url": "/documents/",
        "panel_url": f"/requests/{session.request_id}/panel/",
        "upload_url": f"/api/sessions/{session.id}/documents/",
        "devices_url": f"/api/sessions/{session.id}/devices/",
        "chat_url": f"/api/sessions/{session.id}/chat/",
        "still_url": f"/api/sessions/{session.id}/still/",
        "stills_url": f"/api/sessions/{session.id}/stills/",
        "phone": {"place": hub.short_name, "number": hub.phone},
        "encrypted": False,
        "leave_url": f"/requests/{session.request_id}/",
        "me": {
            "name": world.nurse.user.full_name,
            "title": "BS.",
            "role": "Điều dưỡng",
            "facility": world.spoke.short_name,
            "side": "spoke",
        },
        "patient": {"label": "V. T. M. 41 tuổi, Nữ"},
        "request": {"code": session.request.code, "urgency": "urgent", "urgency_label": "Khẩn"},
    }


def test_a_room_that_is_over_leads_back_to_its_case(world: World, sign_in: SignIn) -> None:
    from telehealth.consultations.domain.sessions import end_session

    session = make_session(world)
    end_session(who=world.doctor, session_id=session.id, reason="finished", key=None, now=NOW)
    response = sign_in(world.doctor).get(f"/rooms/{session.id}/")
    assert response.headers["Location"] == f"/requests/{session.request_id}/"
