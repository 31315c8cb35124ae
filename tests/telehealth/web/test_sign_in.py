"""Signing in and out."""

import pytest
from django.core.cache import cache
from django.test import Client

from telehealth.audit.models import AuditEntry
from telehealth.core.announce import subscribe
from tests.factories import PASSWORD, World
from tests.telehealth.signing_in import SignIn


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def test_a_person_signs_in_with_the_password(world: World) -> None:
    client = Client()
    credentials = {"login": world.doctor.user.username, "password": PASSWORD}
    response = client.post("/account/login/", credentials)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_a_wrong_password_says_so_in_vietnamese_and_keeps_the_name(world: World) -> None:
    credentials = {"login": world.doctor.user.username, "password": "sai"}
    response = Client().post("/account/login/", credentials)
    html = response.content.decode()
    assert response.status_code == 200
    assert f'value="{world.doctor.user.username}"' in html
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in html


def test_many_wrong_passwords_stop_guessing_for_that_name_only(world: World) -> None:
    client = Client()
    for _ in range(6):
        last = client.post("/account/login/", {"login": world.doctor.user.username, "password": "sai"})
    assert "Thử quá nhiều lần" in last.content.decode()
    other = client.post("/account/login/", {"login": world.nurse.user.username, "password": PASSWORD})
    assert other.status_code == 302


def test_thirty_people_of_one_address_all_get_in(world: World) -> None:
    for _ in range(30):
        credentials = {"login": world.doctor.user.username, "password": PASSWORD}
        assert Client().post("/account/login/", credentials).status_code == 302


def test_signing_out_is_announced_for_that_session(
    world: World, sign_in: SignIn, django_capture_on_commit_callbacks: object
) -> None:
    heard: list[dict[str, object]] = []
    subscribe("access.revoked", heard.append)
    client = sign_in(world.doctor)
    key = client.session.session_key
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        response = client.post("/account/logout/")
    assert response.headers["Location"] == "/account/login/"
    assert heard == [{"user": str(world.doctor.user.pk), "session": key}]
    assert client.get("/").status_code == 302


def test_signing_in_out_and_failing_are_in_the_audit_log(world: World) -> None:
    client = Client()
    client.post("/account/login/", {"login": world.doctor.user.username, "password": "sai"})
    client.post("/account/login/", {"login": world.doctor.user.username, "password": PASSWORD})
    client.post("/account/logout/")
    entries = AuditEntry.objects.filter(object_type="user").order_by("id")
    user = world.doctor.user.pk
    assert list(entries.values_list("action", "user_id", "address")) == [
        ("user.sign_in_failed", None, "127.0.0.1"),
        ("user.signed_in", user, "127.0.0.1"),
        ("user.signed_out", user, "127.0.0.1"),
    ]


def test_a_link_alone_signs_nobody_out(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    assert client.get("/account/logout/").status_code == 200
    assert client.get("/").status_code == 200


def test_nobody_signs_up_by_themselves(db: None) -> None:
    assert "Không tự đăng ký được" in Client().get("/account/signup/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/password/change/",
    ],
)
def test_account_pages_open_in_vietnamese(path: str, world: World) -> None:
    client = Client()
    client.post("/account/login/", {"login": world.doctor.user.username, "password": PASSWORD})
    asked = client.get("/account/reauthenticate/").content.decode()
    assert "Nhập lại mật khẩu để tiếp tục." in asked
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    response = client.get(path)
    assert response.status_code == 200
    assert '<html lang="vi"' in response.content.decode()


def test_the_second_factor_is_asked_and_a_code_lets_in(world: World) -> None:
    from allauth.mfa.totp.internal import auth as totp

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(world.doctor.user, secret)
    client = Client()
    first = client.post("/account/login/", {"login": world.doctor.user.username, "password": PASSWORD})
    assert first.headers["Location"] == "/account/2fa/authenticate/"
    assert "Bước xác thực thứ hai" in client.get("/account/2fa/authenticate/").content.decode()
    assert client.get("/").status_code == 302
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    done = client.post("/account/2fa/authenticate/", {"code": code})
    assert done.headers["Location"] == "/"
    assert client.get("/").status_code == 200
