"""`python -m telehealth <command>`: Django's management commands and our own."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telehealth.settings")
    try:
        execute_from_command_line(["telehealth", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        # Whoever installs needs the sentence, not the trace.
        sys.exit(f"telehealth: {error}")


if __name__ == "__main__":
    main()
