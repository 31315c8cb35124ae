"""Who goes first by law, what a board may read, which day it is."""

from datetime import UTC, date, datetime

from scheduling.queues.enums import PriorityReason, Series
from scheduling.queues.names import mask_name
from scheduling.queues.rules import code_of, local_day, reasons_by_birth, series_of

ON = date(2026, 11, 24)


def by_date(born: date) -> set[PriorityReason]:
    return set(reasons_by_birth(birth_date=born, birth_year=None, on=ON))


def test_age_gives_priority_to_the_day() -> None:
    assert by_date(date(1951, 11, 24)) == {PriorityReason.AGE_75}
    assert by_date(date(1951, 11, 25)) == set()
    assert by_date(date(2020, 11, 25)) == {PriorityReason.UNDER_6}
    assert by_date(date(2020, 11, 24)) == set()
    assert by_date(date(2026, 11, 24)) == {PriorityReason.UNDER_6}
    assert by_date(date(2027, 1, 1)) == set()


def test_with_a_year_only_whoever_may_have_the_right_has_it() -> None:
    def by_year(year: int) -> set[PriorityReason]:
        return set(reasons_by_birth(birth_date=None, birth_year=year, on=ON))

    assert by_year(1951) == {PriorityReason.AGE_75}
    assert by_year(1952) == set()
    assert by_year(2020) == {PriorityReason.UNDER_6}
    assert by_year(2019) == set()
    assert reasons_by_birth(birth_date=None, birth_year=None, on=ON) == frozenset()


def test_reasons_choose_the_series() -> None:
    assert [
        series_of(frozenset()),
        series_of({PriorityReason.MERIT}),
        series_of({PriorityReason.MERIT, PriorityReason.EMERGENCY}),
    ] == [Series.ORDINARY, Series.PRIORITY, Series.EMERGENCY]


def test_a_name_is_masked_to_its_initials() -> None:
    names = ["Nguyễn Thị Lan", "Vừ", "  đặng   văn  Ổn ", "H'Mông Y Ban", "", "***", "N*** T** L**"]
    assert [mask_name(name) for name in names] == [
        "N*** T** L**",
        "V***",
        "Đ*** V** Ổ**",
        "H*** Y** B**",
        "",
        "",
        "N*** T** L**",
    ]


def test_a_code_has_three_digits_or_as_many_as_it_takes() -> None:
    assert [code_of("A", "", 7), code_of("U", "X", 12), code_of("A", "", 1024)] == ["A007", "UX012", "A1024"]


def test_the_day_turns_at_local_midnight() -> None:
    before, after = datetime(2026, 11, 24, 16, 59, tzinfo=UTC), datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    assert (local_day(before), local_day(after)) == (date(2026, 11, 24), date(2026, 11, 25))
