"""Editing demands in the table: one cell, a pasted block or a fill, and one undo for all of it.

A block is judged cell by cell: what is wrong is refused by name and the rest is set. Fields of a
demand change in one event; a date and a release go through their own actions, which tell people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Module
from core import events
from core.changes import refuse
from core.customfields import PREFIX
from core.errors import BadInput, Conflict, NotAllowed, Problem, Refused, StaleWrite
from core.searchkey import search_key
from feedback.actions.cells import CellReader, Value
from feedback.actions.deciding import schedule_demand
from feedback.actions.releasing import put_in_release
from feedback.choices import DemandStatus
from feedback.models import Demand, Release, TableEdit
from feedback.policies import is_staff_of, may_steer
from tickets.models import Ticket

#: Cells and demands one act sets; more belongs into an import.
MOST_CELLS = 5000
MOST_DEMANDS = 1000
#: Days for which an act of the table can be taken back.
UNDO_DAYS = 30
_SEARCHED = frozenset({"title", "problem", "proposal"})
_READ_BESIDE = frozenset({"product_id", "module_id", "custom"})


@dataclass(frozen=True)
class Editable:
    """What an edit of a field sets, and who may. `act`: through an action that tells people."""

    attr: str
    is_for_staff: bool = False
    act: str = ""
    statuses: frozenset[str] | None = None


#: The fields that are set in the table, besides the company's own; whoever steers sets them.
EDITABLE: dict[str, Editable] = {
    "title": Editable("title"), "problem": Editable("problem"), "proposal": Editable("proposal"),
    "kind": Editable("kind"), "initiated_by": Editable("initiated_by"),
    "source": Editable("source"), "effort": Editable("effort"), "wanted": Editable("wanted_on"),
    "module": Editable("module_id"), "departments": Editable("department_ids"),
    "proposer": Editable("proposer_id"),
    "product": Editable("product_id", is_for_staff=True,
                        statuses=frozenset({DemandStatus.COLLECTED, DemandStatus.EVALUATING})),
    "priority": Editable("priority", is_for_staff=True),
    "owner": Editable("product_owner_id", is_for_staff=True),
    "release": Editable("release_id", is_for_staff=True, act="release"),
    "planned": Editable("planned_on", act="planned"),
    "review": Editable("review",
                       statuses=frozenset({DemandStatus.RELEASED, DemandStatus.CLOSED})),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """What one cell is to hold: a text to read, or (`stored`) a value that was there before."""

    demand_id: int
    field: str
    text: str = ""
    seen_version: int | None = None
    is_stored: bool = False
    stored: Any = None


@dataclass
class CellResult:
    """What became of a cell: set, already so, or refused and why."""

    cell: Cell
    said: str = ""
    before: Any = None
    after: Any = None
    is_changed: bool = False
    problem: Problem | None = None
    conflict: Conflict | None = None


@dataclass
class Outcome:
    """What became of an act: a result for each cell, and what its undo is called by."""

    results: list[CellResult] = field(default_factory=list)
    edit: TableEdit | None = None

    @property
    def changed(self) -> list[CellResult]:
        return [result for result in self.results if result.is_changed]

    @property
    def refused(self) -> list[CellResult]:
        return [result for result in self.results if result.problem is not None]


def edit_cells(
    cells: Sequence[Cell], *, acting_user: User, now: dt.datetime, preview: bool = False
) -> Outcome:
    """Set cells, each as far as it may be; one act, so that one undo takes it back.

    Never raises for one cell: what is wrong with it stands in its result. `preview` says what
    would become of each and writes nothing. Raises BadInput for too many cells at once.
    """
    if len(cells) > MOST_CELLS or len({cell.demand_id for cell in cells}) > MOST_DEMANDS:
        refuse("cells", _("This block is too large."),
               _("Paste at most %(cells)s cells of %(rows)s demands at once.")
               % {"cells": MOST_CELLS, "rows": MOST_DEMANDS}, len(cells))  # fmt: skip
    try:
        with transaction.atomic():
            outcome = _Act(acting_user, now).carry_out(cells)
            if outcome.changed and not preview:
                outcome.edit = _remember(outcome, acting_user, now)
            if preview:
                raise _PreviewOnly(outcome)
    except _PreviewOnly as seen:
        return seen.outcome
    return outcome


class _PreviewOnly(Exception):
    """Takes everything back that a preview did."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__()


def _remember(outcome: Outcome, user: User, now: dt.datetime) -> TableEdit:
    """Keep what was there before; what can no longer be taken back is forgotten."""
    old = now - dt.timedelta(days=UNDO_DAYS)
    TableEdit.objects.filter(by=user, at__lt=old).delete()
    cells = [
        [one.cell.demand_id, one.cell.field, events.plain(one.before), events.plain(one.after)]
        for one in outcome.changed
    ]
    return TableEdit.objects.create(by=user, at=now, cells=cells)


