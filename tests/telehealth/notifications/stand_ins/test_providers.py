"""The stand-ins answer as the providers do, so that what passes here passes there."""

import json

import pytest

from telehealth.notifications.channels import sms, zalo
from telehealth.notifications.stand_ins.providers import Providers, Reply

TEXT = "SYT Nghe An: Ma xac nhan 482913, dung trong 5 phut. Khong dua ma nay cho bat ky ai."
SMS = {"Phone": "0912345678", "Content": TEXT, "Brandname": "SYTNGHEAN", "SmsType": "2", "RequestId": "r1"}
ZNS = {
    "phone": "84912345678",
    "template_id": "turn_now",
    "template_data": {"number": "A012", "link": "https://example.vn/n/abc"},
    "tracking_id": "t1",
}


def providers() -> Providers:
    return Providers(origin="http://127.0.0.1:7920")


def text_message(there: Providers, **changed: str) -> str:
    reply = there.answer("POST", sms.PATH, {}, json.dumps({**SMS, **changed}).encode())
    return str(reply.body["CodeResult"])


def zns(there: Providers, token: str = "token", **changed: object) -> int:
    reply = there.answer("POST", zalo.PATH, {"access_token": token}, json.dumps({**ZNS, **changed}).encode())
    return int(reply.body["error"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "100"),
        ({"Brandname": ""}, "104"),
        ({"Phone": "12"}, "108"),
        ({"Phone": "0912340004"}, "103"),
        ({"Content": "Bất kỳ"}, "146"),
        ({"Content": "Xin chao"}, "146"),
        ({"Content": TEXT.replace("482913", "Nguyen Van An")}, "146"),
    ],
)
def test_the_carrier_takes_registered_texts_only(changed: dict[str, str], code: str) -> None:
    there = providers()
    assert text_message(there, **changed) == code
    assert len(there.arrived) == (code == "100")


def test_the_carrier_refuses_a_repeat() -> None:
    there = providers()
    assert [text_message(there), text_message(there)] == ["100", "124"]
    assert len(there.arrived) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({}, 0),
        ({"token": ""}, -124),
        ({"template_id": "unknown"}, -109),
        ({"template_data": {"link": "x"}}, -112),
        ({"phone": "0912345678"}, -108),
        ({"phone": "84912340001"}, -118),
    ],
)
def test_zalo_takes_approved_templates_only(changed: dict[str, str], error: int) -> None:
    assert zns(providers(), **changed) == error


def test_zalo_refuses_no_repeat() -> None:
    there = providers()
    assert [zns(there), zns(there)] == [0, 0]
    assert [one["text"] for one in there.arrived] == [
        "Mời số A012. Xem nơi đến: https://example.vn/n/abc"
    ] * 2


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_nonsense_is_answered(body: bytes) -> None:
    there = providers()
    assert there.answer("POST", sms.PATH, {}, body).body["CodeResult"] == "104"
    assert there.answer("POST", zalo.PATH, {}, body).body["error"] == -124
    assert there.answer("POST", "/push/a", {}, body) == Reply(401)
    assert there.answer("GET", "/nothing", {}, body) == Reply(404)
