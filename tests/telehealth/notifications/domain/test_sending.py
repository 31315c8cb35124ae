"""Sending by a controlled clock, to stand-ins behind real sockets."""

from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection

from telehealth.accounts.enums import Role
from telehealth.accounts.models import User
from telehealth.notifications.channels.outcome import Outcome, Result
from telehealth.notifications.domain.reading import mark_read, shown_to, unread_count
from telehealth.notifications.domain.sending import claim_due, note_outcome, note_receipt, send_due
from telehealth.notifications.domain.telling import notify, settle
from telehealth.notifications.enums import Channel, Event, State
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Delivery, Notification, Preference, QuietHours
from telehealth.notifications.recipients import Recipient, ToEmail, ToPhone, ToUser
from telehealth.notifications.rules import ATTEMPTS, LEASE
from telehealth.notifications.stand_ins.server import Server
from tests.factories import NOW, make_facility, make_person
from tests.telehealth.notifications.sending import arrived, events, states, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stand_ins")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 22:00 in Việt Nam
MORNING = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # 06:00
BOOKED = {"time": "09:30", "date": "25/11/2026", "code": "NA7K2P"}
USUAL = "0912345678"


def tell(kind: Kind = Kind.BOOKED, to: str | Recipient = USUAL, now: datetime = NOW, **more: object) -> None:
    values = {
        Kind.ONE_TIME_CODE: {"code": "482913", "minutes": "5"},
        Kind.ROSTER_SWAP_ASKED: {"date": "25/11/2026"},
        Kind.HOUR_BEFORE: {"time": "15:00", "code": "NA7K2P"},
    }.get(kind, {} if kind.name.startswith("REQUEST") else BOOKED)
    recipient = ToPhone(to) if isinstance(to, str) else to
    notify(kind=kind, recipient=recipient, key="1", context=values, now=now, **more)  # type: ignore[arg-type]


def colleague(phone: str = "") -> User:
    user = make_person(make_facility(), Role.DOCTOR).user
    user.phone = phone
    user.save()
    return user


def test_zalo_carries_it_and_the_sms_is_not_needed(stand_ins: Server) -> None:
    tell()
    assert sweep(NOW) == {"SENT": 1}
    assert sweep(NOW) == {}
    assert arrived(stand_ins) == [("zalo", "84912345678")]
    assert "Lịch hẹn lúc 09:30 ngày 25/11/2026" in stand_ins.providers.arrived[0]["text"]
    sweep(NOW + timedelta(days=1))
    assert states() == {Channel.ZALO: (State.SENT, ""), Channel.SMS: (State.SKIPPED, "late")}


def test_without_zalo_the_sms_goes_at_once(stand_ins: Server) -> None:
    tell(to="0912340001")
    assert sweep(NOW) == {"REFUSED": 1}
    assert sweep(NOW) == {"SENT": 1}
    assert arrived(stand_ins) == [("sms", "0912340001")]
    assert stand_ins.providers.arrived[0]["text"].startswith(
        "SYT Nghe An: Da dat lich hen 09:30 25/11/2026. Ma: NA7K2P"
    )
    assert states() == {Channel.ZALO: (State.FAILED, "zalo_118"), Channel.SMS: (State.SENT, "")}
    assert events(Channel.ZALO) == [Event.QUEUED, Event.SENDING, Event.FAILED]


def test_a_throttled_message_waits_as_long_as_the_provider_says(stand_ins: Server) -> None:
    tell(to="0912340002")
    assert sweep(NOW) == {"LATER": 1}
    assert sweep(NOW + timedelta(seconds=6)) == {}
    assert sweep(NOW + timedelta(seconds=7)) == {"SENT": 1}
    assert events(Channel.ZALO) == [Event.QUEUED, Event.SENDING, Event.HELD, Event.SENDING, Event.SENT]
    assert len(arrived(stand_ins)) == 1


def test_zalo_without_an_answer_is_not_asked_again_but_the_sms_goes(stand_ins: Server) -> None:
    tell(to="0912340003")
    assert sweep(NOW) == {"UNKNOWN": 1}
    sweep(NOW)
    sweep(NOW + MINUTE)
    assert states()[Channel.ZALO] == (State.FAILED, "cut_off")
    assert arrived(stand_ins) == [("zalo", "84912340003"), ("sms", "0912340003")]


def test_an_sms_without_an_answer_is_asked_for_again_and_arrives_once(stand_ins: Server) -> None:
    tell(Kind.ONE_TIME_CODE, to="0912340003")
    assert sweep(NOW) == {"UNKNOWN": 1}
    assert states()[Channel.SMS] == (State.WAITING, "cut_off")
    assert sweep(NOW + MINUTE) == {"SENT": 1}
    assert arrived(stand_ins) == [("sms", "0912340003")]