def undo_edit(edit: TableEdit, *, acting_user: User, now: dt.datetime) -> Outcome:
    """Put back what an act of the table set, wherever nobody has changed it since.

    Raises NotAllowed for another person's act, BadInput for one that is undone or too old.
    """
    with transaction.atomic():
        locked = TableEdit.objects.select_for_update().get(pk=edit.pk)
        if locked.by_id != acting_user.pk:
            raise NotAllowed(
                Problem("", _("Somebody else did this."), _("They can undo it."))
            )  # fmt: skip
        if locked.undone_at is not None or now - locked.at > dt.timedelta(days=UNDO_DAYS):
            refuse("edit", _("This is undone already, or too long ago."),
                   _("Set the cells by hand."))  # fmt: skip
        locked.undone_at = now
        locked.save(update_fields=["undone_at"])
        act = _Act(acting_user, now)
        return act.carry_out(
            [Cell(pk, name, is_stored=True, stored=before) for pk, name, before, _after in
             reversed(locked.cells)],
            expected={(pk, name): after for pk, name, _before, after in locked.cells},
        )  # fmt: skip


class _Act:
    """One person's act on many cells at one moment."""

    def __init__(self, user: User, now: dt.datetime) -> None:
        self.user, self.now = user, now
        self.reader = CellReader()

    def carry_out(
        self, cells: Sequence[Cell], expected: Mapping[tuple[int, str], Any] | None = None
    ) -> Outcome:
        by_demand: dict[int, list[Cell]] = {}
        for cell in cells:
            by_demand.setdefault(cell.demand_id, []).append(cell)
        seen = set(
            Demand.objects.steered_by(self.user)
            .filter(pk__in=by_demand)
            .values_list("pk", flat=True)
        )
        locked = {row.pk: row for row in events.lock_many(Demand, sorted(seen))}
        results: dict[tuple[int, str], CellResult] = {}
        for pk, own in by_demand.items():
            for result in self._demand(locked.get(pk), own, expected or {}):
                results[result.cell.demand_id, result.cell.field] = result
        ordered = [results[cell.demand_id, cell.field] for cell in cells]
        return Outcome(list({id(one): one for one in ordered}.values()))

    def _demand(
        self, row: Demand | None, cells: list[Cell], expected: Mapping[tuple[int, str], Any]
    ) -> Iterable[CellResult]:
        """The cells of one demand: those with an action of their own first, the rest at once."""
        cells = sorted(cells, key=lambda cell: cell.field != "product")
        columns: dict[str, Any] = {}
        for cell in cells:
            result = CellResult(cell)
            yield result
            try:
                if row is None:
                    refuse(cell.field, _("There is no such demand in this table."),
                           _("Reload the page."), cell.demand_id)  # fmt: skip
                self._check(row, cell, expected)
                self._set(row, result, columns)
            except StaleWrite as stale:
                result.conflict = stale.conflicts[0]
                result.problem = stale.problems[0]
            except Refused as refusal:
                result.problem = refusal.problems[0]
        if row is not None and columns:
            self._write(row, columns)

    def _check(self, row: Demand, cell: Cell, expected: Mapping[tuple[int, str], Any]) -> None:
        """May this person set this field of this demand now, and is it as they saw it?"""
        editable = editable_of(cell.field)
        require_editable(row, cell.field, self.user)
        _check_unchanged(row, cell, editable.attr)
        key = (cell.demand_id, cell.field)
        if key in expected and events.plain(_present(row, cell.field)) != expected[key]:
            refuse(cell.field, _("Somebody has changed this since."),
                   _("Look at the cell, and set it by hand."))  # fmt: skip

    def _set(self, row: Demand, result: CellResult, columns: dict[str, Any]) -> None:
        cell = result.cell
        editable = editable_of(cell.field)
        # A module is read in the product, a field of one's own beside the values, of this act.
        to_be = copy(row)
        for name in _READ_BESIDE & columns.keys():
            setattr(to_be, name, columns[name])
        value = _stored(cell) if cell.is_stored else self.reader.read(cell.field, to_be, cell.text)
        result.before, result.after = _present(row, cell.field), value.stored
        result.said = value.said
        if events.plain(result.before) == events.plain(value.stored):
            return
        if editable.act:
            with transaction.atomic():
                _ACTS[editable.act](row, value.stored, self.user, self.now)
            row.refresh_from_db()
        elif cell.field.startswith(PREFIX):
            key = cell.field.removeprefix(PREFIX)
            held = {**columns.get("custom", row.custom), key: value.stored}
            columns["custom"] = {k: v for k, v in held.items() if v is not None}
        elif cell.field == "product":
            columns |= _moved_to(row, value.stored, self.user)
        else:
            columns[editable.attr] = value.stored
            if cell.field == "review":
                columns["reviewed_on"] = timezone.localdate(self.now) if value.stored else None
        result.is_changed = True

    def _write(self, row: Demand, columns: dict[str, Any]) -> None:
        derived: dict[str, Any] = {}
        if _SEARCHED & columns.keys():
            texts = [columns.get(name, getattr(row, name)) for name in
                     ("title", "problem", "proposal")]  # fmt: skip
            derived["search_key"] = search_key(row.ref, *texts)
        events.change(
            row, "edit", actor_id=self.user.pk, now=self.now, fields=columns, derived=derived
        )


