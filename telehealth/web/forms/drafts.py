"""The draft of a request as a form: one set of field names for the page, the autosave and the conflict answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telehealth.consultations.domain.requests import MAX_VITAL_SIGNS, DraftContent, VitalSignsEntry
from telehealth.consultations.enums import Urgency
from telehealth.consultations.models import SUMMARY_FIELDS, Request, VitalSigns
from telehealth.consultations.vitals import SIGN_BY_NAME, SIGNS, Sign, is_plausible
from telehealth.core.errors import Invalid
from telehealth.facilities.models import Facility
from telehealth.web.forms.numbers import moment_text, number_text, read_date, read_moment, read_sign

Values = Mapping[str, str | list[str]]

TIME_NAME = "vital_measured_at"


def _text(rows: int, **attributes: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attributes})


class DraftForm(forms.Form):
    """The single fields of a draft. Nothing is required here: a draft may be anything, `submit_request` asks for more."""

    chief_complaint = forms.CharField(label=gettext_lazy("Lý do vào viện"), widget=_text(2))
    history_of_present_illness = forms.CharField(label=gettext_lazy("Bệnh sử"), widget=_text(6))
    past_history = forms.CharField(
        label=gettext_lazy("Tiền sử"),
        help_text=gettext_lazy("Bản thân, gia đình, thai sản."),
        widget=_text(3),
    )
    allergies = forms.CharField(label=gettext_lazy("Dị ứng"), widget=_text(2))
    examination = forms.CharField(
        label=gettext_lazy("Khám lâm sàng"), help_text=gettext_lazy("Toàn thân, bộ phận."), widget=_text(5)
    )
    investigations = forms.CharField(
        label=gettext_lazy("Cận lâm sàng"),
        help_text=gettext_lazy("Mỗi kết quả kèm giờ và đơn vị. Ảnh phim, điện tim hãy đính kèm."),
        widget=_text(4),
    )
    provisional_diagnosis = forms.CharField(
        label=gettext_lazy("Chẩn đoán sơ bộ"),
        help_text=gettext_lazy("Kèm chẩn đoán phân biệt nếu có."),
        widget=_text(2),
    )
    icd10 = forms.CharField(label=gettext_lazy("Mã bệnh ICD-10"))
    management_done = forms.CharField(label=gettext_lazy("Đã xử trí"), widget=_text(3))
    clinical_course = forms.CharField(label=gettext_lazy("Diễn biến"), widget=_text(3))
    current_medicines = forms.CharField(label=gettext_lazy("Thuốc đang dùng"), widget=_text(3))
    local_resources = forms.CharField(
        label=gettext_lazy("Nguồn lực tại chỗ"),
        help_text=gettext_lazy("Máu, máy thở, phòng mổ, phương tiện vận chuyển."),
        widget=_text(2),
    )
    record_number = forms.CharField(label=gettext_lazy("Số hồ sơ bệnh án"))
    admitted_on = forms.CharField(
        label=gettext_lazy("Ngày vào viện"), widget=forms.DateInput(attrs={"type": "date"})
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Mức khẩn"), choices=Urgency.choices, widget=forms.RadioSelect
    )
    specialty = forms.ChoiceField(label=gettext_lazy("Chuyên khoa cần hỏi"))
    hub = forms.ChoiceField(label=gettext_lazy("Bệnh viện nhận"))

    def __init__(self, *args: object, hubs: Sequence[Facility], specialty: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.required = False
        self["urgency"].field.widget.use_fieldset = True
        offered = {link.specialty_id: link.specialty for hub in hubs for link in hub.hub_specialties.all()}
        ordered = sorted(offered.values(), key=lambda one: one.position)
        self._choices("specialty", [(one.key, one.name) for one in ordered])
        self._choices("hub", [(str(hub.id), hub.name) for hub in hubs_offering(hubs, specialty)])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("— Chọn —")), *choices]


def hubs_offering(hubs: Sequence[Facility], specialty: str) -> list[Facility]:
    """Return the linked hubs that take the specialty; all of them while none is chosen."""
    if not specialty:
        return list(hubs)
    return [hub for hub in hubs if any(link.specialty_id == specialty for link in hub.hub_specialties.all())]


@dataclass(frozen=True)
class VitalCell:
    """One input of a row of vital signs."""

    sign: Sign
    value: str

    @property
    def name(self) -> str:
        return f"vital_{self.sign.name}"


@dataclass(frozen=True)
class VitalRow:
    """A row of vital signs as typed."""

    measured_at: str
    cells: tuple[VitalCell, ...]

    @property
    def warnings(self) -> list[str]:
        """Sentences about numbers worth a second look. They never block."""
        found = []
        for cell in self.cells:
            try:
                value = read_sign(cell.value, cell.sign)
            except Invalid as error:
                found.append(error.text)
                continue
            if value is not None and not is_plausible(cell.sign, value):
                found.append(
                    _("%(sign)s %(value)s %(unit)s rất hiếm gặp. Hãy xem lại; nếu đúng thì cứ để nguyên.")
                    % {"sign": cell.sign.label, "value": cell.value, "unit": cell.sign.unit}
                )
        return found


EMPTY_ROW = VitalRow("", tuple(VitalCell(sign, "") for sign in SIGNS))


def rows_of(values: Values) -> list[VitalRow]:
    """Return the rows of vital signs in a form's values; at least an empty one."""
    times = _list(values, TIME_NAME)
    columns = {sign.name: _list(values, f"vital_{sign.name}") for sign in SIGNS}
    count = max([len(times), *(len(column) for column in columns.values())])
    rows = [
        VitalRow(_at(times, i), tuple(VitalCell(sign, _at(columns[sign.name], i)) for sign in SIGNS))
        for i in range(min(count, MAX_VITAL_SIGNS))
    ]
    return rows or [EMPTY_ROW]


