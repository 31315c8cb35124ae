"""Forms of hours, availability, leave, resources, rosters and swaps."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from scheduling.calendars.domain.availability import PatternEntry
from scheduling.calendars.domain.hours import HoursEntry, SpecialDayEntry
from scheduling.calendars.domain.resources import ResourceEntry
from scheduling.calendars.enums import (
    DayKind,
    DutyRank,
    ExceptionKind,
    LeaveKind,
    Purpose,
    ResourceKind,
    RosterCover,
    SessionKind,
    Weekday,
)
from scheduling.calendars.models import OnCallShift, Resource, WorkingHours
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of
from scheduling.calendars.slots import Interval, interval_on, whole_days
from scheduling.calendars.words import stretch_text
from telehealth.accounts.models import Membership
from telehealth.facilities.models import Facility, Specialty

Choices = Sequence[tuple[Any, Any]]


def _day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=hint, widget=widget)


def _clock(label: Any, *, required: bool = True, hint: Any = "") -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, help_text=hint, widget=widget)


def _words(label: Any, *, most: int, required: bool = False, hint: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=required, max_length=most, help_text=hint, widget=widget)


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def people_choices(people: Iterable[Membership]) -> Choices:
    """Return people to choose from, with their role where somebody has two."""
    people = list(people)
    twice = {one.user_id for one in people if sum(other.user_id == one.user_id for other in people) > 1}
    return [
        (
            str(one.id),
            f"{one.user.display_name} · {one.get_role_display()}"
            if one.user_id in twice
            else one.user.display_name,
        )
        for one in people
    ]


class AvailabilityForm(forms.Form):
    """A weekly availability."""

    weekday = forms.TypedChoiceField(label=_("Thứ"), choices=Weekday.choices, coerce=int)
    starts = _clock(_("Từ"))
    ends = _clock(_("Đến"), hint=_("Sớm hơn giờ bắt đầu: sang ngày hôm sau."))
    valid_from = _day(_("Áp dụng từ ngày"))
    valid_to = _day(_("Đến hết ngày"), required=False, hint=_("Để trống: không thời hạn."))
    every_weeks = forms.TypedChoiceField(
        label=_("Lặp lại"),
        choices=[(1, _("Mỗi tuần")), (2, _("Cách tuần")), (4, _("Mỗi 4 tuần"))],
        coerce=int,
    )
    purposes = forms.MultipleChoiceField(
        label=_("Dùng cho"),
        choices=Purpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Không chọn: dùng cho mọi việc."),
    )

    def entry(self) -> PatternEntry:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        return PatternEntry(
            weekday=Weekday(data["weekday"]),
            starts=data["starts"],
            ends=data["ends"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            every_weeks=data["every_weeks"],
            purposes=frozenset(Purpose(one) for one in data["purposes"]),
        )


class ExceptionForm(forms.Form):
    """Time of one day that is added or taken away."""

    kind = forms.ChoiceField(label=_("Thay đổi"), choices=ExceptionKind.choices)
    day = _day(_("Ngày"))
    starts = _clock(_("Từ"))
    ends = _clock(_("Đến"))
    note = _words(_("Ghi chú"), most=120, hint=_("Đồng nghiệp đọc được; không ghi thông tin người bệnh."))

    def during(self) -> Interval:
        data = self.cleaned_data
        return interval_on(data["day"], data["starts"], data["ends"], LOCAL)


class LeaveForm(forms.Form):
    """Whole days of leave."""

    kind = forms.ChoiceField(label=_("Loại nghỉ"), choices=LeaveKind.choices)
    first_day = _day(_("Từ ngày"))
    last_day = _day(_("Đến hết ngày"))
    note = _words(_("Ghi chú cho người duyệt"), most=200, hint=_("Không cần ghi lý do sức khỏe."))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _now("Ngày cuối phải sau ngày đầu."))
        return data

    def during(self) -> Interval:
        return whole_days(self.cleaned_data["first_day"], self.cleaned_data["last_day"], LOCAL)


class ResourceForm(forms.Form):
    """A room or a machine."""

    kind = forms.ChoiceField(label=_("Loại"), choices=ResourceKind.choices)
    name = _words(_("Tên"), most=80, required=True, hint=_("Như “Phòng hội chẩn 1”, “Xe siêu âm tim”."))
    place = _words(_("Nơi đặt"), most=120)
    department = forms.ChoiceField(label=_("Khoa quản lý"), required=False)
    around_the_clock = forms.BooleanField(
        label=_("Dùng được cả ngoài giờ"),
        required=False,
        help_text=_("Đêm, cuối tuần và ngày lễ; nếu không, chỉ trong giờ làm việc."),
    )
    is_active = forms.BooleanField(label=_("Đang sử dụng"), required=False, initial=True)

    def __init__(self, *args: object, facility: Facility, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        departments = facility.departments.order_by("name")
        _choose(
            self, "department", [("", _now("— Chọn —")), *((str(one.id), one.name) for one in departments)]
        )

    def entry(self) -> ResourceEntry:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        return ResourceEntry(
            kind=ResourceKind(data["kind"]),
            name=data["name"],
            place=data["place"],
            department_id=UUID(data["department"]) if data["department"] else None,
            around_the_clock=data["around_the_clock"],
            is_active=data["is_active"],
        )


def resource_values(resource: Resource) -> dict[str, object]:
    """Return what the form of a resource starts with."""
    return {
        "kind": resource.kind,
        "name": resource.name,
        "place": resource.place,
        "department": str(resource.department_id or ""),
        "around_the_clock": resource.around_the_clock,
        "is_active": resource.is_active,
    }


class SpecialDayForm(forms.Form):
    """A holiday, or a day that is worked although it is none of the usual."""

    day = _day(_("Ngày"))
    name = _words(_("Tên"), most=80, required=True, hint=_("Như “Quốc khánh”, “Làm bù”."))
    kind = forms.ChoiceField(label=_("Ngày này"), choices=DayKind.choices)
    works_as = forms.TypedChoiceField(
        label=_("Theo giờ của"),
        choices=[("", _("Đúng thứ của ngày")), *Weekday.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Chỉ khi làm việc: ngày làm bù theo giờ của một ngày khác trong tuần."),
    )

    def entry(self) -> SpecialDayEntry:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        as_weekday = Weekday(data["works_as"]) if data["works_as"] else None
        return SpecialDayEntry(data["day"], data["name"], DayKind(data["kind"]), as_weekday)


class HoursForm(forms.Form):
    """Opening and closing of each session of each weekday; empty where there is none."""

    valid_from = _day(_("Mùa bắt đầu"), required=False, hint=_("Để trống: giờ của cả năm."))
    valid_to = _day(_("Mùa kết thúc"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for weekday in Weekday:
            for session in SessionKind:
                what = {"day": weekday.label, "session": str(session.label).lower()}
                self.fields[f"{weekday}-{session}-opens"] = _clock(
                    _now("%(day)s, %(session)s, mở cửa") % what, required=False
                )
                self.fields[f"{weekday}-{session}-closes"] = _clock(
                    _now("%(day)s, %(session)s, đóng cửa") % what, required=False
                )

    def rows(self) -> list[tuple[Weekday, list[tuple[SessionKind, forms.BoundField, forms.BoundField]]]]:
        """Return the fields by weekday and session, as the page draws them."""
        return [
            (
                weekday,
                [
                    (session, self[f"{weekday}-{session}-opens"], self[f"{weekday}-{session}-closes"])
                    for session in SessionKind
                ],
            )
            for weekday in Weekday
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for weekday in Weekday:
            for session in SessionKind:
                opens, closes = (data.get(f"{weekday}-{session}-{end}") for end in ("opens", "closes"))
                if (opens is None) != (closes is None):
                    missing = "opens" if opens is None else "closes"
                    self.add_error(
                        f"{weekday}-{session}-{missing}",
                        _now("Hãy ghi cả giờ mở và giờ đóng, hoặc để trống cả hai."),
                    )
        return data

    def entries(self) -> list[HoursEntry]:
        """Return the cleaned form as the domain takes it."""
        data = self.cleaned_data
        return [
            HoursEntry(
                weekday,
                session,
                data[f"{weekday}-{session}-opens"],
                data[f"{weekday}-{session}-closes"],
            )
            for weekday in Weekday
            for session in SessionKind
            if data[f"{weekday}-{session}-opens"] is not None
        ]


def hours_values(rows: Iterable[WorkingHours | HoursEntry]) -> dict[str, time]:
    """Return what the form of hours starts with."""
    values: dict[str, time] = {}
    for row in rows:
        values[f"{row.weekday}-{row.session}-opens"] = row.opens
        values[f"{row.weekday}-{row.session}-closes"] = row.closes
    return values


## On call ---


class RosterForm(forms.Form):
    """A roster to be opened, or what one has to cover."""

    specialty = forms.ChoiceField(label=_("Chuyên khoa"), required=False)
    cover = forms.ChoiceField(label=_("Phải có người trực"), choices=RosterCover.choices)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        keys = [(one.key, one.name) for one in Specialty.objects.all()]
        _choose(self, "specialty", [("", _now("Toàn viện")), *keys])

    def specialty_chosen(self) -> Specialty | None:
        key = self.cleaned_data["specialty"]
        return Specialty.objects.get(key=key) if key else None


class ShiftForm(forms.Form):
    """Somebody to be put on duty."""

    person = forms.ChoiceField(label=_("Người trực"))
    rank = forms.TypedChoiceField(label=_("Vị trí"), choices=DutyRank.choices, coerce=int)
    first_day = _day(_("Ngày bắt đầu"))
    starts = _clock(_("Từ"))
    last_day = _day(_("Ngày kết thúc"))
    ends = _clock(_("Đến"))

    def __init__(self, *args: object, people: Iterable[Membership], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _choose(self, "person", [("", _now("— Chọn —")), *people_choices(people)])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if {"first_day", "starts", "last_day", "ends"} <= data.keys():
            start = datetime.combine(data["first_day"], data["starts"], LOCAL)
            end = datetime.combine(data["last_day"], data["ends"], LOCAL)
            if end <= start:
                self.add_error("ends", _now("Giờ kết thúc phải sau giờ bắt đầu."))
        return data

    def during(self) -> Interval:
        data = self.cleaned_data
        return Interval(
            datetime.combine(data["first_day"], data["starts"], LOCAL),
            datetime.combine(data["last_day"], data["ends"], LOCAL),
        )


def shift_values(usual: Interval, rank: DutyRank) -> dict[str, object]:
    """Return what the form of a duty starts with: the usual one of a day."""
    return {
        "rank": rank.value,
        "first_day": usual.start.astimezone(LOCAL).date(),
        "starts": usual.start.astimezone(LOCAL).time(),
        "last_day": usual.end.astimezone(LOCAL).date(),
        "ends": usual.end.astimezone(LOCAL).time(),
    }


class PersonForm(forms.Form):
    """Who takes a duty instead."""

    person = forms.ChoiceField(label=_("Người trực"))

    def __init__(self, *args: object, people: Iterable[Membership], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _choose(self, "person", [("", _now("— Chọn —")), *people_choices(people)])


class SwapForm(forms.Form):
    """A colleague to be asked, and what is taken in return."""

    asked = forms.ChoiceField(label=_("Nhờ ai"))
    in_return = forms.ChoiceField(
        label=_("Nhận lại ca nào"),
        required=False,
        help_text=_("Ca của chính người được hỏi; hoặc chỉ nhờ trực giúp."),
    )
    note = _words(_("Lời nhắn"), most=200, hint=_("Không ghi thông tin người bệnh."))

    def __init__(
        self,
        *args: object,
        people: Iterable[Membership],
        shifts: Iterable[OnCallShift],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _choose(self, "asked", [("", _now("— Chọn —")), *people_choices(people)])
        returns = [
            (
                str(one.id),
                f"{one.membership.user.display_name} · {one.get_rank_display()} · "
                f"{stretch_text(interval_of(one.during))}",
            )
            for one in shifts
        ]
        _choose(self, "in_return", [("", _now("Không nhận lại, chỉ nhờ trực giúp")), *returns])


class NoteForm(forms.Form):
    """A hand-over note."""

    text = forms.CharField(
        label=_("Ghi bàn giao"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Không sửa, không xóa được sau khi lưu; ghi sai thì ghi thêm một dòng nữa."),
    )


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
