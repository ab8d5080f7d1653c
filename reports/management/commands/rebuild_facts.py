"""Facts and roll-ups anew from the event log."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.actions import rebuild_facts


class Command(BaseCommand):
    help = (
        "Computes every ticket's facts and the daily roll-ups anew from the event log. May be "
        "stopped and started again at any point; pages go on meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        done = rebuild_facts(
            timezone.now(),
            on_batch=lambda count: self.stderr.write(f"{count} tickets", ending="\r"),
        )
        self.stdout.write(f"{done} tickets in {time.monotonic() - started:.1f} s")