def values_of_data(data: QueryDict) -> dict[str, str | list[str]]:
    """Return what was sent under the form's names."""
    values: dict[str, str | list[str]] = {name: data.get(name, "") for name in DraftForm.base_fields}
    for name in ("questions", TIME_NAME, *(f"vital_{sign}" for sign in SIGN_BY_NAME)):
        values[name] = data.getlist(name)
    return values


def values_of_draft(request: Request) -> dict[str, str | list[str]]:
    """Return what is saved, under the form's names."""
    values: dict[str, str | list[str]] = {name: getattr(request, name) for name in SUMMARY_FIELDS}
    values |= {
        "admitted_on": request.admitted_on.isoformat() if request.admitted_on else "",
        "urgency": request.urgency,
        "specialty": request.specialty_id or "",
        "hub": str(request.hub_id or ""),
        "questions": [question.text for question in request.questions.all()],
    }
    rows: list[VitalSigns] = list(request.vital_signs.all())
    values[TIME_NAME] = [moment_text(row.measured_at) for row in rows]
    for sign in SIGN_BY_NAME:
        values[f"vital_{sign}"] = [number_text(getattr(row, sign)) for row in rows]
    return values


def content_of(data: QueryDict) -> DraftContent:
    """Return what was sent as the domain takes it.

    Raises:
        Invalid: `vitals.*`, `moment.unreadable`, `date.unreadable`.
    """
    values = values_of_data(data)
    return DraftContent(
        summary={name: data.get(name, "") for name in SUMMARY_FIELDS},
        questions=data.getlist("questions"),
        vital_signs=[_entry(row) for row in rows_of(values)],
        urgency=data.get("urgency", ""),
        specialty=data.get("specialty", ""),
        hub_id=_uuid(data.get("hub", "")),
        admitted_on=read_date(data.get("admitted_on", "")),
    )


def _entry(row: VitalRow) -> VitalSignsEntry:
    numbers = {}
    for cell in row.cells:
        value = read_sign(cell.value, cell.sign)
        numbers[cell.sign.name] = value if value is None or cell.sign.decimals else int(value)
    return VitalSignsEntry(measured_at=read_moment(row.measured_at), **numbers)  # type: ignore[arg-type]


def _list(values: Values, name: str) -> list[str]:
    found = values.get(name, [])
    return [found] if isinstance(found, str) else found


def _at(column: list[str], index: int) -> str:
    return column[index] if index < len(column) else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
