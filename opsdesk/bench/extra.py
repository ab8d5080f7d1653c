"""Rates of what works in the background: imports, and a day's roll-up."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from opsdesk.bench.load import DAYS
from reports.actions.facts import recompute_tickets
from reports.actions.snapshots import make_snapshot
from reports.models import Snapshot
from reports.policies.weeks import Week
from tickets.importing.mapping import read_mapping
from tickets.importing.problems import Problems
from tickets.importing.running import Importer

#: Tickets from which the time of a full rebuild is told.
_SAMPLE = 10_000
_JUDGED_DAY = 100
#: Days before now whose tickets get facts, so that last week and the one before have figures.
_REPORT_DAYS = 21
_CASES = 4000
_STATES = ("Insert ticket", "Assign seriousness", "Take in charge ticket", "Wait",
           "Resolve ticket", "Closed")  # fmt: skip
_HEADER = (
    "Case ID,Activity,Resource,Complete Timestamp,Variant,Variant index,Variant,seriousness,"
    "customer,product,responsible_section,seriousness_2,service_level,service_type,"
    "support_section,workgroup"
)
Line = tuple[str, int, float, str, float | None, str, bool | None]


def import_rate(size: int) -> Iterator[Line]:
    """Events a second of a whole import, indexes and all; taken back at the end of each batch."""
    mapping = read_mapping(settings.BASE_DIR / "examples" / "mappings" / "helpdesk_italian.toml")
    with tempfile.TemporaryDirectory(prefix="opsdesk-bench-") as folder:
        log = Path(folder) / "log.csv"
        log.write_text("\n".join([_HEADER, *_rows()]) + "\n")
        importer = Importer(mapping, Problems(), None, timezone.now(), dry_run=True)
        begun = time.perf_counter()
        summary = importer.run(log)
        seconds = time.perf_counter() - begun
    rate = summary.result.events / seconds
    yield "import with history", size, round(rate), "events/s", None, "≥ 8,000/s", rate >= 8000


def _rows() -> Iterator[str]:
    for case in range(_CASES):
        for hour, state in enumerate(_STATES):
            when = f"2012/10/{1 + case % 28:02} {8 + hour:02}:00:00.000"
            yield (
                f"Case {case},{state},Value {case % 22},{when},"
                f"Variant 1,1,Variant 1,Value 1,Value {case % 390},Value {case % 21},Value 1,"
                f"Value {case % 4},Value 2,Value 1,Value 1,Value {case % 4}"
            )


def ensure_report(size: int, say: Callable[[str], None]) -> str:
    """The name of last week, whose report is made if there is none; facts of its tickets too."""
    now = timezone.now()
    week = Week.of(now).shift(-1)
    if not Snapshot.objects.filter(period=week.name).exists():
        say(f"Report of {week.name} …")
        recent = size * _REPORT_DAYS // DAYS
        recompute_tickets(range(max(1, size - recent), size + 1), now)
        make_snapshot(week, now)
    return week.name


def rollup_share(size: int) -> Iterator[Line]:
    """One day's increment as a share of a full rebuild, which large houses only estimate."""
    day = max(1, size // DAYS)
    now = timezone.now()
    increment = _seconds(range(size - day + 1, size + 1), now)
    yield f"roll-up of one day ({day:,} tickets)", size, round(increment, 2), "s", None, "", None
    sample = min(size, _SAMPLE)
    full = _seconds(range(size - sample + 1, size + 1), now) * size / sample
    name = "full rebuild" if sample == size else f"full rebuild, from {sample:,} tickets"
    yield name, size, round(full, 1), "s", None, "", None
    share = round(increment / full, 4)
    # Below a hundred tickets a day the fixed cost of one batch is all there is to see.
    judged = (share <= 0.01) if day >= _JUDGED_DAY else None
    yield "roll-up of one day / full rebuild", size, share, "×", share, "≤ 0.01", judged


def _seconds(pks: range, now: dt.datetime) -> float:
    begun = time.perf_counter()
    recompute_tickets(pks, now)
    return time.perf_counter() - begun