def test_a_broken_server_ends_a_way_and_the_next_is_taken() -> None:
    tell(to="0912340005")
    assert sweep(NOW) == {"UNKNOWN": 1}
    assert states()[Channel.ZALO] == (State.FAILED, "server_error")
    for attempt in range(ATTEMPTS):
        sweep(NOW + attempt * 10 * MINUTE)
    assert states()[Channel.SMS] == (State.FAILED, "server_error")


def test_a_provider_that_is_away_is_tried_again(stand_ins: Server, settings: object) -> None:
    settings.ZALO_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]  # the port of "discard"
    tell()
    assert sweep(NOW) == {"LATER": 1}
    assert states()[Channel.ZALO] == (State.WAITING, "unreachable")
    settings.ZALO_URL = stand_ins.origin  # type: ignore[attr-defined]
    assert sweep(NOW + MINUTE) == {"SENT": 1}


def test_a_telephone_is_left_alone_at_night_but_for_what_was_asked_for(stand_ins: Server) -> None:
    tell(now=NIGHT)
    assert sweep(NIGHT) == {}
    assert Delivery.objects.get(channel=Channel.ZALO).due_at == MORNING
    tell(Kind.ONE_TIME_CODE, now=NIGHT)
    assert sweep(NIGHT) == {"SENT": 1}
    assert sweep(MORNING) == {"SENT": 1}
    assert arrived(stand_ins) == [("sms", USUAL), ("zalo", "84912345678")]


def test_a_red_alert_is_heard_in_quiet_hours_and_against_wishes(stand_ins: Server) -> None:
    user = colleague("0912345678")
    QuietHours.objects.create(user=user, begins=time(0), ends=time(23, 59))
    Preference.objects.create(user=user, kind=Kind.ROSTER_SWAP_ASKED, channel=Channel.ZALO, wanted=False)
    tell(Kind.ROSTER_SWAP_ASKED, ToUser(user.pk), red=True)
    sweep(NOW)
    sweep(NOW + HOUR)
    assert ("zalo", "84912345678") in arrived(stand_ins)


def test_unread_for_an_hour_it_goes_to_the_telephone_and_then_by_sms(stand_ins: Server) -> None:
    tell(Kind.ROSTER_SWAP_ASKED, ToUser(colleague("0912345678").pk))
    sweep(NOW)
    assert sweep(NOW + HOUR - MINUTE) == {}
    assert sweep(NOW + HOUR) == {"SENT": 1}
    assert sweep(NOW + 2 * HOUR) == {"SENT": 1}
    assert arrived(stand_ins) == [("zalo", "84912345678"), ("sms", USUAL)]


def test_what_is_read_in_time_does_not_go_to_the_telephone(stand_ins: Server) -> None:
    user = colleague("0912345678")
    tell(Kind.ROSTER_SWAP_ASKED, ToUser(user.pk))
    mark_read(user=user, notification_ids=None, now=NOW + MINUTE)
    sweep(NOW + 2 * HOUR)
    assert arrived(stand_ins) == []


def test_a_telephone_that_has_it_needs_no_second_message(stand_ins: Server) -> None:
    tell(Kind.MOVED)
    sweep(NOW)
    reference = Delivery.objects.get(channel=Channel.ZALO).reference
    for _ in range(2):
        assert note_receipt(channel=Channel.ZALO, reference=reference, arrived=True, now=NOW + MINUTE)
    sweep(NOW + HOUR)
    assert states() == {Channel.ZALO: (State.DELIVERED, ""), Channel.SMS: (State.SKIPPED, "reached")}
    assert len(arrived(stand_ins)) == 1


def test_what_did_not_arrive_goes_by_the_next_channel(stand_ins: Server) -> None:
    tell()
    sweep(NOW)
    reference = Delivery.objects.get(channel=Channel.ZALO).reference
    assert note_receipt(channel=Channel.ZALO, reference=reference, arrived=False, now=NOW + MINUTE)
    assert not note_receipt(channel=Channel.SMS, reference=reference, arrived=False, now=NOW)
    assert sweep(NOW + MINUTE) == {"SENT": 1}
    assert arrived(stand_ins)[-1] == ("sms", USUAL)


