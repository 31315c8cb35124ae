"""`python -m telehealth vapid_key`: a fresh key for web push."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand

from telehealth.notifications.push import base64url


class Command(BaseCommand):
    help = "Prints a fresh VAPID_PRIVATE_KEY. Changing it later ends every browser's subscription."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        # Below 2²⁵⁵ every number but zero is a key of P-256.
        self.stdout.write(base64url.encode(bytes([secrets.randbelow(128)]) + secrets.token_bytes(31)))
