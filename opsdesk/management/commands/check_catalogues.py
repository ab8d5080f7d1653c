"""The gate of translations: every text of the house has its Chinese."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opsdesk.catalogues import AREAS, faults


class Command(BaseCommand):
    help = (
        "Fails when a text has no translation, a translation lost a placeholder, an entry is no "
        "longer used, or one text is translated in two ways."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "areas", nargs="*", metavar="area", help=f"only these: {', '.join(AREAS)}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = faults(tuple(options["areas"]) or AREAS)
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(
                f"{len(found)} faults in the catalogues; `manage.py messages AREA` brings one up "
                "to date, then translate what it lists."
            )
        self.stdout.write("Every text is translated.")
