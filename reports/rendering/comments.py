"""Two or three bad comments of the period, without names."""

from __future__ import annotations

from reports.access import ReportScope
from reports.models import Snapshot, SnapshotRow
from tickets.choices import Score
from tickets.models import Rating

MOST = 3
#: Longer ones are cut: the page is one sheet.
LENGTH = 160


def bad_comments(snapshot: Snapshot, scope: ReportScope) -> list[str]:
    """Words of dissatisfied requesters in the reader's scope, as far as they still stand.

    Never of confidential tickets: their words would tell what they are about. Words that were
    changed or erased since are gone from here too: they belong to who said them.
    """
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=snapshot, confidential=False)
    said = rows.of_figure("satisfaction").filter(reason="dissatisfied")
    found = Rating.objects.filter(
        ticket_id__in=said.values("subject_id"), score=Score.DISSATISFIED,
        rated_at__lt=snapshot.ends_at,
    ).exclude(words="")  # fmt: skip
    words = found.order_by("rated_at", "pk").values_list("words", flat=True)[:MOST]
    return [text if len(text) <= LENGTH else text[: LENGTH - 1] + "…" for text in words]
