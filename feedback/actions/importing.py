"""Demands out of a spreadsheet: read, judged row by row, imported when the sender says so.

Every step is a job that does one batch in one transaction and asks for the next, so that a worker
that is killed repeats at most one batch and no row is done twice. A row with one bad cell is
refused whole and each bad cell is named; the good rows do not wait for it. A row finds its demand
again by its reference (D-12), by the number it has in the table it came from, or by its title, so
that the same file a second time changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from core import events, files, outbox
from core.changes import refuse
from core.errors import Problem, Refused
from core.searchkey import search_key
from feedback.actions.cells import READERS, CellReader, Value
from feedback.actions.editing import EDITABLE, Cell, edit_cells
from feedback.choices import DemandKind, DemandStatus, Initiator
from feedback.models import Demand, DemandImport, DemandKey, ImportRow
from feedback.policies import is_staff_of
from feedback.search.columns import every_column
from feedback.search.headings import column_of
from tickets.importing.problems import FileProblem
from tickets.importing.reader import read_table, text_of

JOB = "feedback.import"
FILE_MAX = 20 * 1024 * 1024
ROWS_MAX = 20_000
READ_BATCH, JUDGE_BATCH, IMPORT_BATCH = 2000, 200, 50
_ENCODINGS = ("utf-8-sig", "gb18030")
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


def start_import(
    upload: UploadedFile,
    product: Product | None,
    *,
    language: str,
    acting_user: User,
    now: dt.datetime,
) -> DemandImport:
    """Keep the file and have it read. Raises BadInput for a file that is too large."""
    if (upload.size or 0) > FILE_MAX:
        refuse("file", _("This file is too large."), _("Send at most 20 MB; split the table."),
               upload.size)  # fmt: skip
    if product is not None and not is_staff_of(product.pk, acting_user):
        refuse("product", _("You do not work for this product."), _("Choose one of yours."),
               str(product))  # fmt: skip
    stored = files.store(upload, now=now)
    with transaction.atomic():
        run = DemandImport.objects.create(
            by=acting_user, at=now, file=stored, name=(upload.name or "")[:200], product=product,
            language=language,
        )  # fmt: skip
        _go_on(run, 0, now)
    return run


def carry_out_import(run: DemandImport, *, acting_user: User, now: dt.datetime) -> DemandImport:
    """Import the good rows. Raises BadInput unless the file is checked and has one."""
    with transaction.atomic():
        locked = DemandImport.objects.select_for_update().get(pk=run.pk)
        if locked.by_id != acting_user.pk or locked.state != DemandImport.State.JUDGED:
            refuse("state", _("This file is not waiting to be imported."),
                   _("Send it again."), locked.get_state_display())  # fmt: skip
        if not good_rows(locked).exists():
            refuse("rows", _("No row of this file changes anything."),
                   _("Mend the refused cells, then send it again."))  # fmt: skip
        locked.state = DemandImport.State.IMPORTING
        locked.save(update_fields=["state"])
        _go_on(locked, 0, now)
    return locked


def good_rows(run: DemandImport) -> Any:
    return run.rows.filter(
        outcome__in=(ImportRow.Outcome.CREATE, ImportRow.Outcome.CHANGE), is_done=False
    )


def _go_on(run: DemandImport, after: int, now: dt.datetime) -> None:
    """Ask for the batch of the present step that follows the line `after`."""
    outbox.job(
        JOB, {"import_id": run.pk, "step": run.state, "after": after},
        key=f"job:demand-import:{run.pk}:{run.state}:{after}", now=now,
    )  # fmt: skip


def go_on_with_import(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """One batch of a file: the step and the line the job names. Safe to run twice, and late."""
    states = DemandImport.State
    steps = {states.READING: _read, states.JUDGING: _judge, states.IMPORTING: _import}
    with transaction.atomic():
        run = (
            DemandImport.objects.select_for_update(of=("self",))
            .select_related("by", "product", "file")
            .get(pk=payload["import_id"])
        )
        if run.state == payload["step"] and run.state in steps:
            with translation.override(run.language):
                steps[states(run.state)](run, payload["after"], now)


def _finish(run: DemandImport, state: str, now: dt.datetime) -> None:
    run.state, run.finished_at = state, now
    run.save(update_fields=["state", "finished_at", "error", "headings"])
    outbox.notify(
        run.by_id, "demand.import",
        {
            "import_id": run.pk, "name": run.name, "state": state,
            "refused": run.rows.filter(outcome=ImportRow.Outcome.REFUSED).count(),
        },
        key=f"demand-import:{run.pk}:{state}", now=now,
    )  # fmt: skip


# ---- reading --------------------------------------------------------------------------------


def _read(run: DemandImport, after: int, now: dt.datetime) -> None:
    try:
        table = read_table(Path(default_storage.path(run.file.path)), encodings=_ENCODINGS)
        known = every_column()
        headings = [[heading, column_of(heading, known)] for heading in table.columns]
        _check_headings(run, [key for _heading, key in headings])
        rows = []
        for number, row in enumerate(table.rows):
            if number >= ROWS_MAX:
                raise FileProblem(
                    _("The table has more than %(n)s rows.") % {"n": ROWS_MAX},
                    _("Split it into several files."), where=run.name,
                )  # fmt: skip
            cells = {
                key: text_of(cell).removesuffix(" 00:00:00").strip()
                for (_heading, key), cell in zip(headings, row.cells, strict=False)
                if key
            }
            if any(cells.values()):
                rows.append(ImportRow(run=run, line=row.line, cells=cells))
        if not rows:
            raise FileProblem(
                _("The table has headings and no rows."), _("Send one with rows."), where=run.name
            )
    except FileProblem as problem:
        run.error = "\n".join(
            part for part in (problem.message, problem.value and f"“{problem.value}”",
                              problem.remedy) if part
        )  # fmt: skip
        _finish(run, DemandImport.State.FAILED, now)
        return
    ImportRow.objects.bulk_create(rows, batch_size=READ_BATCH)
    run.headings, run.state = headings, DemandImport.State.JUDGING
    run.save(update_fields=["headings", "state"])
    _go_on(run, 0, now)


def _check_headings(run: DemandImport, keys: list[str]) -> None:
    twice = {key for key in keys if key and keys.count(key) > 1}
    if twice:
        raise FileProblem(
            _("Two columns of the file are the same."), _("Keep one of them."), where=run.name,
            value=", ".join(sorted(twice)),
        )  # fmt: skip
    if "title" not in keys and "ref" not in keys:
        raise FileProblem(
            _("No column is the demand's title or its number."),
            _("Name the columns as the table here does; export it to see them."), where=run.name,
            value=", ".join(heading for heading, _key in run.headings)[:200],
        )  # fmt: skip


# ---- judging --------------------------------------------------------------------------------


@dataclass
class Judged:
    """What a row means: the demand it is about, what it sets, and what is wrong with it."""

    demand: Demand | None = None
    key: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.problems:
            return ImportRow.Outcome.REFUSED
        if self.demand is None:
            return ImportRow.Outcome.CREATE
        return ImportRow.Outcome.CHANGE if self.cells else ImportRow.Outcome.SAME


def _judge(run: DemandImport, after: int, now: dt.datetime) -> None:
    batch = list(run.rows.filter(line__gt=after)[:JUDGE_BATCH])
    rows = [row for row in batch if row.outcome == ImportRow.Outcome.WAITING]
    judge = RowJudge(run, now)
    labels = {key: heading for heading, key in run.headings}
    for row in rows:
        found = judge.judge(row)
        row.key, row.demand, row.outcome = found.key, found.demand, found.outcome
        row.problems = _told(found.problems, labels)
        row.changes = [
            [labels.get(key, key), before, after] for key, before, after in found.changes
        ]
    ImportRow.objects.bulk_update(rows, ["key", "demand", "outcome", "problems", "changes"])
    if batch:
        _go_on(run, batch[-1].line, now)
    else:
        _finish(run, DemandImport.State.JUDGED, now)


def _told(problems: Iterable[Problem], labels: Mapping[str, str]) -> list[list[str]]:
    return [
        [labels.get(one.field, one.field), str(one.value)[:200], str(one.message), str(one.remedy)]
        for one in problems
    ]


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


# ---- importing ------------------------------------------------------------------------------


def _import(run: DemandImport, after: int, now: dt.datetime) -> None:
    batch = list(run.rows.filter(line__gt=after)[:IMPORT_BATCH])
    good = (ImportRow.Outcome.CREATE, ImportRow.Outcome.CHANGE)
    judge = RowJudge(run, now)
    labels = {key: heading for heading, key in run.headings}
    for row in batch:
        if row.outcome not in good or row.is_done:
            continue
        # Judged anew: since the preview the demand, or the person's rights, may have changed.
        found = judge.judge(row)
        try:
            with transaction.atomic():
                _carry_out(run, row, found, now)
        except Refused as refusal:
            found.problems += refusal.problems
        row.is_done = True
        if found.problems:
            row.outcome = ImportRow.Outcome.REFUSED
            row.problems = _told(found.problems, labels)
        row.save(update_fields=["is_done", "outcome", "problems", "demand", "key"])
    if batch:
        _go_on(run, batch[-1].line, now)
    else:
        _finish(run, DemandImport.State.DONE, now)


def _carry_out(run: DemandImport, row: ImportRow, found: Judged, now: dt.datetime) -> None:
    if found.problems:
        return
    if found.demand is None:
        row.demand = _create(run, row, found, now)
    elif found.cells:
        outcome = edit_cells(found.cells, acting_user=run.by, now=now)
        if outcome.refused:
            raise Refused(*(one.problem for one in outcome.refused if one.problem is not None))


def _create(run: DemandImport, row: ImportRow, found: Judged, now: dt.datetime) -> Demand:
    """A demand with its past: nobody is owed word on it yet, so nobody is told."""
    demand: Demand = found.columns["draft"]
    demand.created_at, demand.created_by = now, run.by
    if isinstance(demand.released_at, dt.date):
        demand.released_at = dt.datetime.combine(demand.released_at, dt.time(12), now.tzinfo)
    if demand.review:
        demand.reviewed_on = demand.released_at.date() if demand.released_at else now.date()
    events.create(
        demand, "import", actor_id=run.by_id, now=now,
        data={"import_id": run.pk, "line": row.line},
    )  # fmt: skip
    key = search_key(demand.ref, demand.title, demand.problem, demand.proposal)
    Demand.objects.filter(pk=demand.pk).update(search_key=key)
    DemandKey.objects.create(key=found.key, demand=demand)
    return demand
