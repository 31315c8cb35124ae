"""Forms of the reception desk: short ones."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduling.queues.enums import PriorityReason
from telehealth.core.errors import Invalid
from telehealth.records.cards.numbers import read_date
from telehealth.records.cards.results import CardRead, CitizenCard, InsuranceCard, PartialDate
from telehealth.records.comparison import version_of_card
from telehealth.records.domain.patients import NewPatient
from telehealth.records.enums import IdentityOutcome, Sex
from telehealth.web.forms.numbers import read_date as read_typed_date

_PLAIN = {"autocomplete": "off"}
_DIGITS = {"autocomplete": "off", "inputmode": "numeric"}


class NewcomerForm(forms.Form):
    """Somebody who has no record yet: what a card says, or what they say. Only the name is needed."""

    full_name = forms.CharField(label=_("Họ và tên"), max_length=120, widget=forms.TextInput(attrs=_PLAIN))
    born = forms.CharField(
        label=_("Ngày sinh hoặc năm sinh"),
        required=False,
        max_length=10,
        help_text=_("Như 24/11/1958, 11/1958 hoặc chỉ 1958."),
        widget=forms.TextInput(attrs=_DIGITS),
    )
    sex = forms.ChoiceField(label=_("Giới"), choices=Sex.choices, initial=Sex.UNKNOWN, required=False)
    citizen_number = forms.CharField(
        label=_("Số định danh cá nhân"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=_DIGITS),
    )
    insurance_number = forms.CharField(
        label=_("Số thẻ bảo hiểm y tế"), required=False, max_length=20, widget=forms.TextInput(attrs=_PLAIN)
    )
    phone = forms.CharField(
        label=_("Điện thoại"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    address = forms.CharField(
        label=_("Nơi ở"), required=False, max_length=200, widget=forms.TextInput(attrs=_PLAIN)
    )
    old_identity_number = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def clean_born(self) -> PartialDate | None:
        """Return the date as far as it is known."""
        text: str = self.cleaned_data["born"].strip()
        if not text:
            return None
        read, possible = read_date(text)
        if read is not None and possible and read.day is None:
            return read
        try:
            day: date | None = read_typed_date(text)
        except Invalid as error:
            raise forms.ValidationError(error.text, code=error.code) from None
        return PartialDate(day.year, day.month, day.day) if day else None

    def newcomer(self, *, scanned: bool) -> NewPatient:
        """Return the cleaned form as the domain takes it."""
        data = dict(self.cleaned_data)
        born: PartialDate | None = data.pop("born")
        sex = Sex(data.pop("sex") or Sex.UNKNOWN)
        return NewPatient(
            birth_date=born.date if born else None,
            birth_year=born.year if born else None,
            birth_month=born.month if born else None,
            sex=sex,
            source="scanned" if scanned else "typed",
            **data,
        )


def initial_of(card: CardRead | None, typed: str = "") -> dict[str, str]:
    """Return what the newcomer's form begins with: what the card says, or the name that was typed."""
    version = version_of_card(card) if card else None
    if card is None or version is None:
        return {"full_name": typed}
    initial = {"full_name": version.full_name, "born": written(version.born), "sex": version.sex.value}
    match card:
        case CitizenCard():
            initial |= {"citizen_number": card.number, "address": card.address}
            initial |= {"old_identity_number": card.old_number or ""}
        case InsuranceCard():
            initial |= {"insurance_number": card.card_number or card.number, "address": card.address}
    return initial


def written(born: PartialDate | None) -> str:
    """Return "02/03/1985", "03/1985" or "1985", as people write it."""
    if born is None:
        return ""
    parts = [f"{part:02d}" for part in (born.day, born.month) if part]
    return "/".join([*parts, f"{born.year:04d}"])


class NumberForm(forms.Form):
    """What somebody waits for, and why they go first."""

    service = forms.UUIDField()
    reasons = forms.MultipleChoiceField(
        label=pgettext_lazy("queue", "Được ưu tiên vì"), choices=PriorityReason.choices, required=False
    )
    key = forms.UUIDField(required=False)


class OutcomeForm(forms.Form):
    """How an identity case is settled."""

    outcome = forms.ChoiceField(
        label=_("Kết luận đối soát"), choices=IdentityOutcome.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Căn cứ"),
        help_text=_("Giấy tờ nào đã xem, hỏi ai. Người xem sau cần biết."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


class PortalAccountForm(forms.Form):
    """The facility's account at the insurance portal. The password is never shown again."""

    username = forms.CharField(
        label=_("Tên đăng nhập cổng"), max_length=60, widget=forms.TextInput(attrs=_PLAIN)
    )
    password = forms.CharField(
        label=_("Mật khẩu cổng"),
        required=False,
        max_length=100,
        help_text=_("Để trống nếu không đổi."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    staff_name = forms.CharField(
        label=_("Họ tên cán bộ tra cứu"), max_length=120, widget=forms.TextInput(attrs=_PLAIN)
    )
    staff_number = forms.CharField(
        label=_("Số căn cước của cán bộ tra cứu"), max_length=14, widget=forms.TextInput(attrs=_DIGITS)
    )
