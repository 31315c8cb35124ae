"""A ring under the bell, without a reload; wishes; and a push shown by the service worker of a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.support.browser import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_a_new_request_is_under_the_bell_and_a_push_is_shown(person: Callable[..., Person]) -> None:
    specialist, doctor = person("bs.timmach"), person("bs.kyson")
    page = specialist.page
    bell = page.locator("a.bell")
    before = (
        int(bell.locator(".bell__count").first.inner_text().split()[0])
        if bell.locator(".bell__count").count()
        else 0
    )
    expect(page.locator("body")).to_have_attribute("data-inbox-state", "open")

    steps.create_patient(doctor, "Moong Văn Chuông")
    steps.write_request(doctor)
    doctor.page.get_by_role("button", name="Gửi yêu cầu").first.click()
    expect(bell.locator(".bell__count")).to_contain_text(str(before + 1))

    bell.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thông báo")
    newest = page.locator(".told__item--unread").first
    expect(newest).to_contain_text("Có yêu cầu mới đang chờ người nhận.")
    newest.get_by_role("button").click()
    expect(page).to_have_url(lambda url: "/requests/" in url)  # type: ignore[arg-type]

    page.goto("/notifications/preferences/")
    box = page.get_by_label("Đã có trả lời: Thư điện tử")
    box.uncheck()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_label("Đã có trả lời: Thư điện tử")).not_to_be_checked()

    # What a push service would hand to the browser, handed over by hand: no service of a third party is asked.
    page.context.grant_permissions(["notifications"])
    shown = page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.register('/static/push-worker.js');
            const worker = registration.installing ?? registration.active;
            if (worker.state !== 'activated') await new Promise((done) => {
                worker.addEventListener('statechange', () => worker.state === 'activated' && done());
            });
            return registration.scope;
        }"""
    )
    assert shown.endswith("/static/")
    devtools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/static/').then((found) => !!found?.active)"
    )
    assert registrations
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": page.url.partition("/notifications")[0],
            "registrationId": registrations[-1],
            "data": '{"title":"Yêu cầu mới","body":"Có yêu cầu mới đang chờ người nhận.","url":"/","tag":"t1"}',
        },
    )
    titles = page.wait_for_function(
        """() => navigator.serviceWorker.getRegistration('/static/')
            .then((found) => found.getNotifications()).then((all) => all.length && all.map((one) => [one.title, one.body, one.tag]))"""
    )
    assert titles.json_value() == [["Yêu cầu mới", "Có yêu cầu mới đang chờ người nhận.", "t1"]]
    assert specialist.trouble == []
