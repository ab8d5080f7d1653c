"""Facts and roll-ups anew from the event log."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.actions import rebuild_facts
from reports.actions.rebuilding import enough_processes


class Command(BaseCommand):
    help = (
        "Computes every ticket's facts and the daily roll-ups anew from the event log. All or "
        "nothing: stopped at any point it changes nothing, and pages show what was there until it "
        "is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--processes",
            type=int,
            default=enough_processes(),
            help="how many processes derive (one per processor, four at most)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["processes"] < 1:
            raise CommandError(f"--processes {options['processes']}: give 1 or more.")
        started = time.monotonic()
        done = rebuild_facts(
            timezone.now(),
            processes=options["processes"],
            on_batch=lambda count: self.stderr.write(f"{count} tickets", ending="\r"),
        )
        self.stdout.write(f"{done} tickets in {time.monotonic() - started:.1f} s")
