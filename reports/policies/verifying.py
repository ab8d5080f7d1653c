"""The invariants of the statistics on live data; each check yields what is wrong, in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import models

from core.events import fold, recorded_value
from core.models import Event, Recorded, Touched
from feedback.models import Demand, Insight, Obligation, Release, Round
from reports.choices import BACKLOG_SIGN
from reports.models import (
    DailyRollup,
    FigureTarget,
    LiveCell,
    LiveRow,
    Snapshot,
    SnapshotRow,
    TicketDay,
    TicketFact,
)
from reports.policies.explore.live import LIVE_COLUMNS, Live, Sum, band_in, cells_of
from reports.policies.summary import BREAKDOWNS, Figures, from_sums, identity_gap
from tickets.choices import UNRESOLVED
from tickets.models import Cause, SelfService, Ticket

#: Rows of each kind that are folded when not all are asked for.
SAMPLE = 2000
_BATCH = 1000
_FOLDED: tuple[type[Recorded], ...] = (
    Ticket, Cause, Demand, Obligation, Round, Release, Insight, SelfService, FigureTarget,
)  # fmt: skip
#: Differences reported per check: a broken rule says the same thing of every row.
MOST = 20


def events_fold_to_rows(*, every: bool = False) -> Iterator[str]:
    """Invariant 1 on the newest `SAMPLE` rows of each kind, or on all."""
    for model in _FOLDED:
        pks = model._default_manager.order_by("-pk").values_list("pk", flat=True)
        chosen = list(pks if every else pks[:SAMPLE])
        for first in range(0, len(chosen), _BATCH):
            yield from _unfolded(model, chosen[first : first + _BATCH])


def _unfolded(model: type[Recorded], pks: list[int]) -> Iterator[str]:
    histories: dict[int, list[Event]] = defaultdict(list)
    events = Event.objects.filter(subject=model.SUBJECT, subject_id__in=pks)
    for event in events.order_by("subject_id", "version"):
        histories[event.subject_id].append(event)
    for pk, row in model._default_manager.in_bulk(pks).items():
        state = fold(model, histories[pk])
        wrong = [name for name in row.EVENT_FIELDS if recorded_value(row, name) != state[name]]
        if wrong:
            yield f"{model.SUBJECT} {pk} differs from its events in {', '.join(wrong)}"
        if row.version != len(histories[pk]):
            yield f"{model.SUBJECT} {pk} has version {row.version}, {len(histories[pk])} events"


def facts_are_current() -> Iterator[str]:
    """Each ticket nobody touched since has facts of its newest version, in its status."""
    waiting = set(
        Touched.objects.filter(subject=Ticket.SUBJECT).values_list("subject_id", flat=True)
    )
    facts = dict(TicketFact.objects.values_list("ticket_id", "source_version"))
    for pk, version in Ticket.objects.values_list("pk", "version").iterator():
        known = facts.pop(pk, None)
        if known != version and pk not in waiting:
            yield f"OPS-{pk} has version {version}, its facts {known}"
    for pk in facts:
        yield f"facts name OPS-{pk}, which is not there"


def rollups_equal_days() -> Iterator[str]:
    """Invariant 8: each roll-up is the sum of its tickets' days."""
    key = ("day", "figure", "product_id", "department_id")
    days = TicketDay.objects.values_list(*key).annotate(sum=models.Sum("amount"))
    summed = Counter({row[:4]: row[4] for row in days})
    kept = Counter({row[:4]: row[4] for row in DailyRollup.objects.values_list(*key, "amount")})
    for each in sorted(summed.keys() | kept.keys(), key=str):
        if summed[each] != kept[each]:
            yield f"roll-up {each[0]} {each[1]}: {kept[each]} kept, {summed[each]} by its tickets"


def live_cells_equal_rows() -> Iterator[str]:
    """Invariant 8 for what the explore pages read: each cell is the sum of its rows."""
    rows = LiveRow.objects.values_list(*LIVE_COLUMNS).iterator(chunk_size=5000)
    summed = cells_of(_with_band(Live(*values)) for values in rows)
    key = ("grain", "dimension", "figure", "starts_on", "product_id", "confidential", "value")
    cells = LiveCell.objects.values_list(*key, *Sum._fields)
    kept = {row[:7]: Sum(*row[7:]) for row in cells}
    for each in sorted(summed.keys() | kept.keys(), key=str):
        if summed.get(each, Sum()) != kept.get(each, Sum()):
            yield (
                f"live cell {' '.join(str(part) for part in each)}: {kept.get(each)} kept,"
                f" {summed.get(each)} by its rows"
            )


