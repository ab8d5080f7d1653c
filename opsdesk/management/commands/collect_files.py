"""Makes the files a page needs: compiled translations and collected static files."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

# Parts of packages that no page of ours loads; some import modules that are not in the package.
NOT_SERVED = ["ext", "htmx-4*", "htmax-4*", "rest_framework"]


class Command(BaseCommand):
    help = "Compiles the translations and collects the static files. Needs no server."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("compile_catalogues", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_SERVED)
