"""The filter above the audit log."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from telehealth.audit.words import position_of, words_of


class AuditFilter(forms.Form):
    """What an auditor looks for. Every field may stay empty."""

    action = forms.ChoiceField(label=_("Hành động"), required=False)
    username = forms.CharField(label=_("Tên đăng nhập"), required=False, max_length=150)
    case_code = forms.CharField(label=_("Mã ca"), required=False, max_length=16)
    since = forms.DateField(
        label=_("Từ ngày"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Đến ngày"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: object, actions: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        known = sorted(actions, key=position_of)
        field.choices = [("", _("Tất cả")), *((code, words_of(code)) for code in known)]
