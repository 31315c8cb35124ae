"""Pages of lines: the check one makes of one's own, and the diary of a site's."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.errors import NotFound
from telehealth.lines.access import access_check, access_site, find_check
from telehealth.lines.domain.checks import outcomes_of
from telehealth.lines.domain.queries import TREND, WEEK, checks_of, link_advice, site_lines, week_of
from telehealth.lines.enums import CheckKind, Metric, Step, Verdict
from telehealth.lines.models import LineCheck, LinkHour
from telehealth.lines.report import report_text
from telehealth.lines.rules import Advice, Outcome, rung_of_all
from telehealth.lines.words import (
    ABOUT,
    FIGURES,
    RUNG_SHORT,
    RUNG_TONE,
    VERDICT_ABOUT,
    WHAT_TO_DO,
    advice_about,
    advice_text,
    figures_text,
    number,
    rate,
    what_to_do,
)
from telehealth.web import charts
from telehealth.web.http import hat_of, signed_in, with_role

DIARY_ROLES = tuple(role for role in Role if role != Role.AUDITOR)
OWN_CHECKS_KEY = "line_checks"
"""Session key of the ids of the checks made in this sign-in, the newest last."""


@require_GET
@signed_in
def line_check(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show the twelve checks, to be begun by a click: they ask for microphone and camera."""
    words = {
        "running": _("Đang thử…"),
        "now": _("Đang kiểm tra {n} trong {all}: {what}"),
        "unsaved": _("Chưa gửi được kết quả tới máy chủ: mạng đang đứt. Kết quả vẫn còn trên trang này."),
    }
    context = {
        "boot": _boot(request, words),
        "checks": [(kind, ABOUT[kind]) for kind in CheckKind],
        "facility": hat.facility if (hat := hat_of(request)) else None,
    }
    return render(request, "lines/check.html", context)


@require_GET
@signed_in
def line_check_result(request: HttpRequest, user: User, check_id: UUID) -> HttpResponseBase:
    """Show a check that was made, one's own or of a line one looks after."""
    check = _check(request, check_id)
    outcomes = outcomes_of(check)
    rows = [
        (kind, outcome, figures_text(outcome.figures), what_to_do(kind, outcome.cause))
        for kind in CheckKind
        for outcome in [outcomes.get(kind, Outcome(Step.NONE))]
    ]
    context = {
        "check": check,
        "rows": rows,
        "verdict_about": VERDICT_ABOUT[Verdict(check.verdict)],
        "tone": _tone(check),
    }
    return render(request, "lines/result.html", context)


@require_GET
@signed_in
def line_check_report(request: HttpRequest, user: User, check_id: UUID) -> HttpResponseBase:
    """Give a check's report as a text file."""
    check = _check(request, check_id)
    return HttpResponse(
        report_text(check, outcomes_of(check)),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{check.code}.txt"'},
    )


