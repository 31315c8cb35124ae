"""SMS under a registered sender name, in the format of eSMS (`SendMultipleMessage_V4_post_json`, customer care, type 2)."""

from dataclasses import dataclass

import httpx

from telehealth.notifications.channels.outcome import Message, Outcome, Result, body_of, post

PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
TAKEN, TWICE = "100", "124"


@dataclass(frozen=True)
class Account:
    """`url` is empty when no carrier is contracted."""

    url: str
    key: str
    secret: str
    sender: str
    callback: str = ""


def national(phone: str) -> str:
    """Return a number as the carriers write it: "0912345678"; a foreign one in digits."""
    return f"0{phone[3:]}" if phone.startswith("+84") else phone.removeprefix("+")


def send(client: httpx.Client, account: Account, phone: str, message: Message) -> Outcome:
    """Send one text. `RequestId` lets the carrier refuse a repeat for 24 hours, so an attempt without an answer may be repeated."""
    if not account.url:
        return Outcome(Result.REFUSED, "sms_off")
    answer = post(
        client,
        account.url + PATH,
        json={
            "ApiKey": account.key,
            "SecretKey": account.secret,
            "Phone": national(phone),
            "Content": message.sms,
            "Brandname": account.sender,
            "SmsType": "2",
            "IsUnicode": "0",
            "RequestId": message.reference,
            "CallbackUrl": account.callback,
        },
    )
    if isinstance(answer, Outcome):
        return answer
    said = body_of(answer)
    code = str(said.get("CodeResult", ""))
    if code in {TAKEN, TWICE}:
        return Outcome(Result.SENT, reference=str(said.get("SMSID") or "")[:80])
    if not code:
        return Outcome(Result.UNKNOWN, "no_sense")
    return Outcome(Result.REFUSED, f"sms_{code}"[:40])