def _with_band(row: Live) -> Live:
    """The row with the band its seconds lie in, whichever it was stored with."""
    return row._replace(band=band_in(row.figure, row.seconds))


def backlog_adds_up() -> Iterator[str]:
    """Invariant 11 over the whole life of the roll-ups: what came in and not out is unresolved."""
    moved: Counter[int] = Counter()
    sums = DailyRollup.objects.values_list("product_id", "figure").annotate(
        sum=models.Sum("amount")
    )
    for product_id, figure, amount in sums:
        moved[product_id] += BACKLOG_SIGN.get(figure, 0) * amount
    facts = TicketFact.objects.filter(status__in=UNRESOLVED).values_list("product_id", flat=True)
    now = Counter(facts.iterator())
    for product_id in sorted(moved.keys() | now.keys()):
        if moved[product_id] != now[product_id]:
            yield (
                f"product {product_id}: {now[product_id]} tickets are unresolved,"
                f" the roll-ups add up to {moved[product_id]}"
            )


def identity_holds() -> Iterator[str]:
    """Invariant 11 in every snapshot and each of its breakdowns."""
    for snapshot in Snapshot.objects.order_by("pk").iterator(chunk_size=20):
        figures = snapshot.figures
        gap = identity_gap(lambda name, found=figures: _value(found.get(name)))  # type: ignore[misc]
        if gap:
            yield f"{snapshot.period}: the backlog's identity is off by {gap}"
        for dimension, parts in snapshot.breakdowns.items():
            if dimension not in BREAKDOWNS:
                continue
            for key, part in parts.items():
                gap = identity_gap(lambda name, found=part: _value(found.get(name)))  # type: ignore[misc]
                if gap:
                    yield f"{snapshot.period}, {dimension} {key or '–'}: off by {gap}"


def _value(figure: Any) -> int:
    """A figure with its n, or a plain number of a breakdown."""
    if isinstance(figure, dict):
        return int(figure["value"] or 0)
    return int(figure or 0)


def figures_equal_rows() -> Iterator[str]:
    """Invariant 5: each figure of each snapshot follows from its stored rows."""
    for snapshot in Snapshot.objects.order_by("pk").iterator(chunk_size=20):
        yield from compare_with_rows(snapshot)


def compare_with_rows(snapshot: Snapshot) -> Iterator[str]:
    """What of one snapshot's figures its rows do not bear out."""
    stored: Figures = {
        sums["figure"]: from_sums(sums["figure"], sums)
        for sums in SnapshotRow.objects.filter(snapshot=snapshot).sums()
    }
    for name, figure in snapshot.figures.items():
        by_rows = stored.get(name)
        if by_rows is None:
            if figure["n"] or figure["value"]:
                yield f"{snapshot.period} {name}: {figure['value']}, but no row"
            continue
        wrong = [part for part, value in by_rows.items() if not _same(figure.get(part), value)]
        for part in wrong:
            yield f"{snapshot.period} {name} {part}: {figure.get(part)}, rows say {by_rows[part]}"
    for name in stored.keys() - snapshot.figures.keys():
        yield f"{snapshot.period}: rows of {name}, which is no figure"


def _same(kept: Any, by_rows: Any) -> bool:
    if kept is None or by_rows is None:
        return kept is by_rows
    return abs(float(kept) - float(by_rows)) < 1e-6 * max(1.0, abs(float(kept)))


def weeks_follow_on() -> Iterator[str]:
    """What was unresolved at the end of one week is what the next starts with, where both know
    the same: an import in between may add to the past."""
    newest = Snapshot.objects.in_force().filter(period_kind="week").order_by("starts_at")
    known = {snapshot.starts_at: snapshot for snapshot in newest.iterator(chunk_size=50)}
    for snapshot in known.values():
        after = known.get(snapshot.ends_at)
        if after is None or after.as_of != snapshot.as_of:
            continue
        end = snapshot.figures["unresolved_at_end"]["value"]
        start = after.figures["unresolved_at_start"]["value"]
        if end != start:
            yield f"{snapshot.period} ends with {end} unresolved, {after.period} starts on {start}"


CHECKS: dict[str, Callable[[], Iterable[str]]] = {
    "events fold to rows": events_fold_to_rows,
    "facts are current": facts_are_current,
    "roll-ups equal recomputation": rollups_equal_days,
    "live cells equal their rows": live_cells_equal_rows,
    "roll-ups add up to the backlog": backlog_adds_up,
    "the backlog's identity holds": identity_holds,
    "a figure equals its rows": figures_equal_rows,
    "weeks follow on": weeks_follow_on,
}


def every_event_folds() -> Iterator[str]:
    """Invariant 1 on all rows; takes minutes on a million."""
    return events_fold_to_rows(every=True)
