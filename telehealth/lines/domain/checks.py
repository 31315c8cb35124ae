"""Keeping a line check."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.core.errors import Unavailable
from telehealth.lines import rules
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import CheckKind, Metric, Source, Step
from telehealth.lines.models import LineCheck
from telehealth.lines.rules import Outcome

CODE_TRIES = 8


@transaction.atomic
def save_line_check(
    *,
    hat: Hat | None,
    outcomes: Mapping[CheckKind, Outcome],
    now: datetime,
    choose: Callable[[str], str] = secrets.choice,
) -> LineCheck:
    """Keep a line check under a new code, and write its figures into the facility's link diary.

    Args:
        hat: who made it and where; None for somebody without a role, of whom nothing is kept.
        choose: takes one character of a text; the only chance in here.

    Raises:
        Unavailable: `line_check.no_code`, when every code that was tried is taken.
    """
    facility = hat.facility if hat else None
    check = LineCheck(
        membership=hat.membership if hat else None,
        facility=facility,
        at=now,
        verdict=rules.judge(outcomes),
        outcomes={kind.value: _as_row(outcome) for kind, outcome in outcomes.items()},
    )
    _save_under_free_code(check, choose)
    if facility is not None:
        figures = rules.figures_of(outcomes)
        loss = outcomes.get(CheckKind.LOSS)
        record_link_sample(
            facility=facility,
            source=Source.CHECK,
            at=now,
            rtt_ms=figures[Metric.RTT],
            loss=figures[Metric.LOSS],
            jitter_ms=loss.number("jitter_ms") if loss else None,
            up_kbps=figures[Metric.UP],
            down_kbps=figures[Metric.DOWN],
        )
    return check


def _save_under_free_code(check: LineCheck, choose: Callable[[str], str]) -> None:
    name = check.facility.short_name if check.facility else ""
    for _try in range(CODE_TRIES):
        check.code = rules.make_code(name, choose)
        try:
            with transaction.atomic():
                check.save(force_insert=True)
        except IntegrityError:
            if not LineCheck.objects.filter(code=check.code).exists():
                raise
        else:
            return
    raise Unavailable("line_check.no_code", _("Chưa lưu được kết quả. Hãy kiểm tra lại sau ít phút."))


def _as_row(outcome: Outcome) -> dict[str, object]:
    row = asdict(outcome)
    return {"step": row["step"].value, "cause": row["cause"], "figures": dict(row["figures"] or {})}


def outcomes_of(check: LineCheck) -> dict[CheckKind, Outcome]:
    """Return a kept check's outcomes, in the order of the checks."""
    return {
        kind: Outcome(Step(row["step"]), row["cause"], row["figures"])
        for kind in CheckKind
        if (row := check.outcomes.get(kind.value)) is not None
    }
