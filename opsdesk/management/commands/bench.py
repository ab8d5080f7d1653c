"""`manage.py bench --size N`: load once, measure, print, write build/bench.json."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from opsdesk.bench.load import NotOurs, ensure_loaded
from opsdesk.bench.run import run_bench


class Command(BaseCommand):
    help = "Load SIZE tickets once and measure the pages against a reference view."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=100_000, help="tickets (100000)")
        parser.add_argument("--rounds", type=int, default=40, help="interleaved rounds (40)")
        parser.add_argument("--only-load", action="store_true")
        parser.add_argument(
            "--only", default="", help="just the pages and acts with these words in their name"
        )
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "build" / "bench.json")

    def handle(self, *args: Any, **options: Any) -> None:
        size = options["size"]
        if size < 1:
            raise CommandError(f"--size {size}: give a number of tickets, for example 1000000.")
        try:
            ensure_loaded(size, timezone.now(), self._say)
        except NotOurs as error:
            raise CommandError(
                "This database holds tickets that the bench did not load. Run `make bench`, "
                "which uses a data folder of its own."
            ) from error
        if not options["only_load"]:
            run_bench(size, options["rounds"], options["out"], self._say, options["only"])

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
