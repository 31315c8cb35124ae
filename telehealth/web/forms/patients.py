"""The form of a new patient."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from telehealth.core.errors import Invalid
from telehealth.facilities.models import Commune
from telehealth.records.domain.patients import NewPatient
from telehealth.records.enums import Sex
from telehealth.web.forms.numbers import read_date


class PatientForm(forms.Form):
    """What is known at registration. Only the name is needed; a birth year alone will do."""

    full_name = forms.CharField(
        label=_("Họ và tên"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    born = forms.CharField(
        label=_("Ngày sinh hoặc năm sinh"),
        help_text=_("Như 24/11/1958, hoặc chỉ 1958."),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    sex = forms.ChoiceField(label=_("Giới"), choices=Sex.choices, initial=Sex.UNKNOWN, required=False)
    citizen_number = forms.CharField(
        label=_("Số định danh cá nhân"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    insurance_number = forms.CharField(
        label=_("Số thẻ bảo hiểm y tế"),
        help_text=_("10 số bảo hiểm xã hội, hoặc đủ 15 ký tự trên thẻ."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Điện thoại"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    ethnicity = forms.CharField(
        label=_("Dân tộc"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"list": "ethnicities", "autocomplete": "off"}),
    )
    language = forms.CharField(
        label=_("Tiếng nói hằng ngày"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    needs_interpreter = forms.BooleanField(label=_("Cần người phiên dịch"), required=False)
    commune_code = forms.ChoiceField(label=_("Xã, phường"), required=False)
    address = forms.CharField(label=_("Thôn, bản, số nhà"), required=False, max_length=200)
    representative = forms.CharField(label=_("Người đại diện hoặc người nhà"), required=False, max_length=160)
    allergies = forms.CharField(label=_("Dị ứng"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        communes = Commune.objects.order_by("name")
        field = self.fields["commune_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("— Chọn —")), *((c.code, f"{c} ({c.former_district})") for c in communes)]

    def clean_born(self) -> tuple[date | None, int | None]:
        """Return the date or, when only a year was typed, the year."""
        text: str = self.cleaned_data["born"].strip()
        if text.isdigit() and len(text) == 4:
            return None, int(text)
        try:
            return read_date(text), None
        except Invalid as error:
            raise forms.ValidationError(error.text, code=error.code) from None

    def new_patient(self) -> NewPatient:
        """Return the cleaned form as the domain takes it."""
        data = dict(self.cleaned_data)
        birth_date, birth_year = data.pop("born")
        sex = Sex(data.pop("sex") or Sex.UNKNOWN)
        return NewPatient(birth_date=birth_date, birth_year=birth_year, sex=sex, **data)
