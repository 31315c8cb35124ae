"""The only door to lines and line checks. Same answer for "not there" and "not yours"."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotFound
from telehealth.facilities.models import Facility
from telehealth.lines import rules
from telehealth.lines.models import LineCheck


def visible_sites(hat: Hat) -> QuerySet[Facility]:
    """Return the facilities whose line a hat may look at: its own, a hub's spokes, or for operators all."""
    if rules.may_see_all(hat):
        return Facility.objects.all()
    seen = Q()
    if rules.may_see_own(hat):
        seen |= Q(id=hat.facility.id)
    if rules.may_see_spokes(hat):
        seen |= Q(hub_links__hub=hat.facility)
    return Facility.objects.filter(seen).distinct() if seen else Facility.objects.none()


def access_site(hat: Hat, facility_id: UUID) -> Facility:
    """Return a facility whose line the hat may look at.

    Raises:
        NotFound: `line.not_found`.
    """
    site = visible_sites(hat).filter(id=facility_id).first()
    if site is None:
        raise NotFound("line.not_found", _("Không có điểm cầu này, hoặc anh/chị không có quyền xem."))
    return site


def access_check(hat: Hat | None, check_id: UUID, *, own: Collection[str] = ()) -> LineCheck:
    """Return a line check: one's own, or one of a facility whose line the hat may look at.

    Args:
        own: ids of the checks made in this sign-in; all that a person without a role has.

    Raises:
        NotFound: `line_check.not_found`.
    """
    return _if_visible(hat, LineCheck.objects.filter(id=check_id), own)


def find_check(hat: Hat, code: str) -> LineCheck:
    """Return the line check with a code somebody reads out over the telephone.

    Raises:
        NotFound: `line_check.not_found`.
    """
    return _if_visible(hat, LineCheck.objects.filter(code=rules.clean_code(code)), ())


def _if_visible(hat: Hat | None, checks: QuerySet[LineCheck], own: Collection[str]) -> LineCheck:
    check = checks.select_related("facility", "membership__user").first()
    if check is not None and (str(check.id) in own or (hat is not None and _may_see(hat, check))):
        return check
    raise NotFound(
        "line_check.not_found",
        _("Không có lần kiểm tra này, hoặc anh/chị không có quyền xem. Hãy nghe và gõ lại mã."),
    )


def _may_see(hat: Hat, check: LineCheck) -> bool:
    if rules.may_see_all(hat) or check.membership_id == hat.membership.id:
        return True
    return check.facility_id is not None and visible_sites(hat).filter(id=check.facility_id).exists()
