"""The bell, its page, wishes, the short link, the delivery log and the demonstration's telephones."""

from collections.abc import Iterator
from datetime import datetime, time

import pytest
from django.test import Client
from pytest_django import Settings

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.notifications import answers
from telehealth.notifications.answers import CANCEL, CONFIRM, Answers, register
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.domain.wishes import subscribe_browser
from telehealth.notifications.kinds import Kind
from telehealth.notifications.links import token_of
from telehealth.notifications.models import DeliveryLogEntry, Notification, Preference, QuietHours
from telehealth.notifications.recipients import ToPhone, ToUser
from telehealth.notifications.stand_ins.server import running
from tests.factories import World, make_person
from tests.telehealth.notifications.sending import sweep
from tests.telehealth.signing_in import SignIn

pytestmark = pytest.mark.django_db

BOOKED = {"time": "09:30", "date": "25/11/2026", "code": "NA7K2P"}


def tell(hat: Hat, *, kind: Kind = Kind.REQUEST_CLAIMED, key: str = "1", path: str = "/me/") -> Notification:
    notify(
        kind=kind,
        recipient=ToUser(hat.user.pk),
        key=key,
        context={},
        now=clock.now(),
        path=path,
        facility_id=hat.facility.id,
    )
    return Notification.objects.get(kind=kind, key=key, user=hat.user)


