"""Forms of the patients' site. Large fields, few of them, with what a phone's keyboard and memory can fill in."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.appointments.domain.contacts import TOLD_REASONS, NewBeneficiary
from scheduling.appointments.enums import Relation
from scheduling.queues.enums import PriorityReason
from telehealth.core.errors import Invalid
from telehealth.records.enums import Sex
from telehealth.web.forms.numbers import read_date


class PhoneForm(forms.Form):
    """A phone to send the code to."""

    phone = forms.CharField(
        label=_("Số điện thoại di động"),
        help_text=_("Mã xác nhận được gửi tới số này. Không mất phí."),
        max_length=24,
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "tel", "type": "tel", "enterkeyhint": "next"}
        ),
    )


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(
        label=_("Mã 6 chữ số trong tin nhắn"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "enterkeyhint": "next"}
        ),
    )


class PersonForm(forms.Form):
    """Who is to be examined: somebody known, or somebody new; and why."""

    NEW = "new"

    who = forms.ChoiceField(label=_("Khám cho ai"), widget=forms.RadioSelect)
    relation = forms.ChoiceField(
        label=_("Người khám là gì của anh/chị"),
        choices=Relation.choices,
        initial=Relation.SELF,
        required=False,
    )
    full_name = forms.CharField(
        label=_("Họ và tên người khám"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
    )
    born = forms.CharField(
        label=_("Ngày sinh hoặc năm sinh"),
        help_text=_("Như 24/11/1958, hoặc chỉ 1958."),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday"}),
    )
    sex = forms.ChoiceField(label=_("Giới"), choices=Sex.choices, initial=Sex.UNKNOWN, required=False)
    citizen_number = forms.CharField(
        label=_("Số định danh cá nhân (không bắt buộc)"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    insurance_number = forms.CharField(
        label=_("Số thẻ bảo hiểm y tế (không bắt buộc)"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    priority_reasons = forms.MultipleChoiceField(
        label=_("Được ưu tiên khám trước"),
        help_text=_(
            "Chỉ đánh dấu nếu đúng; quầy tiếp đón xem giấy tờ. Trẻ dưới 6 tuổi và người từ đủ 75 tuổi được tính tự động."
        ),
        choices=[(reason, PriorityReason(reason).label) for reason in TOLD_REASONS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    insured = forms.BooleanField(label=_("Khám bằng bảo hiểm y tế"), required=False, initial=True)
    reason = forms.CharField(
        label=_("Vì sao cần khám (không bắt buộc)"),
        help_text=_("Ghi bằng lời của mình. Chỉ cơ sở khám đọc được."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: object, known: list[tuple[str, str]], insured: bool, **kwargs: object) -> None:
        """`known`: people of this phone, (id, name); `insured`: whether to ask if health insurance pays."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [*known, (self.NEW, _("Người khác, ghi tên mới"))]
        who.initial = known[0][0] if known else self.NEW
        if not insured:
            del self.fields["insured"]

    def clean_born(self) -> tuple[date | None, int | None]:
        """Return the date or, when only a year was typed, the year."""
        text: str = self.cleaned_data["born"].strip()
        if not text:
            return None, None
        if text.isdigit() and len(text) == 4:
            return None, int(text)
        try:
            return read_date(text), None
        except Invalid as error:
            raise forms.ValidationError(error.text, code=error.code) from None

    @property
    def is_new(self) -> bool:
        """Whether a person is written down that the phone did not have yet."""
        return bool(self.cleaned_data["who"] == self.NEW)

    def new_beneficiary(self) -> NewBeneficiary:
        """Return the new person as the domain takes them."""
        data = self.cleaned_data
        birth_date, birth_year = data["born"]
        return NewBeneficiary(
            full_name=data["full_name"],
            birth_date=birth_date,
            birth_year=birth_year,
            sex=Sex(data["sex"] or Sex.UNKNOWN),
            relation=Relation(data["relation"] or Relation.SELF),
            citizen_number=data["citizen_number"],
            insurance_number=data["insurance_number"],
            priority_reasons=frozenset(PriorityReason(reason) for reason in data["priority_reasons"]),
        )
