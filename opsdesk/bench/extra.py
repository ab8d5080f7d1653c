"""The rate of what works in the background: imports."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from tickets.importing.mapping import read_mapping
from tickets.importing.problems import Problems
from tickets.importing.running import Importer

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