@require_GET
@with_role(*DIARY_ROLES)
def sites(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the lines one looks after, or meets: the newest hour, the trend, and what to do before a call."""
    now = clock.now()
    rows = [
        {
            "site": line.site,
            "latest": _as_shown(line.latest) if line.latest else None,
            "spark": charts.spark(line.hours, start=now - TREND, now=now),
            "advice": advice_shown(line.site.short_name, line.advice, now=now),
        }
        for line in site_lines(hat, now=now)
    ]
    return render(request, "lines/sites.html", {"rows": rows, "code": ""})


@require_GET
@with_role(*DIARY_ROLES)
def find(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Lead to the check whose code somebody reads out over the telephone; say so when there is none."""
    code = request.GET.get("code", "")[:40]
    try:
        return redirect("line_check_result", check_id=find_check(hat, code).id)
    except NotFound as error:
        return render(request, "lines/find.html", {"code": code, "error": error}, status=error.status)


@require_GET
@with_role(*DIARY_ROLES)
def site(request: HttpRequest, hat: Hat, facility_id: UUID) -> HttpResponseBase:
    """Show the week of one site's line: pictures, the hours as a table, the newest checks."""
    now = clock.now()
    facility = access_site(hat, facility_id)
    hours = week_of(facility, now=now)
    by_day = groupby(reversed(hours), key=lambda hour: timezone.localdate(hour.hour))
    context = {
        "site": facility,
        "advice": advice_shown(facility.short_name, link_advice(facility, now), now=now),
        "days": [(day, [_as_shown(hour) for hour in of_day]) for day, of_day in by_day],
        "rates": _rates_chart(hours, now),
        "delays": _delays_chart(hours, now),
        "checks": [(check, _tone(check)) for check in checks_of(facility, now=now)],
    }
    return render(request, "lines/site.html", context)


def advice_shown(name: str, advice: Advice, *, now: datetime) -> dict[str, Any]:
    """Return the advice about a line as templates draw it: sentence, short word, tone."""
    return {
        "text": advice_text(name, advice, now=now),
        "about": advice_about(advice, now=now),
        "short": RUNG_SHORT[advice.rung] if advice.rung is not None else _("Chưa đo"),
        "tone": RUNG_TONE[advice.rung] if advice.rung is not None else "",
        "known": advice.rung is not None,
    }


def _check(request: HttpRequest, check_id: UUID) -> LineCheck:
    return access_check(hat_of(request), check_id, own=request.session.get(OWN_CHECKS_KEY, ()))


def _tone(check: LineCheck) -> str:
    match Verdict(check.verdict):
        case Verdict.READY:
            return "good"
        case Verdict.SMALL_PICTURE | Verdict.CAMERA | Verdict.SOUND:
            return "warn"
        case _:
            return "bad"


def _boot(request: HttpRequest, words: dict[str, str]) -> dict[str, Any]:
    """Return what `src/line-check/boot.ts` reads."""
    return {
        "socket_url": "/ws/line-check/",
        "setup_url": reverse("api_line_check"),
        "down_url": reverse("api_line_check_down"),
        "up_url": reverse("api_line_check_up"),
        "save_url": reverse("api_line_check_save"),
        "csrf_token": get_token(request),
        "language": get_language() or settings.LANGUAGE_CODE,
        "figures": figures_shown(),
        "what_to_do": {key: str(text) for key, text in WHAT_TO_DO.items()},
        "steps": {step.value: str(step.label) for step in Step},
        "words": words,
    }


def figures_shown() -> list[dict[str, Any]]:
    """Return how `src/line-check/boot.ts` writes figures."""
    return [
        {
            "name": name,
            "text": str(figure.text) % {"value": "{}"},
            "divide": figure.divide,
            "decimals": figure.decimals,
        }
        for name, figure in FIGURES.items()
    ]


def _as_shown(hour: LinkHour) -> dict[str, Any]:
    """Return an hour as a row of the table; "" where nothing was measured."""
    rung = rung_of_all(
        {
            Metric.UP: hour.up_kbps,
            Metric.DOWN: hour.down_kbps,
            Metric.LOSS: hour.loss,
            Metric.RTT: hour.rtt_ms,
        }
    )
    return {
        "hour": hour.hour,
        "rung": RUNG_SHORT[rung] if rung is not None else "",
        "tone": RUNG_TONE[rung] if rung is not None else "",
        "up": "" if hour.up_kbps is None else rate(hour.up_kbps),
        "down": "" if hour.down_kbps is None else rate(hour.down_kbps),
        "loss": "" if hour.loss is None else number(hour.loss * 100, 1),
        "rtt": "" if hour.rtt_ms is None else number(hour.rtt_ms),
        "rtt_p95": "" if hour.rtt_p95_ms is None else number(hour.rtt_p95_ms),
        "jitter": "" if hour.jitter_ms is None else number(hour.jitter_ms),
        "gaps": hour.gaps,
        "gap_seconds": number(hour.gap_seconds),
        "samples": hour.samples,
    }


def _rates_chart(hours: list[LinkHour], now: datetime) -> charts.Chart:
    return charts.chart(
        hours,
        days=_midnights(now),
        now=now,
        lines=[("down", lambda hour: hour.down_kbps), ("up", lambda hour: hour.up_kbps)],
        levels=[(kbps, f"{rate(kbps)} Mbit/s") for kbps in (*charts.LEVELS, 10_000.0)],
        span=charts.RATE_RANGE,
    )


def _delays_chart(hours: list[LinkHour], now: datetime) -> charts.Chart:
    return charts.chart(
        hours,
        days=_midnights(now),
        now=now,
        lines=[("edge", lambda hour: hour.rtt_p95_ms), ("middle", lambda hour: hour.rtt_ms)],
        levels=[(ms, f"{number(ms)} ms") for ms in (50.0, 200.0, 700.0, 3000.0)],
        span=charts.RTT_RANGE,
    )


def _midnights(now: datetime) -> list[datetime]:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=days) for days in range(WEEK.days, -1, -1)]
