"""A specialist with Firefox and a district doctor with Chromium see and hear each other."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from devtool.browser import firefox as firefox_executable
from tests.e2e import steps
from tests.support.browser import PASSWORD, Person
from tests.support.firefox import SyncFirefox
from tests.support.media import expect_media

pytestmark = [pytest.mark.firefox, pytest.mark.timeout(240)]

GROWS = """(async () => {
    const sum = async () => {
        const rows = (await window.roomDebug.stats()).filter((row) => row.type === 'inbound-rtp');
        const of = (kind, name) => rows.filter((row) => row.kind === kind).reduce((n, row) => n + (row[name] ?? 0), 0);
        return [of('video', 'framesDecoded'), of('audio', 'totalAudioEnergy') + of('audio', 'packetsReceived')];
    };
    const before = window.__before ??= await sum();
    const now = await sum();
    return now[0] > before[0] && now[1] > before[1];
})()"""


@pytest.fixture
def firefox() -> Iterator[SyncFirefox]:
    with SyncFirefox(str(firefox_executable())) as browser:
        yield browser


def click(browser: SyncFirefox, words: str) -> None:
    """Press the button that says so, once it is there."""
    browser.wait_for(
        "(() => { const button = [...document.querySelectorAll('button')]"
        f".find((one) => one.textContent.includes({json.dumps(words)}) && !one.disabled);"
        " if (!button) return false; button.click(); return true; })()"
    )


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted end to end"])
def test_firefox_publishes_and_subscribes(
    url: str, person: Callable[..., Person], firefox: SyncFirefox, encrypted: bool
) -> None:
    doctor = person("bs.kyson")
    steps.create_patient(doctor, "Già Y Súa" if encrypted else "Hờ Thị Dua")
    case = steps.write_request(doctor)
    code = steps.submit(doctor)

    firefox.goto(f"{url}/account/login/")
    firefox.evaluate(
        "(() => { document.querySelector('[name=login]').value = 'bs.timmach';"
        f" document.querySelector('[name=password]').value = {json.dumps(PASSWORD)};"
        " document.querySelector('form[method=post] [name=password]').form.requestSubmit(); })()"
    )
    firefox.wait_for(f"document.body.textContent.includes({json.dumps(code)})")
    firefox.goto(case)
    click(firefox, "Nhận ca")
    expect(doctor.page.get_by_text("Nguyễn Đình Khải").first).to_be_visible()
    if encrypted:
        doctor.page.get_by_label("Mã hóa đầu cuối cuộc gọi này").check()
    doctor.page.get_by_role("button", name="Mở phòng hội chẩn").click()
    doctor.page.wait_for_url("**/rooms/**")
    steps.enter_waiting_room(doctor)

    firefox.goto(doctor.page.url)
    click(firefox, "Vào phòng chờ")
    click(firefox, "Mời vào phòng")
    expect_media(doctor.page, videos=1, audios=1, seconds=40)
    assert firefox.wait_for(GROWS)
    state = firefox.evaluate("JSON.stringify(window.roomDebug.state())")
    assert json.loads(state)["protection"] == ("on" if encrypted else "none")
    steps.leave_for_all(doctor)
