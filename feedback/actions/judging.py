"""What a row of a spreadsheet means: its demand, the cells that change, and each bad cell by name.

Nothing is written here; an edit is tried as the table would do it, and taken back.
"""

from __future__ import annotations

import datetime as dt
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core import events
from core.changes import refuse
from core.errors import Problem, Refused
from feedback.actions.cells import READERS, CellReader, Value
from feedback.actions.editing import EDITABLE, Cell, edit_cells
from feedback.choices import DemandKind, DemandStatus, Initiator
from feedback.models import Demand, DemandImport, DemandKey, ImportRow
from feedback.policies import is_staff_of
from feedback.search.columns import every_column

_LEFT_AS_IT_IS = ("kind", "initiated_by", "product", "title")
#: Columns that only a new demand takes: afterwards acts set them, which may have to tell people.
_AT_BIRTH = ("status", "released", "deferred", "reason")
#: What a status needs beside it, so that no demand stands where its life could not have led.
_NEEDS: dict[str, tuple[str, ...]] = {
    DemandStatus.DECLINED: ("reason",), DemandStatus.DEFERRED: ("deferred",),
    DemandStatus.SCHEDULED: ("planned",), DemandStatus.RELEASED: ("released",),
    DemandStatus.CLOSED: ("released", "review"),
}  # fmt: skip
#: Columns that are read in the product of the row.
_OF_PRODUCT = ("module", "release")
_NEVER = (DemandStatus.MERGED, DemandStatus.ROLLED_BACK)
_DAY = READERS["wanted"]


@dataclass
class Judged:
    """What a row means: the demand it is about, what it sets, and what is wrong with it."""

    demand: Demand | None = None
    key: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: For words, which are never changed: they are here already.
    is_same: bool = False

    @property
    def outcome(self) -> str:
        if self.problems:
            return ImportRow.Outcome.REFUSED
        if self.is_same:
            return ImportRow.Outcome.SAME
        if self.demand is None:
            return ImportRow.Outcome.CREATE
        return ImportRow.Outcome.CHANGE if self.cells else ImportRow.Outcome.SAME


