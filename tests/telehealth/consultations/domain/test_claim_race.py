"""Of fifty specialists who claim one case at the same moment, exactly one gets it, and the others learn who."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.audit.models import AuditEntry
from telehealth.consultations.domain.requests import claim_request
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Request
from telehealth.core.errors import Conflict
from tests.factories import NOW, make_person, make_submitted, make_world

AT_ONCE = 50
THREADS = 16  # connections are scarcer than people; each thread claims for several of them in turn


@pytest.mark.django_db(transaction=True)
def test_fifty_claims_at_once_give_one_owner() -> None:
    world = make_world()
    request = make_submitted(world)
    hats = [make_person(world.hub, Role.SPECIALIST, specialty=world.specialty) for _ in range(AT_ONCE)]
    barrier = Barrier(THREADS)

    def claim_all(mine: list[Hat]) -> list[tuple[str, str]]:
        barrier.wait(timeout=10)
        try:
            return [claim(hat) for hat in mine]
        finally:
            connection.close()

    def claim(hat: Hat) -> tuple[str, str]:
        try:
            won = claim_request(hat=hat, request_id=request.id, now=NOW)
        except Conflict as error:
            return error.code, str(error.detail["owner"])
        assert won.owner is not None
        return "won", won.owner.user.display_name

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [
            answer
            for part in pool.map(claim_all, [hats[n::THREADS] for n in range(THREADS)])
            for answer in part
        ]

    owner = Request.objects.select_related("owner__user").get(id=request.id).owner
    assert owner is not None
    name = owner.user.display_name
    assert Counter(answers) == {("won", name): 1, ("request.already_claimed", name): AT_ONCE - 1}
    assert Request.objects.get(id=request.id).state == RequestState.ACCEPTED
    assert AuditEntry.objects.filter(action="request.claimed", object_id=str(request.id)).count() == 1
