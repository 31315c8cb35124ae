"""The self-test's people and facilities come and go, and touch nobody else's."""

from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection

from telehealth.accounts.models import Membership, User
from telehealth.audit.log import find_breaks
from telehealth.audit.models import AuditEntry
from telehealth.consultations.domain import opinions, requests, sessions
from telehealth.consultations.domain.queries import Tab, worklist
from telehealth.consultations.models import Request
from telehealth.core.errors import NotAllowed
from telehealth.facilities.models import Facility
from telehealth.records.domain.documents import erase_demonstration_file, store_upload
from telehealth.records.models import Document, Patient
from telehealth.selftest.cast import _LOCK, Cast, cast
from telehealth.selftest.report import Trouble
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def submitted(players: Cast) -> Request:
    draft = requests.create_draft(hat=players.doctor.hat, patient=players.patient, now=NOW)
    content = requests.DraftContent(
        summary={
            "chief_complaint": "x",
            "history_of_present_illness": "x",
            "examination": "x",
            "provisional_diagnosis": "x",
        },
        questions=("Một?",),
        specialty=players.specialty.key,
        hub_id=players.hub.id,
    )
    requests.save_draft(hat=players.doctor.hat, request_id=draft.id, content=content, base_version=0, now=NOW)
    return requests.submit_request(hat=players.doctor.hat, request_id=draft.id, now=NOW)


def claimed(players: Cast) -> Request:
    return requests.claim_request(hat=players.specialist.hat, request_id=submitted(players).id, now=NOW)


def in_session(players: Cast) -> Request:
    request = claimed(players)
    sessions.open_session(hat=players.doctor.hat, request_id=request.id, now=NOW)
    return request


def concluded(players: Cast) -> Request:
    request = in_session(players)
    question = request.questions.get()
    opinions.save_answer(
        hat=players.specialist.hat, question_id=question.id, conclusion="x", further_treatment="",
        base_version=0, now=NOW,
    )  # fmt: skip
    opinions.sign_opinion(hat=players.specialist.hat, request_id=request.id, now=NOW)
    return request


def test_people_can_sign_in_during_the_run_only() -> None:
    with cast(NOW) as players:
        for player in (players.doctor, players.specialist):
            user = User.objects.get(username=player.username)
            assert user.is_active
            assert user.check_password(player.password)
    for user in User.objects.all():
        assert not user.is_active
        assert not user.has_usable_password()
    assert not Membership.objects.filter(is_active=True).exists()


def test_a_second_run_uses_the_same_rows_with_other_passwords() -> None:
    with cast(NOW) as first:
        pass
    with cast(NOW) as second:
        assert second.doctor.hat.membership == first.doctor.hat.membership
        assert second.doctor.password != first.doctor.password
        assert second.patient == first.patient
    assert (Facility.objects.count(), User.objects.count(), Patient.objects.count()) == (2, 2, 1)


@pytest.mark.parametrize(
    ("play", "state"),
    [(submitted, "cancelled"), (claimed, "cancelled"), (in_session, "cancelled"), (concluded, "closed")],
)
def test_whatever_was_left_open_is_closed_and_its_files_are_gone(
    play: object, state: str, uploads: Path
) -> None:
    assert callable(play)
    with cast(NOW) as players:
        request = play(players)
    request.refresh_from_db()
    assert request.state == state
    assert not request.sessions.exclude(state="ended").exists()
    assert [path for path in uploads.rglob("*") if path.is_file()] == []
    for chain in set(AuditEntry.objects.values_list("chain", flat=True)):
        assert find_breaks(AuditEntry.objects.filter(chain=chain).order_by("number")) == []


def test_what_a_killed_run_left_is_put_away_by_the_next() -> None:
    with pytest.raises(KeyboardInterrupt), cast(NOW) as players:
        request = in_session(players)
        raise KeyboardInterrupt
    request.refresh_from_db()
    assert request.state == "cancelled"


def test_nobody_else_sees_the_case() -> None:
    world = factories.make_world()
    with cast(NOW) as players:
        submitted(players)
        for hat in (world.specialist, world.coordinator, world.doctor):
            assert [list(worklist(hat, tab)) for tab in Tab] == [[] for _tab in Tab]
    assert players.patient.is_demonstration
    assert players.hub.is_demonstration


def test_two_runs_at_once_do_not_disturb_each_other() -> None:
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "host", "port") if name in parameters}
    with psycopg.connect(**wanted) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        with pytest.raises(Trouble) as refused, cast(NOW):
            pass
    assert refused.value.code == "selftest.running"
    assert not User.objects.exists()


def test_a_real_patients_file_cannot_be_erased() -> None:
    world = factories.make_world()
    document = store_upload(
        hat=world.doctor, patient=world.patient, name="x.pdf", content=b"%PDF-1.7\n%%EOF", now=NOW
    )
    with pytest.raises(NotAllowed) as refused:
        erase_demonstration_file(Document.objects.get(id=document.id))
    assert refused.value.code == "document.not_demonstration"
