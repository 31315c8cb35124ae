"""Stations: registered by somebody of a facility, measuring with nobody signed in, taken back at any time."""

import pytest
from django.core.cache import cache
from django.test import Client

from telehealth.audit.models import AuditEntry
from telehealth.lines.models import LinkSample, Station
from tests.factories import World, make_world
from tests.telehealth.signing_in import SignIn

PAGE = "/line-check/stations/"
SAMPLE = {"rtt_ms": 41, "up_kbps": 900, "down_kbps": 4000, "gaps": 1, "gap_seconds": 3}


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    cache.clear()


def register(browser: Client, name: str = "Máy phòng khám 2") -> str:
    """Register a station as a browser does; return its token."""
    answer = browser.post(PAGE, {"name": name})
    assert answer.status_code == 303
    page, _, token = answer.headers["Location"].partition("#")
    assert page == "/line-check/station/"
    return token


def station_with(token: str) -> Client:
    """Return a browser in which nobody is signed in, and which checks CSRF as a real one is."""
    return Client(enforce_csrf_checks=True, headers={"authorization": f"Station {token}"})


def test_a_station_measures_its_facilitys_line_with_nobody_signed_in(world: World, sign_in: SignIn) -> None:
    station = station_with(register(sign_in(world.nurse)))
    assert station.get("/line-check/station/").status_code == 200
    told = station.get("/api/line-station/")
    assert (told.status_code, told.json()["place"]) == (200, world.spoke.short_name)
    assert len(station.get("/api/line-station/down/?bytes=1000").content) == 1000
    sent = station.post("/api/line-station/up/", b"x" * 500, content_type="application/octet-stream")
    assert sent.json() == {"bytes": 500}
    kept = station.post("/api/line-station/samples/", SAMPLE, content_type="application/json")
    assert kept.status_code == 204
    fields = ("facility_id", "source", "rtt_ms", "up_kbps", "down_kbps", "gaps", "gap_seconds")
    assert LinkSample.objects.values_list(*fields).get() == (
        world.spoke.id,
        "unattended",
        41,
        900,
        4000,
        1,
        3,
    )
    assert Station.objects.get().seen_at is not None


def test_its_token_opens_nothing_else(world: World, sign_in: SignIn) -> None:
    station = station_with(register(sign_in(world.nurse)))
    for page in ("/lines/", PAGE, f"/lines/{world.spoke.id}/", "/patients/"):
        assert station.get(page).status_code == 302
    assert station.post("/api/line-check/results/", {}, content_type="application/json").status_code in {
        401,
        403,
    }


def test_a_station_that_was_taken_back_is_refused_and_both_are_written_down(
    world: World, sign_in: SignIn
) -> None:
    token = register(sign_in(world.nurse))
    made = Station.objects.get()
    stranger = sign_in(make_world().nurse)
    assert stranger.post(f"{PAGE}{made.id}/revoke/").status_code == 404
    assert sign_in(world.doctor).post(f"{PAGE}{made.id}/revoke/").status_code == 302
    answer = station_with(token).post("/api/line-station/samples/", SAMPLE, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "station.unknown")
    assert LinkSample.objects.count() == 0
    entries = AuditEntry.objects.filter(object_type="station").order_by("id")
    assert list(entries.values_list("action", "membership_id", "object_id")) == [
        ("station.registered", world.nurse.membership.id, str(made.id)),
        ("station.revoked", world.doctor.membership.id, str(made.id)),
    ]


@pytest.mark.parametrize("forge", [lambda token: "", lambda token: token[:-1], lambda token: "x" + token])
def test_a_forged_token_is_refused(world: World, sign_in: SignIn, forge: object) -> None:
    token = register(sign_in(world.nurse))
    assert callable(forge)
    assert station_with(forge(token)).get("/api/line-station/").status_code == 401


def test_a_station_needs_a_name_and_what_was_typed_is_kept(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.nurse)
    assert browser.post(PAGE, {"name": "  "}).status_code == 422
    long = browser.post(PAGE, {"name": "máy " * 30})
    assert (long.status_code, "máy máy" in long.content.decode()) == (422, True)
    assert Station.objects.count() == 0


def test_the_page_lists_those_that_measure(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.nurse)
    register(browser, "Máy A")
    register(browser, "Máy B")
    browser.post(f"{PAGE}{Station.objects.get(name='Máy B').id}/revoke/")
    html = browser.get(PAGE).content.decode()
    assert ("Máy A" in html, "Máy B" in html) == (True, False)
