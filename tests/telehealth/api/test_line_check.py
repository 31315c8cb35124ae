"""What a line check asks of the server: transfers within bounds, a result kept once, samples of a site."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.lines.models import LineCheck, LinkSample
from tests.factories import World
from tests.telehealth.signing_in import SignIn

OUTCOMES = {
    "microphone": {"step": "good", "cause": "", "figures": {"level": 0.4}},
    "udp": {"step": "bad", "cause": "blocked", "figures": {}},
    "rates": {"step": "weak", "cause": "thin", "figures": {"up_kbps": 900, "down_kbps": 4000}},
}


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    cache.clear()


def send(client: Client, path: str, body: object) -> tuple[int, dict[str, object]]:
    response = client.post(path, body, content_type="application/json")
    return response.status_code, response.json() if response.content else {}


def test_a_result_is_kept_and_answered_in_words(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    status, answer = send(client, "/api/line-check/results/", {"outcomes": OUTCOMES})
    check = LineCheck.objects.get()
    assert (status, answer) == (
        201,
        {
            "code": check.code,
            "verdict": "blocked",
            "title": "Mạng chặn đường hình và tiếng",
            "text": "Gửi ca, viết và nhận trả lời vẫn được; hình và tiếng thì chưa. Đọc mã này cho người quản trị mạng.",
            "page_url": f"/line-check/{check.id}/",
            "report_url": f"/line-check/{check.id}/report.txt",
        },
    )
    assert (check.membership, check.facility) == (world.doctor.membership, world.spoke)
    report = client.get(str(answer["report_url"]))
    assert report.headers["Content-Disposition"] == f'attachment; filename="{check.code}.txt"'
    assert check.code in report.content.decode()


def test_a_patient_keeps_the_result_of_this_sign_in(world: World, sign_in: SignIn) -> None:
    account = User.objects.create_user(username="nguoibenh", password="x", full_name="Vừ Thị Mẫu")
    client = sign_in(account)
    _status, answer = send(client, "/api/line-check/results/", {"outcomes": OUTCOMES})
    page = str(answer["page_url"])
    assert client.get(page).status_code == 200
    assert (sign_in(account).get(page).status_code, sign_in(world.doctor).get(page).status_code) == (404, 404)
    assert not LinkSample.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcomes": {"teeth": OUTCOMES["udp"]}},
        {"outcomes": {"udp": {"step": "splendid"}}},
        {"outcomes": {"udp": {"step": "bad", "cause": "<script>"}}},
        {"outcomes": {"rates": {"step": "good", "figures": {"up_kbps": -1}}}},
        {"outcomes": {"loss": {"step": "good", "figures": {"loss_up": 1.5}}}},
        {"outcomes": {"browser": {"step": "good", "figures": {"browser": "x" * 81}}}},
        {"outcomes": {"browser": {"step": "good", "figures": {"patient": "Vừ Thị Mẫu"}}}},
        [],
    ],
)
def test_what_is_no_result_is_refused_and_not_kept(body: object, world: World, sign_in: SignIn) -> None:
    status, answer = send(sign_in(world.doctor), "/api/line-check/results/", body)
    assert (status, answer["code"], LineCheck.objects.count()) == (422, "line_check.malformed", 0)


def test_what_is_no_json_is_refused(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.doctor).post(
        "/api/line-check/results/", "\x00{", content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (422, "line_check.malformed")


def test_transfers_move_as_many_bytes_as_asked_within_bounds(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    down = client.get("/api/line-check/down/?bytes=70000")
    assert (len(down.content), down.headers["Cache-Control"]) == (70_000, "no-store")
    up = client.post("/api/line-check/up/", b"x" * 70_000, content_type="application/octet-stream")
    assert up.json() == {"bytes": 70_000}
    refused = [
        client.get(f"/api/line-check/down/?bytes={size}").status_code for size in ("", "-1", "1048577", "²")
    ]
    too_much = client.post(
        "/api/line-check/up/", b"x" * (1024 * 1024 + 1), content_type="application/octet-stream"
    )
    assert (refused, too_much.status_code) == ([422] * 4, 422)


def test_who_asks_without_end_is_told_to_wait(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    answers = [send(client, "/api/line-check/results/", {"outcomes": {}})[0] for _ in range(25)]
    # The count begins anew with each minute of the clock, which may turn once meanwhile.
    assert answers.count(429) >= 5
    status, answer = send(client, "/api/line-check/results/", {"outcomes": {}})
    assert (status, answer.get("code")) in {(429, "line_check.too_often"), (201, answer.get("code"))}
    assert send(sign_in(world.nurse), "/api/line-check/results/", {"outcomes": {}})[0] == 201


def test_the_setup_has_turn_servers_with_short_credentials_that_name_nobody(
    world: World, sign_in: SignIn, settings: Settings
) -> None:
    client = sign_in(world.doctor)
    assert client.get("/api/line-check/").json() == {"ice_servers": []}
    settings.TURN_URLS = ["turn:turn.example.org:3478?transport=udp"]
    settings.TURN_SECRET = "north"
    [server] = client.get("/api/line-check/").json()["ice_servers"]
    expiry, name = server["username"].split(":")
    assert server["urls"] == settings.TURN_URLS
    assert 500 < int(expiry) - clock.now().timestamp() <= 600
    assert str(world.doctor.user.pk) not in name
    assert world.doctor.user.username not in name


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/line-check/"),
        ("get", "/api/line-check/down/?bytes=1"),
        ("post", "/api/line-check/up/"),
        ("post", "/api/line-check/results/"),
    ],
)
def test_nothing_is_for_who_has_not_signed_in(method: str, path: str, db: None) -> None:
    response = getattr(Client(), method)(path)
    assert (response.status_code, response.json()["code"]) == (401, "session.ended")