def editable_of(name: str) -> Editable:
    """Raises BadInput for a field the table only shows."""
    if name.startswith(PREFIX):
        return Editable("custom")
    found = EDITABLE.get(name)
    if found is None:
        message, remedy = _only_shown(name)
        refuse(name[:40], message, remedy)
    return found


def _only_shown(name: str) -> tuple[str, str]:
    if name == "status":
        return (
            _("A status is changed by its own act, which may have to tell people."),
            _("Open the cell alone, or move the card on the board."),
        )
    if name == "score":
        return _("The score is reckoned."), _("Change what it is reckoned from.")
    if name in ("people", "waiting", "told"):
        return _("This is counted."), _("Add somebody's words on the demand's page.")
    return _("This column is only shown."), _("Set one of: %(fields)s") % {
        "fields": ", ".join(EDITABLE)
    }


def require_editable(row: Demand, name: str, user: User) -> None:
    """Refuse who may not set this field, and when the demand's status does not allow it."""
    editable = editable_of(name)
    if editable.is_for_staff and not is_staff_of(row.product_id, user):
        raise NotAllowed(
            Problem(name, _("Only product operations of the product sets this."), _("Ask them."))
        )
    if not may_steer(row, user):
        raise NotAllowed(
            Problem(name, _("You may read this demand but not change it."),
                    _("Ask product operations or the product owner."))
        )  # fmt: skip
    if row.status == DemandStatus.MERGED:
        refuse(name, _("This demand was merged into another one."),
               _("Change that one, or undo the merge."), row.ref)  # fmt: skip
    if editable.statuses is not None and row.status not in editable.statuses:
        wanted = ", ".join(str(DemandStatus(one).label) for one in sorted(editable.statuses))
        refuse(name, _("The demand's present status does not allow this."),
               _("Only while it is: %(statuses)s.") % {"statuses": wanted},
               str(DemandStatus(row.status).label))  # fmt: skip


def _check_unchanged(row: Demand, cell: Cell, attr: str) -> None:
    try:
        events.check_unchanged(row, cell.seen_version, {attr})
    except StaleWrite as stale:
        if attr != "custom":
            raise
        # The company's own fields stand in one column: only this one's change is a conflict.
        key, seen = cell.field.removeprefix(PREFIX), stale.conflicts[0]
        before, now = (seen.before or {}).get(key), (seen.now or {}).get(key)
        if before != now:
            one = Conflict(cell.field, before, now, seen.actor_id, seen.verb, seen.at)
            raise StaleWrite(conflicts=[one], current_version=row.version) from stale


def _present(row: Demand, name: str) -> Any:
    if name.startswith(PREFIX):
        return row.custom.get(name.removeprefix(PREFIX))
    return getattr(row, editable_of(name).attr)


def _stored(cell: Cell) -> Value:
    """A value out of the memory of an act, as the column holds it."""
    value = cell.stored
    if value is not None and cell.field in ("wanted", "planned"):
        value = parse_date(str(value))
    if value is not None and cell.field == "effort":
        value = Decimal(str(value))
    return Value(value)


def _moved_to(row: Demand, product_id: int, user: User) -> dict[str, Any]:
    """Another product: only while nothing stands on the old one. A module stays behind."""
    if not is_staff_of(product_id, user):
        raise NotAllowed(
            Problem("product", _("You do not work for this product."), _("Ask its people."))
        )
    if row.release_id is not None or Ticket.objects.filter(driver=row.ref).exists():
        refuse("product", _("Tickets or a release of the present product stand on it."),
               _("Open a demand of the other product, and link both."), row.ref)  # fmt: skip
    keeps = Module.objects.filter(pk=row.module_id or 0, product=product_id).exists()
    return {"product_id": product_id, **({} if keeps else {"module_id": None})}


def _schedule(row: Demand, day: dt.date | None, user: User, now: dt.datetime) -> None:
    if day is None:
        raise BadInput(
            Problem("planned", _("A date that people were told is not taken away."),
                    _("Give another day, or defer the demand."))
        )  # fmt: skip
    schedule_demand(row, day, acting_user=user, now=now)


def _carry(row: Demand, release_id: int | None, user: User, now: dt.datetime) -> None:
    release = Release.objects.get(pk=release_id) if release_id else None
    put_in_release(row, release, acting_user=user, now=now)


_ACTS: dict[str, Callable[[Demand, Any, User, dt.datetime], None]] = {
    "planned": _schedule,
    "release": _carry,
}
