"""The province's files hold together: every reference resolves, nothing unknown was made up."""

import re
from collections import Counter

from telehealth.accounts.enums import Role
from telehealth.demonstration import sources
from telehealth.demonstration.patients import REGIONS
from telehealth.facilities.enums import FacilityKind, Level

FACILITIES = {row.key: row for row in sources.facilities()}


def test_the_province_has_119_communes_and_11_wards() -> None:
    assert Counter(row.kind for row in sources.communes()) == {"xã": 119, "phường": 11}
    assert len({row.code for row in sources.communes()}) == 130


def test_forty_specialties_have_a_key_and_both_names() -> None:
    rows = sources.specialties()
    assert len({row.key for row in rows}) == len(rows) == 40
    assert [row for row in rows if not (row.vi and row.en and re.fullmatch(r"[a-z-]+", row.key))] == []


def test_the_fourteen_named_units_are_there_and_the_fifteenth_is_not_invented() -> None:
    assert sorted(row.name for row in sources.facilities() if row.remote_system_2023) == sorted(
        [
            "Bệnh viện Hữu nghị Đa khoa Nghệ An",
            "Bệnh viện Sản Nhi Nghệ An",
            "Bệnh viện Ung bướu Nghệ An",
            "Bệnh viện Chấn thương – Chỉnh hình Nghệ An",
            "Bệnh viện Đa khoa thành phố Vinh",
            "Bệnh viện Đa khoa huyện Yên Thành",
            "Trung tâm Y tế huyện Kỳ Sơn",
            "Trung tâm Y tế huyện Tương Dương",
            "Trung tâm Y tế huyện Tân Kỳ",
            "Trung tâm Y tế huyện Anh Sơn",
            "Trung tâm Y tế huyện Quế Phong",
            "Trung tâm Y tế huyện Quỳ Châu",
            "Trung tâm Y tế huyện Quỳ Hợp",
            "Trung tâm Y tế huyện Nghĩa Đàn",
        ]
    )


def test_no_official_code_is_made_up_and_assumptions_are_marked() -> None:
    for row in sources.facilities():
        assert (row.hi_code, row.gln, row.name_history) == (None, None, ())
        assert row.level_is_assumption == (row.level is not None)
        assert row.role_is_assumption


def test_every_reference_of_a_facility_resolves() -> None:
    communes = {row.code for row in sources.communes()}
    departments = {row.key for row in sources.departments()}
    specialties = {row.key for row in sources.specialties()}
    assert len(FACILITIES) == len(sources.facilities())
    for row in FACILITIES.values():
        assert row.kind in FacilityKind.values
        assert row.level is None or row.level in Level.values
        assert row.commune is None or row.commune in communes
        assert row.parent is None or row.parent in FACILITIES
        assert set(row.departments) <= departments
        assert set(row.hub_specialties) <= specialties
        assert row.key not in row.asks
        assert all(FACILITIES[hub].hub_specialties for hub in row.asks), row.key


def test_stations_are_named_after_their_commune() -> None:
    communes = {row.code: row for row in sources.communes()}
    stations = [row for row in FACILITIES.values() if row.kind == FacilityKind.HEALTH_STATION]
    assert len(stations) == 12
    for station in stations:
        assert station.commune is not None
        assert station.name == f"Trạm Y tế xã {communes[station.commune].name}"


def test_people_cover_all_roles_and_only_they_who_treat_have_a_licence() -> None:
    people = sources.people()
    roles = {hat.role for person in people for hat in person.memberships}
    assert roles == set(Role.values)
    assert sum(1 for person in people if not person.memberships) == 2
    assert len({person.username for person in people}) == len(people)
    assert max(len({hat.facility for hat in person.memberships}) for person in people) == 2
    for person in people:
        treats = {hat.role for hat in person.memberships} & {Role.DOCTOR, Role.SPECIALIST, Role.NURSE}
        assert not treats or re.fullmatch(r"DEMO-\d{6}/NA-CCHN", person.licence or "")


def test_every_hat_fits_its_facility() -> None:
    for person in sources.people():
        for hat in person.memberships:
            facility = FACILITIES[hat.facility]
            assert hat.department is None or hat.department in facility.departments
            assert set(hat.specialties) <= set(facility.hub_specialties)
            assert bool(hat.specialties) == (hat.role == Role.SPECIALIST)


def test_regions_of_patients_are_districts_of_the_commune_list_and_have_a_facility() -> None:
    assert set(REGIONS) <= {row.former_district for row in sources.communes()}
    assert {facility for _, facility, _ in REGIONS.values()} <= set(FACILITIES)
