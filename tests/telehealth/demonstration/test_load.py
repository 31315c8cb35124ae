"""Loading the province: complete, real minutes and audit, once or many times, never in production."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test.utils import override_settings
from pypdf import PdfReader
from pytest_django import Settings

from telehealth.accounts.models import Membership, User
from telehealth.audit.log import find_breaks
from telehealth.audit.models import AuditEntry
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Minutes, Request, RoomEvent, Session
from telehealth.demonstration.cases import CASES, OPEN_CASES
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.load import PASSWORD, Loaded, load_demonstration
from telehealth.facilities.models import Commune, Department, Facility, HubLink, HubSpecialty, Specialty
from telehealth.records.domain.documents import read_document
from telehealth.records.models import Patient, PatientIdentifier

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
COUNTED = (
    Commune, Specialty, Facility, Department, HubSpecialty, HubLink, User, Membership, Membership.specialties.through,
    Patient, PatientIdentifier, Request, Session, RoomEvent, Minutes, AuditEntry,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Province:
    loaded: Loaded
    uploads: Path


@pytest.fixture(scope="module")
def province(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Province]:
    """The province, loaded once for this file. Each test's own changes are rolled back before the next."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=(uploads := tmp_path_factory.mktemp("uploads"))),
        transaction.atomic(),
    ):
        yield Province(load_demonstration(now=NOW), uploads)
        transaction.set_rollback(True)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED}


def test_the_province_is_complete_and_marked_as_demonstration(province: Province) -> None:
    assert province.loaded == Loaded(
        facilities=36, people=44, patients=300, consultations=20, open_requests=3
    )
    assert Commune.objects.count() == 130
    assert not User.objects.filter(is_demonstration=False).exists()
    assert not Patient.objects.filter(is_demonstration=False).exists()
    assert not Facility.objects.filter(is_demonstration=False).exists()


def test_loading_again_adds_nothing_and_keeps_what_somebody_changed(province: Province) -> None:
    User.objects.filter(username="bs.kyson").update(full_name="Vừ Bá Đổi Tên")
    before = counts()
    load_demonstration(now=NOW.replace(hour=9))
    assert counts() == before
    assert User.objects.get(username="bs.kyson").full_name == "Vừ Bá Đổi Tên"


def test_what_was_deleted_comes_back(province: Province) -> None:
    before = counts()
    Membership.objects.filter(user__username="dieuhanh.syt").delete()
    Patient.objects.filter(id=demonstration_id("patient", "invented-0")).delete()
    load_demonstration(now=NOW)
    assert counts() == before


def test_every_past_consultation_was_lived_through_to_the_decision(province: Province) -> None:
    for case in CASES:
        request = Request.objects.get(patient_id=demonstration_id("patient", case.key))
        assert request.state == RequestState.CLOSED
        assert request.decision.outcome == case.outcome
        assert [minutes.cause for minutes in request.minutes.all()] == ["signed", "decided"]
        assert request.questions.count() == len(case.asked)
        assert request.vital_signs.count() == len(case.vitals)
        assert request.sessions.count() == (0 if case.by_writing else 1)
        assert request.closed_at is not None
        assert request.closed_at < NOW


def test_open_requests_stand_where_they_are_told_and_are_of_today(province: Province) -> None:
    found = [Request.objects.get(patient_id=demonstration_id("patient", case.key)) for case in OPEN_CASES]
    assert [request.state for request in found] == ["submitted", "accepted", "draft"]
    urgent, claimed, draft = found
    assert urgent.submitted_at == NOW - timedelta(minutes=12)
    assert (claimed.accepted_at, claimed.owner and claimed.owner.user.username) == (
        NOW - timedelta(minutes=95),
        "bs.noitiet",
    )
    assert (draft.saved_at, draft.questions.count()) == (NOW - timedelta(minutes=25), 1)


def test_its_audit_chains_hold_and_its_event_logs_have_no_gap(province: Province) -> None:
    chains = AuditEntry.objects.values_list("chain", flat=True).distinct()
    assert chains
    for chain in chains:
        assert find_breaks(AuditEntry.objects.filter(chain=chain).order_by("number")) == []
    for session in Session.objects.all():
        assert list(session.events.values_list("seq", flat=True)) == list(range(1, session.seq + 1))


def test_its_minutes_say_that_they_are_a_demonstration(province: Province, settings: Settings) -> None:
    settings.MEDIA_ROOT = province.uploads
    request = Request.objects.get(patient_id=demonstration_id("patient", "nhoi-mau-co-tim"))
    minutes = request.minutes.last()
    assert minutes is not None
    text = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(read_document(minutes.document))).pages)
    assert "DỮ LIỆU MINH HỌA" in text
    assert "LÔ VĂN KHĂM" in text
    assert "Mất đường truyền: BSCKI. Vừ Bá Lềnh" in text


def test_ages_are_right_on_the_day_of_the_case(province: Province) -> None:
    ages = {
        case.key: Minutes.objects.filter(request__patient_id=demonstration_id("patient", case.key))[
            0
        ].content["patient"]["age"]
        for case in CASES
    }
    assert {key: ages[key] for key in ("nhoi-mau-co-tim", "chan-thuong-so-nao", "suy-ho-hap-so-sinh")} == {
        "nhoi-mau-co-tim": "62 tuổi",
        "chan-thuong-so-nao": "28 tuổi",
        "suy-ho-hap-so-sinh": "0 ngày tuổi",
    }


def test_everybody_signs_in_with_the_one_password(province: Province) -> None:
    assert authenticate(None, username="bs.kyson", password=PASSWORD) is not None
    assert len(set(User.objects.values_list("password", flat=True))) == 1
    patient = Patient.objects.get(account__username="nguoibenh.lo")
    assert patient.full_name == "Lô Thị Mận"


@pytest.mark.parametrize("changed", [{"PRODUCTION": True}, {"DEMONSTRATION": False}])
def test_it_is_refused_where_real_patients_may_be(province: Province, changed: dict[str, bool]) -> None:
    before = counts()
    with override_settings(**changed), pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_demonstration")
    assert counts() == before


def test_the_commands_say_what_there_is(province: Province) -> None:
    out = io.StringIO()
    call_command("load_demonstration", stdout=out)
    call_command("demonstration_accounts", stdout=out)
    text = out.getvalue()
    assert "36 facilities, 44 people, 300 invented patients, 20 past consultations, 3 open requests" in text
    assert "bs.timmach" in text
    assert "Bác sĩ chuyên khoa, HNĐK Nghệ An" in text
    assert PASSWORD in text


def test_where_nothing_was_loaded_there_are_no_accounts(province: Province) -> None:
    User.objects.update(is_demonstration=False)
    out = io.StringIO()
    call_command("demonstration_accounts", stdout=out)
    assert out.getvalue() == "There are no demonstration accounts.\n"
