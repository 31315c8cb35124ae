"""Forms about messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.enums import Channel, State


class QuietHoursForm(forms.Form):
    begins = forms.TimeField(
        label=_("Từ"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("Đến"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class DeliveryFilter(forms.Form):
    """What an administrator looks for in the delivery log. Every field may stay empty."""

    kind = forms.ChoiceField(label=_("Loại tin"), required=False)
    channel = forms.ChoiceField(
        label=_("Đường gửi"), required=False, choices=[("", _("Tất cả")), *Channel.choices]
    )
    state = forms.ChoiceField(
        label=_("Tình trạng"), required=False, choices=[("", _("Tất cả")), *State.choices]
    )

    def __init__(self, *args: object, english: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        titles = [(kind.value, (spec.en if english else spec.vi).title) for kind, spec in SPECS.items()]
        field.choices = [("", _("Tất cả")), *titles]
