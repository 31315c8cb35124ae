"""`python -m telehealth load_demonstration`: the demonstration province, once or again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from telehealth.core import clock
from telehealth.demonstration.load import NotForProductionError, load_demonstration


class Command(BaseCommand):
    help = "Load the demonstration province. Loading again adds what is missing. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_demonstration(now=clock.now())
        except NotForProductionError:
            raise CommandError(
                "Demonstration data is not allowed here: its patients are invented and must never stand beside real ones. "
                "Nothing was changed. Use TELEHEALTH_ENV=development and DEMONSTRATION=1 on a machine without real patients."
            ) from None
        self.stdout.write(
            f"Demonstration province: {loaded.facilities} facilities, {loaded.people} people, "
            f"{loaded.patients} invented patients, {loaded.consultations} past consultations, "
            f"{loaded.open_requests} open requests."
        )
