"""Pages of lines: what they show, and to whom."""

from datetime import timedelta

import pytest

from telehealth.accounts.enums import Role
from telehealth.core import clock
from telehealth.lines.domain.checks import save_line_check
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import CheckKind, Source, Step
from telehealth.lines.rules import Outcome
from tests.factories import World, make_facility, make_person, make_submitted
from tests.telehealth.signing_in import SignIn

pytestmark = pytest.mark.django_db


def measure(world: World, up_kbps: float = 400) -> None:
    now = clock.now()
    for minutes in (0, 10, 20):
        record_link_sample(
            facility=world.spoke,
            source=Source.CALL,
            at=now - timedelta(minutes=minutes),
            rtt_ms=61,
            loss=0.01,
            up_kbps=up_kbps,
            down_kbps=2500,
            gaps=minutes == 20,
            gap_seconds=12 if minutes == 20 else 0,
        )


def text_of(client: object, path: str, status: int = 200) -> str:
    response = client.get(path)  # type: ignore[attr-defined]
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_diary_shows_the_sites_of_a_hub_with_advice_and_figures(world: World, sign_in: SignIn) -> None:
    measure(world)
    page = text_of(sign_in(world.coordinator), "/lines/")
    assert "lên 0,4 Mbit/s từ " in page
    assert "nên dùng âm thanh" in page
    assert f'href="/lines/{world.spoke.id}/"' in page
    assert "chưa có số đo đường truyền trong sáu giờ qua" in page
    assert page.count('class="spark"') == 1


def test_a_site_s_page_shows_its_hours_as_pictures_and_as_a_table(world: World, sign_in: SignIn) -> None:
    measure(world)
    page = text_of(sign_in(world.specialist), f"/lines/{world.spoke.id}/")
    assert page.count('class="line-chart"') == 2
    assert 'data-label="Khứ hồi (ms)">61</td>' in page
    assert 'd="M' in page
    assert ",0h0" not in page  # coordinates are not written the Vietnamese way


def test_a_code_read_out_leads_to_the_check(world: World, sign_in: SignIn) -> None:
    outcomes = {CheckKind.UDP: Outcome(Step.BAD, "blocked")}
    check = save_line_check(hat=world.doctor, outcomes=outcomes, now=clock.now())
    client = sign_in(world.coordinator)
    found = client.get("/lines/find/", {"code": check.code.lower().replace("-", " ")})
    assert (found.status_code, found.headers["Location"]) == (302, f"/line-check/{check.id}/")
    page = text_of(client, f"/line-check/{check.id}/")
    assert "Mạng chặn đường hình và tiếng" in page
    assert "Nhờ quản trị mạng mở cổng UDP" in page
    assert "Hãy nghe và gõ lại mã" in text_of(client, "/lines/find/?code=XX-AAAA", 404)


def test_a_check_elsewhere_is_not_there(world: World, sign_in: SignIn) -> None:
    check = save_line_check(hat=make_person(make_facility(), Role.DOCTOR), outcomes={}, now=clock.now())
    for path in (
        f"/line-check/{check.id}/",
        f"/line-check/{check.id}/report.txt",
        f"/lines/{check.facility_id}/",
    ):
        text_of(sign_in(world.coordinator), path, 404)
    found = sign_in(world.coordinator).get("/lines/find/", {"code": check.code})
    assert found.status_code == 404


@pytest.mark.parametrize("who", ["specialist", "coordinator", "doctor"])
def test_the_case_says_how_the_asking_site_s_line_is(who: str, world: World, sign_in: SignIn) -> None:
    case = make_submitted(world)
    measure(world)
    page = text_of(sign_in(getattr(world, who)), f"/requests/{case.id}/")
    assert f"{world.spoke.short_name}: lên 0,4 Mbit/s từ " in page
