"""`python -m telehealth demonstration_accounts`: who one can sign in as."""

from typing import Any

from django.core.management.base import BaseCommand

from telehealth.accounts.models import Membership, User
from telehealth.demonstration.load import PASSWORD

# One of each kind, in the order in which a consultation meets them.
SHOWN = (
    "bs.kyson",
    "dd.kyson",
    "bs.timmach",
    "bs.timmach2",
    "bs.san",
    "dieuphoi.hndk",
    "bs.noitiet",
    "quantri.kyson",
    "dieuhanh.syt",
    "kiemtoan.syt",
    "nguoibenh.lo",
)


class Command(BaseCommand):
    help = "Print the demonstration accounts and their password."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--all", action="store_true", help="all of them, not one of each kind")

    def handle(self, *args: Any, **options: Any) -> None:
        people = User.objects.filter(is_demonstration=True).prefetch_related("memberships__facility")
        rows = [
            (user.username, user.display_name, "; ".join(map(_hat, user.memberships.all())) or "Người bệnh")
            for user in sorted(people, key=lambda user: _position(user.username))
            if options["all"] or user.username in SHOWN
        ]
        if not rows:
            self.stdout.write("There are no demonstration accounts.")
            return
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for username, name, hats in rows:
            self.stdout.write(f"  {username:<{widths[0]}}  {name:<{widths[1]}}  {hats}")
        self.stdout.write(f"  Password of all: {PASSWORD}")


def _hat(membership: Membership) -> str:
    return f"{membership.get_role_display()}, {membership.facility.short_name}"


def _position(username: str) -> tuple[int, str]:
    return (SHOWN.index(username), "") if username in SHOWN else (len(SHOWN), username)
