"""Demands, or words of people, out of a spreadsheet: read, judged row by row, imported on a word
of the sender.

Every step is a job that does one batch in one transaction and asks for the next, so that a worker
that is killed repeats at most one batch and no row is done twice. A row with one bad cell is
refused whole and each bad cell is named; the good rows do not wait for it. A row finds its demand
again by its reference (D-12), by the number it has in the table it came from, or by its title, so
that the same file a second time changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Module, Product
from core import events, files, outbox
from core.changes import refuse
from core.errors import Problem, Refused
from core.searchkey import search_key
from core.tables.problems import FileProblem
from core.tables.reader import read_table, text_of
from feedback.actions.editing import edit_cells
from feedback.actions.gathering import add_feedback
from feedback.actions.judging import Judged, RowJudge
from feedback.actions.judging_words import WordsJudge
from feedback.actions.unimporting import require_may_take_back, take_back_row
from feedback.models import Demand, DemandImport, DemandKey, FeedbackItem, ImportRow
from feedback.policies import is_staff_of
from feedback.search.columns import every_column
from feedback.search.headings import column_of, words_column_of

JOB = "feedback.import"
FILE_MAX = 20 * 1024 * 1024
ROWS_MAX = 20_000
READ_BATCH, JUDGE_BATCH, IMPORT_BATCH = 2000, 200, 50
_ENCODINGS = ("utf-8-sig", "gb18030")
_GOOD = (ImportRow.Outcome.CREATE, ImportRow.Outcome.CHANGE)


def start_import(
    upload: UploadedFile,
    product: Product | None,
    *,
    language: str,
    kind: str = DemandImport.Kind.DEMANDS,
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
            language=language, kind=kind,
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


def take_back_import(run: DemandImport, *, acting_user: User, now: dt.datetime) -> DemandImport:
    """Take back what the import did, as far as nobody has touched it since; a job, row by row.

    Raises BadInput for somebody else's file, one that is not imported, and one whose week or month
    is over.
    """
    with transaction.atomic():
        locked = DemandImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
        require_may_take_back(locked, acting_user, now)
        locked.state = DemandImport.State.UNDOING
        locked.save(update_fields=["state"])
        _go_on(locked, 0, now)
    return locked


def _take_back(run: DemandImport, after: int, now: dt.datetime) -> None:
    rows = run.rows.filter(line__gt=after).select_related("edit")
    batch = list(rows[:IMPORT_BATCH])
    for row in batch:
        if row.is_done and row.outcome in _GOOD and not row.is_taken_back:
            take_back_row(row, run, now)
            row.save(update_fields=["is_taken_back", "kept", "demand", "item"])
    if batch:
        _go_on(run, batch[-1].line, now)
    else:
        _finish(run, DemandImport.State.UNDONE, now)


def good_rows(run: DemandImport) -> Any:
    return run.rows.filter(outcome__in=_GOOD, is_done=False)


def _go_on(run: DemandImport, after: int, now: dt.datetime) -> None:
    """Ask for the batch of the present step that follows the line `after`."""
    outbox.job(
        JOB, {"import_id": run.pk, "step": run.state, "after": after},
        key=f"job:demand-import:{run.pk}:{run.state}:{after}", now=now,
    )  # fmt: skip


def go_on_with_import(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """One batch of a file: the step and the line the job names. Safe to run twice, and late."""
    states = DemandImport.State
    steps = {
        states.READING: _read, states.JUDGING: _judge, states.IMPORTING: _import,
        states.UNDOING: _take_back,
    }  # fmt: skip
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
        headings = _headings(run, table.columns)
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


def _headings(run: DemandImport, columns: Iterable[str]) -> list[list[str]]:
    """Each heading with the column it is, "" for one that is left out. Raises FileProblem."""
    if run.kind == DemandImport.Kind.FEEDBACK:
        headings = [[heading, words_column_of(heading)] for heading in columns]
    else:
        known = every_column()
        headings = [[heading, column_of(heading, known)] for heading in columns]
    _check_headings(run, [key for _heading, key in headings])
    return headings


def _check_headings(run: DemandImport, keys: list[str]) -> None:
    twice = {key for key in keys if key and keys.count(key) > 1}
    if twice:
        raise FileProblem(
            _("Two columns of the file are the same."), _("Keep one of them."), where=run.name,
            value=", ".join(sorted(twice)),
        )  # fmt: skip
    if run.kind == DemandImport.Kind.FEEDBACK:
        if not {"words", "person"} <= set(keys):
            raise FileProblem(
                _("One column must be the words, and one the person who said them."),
                _("Call them “Words” and “Person”."), where=run.name, value=", ".join(keys)[:200],
            )  # fmt: skip
    elif "title" not in keys and "ref" not in keys:
        raise FileProblem(
            _("No column is the demand's title or its number."),
            _("Name the columns as the table here does; export it to see them."), where=run.name,
            value=", ".join(heading for heading, _key in run.headings)[:200],
        )  # fmt: skip


# ---- judging --------------------------------------------------------------------------------


def _judge(run: DemandImport, after: int, now: dt.datetime) -> None:
    batch = list(run.rows.filter(line__gt=after)[:JUDGE_BATCH])
    rows = [row for row in batch if row.outcome == ImportRow.Outcome.WAITING]
    judge = _judge_of(run, now)
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


def _judge_of(run: DemandImport, now: dt.datetime) -> RowJudge | WordsJudge:
    return WordsJudge(run, now) if run.kind == DemandImport.Kind.FEEDBACK else RowJudge(run, now)


def _told(problems: Iterable[Problem], labels: Mapping[str, str]) -> list[list[str]]:
    return [
        [labels.get(one.field, one.field), str(one.value)[:200], str(one.message), str(one.remedy)]
        for one in problems
    ]


# ---- importing ------------------------------------------------------------------------------


def _import(run: DemandImport, after: int, now: dt.datetime) -> None:
    batch = list(run.rows.filter(line__gt=after)[:IMPORT_BATCH])
    judge = _judge_of(run, now)
    labels = {key: heading for heading, key in run.headings}
    for row in batch:
        if row.outcome not in _GOOD or row.is_done:
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
        row.save(update_fields=["is_done", "outcome", "problems", "demand", "key", "edit", "item"])
    if batch:
        _go_on(run, batch[-1].line, now)
    else:
        _finish(run, DemandImport.State.DONE, now)


def _carry_out(run: DemandImport, row: ImportRow, found: Judged, now: dt.datetime) -> None:
    if found.problems or found.is_same:
        return
    if run.kind == DemandImport.Kind.FEEDBACK:
        row.item = _say(run, found.columns, now)
    elif found.demand is None:
        row.demand = _create(run, row, found, now)
    elif found.cells:
        outcome = edit_cells(found.cells, acting_user=run.by, now=now)
        if outcome.refused:
            raise Refused(*(one.problem for one in outcome.refused if one.problem is not None))
        row.edit = outcome.edit


def _say(run: DemandImport, columns: Mapping[str, Any], now: dt.datetime) -> FeedbackItem:
    words = dict(columns)
    product, module = words.pop("product_id"), words.pop("module_id")
    return add_feedback(
        product=Product.objects.get(pk=product),
        module=Module.objects.filter(pk=module or 0).first(),
        person=User.objects.get(pk=words.pop("person_id")), acting_user=run.by, now=now, **words,
    )  # fmt: skip


def _create(run: DemandImport, row: ImportRow, found: Judged, now: dt.datetime) -> Demand:
    """A demand with its past: nobody is owed word on it yet, so nobody is told."""
    demand: Demand = found.columns["draft"]
    demand.created_at, demand.created_by = now, run.by
    if isinstance(demand.released_at, dt.date):
        demand.released_at = dt.datetime.combine(
            demand.released_at, dt.time(12), timezone.get_current_timezone()
        )
    if demand.review:
        demand.reviewed_on = timezone.localdate(demand.released_at or now)
    events.create(
        demand, "import", actor_id=run.by_id, now=now,
        data={"import_id": run.pk, "line": row.line},
    )  # fmt: skip
    key = search_key(demand.ref, demand.title, demand.problem, demand.proposal)
    Demand.objects.filter(pk=demand.pk).update(search_key=key)
    DemandKey.objects.create(key=found.key, demand=demand)
    return demand
