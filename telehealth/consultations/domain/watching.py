"""Reading the audit log: for auditors, and for patients who want to know who looked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, User
from telehealth.audit.log import find_breaks
from telehealth.audit.models import AuditEntry
from telehealth.audit.words import object_words, words_of
from telehealth.consultations.models import Request
from telehealth.core.errors import NotAllowed
from telehealth.facilities.enums import FacilityKind
from telehealth.records.models import Patient

LOOKS = (
    "patient.viewed",
    "patient.opened_by_number",
    "request.viewed",
    "request.room_opened",
    "document.viewed",
)
LOOKS_SHOWN = 100


@dataclass(frozen=True)
class NamedEntry:
    """An entry with the person's name and place as they are today; the entry itself holds ids only."""

    entry: AuditEntry
    who: str
    where: str

    @property
    def what(self) -> str:
        """What was done, in the reader's language."""
        return words_of(self.entry.action)

    @property
    def done_to(self) -> str:
        """The kind of thing it was done to, in the reader's language."""
        return object_words(self.entry.object_type)


@dataclass(frozen=True)
class ChainCheck:
    """The outcome of walking the chains."""

    chains: int
    entries: int
    breaks: Sequence[str]


def chains_of(hat: Hat) -> QuerySet[AuditEntry]:
    """Return the entries an auditor may read: the whole province at the department of health, else their facility's.

    Raises:
        NotAllowed: `audit.not_auditor`.
    """
    if hat.role != Role.AUDITOR:
        raise NotAllowed("audit.not_auditor", _("Chỉ kiểm tra viên mới xem được nhật ký này."))
    if hat.facility.kind == FacilityKind.DEPARTMENT_OF_HEALTH:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(chain=str(hat.facility.id))


def audit_entries(
    hat: Hat,
    *,
    action: str = "",
    username: str = "",
    case_code: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """Return the log, newest first, narrowed to what is asked for. Days are local days, both included."""
    entries = chains_of(hat)
    if action:
        entries = entries.filter(action=action)
    if username:
        entries = entries.filter(user_id__in=User.objects.filter(username__iexact=username).values("id"))
    if case_code:
        case = Request.objects.filter(code__iexact=case_code.strip()).first()
        entries = entries.filter(Q(object_type="request", object_id=str(case.id)) if case else Q(pk=None))
    if since:
        entries = entries.filter(at__gte=_midnight(since))
    if until:
        entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
    return entries.order_by("-at", "-id")


def known_actions() -> list[str]:
    """Return every verb in the log, for the filter."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())


def with_names(entries: Iterable[AuditEntry]) -> list[NamedEntry]:
    """Add names and places. Two queries."""
    rows = list(entries)
    users = User.objects.in_bulk([row.user_id for row in rows if row.user_id])
    ids = [row.membership_id for row in rows if row.membership_id]
    memberships = {m.id: m for m in Membership.objects.select_related("facility").filter(id__in=ids)}
    named = []
    for row in rows:
        user = users.get(row.user_id) if row.user_id else None
        membership = memberships.get(row.membership_id) if row.membership_id else None
        where = f"{membership.get_role_display()}, {membership.facility.short_name}" if membership else ""
        named.append(NamedEntry(row, user.display_name if user else _("Hệ thống"), where))
    return named


def check_chains(hat: Hat) -> ChainCheck:
    """Walk every chain the auditor may read from its first entry to its last. Years of entries pass by, none is kept."""
    chains = entries = 0
    breaks: list[str] = []

    def counted(chain: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
        nonlocal entries
        for entry in chain:
            entries += 1
            yield entry

    ordered = chains_of(hat).order_by("chain", "number").iterator(chunk_size=2000)
    for _name, chain in groupby(ordered, key=lambda entry: entry.chain):
        chains += 1
        breaks += find_breaks(counted(chain))
    return ChainCheck(chains, entries, breaks)


def looks_at_patient(patient: Patient) -> list[NamedEntry]:
    """Return who looked at a patient's data lately, newest first: what the patient has a right to know."""
    looks = AuditEntry.objects.filter(patient_id=patient.id, action__in=LOOKS).order_by("-at")
    return with_names(looks[:LOOKS_SHOWN])


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
