"""`python -m telehealth selftest`: does this installation carry a consultation? Exit status 0 says yes."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from telehealth.core import clock
from telehealth.selftest.cast import cast
from telehealth.selftest.report import Outcome, Report, Trouble, Verdict
from telehealth.selftest.visitor import Address
from telehealth.selftest.walk import Walk


class Command(BaseCommand):
    help = "Walks two synthetic people through a consultation on the running platform, then puts them away."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
        parser.add_argument(
            "--url", default="", help="address to connect to (default: the first of ALLOWED_ORIGINS)"
        )
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="vi")

    def handle(self, *, url: str, language: str, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # puts the accounts away on the way out
        # The report is what the operator reads. (What an announcement missed, the worker delivers.)
        for talkative in ("aioice", "aiortc", "telehealth.core.announce"):
            logging.getLogger(talkative).setLevel(logging.ERROR)
        started = time.monotonic()
        with translation.override(language):
            report = Report(url=url or settings.ALLOWED_ORIGINS[0])
            if not options["json"]:
                report.tell = self._line
            report.begin()
            self._run(report, language)
            seconds = time.monotonic() - started
            report.end(seconds)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(seconds), ensure_ascii=False, indent=1))
        if not report.passed:
            sys.exit(1)

    def _run(self, report: Report, language: str) -> None:
        began = time.monotonic()
        title = _("Chuẩn bị cơ sở và tài khoản tự kiểm tra")
        prepared = False
        try:
            with cast(clock.now()) as players:
                prepared = True
                report.add(Outcome("prepare", title, Verdict.PASSED, time.monotonic() - began))
                asyncio.run(Walk(players, _address(report.url), language, report).run())
                began, title = time.monotonic(), _("Cất tài khoản, đóng ca và xóa tệp của lượt này")
            report.add(Outcome("tidy", title, Verdict.PASSED, time.monotonic() - began))
        except Trouble as trouble:
            self._failed(report, title, trouble, began, prepared=prepared)
        except DatabaseError as error:
            refused = Trouble(
                "database.failed",
                _("Cơ sở dữ liệu từ chối: %(error)s.") % {"error": " ".join(str(error).split())[:200]},
                _("Kiểm tra DATABASE_URL và chạy migrate."),
            )
            self._failed(report, title, refused, began, prepared=prepared)

    @staticmethod
    def _failed(report: Report, title: str, trouble: Trouble, began: float, *, prepared: bool) -> None:
        name = "tidy" if prepared else "prepare"
        seconds = time.monotonic() - began
        report.add(Outcome(name, title, Verdict.FAILED, seconds, trouble.code, trouble.text, trouble.cure))

    def _line(self, line: str) -> None:
        with contextlib.suppress(
            BrokenPipeError
        ):  # nobody reads on; what was made must be put away all the same
            self.stdout.write(line)
            self.stdout.flush()


def _address(url: str) -> Address:
    """Return where to connect and which of our public addresses to speak for."""
    url = url.rstrip("/")
    return Address(url=url, origin=url if url in settings.ALLOWED_ORIGINS else settings.ALLOWED_ORIGINS[0])
