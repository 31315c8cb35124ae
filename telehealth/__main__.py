"""`python -m telehealth <command>`: Django's management commands and our own."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telehealth.settings")
    execute_from_command_line(["telehealth", *sys.argv[1:]])


if __name__ == "__main__":
    main()
