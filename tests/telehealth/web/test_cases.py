"""A case on the page: what each side sees of it and can do to it."""

from django.utils.html import escape

from telehealth.consultations.domain.opinions import save_answer, sign_opinion
from telehealth.consultations.models import Decision, Note, Request
from tests.factories import NOW, World, answer_all, attend, make_claimed, make_session, make_submitted
from tests.telehealth.signing_in import SignIn


def test_the_specialist_claims_and_the_second_is_told_who_was_faster(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    first, second = sign_in(world.specialist), sign_in(world.second_specialist)
    assert "Nhận ca" in second.get(f"/requests/{case.id}/").content.decode()
    won = first.post(f"/requests/{case.id}/claim/")
    assert (won.status_code, won.headers["Location"]) == (302, f"/requests/{case.id}/")
    lost = second.post(f"/requests/{case.id}/claim/")
    html = lost.content.decode()
    assert lost.status_code == 409
    assert "Ca đã có người nhận" in html
    assert f"{world.specialist.user.display_name} đã nhận ca này lúc" in html
    assert f'action="/requests/{case.id}/claim/"' not in html
    case.refresh_from_db()
    assert case.owner_id == world.specialist.membership.id


def test_a_draft_answer_is_the_authors_alone_until_it_is_signed(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    answer_all(world, case.id)
    pages = (f"/requests/{case.id}/", f"/requests/{case.id}/panel/", f"/requests/{case.id}/parts/questions/")
    for page in pages:
        assert "Kết luận câu 1" in sign_in(world.specialist).get(page).content.decode()
        for other in (world.doctor, world.nurse, world.second_specialist, world.coordinator):
            assert "Kết luận câu 1" not in sign_in(other).get(page).content.decode(), page
    sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    for page in pages:
        for reader in (world.doctor, world.nurse, world.second_specialist):
            assert "Kết luận câu 1" in sign_in(reader).get(page).content.decode(), page


def test_signing_with_an_open_question_marks_it_and_keeps_the_others(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    first, second = case.questions.all()
    save_answer(
        hat=world.specialist,
        question_id=first.id,
        conclusion="Đã trả lời câu đầu",
        further_treatment="",
        base_version=0,
        now=NOW,
    )
    response = sign_in(world.specialist).post(f"/requests/{case.id}/sign/")
    html = response.content.decode()
    assert response.status_code == 422
    assert f'id="missing-{second.id}"' in html
    assert f'id="missing-{first.id}"' not in html
    assert "Đã trả lời câu đầu" in html


def test_signing_in_the_room_answers_with_the_panel_only(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    client = sign_in(world.specialist)
    refused = client.post(f"/requests/{case.id}/sign/", headers={"hx-request": "true"})
    assert (refused.status_code, b"<html" in refused.content) == (422, False)
    answer_all(world, case.id)
    signed = client.post(f"/requests/{case.id}/sign/", headers={"hx-request": "true"})
    assert (signed.status_code, b"<html" in signed.content) == (200, False)
    assert "Đã ký kết luận." in signed.content.decode()


def test_signed_minutes_stand_on_both_sides(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    answer_all(world, case.id)
    minutes = sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    for reader in (world.doctor, world.specialist):
        client = sign_in(reader)
        assert f"/documents/{minutes.document_id}/" in client.get(f"/requests/{case.id}/").content.decode()
        pdf = client.get(f"/documents/{minutes.document_id}/")
        assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
        assert pdf.headers["X-Content-Type-Options"] == "nosniff"
        assert pdf.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''bien-ban")
        assert pdf.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert pdf.content.startswith(b"%PDF-")


def test_a_decision_without_its_reason_keeps_the_choice(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    answer_all(world, case.id)
    sign_opinion(hat=world.specialist, request_id=case.id, now=NOW)
    client = sign_in(world.doctor)
    refused = client.post(f"/requests/{case.id}/decide/", {"outcome": "changed", "reason": " "})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'value="changed" checked' in html
    assert "hãy ghi lý do" in html
    accepted = client.post(f"/requests/{case.id}/decide/", {"outcome": "changed", "reason": "Thiếu thuốc."})
    assert accepted.status_code == 302
    assert Decision.objects.values_list("outcome", "reason").get() == ("changed", "Thiếu thuốc.")
    html = client.get(f"/requests/{case.id}/").content.decode()
    assert "Thiếu thuốc." in html
    assert "Phiên bản 2 (PDF)" in html


def test_closing_needs_a_reason_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    client = sign_in(world.specialist)
    assert client.post(f"/requests/{case.id}/close/", {"reason": ""}).status_code == 422
    assert client.post(f"/requests/{case.id}/close/", {"reason": "Đã chuyển viện."}).status_code == 302
    assert "Đã chuyển viện." in sign_in(world.doctor).get(f"/requests/{case.id}/").content.decode()


def test_a_case_that_cannot_be_cancelled_any_more_says_so(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    response = sign_in(world.doctor).post(f"/requests/{session.request_id}/cancel/", {"reason": "Nhầm"})
    assert response.status_code == 409
    assert "Nhầm" in response.content.decode()
    assert Request.objects.get(id=session.request_id).state == "in_session"


def test_a_dropped_draft_leads_home(world: World, sign_in: SignIn) -> None:
    from tests.factories import make_draft

    draft = make_draft(world)
    response = sign_in(world.doctor).post(f"/requests/{draft.id}/cancel/")
    assert response.headers["Location"] == "/"


def test_opening_the_room_leads_into_it_and_a_second_opener_finds_the_same(
    world: World, sign_in: SignIn
) -> None:
    case = make_claimed(world)
    first = sign_in(world.doctor).post(f"/requests/{case.id}/room/")
    second = sign_in(world.specialist).post(f"/requests/{case.id}/room/")
    session = case.sessions.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/rooms/{session.id}/"


def test_an_act_reached_by_a_reload_leads_to_the_case(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    response = sign_in(world.specialist).get(f"/requests/{case.id}/claim/")
    assert response.headers["Location"] == f"/requests/{case.id}/"


def test_own_notes_are_seen_by_their_writer_only(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    Note.objects.create(
        request=case, author=world.specialist.user, text="Nhớ hỏi gia đình", version=1, saved_at=NOW
    )
    for page in (f"/requests/{case.id}/", f"/requests/{case.id}/panel/"):
        assert "Nhớ hỏi gia đình" in sign_in(world.specialist).get(page).content.decode()
        assert "Nhớ hỏi gia đình" not in sign_in(world.doctor).get(page).content.decode()
        assert "Nhớ hỏi gia đình" not in sign_in(world.second_specialist).get(page).content.decode()


def test_typed_markup_is_shown_as_text(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    evil = '<script>alert("x")</script>'
    Request.objects.filter(id=case.id).update(chief_complaint=evil)
    for page in (f"/requests/{case.id}/", "/"):
        html = sign_in(world.specialist).get(page).content.decode()
        assert evil not in html
        assert escape(evil)[:20] in html


def test_the_chair_names_the_secretary_before_signing(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    attend(world, case, world.nurse)
    answer_all(world, case.id)
    client, address = sign_in(world.specialist), f"/requests/{case.id}/"
    nurse = str(world.nurse.membership.id)
    for page in (address, f"{address}panel/", f"{address}parts/secretary/"):
        html = client.get(page).content.decode()
        assert f'value="{nurse}" form="sign">' in html, page
        assert 'value="" form="sign" checked>' in html, page
    chosen = client.get(f"{address}parts/secretary/", {"secretary": nurse}).content.decode()
    assert f'value="{nurse}" form="sign" checked>' in chosen
    assert nurse not in sign_in(world.doctor).get(f"{address}parts/secretary/").content.decode()
    refused = client.post(f"{address}sign/", {"secretary": "nobody"})
    assert (refused.status_code, "Thư ký phải là người" in refused.content.decode()) == (422, True)
    assert client.post(f"{address}sign/", {"secretary": nurse}).status_code == 302
    assert case.minutes.get().content["secretary"]["name"] == world.nurse.user.full_name