class RowJudge:
    """Judges the rows of one batch; what it looked up once it remembers."""

    def __init__(self, run: DemandImport, now: dt.datetime) -> None:
        self.run, self.now, self.user = run, now, run.by
        self.reader = CellReader()
        self.known = every_column()
        self._seen: dict[str, int] = {}

    def judge(self, row: ImportRow) -> Judged:
        found = Judged()
        try:
            product_id = self._product(row)
        except Refused as refusal:
            # The other bad cells are named as well, as far as they say anything without a product.
            found.problems += refusal.problems
            self._read_cells(row, _new(None), found, without=_OF_PRODUCT)
            return found
        try:
            found.demand = self._find(row, product_id, found)
            if found.demand is not None:
                self._compare(found.demand, row, found)
            else:
                self._read_new(row, product_id, found)
        except Refused as refusal:
            found.problems += refusal.problems
        return found

    def _product(self, row: ImportRow) -> int | None:
        text = row.cells.get("product", "")
        if text:
            return int(self.reader.read("product", Demand(), text).stored)
        return self.run.product_id

    def _find(self, row: ImportRow, product_id: int | None, found: Judged) -> Demand | None:
        """The demand this row is about, None for a new one."""
        ref = row.cells.get("ref", "").strip()
        digits = ref.upper().removeprefix("D-")
        if ref.upper().startswith("D-") and digits.isdecimal() and len(digits) < 18:
            demand = Demand.objects.steered_by(self.user).filter(pk=int(digits)).first()
            if demand is None:
                refuse("ref", _("There is no such demand in this table."),
                       _("Leave the number empty for a new demand."), ref)  # fmt: skip
            found.key = f"id:{demand.pk}"
        elif ref:
            found.key = f"ref:{ref.casefold()}"[:200]
        else:
            title = " ".join(row.cells.get("title", "").split()).casefold()
            found.key = f"title:{product_id}:{title}"[:200]
        self._check_once(row, found.key)
        if found.key.startswith("id:"):
            return demand
        known = DemandKey.objects.filter(key=found.key).values_list("demand_id", flat=True).first()
        if known is None:
            return None
        mine = Demand.objects.steered_by(self.user).filter(pk=known).first()
        if mine is None:
            refuse("ref", _("A demand of this name belongs to a product you do not work for."),
                   _("Give the row a number of its own."), ref)  # fmt: skip
        return mine

    def _check_once(self, row: ImportRow, key: str) -> None:
        earlier = self._seen.setdefault(key, row.line)
        if earlier == row.line:
            before = self.run.rows.filter(key=key, line__lt=row.line).order_by("line")
            earlier = before.values_list("line", flat=True).first() or row.line
        if earlier != row.line:
            name = "title" if key.startswith("title:") else "ref"
            refuse(
                name, _("Line %(line)s is the same demand.") % {"line": earlier},
                _("Keep one of the two, or give each a number."), row.cells.get(name, ""),
            )  # fmt: skip

    def _compare(self, demand: Demand, row: ImportRow, found: Judged) -> None:
        """The cells that differ, judged as an edit of the table would be."""
        to_be = copy(demand)
        for key, text in self._in_order(row):
            if key in ("ref", *_AT_BIRTH) and key != "status":
                continue
            if key == "status":
                self._same_status(demand, text, found)
                continue
            if not text and key in _LEFT_AS_IT_IS:
                continue
            present = _present(demand, key)
            # What an export wrote need not be read again: a name may belong to two people.
            if text == _shown(demand, key, present):
                continue
            try:
                value = self.reader.read(key, to_be, text)
            except Refused as refusal:
                found.problems += refusal.problems
                continue
            if events.plain(present) == events.plain(value.stored):
                continue
            if key in ("product", "module"):
                setattr(to_be, f"{key}_id", value.stored)
            found.cells.append(Cell(demand.pk, key, text))
            found.changes.append((key, _shown(demand, key, present), value.said or text))
        if found.cells and not found.problems:
            outcome = edit_cells(found.cells, acting_user=self.user, now=self.now, preview=True)
            found.problems += [one.problem for one in outcome.refused if one.problem is not None]

    def _same_status(self, demand: Demand, text: str, found: Judged) -> None:
        if not text:
            return
        value = self.reader.read("status", demand, text)
        if value.stored != demand.status:
            found.problems.append(
                Problem(
                    "status", _("A status is changed by its own act, which may tell people."),
                    _("Leave the cell empty or as it is: %(status)s.")
                    % {"status": demand.get_status_display()}, text,
                )
            )  # fmt: skip

    def _read_new(self, row: ImportRow, product_id: int | None, found: Judged) -> None:
        if product_id is None:
            refuse("product", _("This row names no product."),
                   _("Name it in the row, or choose one for the whole file."))  # fmt: skip
        if not is_staff_of(product_id, self.user):
            refuse("product", _("You do not work for this product."), _("Ask its people."),
                   row.cells.get("product", ""))  # fmt: skip
        draft = _new(product_id)
        if not row.cells.get("title"):
            found.problems.append(
                Problem("title", _("This row has no title."), _("Write what is to change."))
            )
        self._read_cells(row, draft, found)
        found.problems += _life_problems(draft, row)
        found.columns = {"draft": draft}

    def _read_cells(
        self, row: ImportRow, draft: Demand, found: Judged, without: tuple[str, ...] = ()
    ) -> None:
        """Set what the cells say on `draft`; each that says nothing sensible is a problem."""
        for key, text in self._in_order(row):
            if not text or key in ("ref", "product", *without):
                continue
            if without and key.startswith("custom."):
                continue
            try:
                value = self._value(key, draft, text)
            except Refused as refusal:
                found.problems += refusal.problems
                continue
            if key.startswith("custom."):
                draft.custom = {**draft.custom, key.removeprefix("custom."): value.stored}
            else:
                setattr(draft, _ATTR.get(key) or EDITABLE[key].attr, value.stored)
            found.changes.append((key, "", value.said or text))

    def _value(self, key: str, draft: Demand, text: str) -> Value:
        if key in ("released", "deferred"):
            # A spreadsheet may keep the time of a release; the day is what counts.
            return _DAY(self.reader, key, draft, text[:10])
        if key == "reason":
            return Value(text[:2000], text[:200])
        return self.reader.read(key, draft, text)

    def _in_order(self, row: ImportRow) -> list[tuple[str, str]]:
        """Product and module first: the other cells are read in their place."""
        order = {"product": 0, "module": 1}
        return sorted(row.cells.items(), key=lambda cell: order.get(cell[0], 2))


def _new(product_id: int | None) -> Demand:
    draft = Demand(
        kind=DemandKind.IMPROVEMENT, initiated_by=Initiator.BUSINESS,
        status=DemandStatus.COLLECTED,
    )  # fmt: skip
    if product_id is not None:
        draft.product_id = product_id
    return draft


_ATTR = {
    "status": "status", "released": "released_at", "deferred": "deferred_until",
    "reason": "decision_reason",
}  # fmt: skip


def _life_problems(draft: Demand, row: ImportRow) -> list[Problem]:
    status = draft.status
    if status in _NEVER:
        return [
            Problem("status", _("A demand is not born in this status."),
                    _("Choose another one, or leave the row out."), row.cells.get("status", ""))
        ]  # fmt: skip
    return [
        Problem(
            need, _("A demand with the status “%(status)s” needs this.")
            % {"status": draft.get_status_display()}, _("Fill the cell, or change the status."),
        )
        for need in _NEEDS.get(status, ())
        if not row.cells.get(need)
    ]  # fmt: skip


def _present(demand: Demand, key: str) -> Any:
    if key.startswith("custom."):
        return demand.custom.get(key.removeprefix("custom."))
    return getattr(demand, EDITABLE[key].attr)


def _shown(demand: Demand, key: str, present: Any) -> str:
    """What the cell says today, for who compares."""
    if present in (None, "", []):
        return ""
    attr = key if key.startswith("custom.") else EDITABLE[key].attr
    if attr.endswith("_id"):
        return str(getattr(demand, attr.removesuffix("_id")))
    display = getattr(demand, f"get_{attr}_display", None)
    return str(display() if display else present)[:200]
