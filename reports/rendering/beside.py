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


def words_beside(snapshot: Snapshot, scope: ReportScope, now: dt.datetime) -> dict[str, Any]:
    """What people said. The words of editors are about the whole report: who reads a part of it
    gets the draft of theirs."""
    return {
        **(added_by_people(snapshot, now) if scope.holds_all(snapshot) else {}),
        "comments": bad_comments(snapshot, scope),
    }


def beside_figures(snapshot: Snapshot, scope: ReportScope, now: dt.datetime) -> dict[str, Any]:
    """The same with what the outlook says, as paper has it."""
    glance = glance_of(period_named(snapshot.period), scope)
    return {**words_beside(snapshot, scope, now), "glance": glance}
