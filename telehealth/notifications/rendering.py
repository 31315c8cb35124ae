"""A message in words, from its kind and its values."""

from dataclasses import dataclass

from telehealth.notifications.catalogue import spec_of
from telehealth.notifications.kinds import Text
from telehealth.notifications.links import link_of
from telehealth.notifications.models import Notification


@dataclass(frozen=True)
class Rendered:
    """`body` has no link; `with_link` has it in words; `sms` is the short text without diacritics."""

    title: str
    body: str
    with_link: str
    sms: str


def render(notification: Notification, *, language: str = "") -> Rendered:
    """Return the message in its own language, or in the reader's. Values that were forgotten stand as "…"."""
    spec = spec_of(notification.kind)
    text: Text = spec.en if (language or notification.language).startswith("en") else spec.vi
    link = link_of(notification.id)
    values = {**dict.fromkeys(spec.blanks, "…"), **notification.values}
    body = text.body.format(**values)
    return Rendered(
        title=text.title.format(**values),
        body=body,
        with_link=f"{body} {text.ask}: {link}" if text.ask else body,
        sms=text.sms.format(link=link, **values),
    )
