"""The smart examination card: issued here, signed, revocable. It finds a record and replaces no card the law knows."""

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.text import clean
from telehealth.records import rules
from telehealth.records.cards.own import card_number, card_text, signed_by
from telehealth.records.cards.results import SmartCardCode
from telehealth.records.models import Patient, SmartCard

_SALT = "telehealth.records.smart_card"
_SERIALS = 10**9
_TRIES = 5


@transaction.atomic
def issue_card(
    *, hat: Hat, patient: Patient, now: datetime, choose: Callable[[int], int] = secrets.randbelow
) -> SmartCard:
    """Issue a card to a patient; one that is out ends, for the old one is lost or worn.

    `choose` gives the serial, below the number it is given: by chance, so that no number tells how many there are.

    Raises:
        NotAllowed: `desk.not_allowed`; Conflict: `smart_card.no_number`, when chance hits numbers that are taken.
    """
    if not rules.may_receive(hat):
        raise NotAllowed("desk.not_allowed", _("Chỉ điều dưỡng và quản trị cơ sở làm việc ở quầy tiếp đón."))
    patient = Patient.objects.select_for_update().get(id=patient.id)
    for old in SmartCard.objects.filter(patient=patient, revoked_at=None):
        _revoke(old, hat=hat, reason=_("Cấp thẻ mới"), now=now)
    number = next(
        (
            number
            for number in (card_number(choose(_SERIALS)) for _try in range(_TRIES))
            if not SmartCard.objects.filter(number=number).exists()
        ),
        None,
    )
    if number is None:
        raise Conflict("smart_card.no_number", _("Chưa cấp được thẻ. Hãy bấm lại."))
    card = SmartCard.objects.create(
        number=number, patient=patient, facility=hat.facility, issued_at=now, issued_by=hat.membership
    )
    record(
        "smart_card.issued",
        now=now,
        hat=hat,
        object_type="smart_card",
        object_id=card.id,
        patient_id=patient.id,
    )
    return card


@transaction.atomic
def revoke_card(*, hat: Hat, card_id: UUID, reason: str, now: datetime) -> SmartCard:
    """End a card that was lost, or handed to the wrong person.

    Raises:
        NotFound: `smart_card.not_found`; Conflict: `smart_card.revoked`; Invalid: `smart_card.reason_missing`.
    """
    card = access_card(hat, card_id)
    if card.revoked_at is not None:
        raise Conflict("smart_card.revoked", _("Thẻ khám này đã bị hủy."))
    reason = clean(reason)[:200]
    if not reason:
        raise Invalid("smart_card.reason_missing", _("Hãy ghi lý do hủy thẻ."))
    _revoke(card, hat=hat, reason=reason, now=now)
    return card


def access_card(hat: Hat, card_id: UUID) -> SmartCard:
    """Return a card that was issued at the hat's facility, or belongs to one of its patients.

    Raises:
        NotFound: `smart_card.not_found`, whether it does not exist or belongs to others.
    """
    card = None
    if rules.may_receive(hat):
        card = SmartCard.objects.filter(id=card_id).select_related("patient", "facility").first()
        if card and hat.facility.id not in {card.facility_id, card.patient.home_facility_id}:
            card = None
    if card is None:
        raise NotFound(
            "smart_card.not_found", _("Không có thẻ khám này, hoặc không thuộc cơ sở của anh/chị.")
        )
    return card


def text_of(card: SmartCard) -> str:
    """Return what the card's QR says, signed with the newest key."""
    return card_text(card.number, _keys()[0])


def check_card(code: SmartCardCode) -> None:
    """Refuse a scanned card that we did not sign, or that was revoked.

    Raises:
        Invalid: `smart_card.forged`, `smart_card.revoked`, `smart_card.unknown`.
    """
    if not signed_by(code, _keys()):
        raise Invalid(
            "smart_card.forged",
            _("Thẻ khám này không do hệ thống cấp, hoặc quá cũ. Hãy tìm bằng số căn cước và cấp thẻ mới."),
        )
    check_number(code.number)


def check_number(number: str) -> None:
    """Refuse the number of a card that was never issued or was revoked.

    Raises:
        Invalid: `smart_card.unknown`, `smart_card.revoked`.
    """
    card = SmartCard.objects.filter(number=number).first()
    if card is None:
        raise Invalid(
            "smart_card.unknown", _("Không có thẻ khám mang số này. Hãy tìm bằng số căn cước hoặc số BHXH.")
        )
    if card.revoked_at is not None:
        raise Invalid(
            "smart_card.revoked",
            _("Thẻ khám này đã bị hủy. Hãy tìm bằng số căn cước hoặc số BHXH, rồi cấp thẻ mới nếu cần."),
        )


def _revoke(card: SmartCard, *, hat: Hat, reason: str, now: datetime) -> None:
    card.revoked_at, card.revoked_by, card.reason = now, hat.membership, reason
    card.save(update_fields=["revoked_at", "revoked_by", "reason"])
    record(
        "smart_card.revoked",
        now=now,
        hat=hat,
        object_type="smart_card",
        object_id=card.id,
        patient_id=card.patient_id,
    )


def _keys() -> list[bytes]:
    """Keys by which cards are signed, the newest first: after the installation's secret changed, cards already out still open."""
    secrets_ = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(_SALT, "key", secret=secret, algorithm="sha256").digest() for secret in secrets_]
