"""Whether a recomputed report agrees with the frozen one, and what made them differ."""

from __future__ import annotations

from collections.abc import Iterator

from core.models import Event
from reports.choices import DEBT_PREFIX, DEFINITION_VERSION, FIGURES
from reports.models import Snapshot
from reports.policies.report import Report

#: What a figure follows from besides events of tickets: settings that have a history of their own.
_SETTINGS = {
    "service_policy": "service policies",
    "calendar": "calendars",
    "team": "teams",
}


def disagreement(snapshot: Snapshot, report: Report) -> list[str]:
    """One line for each figure that differs, then why it may; empty where they agree."""
    lines = list(_differences(snapshot, report))
    if not lines:
        return []
    return [*lines, *_reasons(snapshot, report)]


def _differences(snapshot: Snapshot, report: Report) -> Iterator[str]:
    for name, found in report.figures.items():
        # What speaks for manual debt is read from what is said of pages now; a voice that was
        # heard since, or a search, cannot be read as of then. The frozen rows keep it.
        if name.startswith(DEBT_PREFIX):
            continue
        frozen = snapshot.figures.get(name)
        if frozen is None:
            yield f"{name}: not in the frozen report, now {found['value']}"
        elif (frozen["value"], frozen["n"]) != (found["value"], found["n"]):
            yield f"{name}: frozen {frozen['value']}, now {found['value']}"


def _reasons(snapshot: Snapshot, report: Report) -> Iterator[str]:
    if snapshot.definition_version != DEFINITION_VERSION:
        new = [name for name in FIGURES if name not in snapshot.figures]
        added = f"; new in it: {', '.join(new)}" if new else ""
        yield (
            f"The definitions are version {DEFINITION_VERSION} now, the frozen report has "
            f"{snapshot.definition_version}{added}."
        )
    if report.as_of != snapshot.as_of:
        yield (
            f"The frozen report knew what was recorded by {snapshot.as_of.isoformat()}, this one "
            f"by {report.as_of.isoformat()}."
        )
    changed = Event.objects.filter(subject__in=_SETTINGS, recorded_at__gt=snapshot.as_of)
    for subject in sorted(set(changed.values_list("subject", flat=True))):
        yield f"Since then {_SETTINGS[subject]} were changed, which times and targets follow."
