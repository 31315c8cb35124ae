"""Zalo Notification Service: a template approved beforehand, filled and sent to a number (`POST /message/template`)."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from telehealth.notifications.channels.outcome import Message, Outcome, Result, body_of, post

PATH = "/message/template"
UNKNOWN_ERROR = -100
"""Zalo's "unknown error, try again later": it does not say that nothing was sent."""


@dataclass(frozen=True)
class Account:
    """`templates` has the approved templates by kind, or by kind and language ("booked.en"). `url` is empty when not contracted."""

    url: str
    access_token: str
    templates: Mapping[str, str]

    def template(self, kind: str, language: str) -> str:
        return self.templates.get(f"{kind}.{language}") or (
            self.templates.get(kind, "") if language == "vi" else ""
        )


def send(client: httpx.Client, account: Account, phone: str, message: Message) -> Outcome:
    """Send one message. Zalo refuses no repeat, so an attempt without an answer is never repeated."""
    if not account.url:
        return Outcome(Result.REFUSED, "zalo_off")
    template = account.template(message.kind, message.language)
    if not template:
        return Outcome(Result.REFUSED, "zalo_no_template")
    answer = post(
        client,
        account.url + PATH,
        headers={"access_token": account.access_token},
        json={
            "phone": phone.removeprefix("+"),
            "template_id": template,
            "template_data": {**message.values, "link": message.link},
            "tracking_id": message.reference,
        },
    )
    if isinstance(answer, Outcome):
        return answer
    said = body_of(answer)
    error = said.get("error")
    if error == 0:
        data = said.get("data") or {}
        return Outcome(Result.SENT, reference=str(data.get("msg_id") or "")[:80])
    if not isinstance(error, int) or error == UNKNOWN_ERROR:
        return Outcome(Result.UNKNOWN, "no_sense")
    return Outcome(Result.REFUSED, f"zalo_{-error}"[:40])
