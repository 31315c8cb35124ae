"""Two administrators who give the same name or the same role at the same moment: one does, the other reads why not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from telehealth.accounts.enums import Role
from telehealth.accounts.models import User
from telehealth.consultations.domain.staff import Post, add_role
from tests.factories import NOW, make_person, make_world
from tests.support.races import await_its_waiting
from tests.telehealth.signing_in import sign_in
from tests.telehealth.web.test_staff import typed

Answer = TypeVar("Answer")

pytestmark = pytest.mark.django_db(transaction=True)


def while_another_writes(write: Callable[[], object], post: Callable[[], Answer]) -> Answer:
    """Post a form whose looks find the place free, because who takes it has not committed yet."""

    def posted() -> Answer:
        try:
            return post()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            write()
            answer = other.submit(posted)
            await_its_waiting(answer)
        return answer.result(10)


def test_of_two_new_accounts_with_one_login_name_the_second_is_told_so_and_keeps_what_was_typed() -> None:
    world = make_world()
    browser = sign_in(make_person(world.spoke, Role.FACILITY_ADMIN))
    answer = while_another_writes(
        lambda: User.objects.create(username="bs.tua", full_name="Lầu Bá Tủa", date_joined=NOW),
        lambda: browser.post("/people/new/", typed()),
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Tên đăng nhập này đã có người dùng" in html
    assert 'value="012345/NA-CCHN"' in html
    assert User.objects.filter(username="bs.tua").count() == 1


def test_of_two_who_give_somebody_the_same_role_the_second_is_told_so() -> None:
    world = make_world()
    admin = make_person(world.spoke, Role.FACILITY_ADMIN)
    browser = sign_in(make_person(world.spoke, Role.FACILITY_ADMIN))
    user = world.specialist.user
    whom = {"who": user.username, "full_name": user.full_name}
    answer = while_another_writes(
        lambda: add_role(hat=admin, **whom, role=Role.DOCTOR, post=Post(), now=NOW),
        lambda: browser.post("/people/existing/", whom | {"role": "doctor"}),
    )
    assert answer.status_code == 422
    assert "đang có vai trò đó" in answer.content.decode()
    assert user.memberships.filter(facility=world.spoke, role=Role.DOCTOR).count() == 1