def text(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, **more)  # type: ignore[arg-type]
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_the_bell_counts_and_the_page_lists(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    assert "bell__count" not in text(client, "/notifications/bell/")
    told = tell(world.doctor)
    assert 'bell__count">1<' in text(client, "/notifications/bell/")
    assert 'bell__count">1<' in text(client, "/")
    page = text(client, "/notifications/")
    assert "Yêu cầu đã có người nhận" in page
    assert f"/notifications/{told.id}/open/" in page
    assert "<html" not in text(client, "/notifications/", HTTP_HX_REQUEST="true")


def test_opening_marks_read_and_leads_on(world: World, sign_in: SignIn) -> None:
    told = tell(world.doctor)
    client = sign_in(world.doctor)
    answer = client.post(f"/notifications/{told.id}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert "bell__count" not in text(client, "/notifications/bell/")
    assert sign_in(world.nurse).post(f"/notifications/{told.id}/open/").status_code == 404


def test_everything_is_read_at_once(world: World, sign_in: SignIn) -> None:
    for key in ("1", "2"):
        tell(world.doctor, key=key)
    client = sign_in(world.doctor)
    client.post("/notifications/read/")
    assert "bell__count" not in text(client, "/notifications/bell/")


def test_wishes_are_kept_for_one_facility_and_follow_the_general_ones_again(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.doctor)
    here = f"/notifications/preferences/?facility={world.spoke.id}"
    assert "Cơ sở này đang theo lựa chọn chung" in text(client, here)
    client.post(
        "/notifications/preferences/", {"facility": str(world.spoke.id), "request_claimed.in_app": "on"}
    )
    kept = Preference.objects.filter(user=world.doctor.user, kind=Kind.REQUEST_CLAIMED)
    assert set(kept.values_list("channel", "facility", "wanted")) == {
        ("in_app", world.spoke.id, True),
        ("web_push", world.spoke.id, False),
    }
    assert "Cơ sở này có lựa chọn riêng" in text(client, here)
    client.post("/notifications/preferences/forget/", {"facility": str(world.spoke.id)})
    assert not Preference.objects.exists()
    assert client.get(f"/notifications/preferences/?facility={world.hub.id}").status_code == 404


def test_quiet_hours(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    assert client.post("/notifications/preferences/quiet/", {"begins": "22:00"}).status_code == 422
    client.post("/notifications/preferences/quiet/", {"begins": "22:00", "ends": "05:30"})
    assert (QuietHours.objects.get().begins, QuietHours.objects.get().ends) == (time(22), time(5, 30))
    assert 'value="05:30"' in text(client, "/notifications/preferences/")


def test_a_browser_is_forgotten_by_its_owner_only(world: World, sign_in: SignIn, settings: Settings) -> None:
    settings.PUSH_SERVICES = ["push.example.vn"]
    row = subscribe_browser(
        user=world.doctor.user,
        endpoint="https://push.example.vn/a",
        p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth="BTBZMqHH6r4Tts7J_aSIgg",
        label="Firefox · Linux",
        now=clock.now(),
    )
    assert "Firefox · Linux" in text(sign_in(world.doctor), "/notifications/preferences/")
    sign_in(world.nurse).post(f"/notifications/browsers/{row.id}/")
    assert world.doctor.user.push_subscriptions.count() == 1
    sign_in(world.doctor).post(f"/notifications/browsers/{row.id}/")
    assert world.doctor.user.push_subscriptions.count() == 0


@pytest.fixture
def answering() -> Iterator[list[str]]:
    given: list[str] = []

    def handle(told: Notification, choice: str, now: datetime) -> str:
        given.append(choice)
        return "Đã ghi. Hẹn gặp anh/chị."

    before = dict(answers._registered)
    register(Kind.DAY_BEFORE, Answers((CONFIRM, CANCEL), handle))
    yield given
    answers._registered.clear()
    answers._registered.update(before)


def link(kind: Kind = Kind.DAY_BEFORE, path: str = "") -> str:
    notify(kind=kind, recipient=ToPhone("0912345678"), key="1", context=BOOKED, now=clock.now(), path=path)
    return f"/n/{token_of(Notification.objects.get().id)}"


def test_the_link_shows_the_question_and_takes_the_answer(answering: list[str], client: Client) -> None:
    address = link()
    page = text(client, address)
    assert "Anh/chị có lịch hẹn lúc 09:30 ngày 25/11/2026" in page
    assert "Tôi sẽ đến" in page
    assert (answering, Notification.objects.get().read_at) == ([], None)  # a preview answers nothing
    assert "Hẹn gặp anh/chị" in client.post(address, {"choice": "confirm"}).content.decode()
    assert "đã được trả lời" in text(client, address)
    assert client.post(address, {"choice": "cancel"}).status_code == 409
    assert answering == ["confirm"]


def test_the_link_of_a_message_that_only_tells_leads_to_its_page(client: Client) -> None:
    answer = client.get(link(Kind.BOOKED, path="/me/"))
    assert (answer.status_code, answer["Location"]) == (302, "/me/")


def test_a_forged_link_is_not_found(client: Client) -> None:
    link()
    assert client.get("/n/AAAAAAAAAAAAAAAAAA").status_code == 404


def test_the_log_is_for_administrators_and_about_their_facility(world: World, sign_in: SignIn) -> None:
    tell(world.doctor)
    notify(
        kind=Kind.BOOKED,
        recipient=ToPhone("0912345678"),
        key="1",
        context=BOOKED,
        now=clock.now(),
        facility_id=world.spoke.id,
    )
    page = text(sign_in(make_person(world.spoke, Role.FACILITY_ADMIN)), "/notifications/log/")
    assert "+84 ••• ••• 678" in page
    assert world.doctor.user.display_name in page
    for hidden in ("912345678", "NA7K2P", "09:30 ngày"):
        assert hidden not in page
    assert page.count('<th scope="row">') == DeliveryLogEntry.objects.values("delivery_id").distinct().count()
    elsewhere = make_person(world.hub, Role.FACILITY_ADMIN)
    assert "Chưa có tin nào khớp" in text(sign_in(elsewhere), "/notifications/log/")
    operator = sign_in(make_person(world.hub, Role.PROVINCE_OPERATOR))
    assert text(operator, "/notifications/log/?channel=sms").count('<th scope="row">') == 1
    assert sign_in(world.doctor).get("/notifications/log/").status_code == 403


def test_the_telephones_of_the_demonstration(world: World, sign_in: SignIn, settings: Settings) -> None:
    client = sign_in(world.doctor)
    with running() as server:
        settings.STAND_INS = settings.SMS_URL = server.origin
        notify(
            kind=Kind.ONE_TIME_CODE,
            recipient=ToPhone("0912345678"),
            key="1",
            context={"code": "482913", "minutes": "5"},
            now=clock.now(),
        )
        sweep(clock.now())
        assert "Ma xac nhan 482913" in text(client, "/notifications/demonstration/")
    assert "Chương trình đóng thế không chạy" in text(client, "/notifications/demonstration/")
    settings.STAND_INS = ""
    assert client.get("/notifications/demonstration/").status_code == 404


@pytest.mark.parametrize("address", ["", "bell/", "preferences/", "log/", "demonstration/"])
def test_strangers_are_sent_to_sign_in(address: str, client: Client) -> None:
    answer = client.get(f"/notifications/{address}")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")
