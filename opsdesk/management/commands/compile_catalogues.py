"""Compiles the translation catalogues, at install and at start."""

from typing import Any

from django.core.management.base import BaseCommand

from opsdesk.catalogues import AREAS, compile_catalogue


class Command(BaseCommand):
    help = "Compiles every translation catalogue (.po) into the form Django reads (.mo)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for area in AREAS:
            file = compile_catalogue(area)
            if file is not None and options["verbosity"] > 0:
                self.stdout.write(f"{file} written")
