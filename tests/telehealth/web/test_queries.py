"""A page costs the same number of queries whatever it lists."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from telehealth.accounts.enums import Role
from telehealth.consultations.domain.requests import attach_document
from tests.factories import NOW, World, make_person, make_session, make_submitted
from tests.telehealth.signing_in import SignIn


def queries_of(client: Client, path: str) -> int:
    client.get(path)  # sessions and content types are read once
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("path", "who", "more"),
    [
        ("/?tab=waiting", "specialist", make_submitted),
        ("/?tab=live", "doctor", make_session),
        ("/patients/{patient}/", "doctor", make_submitted),
        ("/province/", "operator", make_session),
        ("/people/", "administrator", lambda world: make_person(world.spoke, Role.NURSE)),
        ("/audit/", "auditor", make_session),
    ],
)
def test_lists(path: str, who: str, more: Callable[[World], object], world: World, sign_in: SignIn) -> None:
    people = {
        "specialist": world.specialist,
        "doctor": world.doctor,
        "operator": make_person(world.spoke, Role.PROVINCE_OPERATOR),
        "administrator": make_person(world.spoke, Role.FACILITY_ADMIN),
        "auditor": make_person(world.spoke, Role.AUDITOR),
    }
    client = sign_in(people[who])
    address = path.format(patient=world.patient.id)
    more(world)
    one = queries_of(client, address)
    more(world)
    more(world)
    assert queries_of(client, address) == one
    assert one <= 20


def test_a_case(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    client = sign_in(world.doctor)
    address = f"/requests/{session.request_id}/"

    def attach(name: str) -> None:
        attach_document(
            hat=world.doctor, request_id=session.request_id, name=name, content=b"%PDF-\n%%EOF\n", now=NOW
        )

    attach("mot.pdf")
    one = queries_of(client, address)
    attach("hai.pdf")
    attach("ba.pdf")
    assert queries_of(client, address) == one
