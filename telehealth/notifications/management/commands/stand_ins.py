"""`python -m telehealth stand_ins`: a carrier, Zalo and a push service for development and demonstration."""

import signal
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from telehealth.notifications.stand_ins.server import running


class Command(BaseCommand):
    help = "Answers like the carrier, Zalo and a push service, at the address STAND_INS. Never in production."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", default="", help="HOST:PORT instead of STAND_INS")

    def handle(self, *, listen: str, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Stand-ins do not run in production.")
        url = urlsplit(f"http://{listen}" if listen else settings.STAND_INS)
        if not url.hostname or not url.port:
            raise CommandError("STAND_INS must look like http://127.0.0.1:7920.")
        signals = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before there are threads, which inherit it
        with running(url.hostname, url.port) as server:
            self.stdout.write(f"Stand-ins listen at {server.origin}.")
            signal.sigwait(signals)
