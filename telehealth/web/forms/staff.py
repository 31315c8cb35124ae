"""The forms of a facility's administrator about the people who work there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from telehealth.accounts.enums import Role
from telehealth.accounts.models import Membership
from telehealth.consultations.domain.staff import Details, LicenceEntry, Post, roles_to_give
from telehealth.facilities.models import Facility, Specialty

_NOT_REMEMBERED = {"autocomplete": "off"}


def _text(
    label: Any, *, required: bool = True, hint: Any = "", most: int = 120, **attributes: str
) -> forms.CharField:
    widget = forms.TextInput(attrs=_NOT_REMEMBERED | attributes)
    return forms.CharField(label=label, required=required, help_text=hint, max_length=most, widget=widget)


class PostForm(forms.Form):
    """Where in the facility, and on what."""

    department = forms.ChoiceField(label=_("Khoa, phòng"), required=False)
    specialties = forms.MultipleChoiceField(
        label=_("Chuyên khoa nhận hội chẩn"),
        help_text=_("Bắt buộc với bác sĩ chuyên khoa; người khác để trống."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, facility: Facility, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        departments = facility.departments.order_by("name")
        self._choose("department", [("", _("— Chọn —")), *((str(d.id), d.name) for d in departments)])
        self._choose("specialties", [(one.key, one.name) for one in Specialty.objects.all()])

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def post(self) -> Post:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        return Post(data["department"] or None, frozenset(data["specialties"]))


class RoleForm(PostForm):
    """A role to be given."""

    role = forms.ChoiceField(label=_("Vai trò"))

    def __init__(self, *args: object, facility: Facility, **kwargs: object) -> None:
        super().__init__(*args, facility=facility, **kwargs)
        self._choose(
            "role", [("", _("— Chọn —")), *((role.value, role.label) for role in roles_to_give(facility))]
        )

    def chosen_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class DetailsForm(PostForm):
    """What belongs to the person, and where they work."""

    full_name = _text(_("Họ và tên"))
    title = _text(_("Học vị, chức danh"), required=False, hint=_("Như BSCKI., ThS.BS., ĐD."), most=30)
    email = forms.EmailField(
        label=_("Thư điện tử"), required=False, widget=forms.EmailInput(attrs=_NOT_REMEMBERED)
    )
    phone = _text(_("Điện thoại"), required=False, most=20, inputmode="tel")
    licence_number = _text(
        _("Số giấy phép hành nghề"),
        required=False,
        hint=_("Bắt buộc với bác sĩ và điều dưỡng."),
        most=40,
    )
    licence_scope = _text(_("Phạm vi hành nghề"), required=False, most=200)
    licence_valid_to = forms.DateField(
        label=_("Giấy phép có hiệu lực đến"),
        help_text=_("Để trống nếu không ghi thời hạn."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def details(self) -> Details:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        typed = data["licence_number"] or data["licence_scope"]
        licence = LicenceEntry(data["licence_number"], data["licence_scope"], data["licence_valid_to"])
        return Details(
            full_name=data["full_name"],
            title=data["title"],
            email=data["email"],
            phone=data["phone"],
            licence=licence if typed else None,
        )


class NewPersonForm(RoleForm, DetailsForm):
    """A person who has no account yet."""

    username = _text(
        _("Tên đăng nhập"),
        hint=_("Chữ không dấu, chữ số, dấu chấm hoặc gạch nối, như bs.nguyenvana."),
        most=40,
        autocapitalize="none",
        spellcheck="false",
    )


class AddRoleForm(RoleForm):
    """Somebody who already has an account here or elsewhere."""

    who = _text(_("Tên đăng nhập hoặc số giấy phép hành nghề"), hint=_("Gõ đúng từng ký tự."), most=40)
    full_name = _text(_("Họ và tên"), hint=_("Để đối chiếu: phải trùng với tên của tài khoản."))


def values_of(membership: Membership) -> dict[str, object]:
    """Return what the form of an existing person starts with."""
    user = membership.user
    licence = user.licenses.order_by("-id").first()
    return {
        "full_name": user.full_name,
        "title": user.title,
        "email": user.email,
        "phone": user.phone,
        "licence_number": licence.number if licence else "",
        "licence_scope": licence.scope if licence else "",
        "licence_valid_to": licence.valid_to if licence else None,
        "department": str(membership.department_id or ""),
        "specialties": [one.key for one in membership.specialties.all()],
    }
