"""`python -m telehealth appoint_administrator`: a facility's first administrator, who makes everybody else in the pages."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from telehealth.consultations.domain.staff import appoint_administrator
from telehealth.core import clock
from telehealth.core.errors import DomainError
from telehealth.facilities.models import Facility


class Command(BaseCommand):
    help = "Make a facility's first administrator and print the link by which they choose a password."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("facility", help="the facility's name or short name, exactly")
        parser.add_argument("username")
        parser.add_argument("full_name")

    def handle(self, *args: Any, facility: str, username: str, full_name: str, **options: Any) -> None:
        found = Facility.objects.filter(name=facility) | Facility.objects.filter(short_name=facility)
        if len(found) != 1:
            raise CommandError(f"{len(found)} facilities have this name; nothing was changed.")
        try:
            issued = appoint_administrator(
                facility=found[0], username=username, full_name=full_name, now=clock.now()
            )
        except DomainError as error:
            raise CommandError(f"{error.text} ({error.code})") from None
        path = reverse("first_sign_in", args=[issued.membership.user_id, issued.token])
        until = timezone.localtime(issued.expires_at)
        self.stdout.write(f"{settings.ALLOWED_ORIGINS[0]}{path}")
        self.stdout.write(f"Works once, until {until:%H:%M %d/%m/%Y}. Hand it to the administrator only.")
