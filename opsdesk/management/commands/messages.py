"""Brings translation catalogues up to what the code uses."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opsdesk.catalogues import AREAS, catalogue_file, update_catalogue


class Command(BaseCommand):
    help = (
        "Updates the translation catalogue of the areas named (all of them without a name): new "
        "texts are added, unused ones dropped, and what still lacks a translation is listed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("areas", nargs="*", metavar="area", help=", ".join(AREAS))

    def handle(self, *args: Any, **options: Any) -> None:
        for area in options["areas"] or AREAS:
            if area not in AREAS:
                self.stderr.write(f"{area!r} is no area; choose from {', '.join(AREAS)}")
                continue
            missing = update_catalogue(area)
            self.stdout.write(f"{catalogue_file(area)}: {len(missing)} to translate")
            for text in missing:
                self.stdout.write(f"  {text!r}")
