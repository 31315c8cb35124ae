"""The headers of every answer, and the language it is in."""

from django.test import Client

from telehealth.web.middleware import content_security_policy
from tests.factories import World
from tests.telehealth.signing_in import SignIn


def test_the_policy_allows_only_our_own_scripts_styles_and_sockets() -> None:
    assert content_security_policy(["https://hoichan.example", "http://127.0.0.1:8000"]).split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self' wss://hoichan.example ws://127.0.0.1:8000",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]


def test_every_page_carries_the_headers(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.doctor).get("/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert (
        "camera=(self), microphone=(self), display-capture=(self)" in response.headers["Permissions-Policy"]
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_hold_no_inline_script_style_or_handler(world: World, sign_in: SignIn) -> None:
    html = sign_in(world.doctor).get("/").content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert "javascript:" not in html


def test_pages_are_vietnamese_whatever_the_browser_says(db: None) -> None:
    response = Client(headers={"accept-language": "en-US,en"}).get("/account/login/")
    assert response.headers["Content-Language"] == "vi"
    assert "Đăng nhập" in response.content.decode()


def test_an_explicit_choice_of_english_is_kept(db: None) -> None:
    client = Client()
    answer = client.post("/language/", {"language": "en", "next": "/account/login/"})
    assert answer.status_code == 302
    assert client.get("/account/login/").headers["Content-Language"] == "en"
