"""Whom a message is for: somebody with an account, a telephone, or an e-mail address."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from telehealth.core.errors import Invalid

_MOBILE = re.compile(r"(?:\+?84|0)([35789]\d{8})")
_E164 = re.compile(r"\+[1-9]\d{7,14}")


@dataclass(frozen=True)
class ToUser:
    """Somebody with an account; their own phone and e-mail are looked up when a channel needs them."""

    user_id: UUID

    @property
    def address(self) -> str:
        return f"user:{self.user_id}"


@dataclass(frozen=True)
class ToPhone:
    """A telephone number in E.164 ("+84912345678")."""

    phone: str

    @property
    def address(self) -> str:
        return f"phone:{self.phone}"


@dataclass(frozen=True)
class ToEmail:
    email: str

    @property
    def address(self) -> str:
        return f"email:{self.email.casefold()}"


Recipient = ToUser | ToPhone | ToEmail


def e164(typed: str) -> str:
    """Return a mobile number as typed in Việt Nam ("0912 345 678", "84912345678") in E.164.

    A foreign number must begin with "+".

    Raises:
        Invalid: `phone.malformed`.
    """
    compact = re.sub(r"[\s().-]", "", typed)
    if match := _MOBILE.fullmatch(compact):
        return f"+84{match[1]}"
    if _E164.fullmatch(compact) and not compact.startswith("+84"):
        return compact
    raise Invalid(
        "phone.malformed",
        _("Số điện thoại này không đúng dạng. Hãy ghi số di động 10 chữ số, như 0912 345 678."),
        field="phone",
    )


def check_recipient(recipient: Recipient) -> None:
    """Raise Invalid (`phone.malformed`, `email.malformed`) when nothing can be sent there."""
    match recipient:
        case ToPhone(phone=phone):
            e164(phone)
        case ToEmail(email=email):
            try:
                validate_email(email)
            except ValidationError:
                raise Invalid(
                    "email.malformed", _("Địa chỉ thư điện tử này không đúng dạng."), field="email"
                ) from None
        case ToUser():
            pass


def masked(phone: str) -> str:
    """Return a number as a log may show it: "+84 ••• ••• 678"."""
    return f"{phone[:3]} ••• ••• {phone[-3:]}" if len(phone) > 6 else "•••"