def test_what_nobody_wants_is_not_sent(stand_ins: Server) -> None:
    user = colleague("0912345678")
    for channel in (Channel.ZALO, Channel.IN_APP):
        Preference.objects.create(user=user, kind=Kind.ROSTER_SWAP_ASKED, channel=channel, wanted=False)
    tell(Kind.ROSTER_SWAP_ASKED, ToUser(user.pk), not_before=NOW + HOUR)
    sweep(NOW + 3 * HOUR)
    assert unread_count(user) == 0
    assert states()[Channel.ZALO] == (State.SKIPPED, "unwanted")
    assert arrived(stand_ins) == [("sms", USUAL)]


def test_a_reminder_appears_when_its_time_comes() -> None:
    user = colleague()
    tell(Kind.HOUR_BEFORE, ToUser(user.pk), not_before=NOW + HOUR)
    sweep(NOW)
    assert unread_count(user) == 0
    sweep(NOW + HOUR)
    assert shown_to(user).get().shown_at == NOW + HOUR


def test_a_reminder_that_was_taken_back_is_not_sent(stand_ins: Server) -> None:
    tell(Kind.DAY_BEFORE, not_before=NOW + HOUR)
    settle(key="1", kinds=[Kind.DAY_BEFORE], now=NOW)
    sweep(NOW + HOUR)
    assert arrived(stand_ins) == []


def test_a_reminder_after_the_event_is_not_sent(stand_ins: Server) -> None:
    tell(Kind.HOUR_BEFORE, not_before=NOW)
    sweep(NOW + HOUR)
    assert arrived(stand_ins) == []
    assert set(states().values()) == {(State.SKIPPED, "late")}


def test_a_code_is_forgotten_when_nobody_can_use_it_any_more() -> None:
    tell(Kind.ONE_TIME_CODE)
    sweep(NOW)
    assert Notification.objects.get().values == {"code": "482913", "minutes": "5"}
    sweep(NOW + 10 * MINUTE)
    assert Notification.objects.get().values == {}


def test_a_letter_goes_to_an_address() -> None:
    tell(to=ToEmail("an@example.vn"))
    assert sweep(NOW) == {"SENT": 1}
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["an@example.vn"], "Đã đặt lịch hẹn")
    assert "Xem, đổi hoặc hủy: http" in str(letter.body)


def test_whoever_dies_after_the_claim_leaves_nothing_that_is_sent_twice(stand_ins: Server) -> None:
    tell()
    [lost] = claim_due(now=NOW)
    assert sweep(NOW + LEASE) == {}
    assert sweep(NOW + LEASE + MINUTE) == {"SENT": 1}  # the next channel
    assert states() == {Channel.ZALO: (State.FAILED, "lost"), Channel.SMS: (State.SENT, "")}
    note_outcome(lost, Outcome(Result.SENT), now=NOW + LEASE + MINUTE)  # it was only slow
    assert states()[Channel.ZALO] == (State.FAILED, "lost")
    assert arrived(stand_ins) == [("sms", USUAL)]


def test_an_sms_whose_sender_died_arrives_once(stand_ins: Server) -> None:
    tell(Kind.ONE_TIME_CODE)
    first = sending_then_dying()
    assert arrived(stand_ins) == [("sms", USUAL)]
    sweep(NOW + LEASE + MINUTE)
    sweep(NOW + LEASE + 2 * MINUTE)
    assert states()[Channel.SMS] == (State.SENT, "")
    assert arrived(stand_ins) == [("sms", USUAL)]
    assert first == Result.SENT


def sending_then_dying() -> Result:
    """Claim and send, as a worker does that is killed before it writes down what came of it."""
    import httpx

    from telehealth.notifications.domain import adapters

    [delivery] = claim_due(now=NOW)
    with httpx.Client(trust_env=False) as client:
        return adapters.prepare(delivery, client=client, now=NOW)().result


def test_an_adapter_that_breaks_leaves_the_others_alone() -> None:
    tell()
    tell(to="0987654321")

    def prepare(delivery: Delivery) -> object:
        if delivery.notification.phone.endswith("321"):
            raise KeyError("broken")
        return lambda: Outcome(Result.SENT)

    assert send_due(prepare=prepare, now=NOW).outcomes == {"SENT": 1, "UNKNOWN": 1}  # type: ignore[arg-type]
    assert Delivery.objects.get(state=State.FAILED).code == "broke_KeyError"


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_everything_once(stand_ins: Server) -> None:
    for number in range(30):
        notify(kind=Kind.BOOKED, recipient=ToPhone(f"09123457{number:02}"), key="1", context=BOOKED, now=NOW)
    together = Barrier(4)

    def work() -> None:
        together.wait()
        while sweep(NOW):
            pass
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    numbers = [number for _channel, number in arrived(stand_ins)]
    assert sorted(numbers) == [f"849123457{number:02}" for number in range(30)]
