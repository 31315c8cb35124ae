"""Errors in the form the caller reads, without the database when that is what is away."""

import logging

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from telehealth.core.errors import Conflict
from telehealth.web import errors
from tests.factories import World, make_submitted
from tests.telehealth.signing_in import SignIn


def test_programs_get_json_htmx_a_fragment_and_people_a_page(world: World) -> None:
    error = Conflict("x.y", "Có người vừa làm trước.", owner="BS. A")
    make = RequestFactory()
    as_json = errors.explain(make.get("/api/x/"), error)
    fragment = errors.explain(make.get("/x/", headers={"hx-request": "true"}), error)
    page = errors.explain(make.get("/x/", headers={"accept": "text/html"}), error)
    assert (as_json.status_code, fragment.status_code, page.status_code) == (409, 409, 409)
    assert as_json.headers["Content-Type"] == "application/json"
    assert b"<html" not in fragment.content
    assert b"<html" in page.content
    assert all("x.y" in answer.content.decode() for answer in (as_json, fragment, page))


@pytest.mark.parametrize(
    ("path", "headers", "kind"),
    [
        ("/", {}, "text/html; charset=utf-8"),
        ("/worklist/", {"hx-request": "true"}, "text/html; charset=utf-8"),
        ("/api/requests/00000000-0000-0000-0000-000000000000/draft/", {}, "application/json"),
    ],
)
def test_an_unreachable_database_is_told_in_words_and_with_503(  # noqa: PLR0917
    path: str,
    headers: dict[str, str],
    kind: str,
    world: World,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = sign_in(world.doctor)

    def away(*args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("telehealth.web.middleware.hats_of", away)
    response = client.get(path, headers=headers)
    assert (response.status_code, response.headers["Content-Type"]) == (503, kind)
    assert response.headers["Retry-After"] == "5"
    assert "platform.unavailable" in response.content.decode()
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_failing_page_says_what_is_safe_and_logs_nothing_typed(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case = make_submitted(world)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("telehealth.web.views.cases.case_page", broken)
    client = sign_in(world.doctor)
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG):
        response = client.get(f"/requests/{case.id}/")
    assert response.status_code == 500
    assert "platform.failed" in response.content.decode()
    told = " ".join(record.getMessage() + (record.exc_text or "") for record in caplog.records)
    assert "Đau ngực" not in told
    assert world.patient.full_name not in told


def test_an_unknown_address_is_a_page_with_a_way_home(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.doctor).get("/khong/co/")
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()
    assert "page.not_found" in response.content.decode()


def test_somebody_signed_out_is_sent_to_sign_in_and_back(db: None) -> None:
    page = Client().get("/patients/new/")
    fragment = Client().get("/worklist/", headers={"hx-request": "true"})
    assert page.headers["Location"] == "/account/login/?next=/patients/new/"
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/account/login/")
