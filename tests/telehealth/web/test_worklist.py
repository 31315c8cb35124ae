"""The home page: who sees what waiting, and the one thing to do about it."""

from telehealth.accounts.enums import Role
from telehealth.consultations.domain.opinions import sign_opinion
from telehealth.consultations.models import Request
from tests.factories import (
    NOW,
    World,
    answer_all,
    make_claimed,
    make_draft,
    make_person,
    make_session,
    make_submitted,
)
from tests.telehealth.signing_in import SignIn


def test_a_new_case_stands_on_the_specialists_list_with_one_action(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    html = sign_in(world.specialist).get("/").content.decode()
    assert html.count("case-row case-row--urgent") == 1
    assert "V. T. Mẫu · Nữ, 41 tuổi · Đau ngực" in html
    assert world.spoke.short_name in html
    assert f'action="/requests/{case.id}/claim/"' in html
    assert "Vừ Thị Mẫu" not in html


def test_a_draft_is_invisible_to_the_hub(world: World, sign_in: SignIn) -> None:
    draft = make_draft(world)
    assert draft.code in sign_in(world.doctor).get("/?tab=drafts").content.decode()
    for reader in (world.specialist, world.coordinator):
        client = sign_in(reader)
        for tab in ("waiting", "mine", "done"):
            assert draft.code not in client.get(f"/?tab={tab}").content.decode()


def test_each_row_offers_what_comes_next(world: World, sign_in: SignIn) -> None:
    room, claimed, signed = make_session(world), make_claimed(world), make_claimed(world)
    answer_all(world, signed.id)
    sign_opinion(hat=world.specialist, request_id=signed.id, now=NOW)
    mine = sign_in(world.specialist).get("/?tab=mine").content.decode()
    assert f'href="/rooms/{room.id}/"' in mine
    assert f'href="/requests/{claimed.id}/">' in mine
    assert "Trả lời" in mine
    assert "Ghi quyết định" in sign_in(world.doctor).get("/?tab=decision").content.decode()
    assert "Ghi quyết định" not in sign_in(world.specialist).get("/?tab=decision").content.decode()


def test_the_live_part_is_the_list_without_the_shell(world: World, sign_in: SignIn) -> None:
    make_submitted(world)
    client = sign_in(world.specialist)
    part = client.get("/worklist/?tab=waiting", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "case-row--urgent" in part
    assert 'data-live="worklist"' in client.get("/").content.decode()


def test_an_empty_list_says_what_will_come(world: World, sign_in: SignIn) -> None:
    html = sign_in(world.specialist).get("/").content.decode()
    assert "Không có ca nào đang chờ nhận" in html
    assert "Ca mới sẽ tự hiện ở đây" in html


def test_an_unknown_tab_shows_where_work_waits(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    assert case.code in sign_in(world.specialist).get("/?tab=khong-co").content.decode()


def test_a_long_list_is_paged(world: World, sign_in: SignIn, monkeypatch: object) -> None:
    from telehealth.web.views import worklist

    cases = [make_submitted(world) for _ in range(3)]
    monkeypatch.setattr(worklist, "PAGE_SIZE", 2)  # type: ignore[attr-defined]
    client = sign_in(world.specialist)
    first = client.get("/?tab=waiting").content.decode()
    second = client.get("/?tab=waiting&page=2").content.decode()
    assert [case.code in first for case in cases] == [True, True, False]
    assert [case.code in second for case in cases] == [False, False, True]


def test_who_works_in_several_places_chooses_first_and_may_change(world: World, sign_in: SignIn) -> None:
    from telehealth.accounts.models import Membership

    second = Membership.objects.create(user=world.doctor.user, facility=world.hub, role=Role.COORDINATOR)
    make_submitted(world)
    client = sign_in(world.doctor.user)
    assert client.get("/").headers["Location"] == "/hat/"
    assert world.hub.name in client.get("/hat/").content.decode()
    assert client.post("/hat/", {"membership": str(second.id)}).headers["Location"] == "/"
    html = client.get("/").content.decode()
    assert "Điều phối viên" in html
    assert "case-row--urgent" in html
    stranger = make_person(world.hub, Role.DOCTOR)
    assert client.post("/hat/", {"membership": str(stranger.membership.id)}).status_code == 404


def test_a_role_taken_away_is_gone_with_the_next_click(world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    client = sign_in(world.specialist)
    assert client.get(f"/requests/{case.id}/").status_code == 200
    world.specialist.membership.is_active = False
    world.specialist.membership.save()
    assert client.get(f"/requests/{case.id}/").status_code == 404
    assert client.get("/").status_code == 403
    assert Request.objects.get(id=case.id).state == "submitted"
