"""Make the .mo files Django reads from the .po parts."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from telehealth.core.translations import compile_parts


class Command(BaseCommand):
    help = "Merge locale/<language>/parts/*.po and compile them into django.mo."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.LOCALE_PATHS[0])
        for language, _name in settings.LANGUAGES:
            if (folder / language / "parts").is_dir():
                path = compile_parts(folder, language)
                self.stdout.write(f"{language}: {path.relative_to(folder)}")
