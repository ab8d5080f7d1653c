"""What stands on a report besides its own figures: what people added, the outlook, comments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from reports.access import ReportScope
from reports.models import Snapshot
from reports.policies.periods import period_named
from reports.rendering.agreed import added_by_people
from reports.rendering.comments import bad_comments
from reports.rendering.outlook import glance_of


def beside_figures(snapshot: Snapshot, scope: ReportScope, now: dt.datetime) -> dict[str, Any]:
    """For page and paper alike. The words of editors are about the whole report: who reads a part
    of it gets the draft of theirs."""
    return {
        **(added_by_people(snapshot, now) if scope.holds_all(snapshot) else {}),
        "glance": glance_of(period_named(snapshot.period), scope),
        "comments": bad_comments(snapshot, scope),
    }
