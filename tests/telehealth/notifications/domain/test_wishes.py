"""What somebody wants, and their browsers."""

from datetime import time, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    generate_private_key,
)

from telehealth.accounts.enums import Role
from telehealth.accounts.models import User
from telehealth.core.errors import Invalid
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.domain.wishes import (
    SUBSCRIPTIONS,
    forget_browser,
    forget_wishes,
    save_quiet_hours,
    save_wishes,
    subscribe_browser,
    unsubscribe_browser,
)
from telehealth.notifications.enums import Channel, State
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Preference, PushSubscription, QuietHours
from telehealth.notifications.push import base64url
from telehealth.notifications.push.encryption import decrypt, point
from telehealth.notifications.recipients import ToUser
from telehealth.notifications.stand_ins.server import Server
from tests.factories import NOW, make_facility, make_person
from tests.telehealth.notifications.sending import states, sweep

pytestmark = pytest.mark.django_db

AUTH = bytes(range(16))
KEY = generate_private_key(SECP256R1())


def somebody() -> User:
    return make_person(make_facility(), Role.DOCTOR).user


def subscribe(user: User, endpoint: str, **more: str) -> PushSubscription:
    keys = {"p256dh": base64url.encode(point(KEY.public_key())), "auth": base64url.encode(AUTH), **more}
    return subscribe_browser(user=user, endpoint=endpoint, label="Chrome", now=NOW, **keys)


def wishes(user: User) -> set[tuple[str, str, UUID | None, bool]]:
    return set(Preference.objects.filter(user=user).values_list("kind", "channel", "facility", "wanted"))


def test_wishes_are_kept_by_facility_and_only_for_the_kinds_asked_about() -> None:
    user, facility = somebody(), make_facility()
    kinds = [Kind.REQUEST_CLAIMED, Kind.ONE_TIME_CODE]
    for _ in range(2):
        save_wishes(user=user, wanted=[(kinds[0], Channel.IN_APP)], kinds=kinds, facility_id=None, now=NOW)
    save_wishes(user=user, wanted=[], kinds=kinds, facility_id=facility.id, now=NOW)
    general = {("request_claimed", "in_app", None, True), ("request_claimed", "web_push", None, False)}
    assert wishes(user) == general | {
        ("request_claimed", "in_app", facility.id, False),
        ("request_claimed", "web_push", facility.id, False),
    }
    forget_wishes(user=user, facility_id=facility.id, now=NOW)
    assert wishes(user) == general


def test_quiet_hours_come_whole_or_not_at_all() -> None:
    user = somebody()
    save_quiet_hours(user=user, begins=time(22), ends=time(6), now=NOW)
    with pytest.raises(Invalid):
        save_quiet_hours(user=user, begins=time(22), ends=None, now=NOW)
    assert str(user.quiet_hours) == "22:00–06:00"
    save_quiet_hours(user=user, begins=None, ends=None, now=NOW)
    assert not QuietHours.objects.exists()


def test_a_push_reaches_every_browser_and_only_the_browser_reads_it(stand_ins: Server) -> None:
    user = somebody()
    for name in ("one", "two", "gone"):
        subscribe(user, f"{stand_ins.origin}/push/{name}")
    told = {"kind": Kind.REQUEST_CLAIMED, "recipient": ToUser(user.pk), "path": "/requests/1/"}
    notify(key="1", context={}, now=NOW, **told)  # type: ignore[arg-type]
    assert sweep(NOW) == {"SENT": 1}
    bodies = [base64url.decode(message["text"]) for message in stand_ins.providers.arrived]
    texts = [decrypt(body, browser=KEY, auth=AUTH).decode() for body in bodies]
    assert len(texts) == 2
    assert texts[0].startswith(
        '{"title":"Yêu cầu đã có người nhận","body":"Yêu cầu của anh/chị đã có người nhận.",'
    )
    assert '"url":"/requests/1/"' in texts[0]
    assert not any("requests" in str(body) for body in bodies)
    # The browser that is gone is not asked again.
    assert {row.endpoint.rpartition("/")[2] for row in user.push_subscriptions.all()} == {"one", "two"}


def test_without_a_browser_a_push_is_not_needed(stand_ins: Server) -> None:
    user = somebody()
    notify(kind=Kind.REQUEST_CLAIMED, recipient=ToUser(user.pk), key="1", context={}, now=NOW)
    sweep(NOW)
    assert states()[Channel.WEB_PUSH] == (State.SKIPPED, "push_no_browser")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1:5432/",
        "https://fcm.googleapis.com.example.vn/a",
        "https://fcm.googleapis.com@example.vn/a",
        "http://fcm.googleapis.com/a",
        "https://notify.windows.com/a",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_known_push_services_are_sent_to(endpoint: str) -> None:
    with pytest.raises(Invalid) as refused:
        subscribe(somebody(), endpoint)
    assert refused.value.code == "push.service"


@pytest.mark.parametrize(
    "endpoint", ["https://fcm.googleapis.com/fcm/send/a", "https://db5p.notify.windows.com/w/?token=a"]
)
def test_browsers_of_known_services_may_subscribe(endpoint: str) -> None:
    user = somebody()
    subscribe(user, endpoint)
    unsubscribe_browser(user=somebody(), endpoint=endpoint, now=NOW)
    assert user.push_subscriptions.count() == 1
    unsubscribe_browser(user=user, endpoint=endpoint, now=NOW)
    assert user.push_subscriptions.count() == 0


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "not base64 at all"}])
def test_malformed_keys_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        subscribe(somebody(), "https://web.push.apple.com/a", **keys)
    assert refused.value.code == "push.keys"


def test_a_browser_belongs_to_whoever_signed_in_last_and_the_oldest_is_forgotten() -> None:
    first, second = somebody(), somebody()
    subscribe(first, "https://web.push.apple.com/shared")
    row = subscribe(second, "https://web.push.apple.com/shared")
    assert (first.push_subscriptions.count(), second.push_subscriptions.count()) == (0, 1)
    for number in range(SUBSCRIPTIONS):
        subscribe_browser(
            user=second,
            endpoint=f"https://web.push.apple.com/{number}",
            p256dh=row.p256dh,
            auth=row.auth,
            label="",
            now=NOW + timedelta(minutes=1),
        )
    assert second.push_subscriptions.count() == SUBSCRIPTIONS
    assert not PushSubscription.objects.filter(endpoint__endswith="shared").exists()
    one = second.push_subscriptions.first()
    assert one
    forget_browser(user=first, subscription_id=one.id, now=NOW)
    forget_browser(user=second, subscription_id=one.id, now=NOW)
    assert second.push_subscriptions.count() == SUBSCRIPTIONS - 1
