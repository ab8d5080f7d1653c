"""The invariants of the house on live data."""

import sys
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import registry
from reports.policies.verifying import MOST, every_event_folds


class Command(BaseCommand):
    help = (
        "Checks the invariants on the data as it is: events fold to rows, figures equal their "
        "rows, roll-ups equal their recomputation, the backlog adds up. Lists what is wrong and "
        "exits 1 when anything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="fold the events of every row, not of the newest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        checks: dict[str, Callable[[], Iterable[str]]] = registry.verifiers()
        if options["all"]:
            checks["events fold to rows"] = every_event_folds
        wrong = sum(self._run(name, check) for name, check in checks.items())
        if wrong:
            sys.exit(1)

    def _run(self, name: str, check: Callable[[], Iterable[str]]) -> bool:
        started = time.monotonic()
        found = list(islice(check(), MOST + 1))
        word = "FAILED" if found else "ok"
        self.stdout.write(f"{word:7}{name} ({time.monotonic() - started:.1f} s)")
        for line in found[:MOST]:
            self.stdout.write(f"       {line}")
        if len(found) > MOST:
            self.stdout.write("       … and more")
        return bool(found)
