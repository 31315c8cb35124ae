"""Reception in the demonstration province: an account at the portal, an examination card, two identity cases and what the portal said."""

from datetime import datetime, timedelta

from telehealth.accounts.models import Membership
from telehealth.core.sealed import seal
from telehealth.demonstration.ids import demonstration_id
from telehealth.facilities.models import Facility
from telehealth.integrations.insurance.accounts import PURPOSE
from telehealth.integrations.models import PortalAccount
from telehealth.records.cards.own import card_number
from telehealth.records.comparison import version_of_patient
from telehealth.records.enums import IdentifierKind, IdentityCaseKind, InsuranceState
from telehealth.records.models import IdentityCase, InsuranceCheck, Patient, SmartCard

FACILITIES = ("kyson", "hndk")
_STAFF_NUMBER = "040185000999"
_NO_PASSWORD = "0" * 32  # the stand-in lets in any sum of the right form
_SERIAL = 202_611_240


def load_desk(*, now: datetime) -> None:
    """Load what is missing; what is there stays as it is."""
    facilities = Facility.objects.in_bulk([demonstration_id("facility", key) for key in FACILITIES])
    PortalAccount.objects.bulk_create(
        [
            PortalAccount(
                id=demonstration_id("portal-account", key),
                facility=facilities[demonstration_id("facility", key)],
                username=f"{key}_minhhoa",
                password=seal(_NO_PASSWORD, purpose=PURPOSE),
                staff_name="Và Y Mai",
                staff_number=seal(_STAFF_NUMBER, purpose=PURPOSE),
                changed_at=now,
            )
            for key in FACILITIES
        ],
        ignore_conflicts=True,
    )
    home = facilities[demonstration_id("facility", FACILITIES[0])]
    nurse = Membership.objects.filter(facility=home, role="nurse").order_by("id").first()
    people = list(
        Patient.objects.filter(
            home_facility=home,
            is_demonstration=True,
            identifiers__kind=IdentifierKind.INSURANCE,
            birth_date__isnull=False,
        ).order_by("id")[:3]
    )
    if len(people) < 3:
        return
    SmartCard.objects.bulk_create(
        [
            SmartCard(
                id=demonstration_id("smart-card", "kyson"),
                number=card_number(_SERIAL),
                patient=people[0],
                facility=home,
                issued_at=now - timedelta(days=9),
                issued_by=nurse,
            )
        ],
        ignore_conflicts=True,
    )
    _case(
        home,
        nurse,
        people[1],
        IdentityCaseKind.PORTAL_NAME,
        full_name="Lầu Y Khác",
        at=now - timedelta(hours=3),
    )
    _case(
        home, nurse, people[2], IdentityCaseKind.PORTAL_BIRTH, born="1990-01-01", at=now - timedelta(days=1)
    )


def _case(
    home: Facility,
    nurse: Membership | None,
    patient: Patient,
    kind: IdentityCaseKind,
    *,
    at: datetime,
    full_name: str = "",
    born: str = "",
) -> None:
    number = patient.identifiers.filter(kind=IdentifierKind.INSURANCE).values_list("value", flat=True)[0]
    ours = version_of_patient(patient, number).as_json()
    check = InsuranceCheck(
        id=demonstration_id("insurance-check", kind.value),
        patient=patient,
        facility=home,
        number=number,
        state=InsuranceState.MISMATCH,
        code="060" if kind == IdentityCaseKind.PORTAL_NAME else "070",
        asked_by=nurse,
        asked_at=at,
        attempts=1,
        checked_at=at,
    )
    case = IdentityCase(
        id=demonstration_id("identity-case", kind.value),
        facility=home,
        patient=patient,
        insurance_check=check,
        kind=kind,
        identifier_kind=IdentifierKind.INSURANCE,
        number=number,
        ours=ours,
        theirs={
            **ours,
            "source": "portal",
            "full_name": full_name or ours["full_name"],
            "born": born or ours["born"],
        },
        opened_at=at,
        opened_by=None,
    )
    InsuranceCheck.objects.bulk_create([check], ignore_conflicts=True)
    IdentityCase.objects.bulk_create([case], ignore_conflicts=True)
