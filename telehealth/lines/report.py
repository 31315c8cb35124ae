"""The report of a line check: plain text, to be sent to whoever looks after the network."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from telehealth.lines.enums import CheckKind, Step, Verdict
from telehealth.lines.models import LineCheck
from telehealth.lines.rules import Outcome
from telehealth.lines.words import VERDICT_ABOUT, figures_text, what_to_do


def report_text(check: LineCheck, outcomes: Mapping[CheckKind, Outcome]) -> str:
    """Return the report in the reader's language: verdict, code, every check with its figures and what to do.

    It names the facility and nobody. Lines end in CR LF and the text begins with a byte-order mark, so that the oldest
    Notepad shows its letters.
    """
    local = timezone.localtime(check.at)
    lines = [
        _("KIỂM TRA MÁY VÀ ĐƯỜNG TRUYỀN"),
        "",
        _("Mã: %(code)s") % {"code": check.code},
        _("Lúc: %(time)s (giờ Việt Nam)") % {"time": f"{local:%H:%M %d/%m/%Y}"},
        _("Nơi: %(place)s") % {"place": check.facility.name if check.facility else _("người bệnh")},
        "",
        _("Kết luận: %(verdict)s") % {"verdict": check.get_verdict_display()},
        str(VERDICT_ABOUT[Verdict(check.verdict)]),
        "",
    ]
    for place, kind in enumerate(CheckKind, start=1):
        outcome = outcomes.get(kind, Outcome(Step.NONE))
        lines.append(f"{place:>2}. {kind.label}: {outcome.step.label}")
        lines += [f"    {text}" for text in _details(kind, outcome) if text]
    return "\ufeff" + "\r\n".join([*lines, ""])


def _details(kind: CheckKind, outcome: Outcome) -> tuple[str, str]:
    return figures_text(outcome.figures), what_to_do(kind, outcome.cause)
