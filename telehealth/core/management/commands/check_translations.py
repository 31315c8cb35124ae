"""Fail when a text of the platform has no English, or an English text is of no use any more."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from telehealth.core.translations import Text, merge_parts, missing, problems, uses_in

PACKAGES = ("telehealth", "scheduling", "signaling")


class Command(BaseCommand):
    help = "Check that every text has its English, with the same placeholders, and that none is left over."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--skeleton", action="store_true", help="print the missing entries as .po and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        uses = uses_in([root / name for name in PACKAGES], [root / "frontend" / "templates"], root)
        catalog, quarrels = merge_parts(Path(settings.LOCALE_PATHS[0]) / "en" / "parts", "en")
        if options["skeleton"]:
            for text in missing(uses, catalog):
                self.stdout.write(_entry(text))
            return
        found = [*quarrels, *problems(uses, catalog)]
        if found:
            raise CommandError("\n".join([*found, f"{len(found)} problems with translations."]))
        texts = len({use.text for use in uses})
        self.stdout.write(f"{texts} texts, all with their English.")


def _entry(text: Text) -> str:
    def quoted(value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'

    lines = [f"msgctxt {quoted(text.context)}"] if text.context else []
    lines.append(f"msgid {quoted(text.singular)}")
    if text.plural:
        lines += [f"msgid_plural {quoted(text.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join([*lines, ""])
