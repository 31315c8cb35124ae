"""Whose lines and line checks one may look at."""

import pytest

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotFound
from telehealth.facilities.models import Facility
from telehealth.lines.access import access_check, access_site, find_check, visible_sites
from telehealth.lines.domain.checks import save_line_check
from tests.factories import NOW, World, make_facility, make_person

pytestmark = pytest.mark.django_db


def test_each_role_sees_the_lines_it_works_with(world: World) -> None:
    elsewhere = make_facility()
    both = {world.spoke, world.hub}
    seen: list[tuple[Hat, set[Facility]]] = [
        (world.doctor, {world.spoke}),
        (world.nurse, {world.spoke}),
        (world.specialist, both),
        (world.coordinator, both),
        (make_person(world.spoke, Role.FACILITY_ADMIN), {world.spoke}),
        (make_person(world.hub, Role.PROVINCE_OPERATOR), {*both, elsewhere}),
        (make_person(world.hub, Role.AUDITOR), set()),
    ]
    assert [(hat.role, set(visible_sites(hat))) for hat, _sites in seen] == [
        (hat.role, sites) for hat, sites in seen
    ]


def test_what_is_not_there_and_what_is_not_yours_get_the_same_answer(world: World) -> None:
    elsewhere = make_facility()
    check = save_line_check(hat=make_person(elsewhere, Role.DOCTOR), outcomes={}, now=NOW)
    refusals = []
    for ask in (
        lambda: access_site(world.doctor, elsewhere.id),
        lambda: access_site(world.doctor, check.id),
        lambda: access_check(world.doctor, check.id),
        lambda: access_check(world.doctor, elsewhere.id),
        lambda: find_check(world.doctor, check.code),
        lambda: find_check(world.doctor, "XX-AAAA"),
        lambda: access_check(None, check.id),
    ):
        with pytest.raises(NotFound) as refused:
            ask()
        refusals.append(refused.value.code)
    assert refusals == ["line.not_found"] * 2 + ["line_check.not_found"] * 5


def test_a_check_is_for_who_made_it_and_who_looks_after_the_line(world: World) -> None:
    check = save_line_check(hat=world.doctor, outcomes={}, now=NOW)
    for hat in (world.doctor, world.nurse, world.coordinator, make_person(world.hub, Role.PROVINCE_OPERATOR)):
        assert find_check(hat, check.code.lower().replace("-", " ")) == check
        assert access_check(hat, check.id) == check


def test_a_person_without_a_role_has_the_checks_of_this_sign_in(world: World) -> None:
    check = save_line_check(hat=None, outcomes={}, now=NOW)
    assert access_check(None, check.id, own=[str(check.id)]) == check
    with pytest.raises(NotFound):
        access_check(world.doctor, check.id)
    assert find_check(make_person(world.hub, Role.PROVINCE_OPERATOR), check.code) == check
