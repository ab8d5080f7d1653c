"""People out of a spreadsheet: read at once, judged row by row, imported on a word of the sender.

A row finds its person by the user name, so that the same file a second time changes nothing; an
empty cell leaves what there is. Departments and positions nobody knows yet are made. A row with
one bad cell is refused whole and each bad cell is named. The import is a job of one batch a
transaction that names the row it begins with: a batch that comes twice does nothing.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.departments import create_department
from accounts.actions.judging import Judged, PeopleJudge, people_column_of
from accounts.actions.people import PersonDraft, create_person, edit_person
from accounts.actions.positions import create_position
from accounts.models import Department, PeopleImport, Position, User
from core import outbox
from core.changes import refuse
from core.errors import Problem, Refused
from core.tables.problems import FileProblem
from core.tables.reader import Table, read_table, text_of

JOB = "accounts.import_people"
FILE_MAX = 5 * 1024 * 1024
ROWS_MAX = 5000
BATCH = 100
CELL_MAX = 400
_ENCODINGS = ("utf-8-sig", "gb18030")


def start_people_import(
    upload: UploadedFile, *, language: str, acting_user: User, now: dt.datetime
) -> PeopleImport:
    """Read the file and keep its rows. Raises BadInput where it cannot be read as people."""
    if (upload.size or 0) > FILE_MAX:
        refuse("file", _("This file is too large."),
               _("Send at most 5 MB; split the table."), upload.size)  # fmt: skip
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix) as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        try:
            table = read_table(Path(kept.name), encodings=_ENCODINGS)
            keys = [people_column_of(heading) for heading in table.columns]
            _check_headings(table.columns, keys)
            rows = _rows(table, keys)
        except FileProblem as problem:
            refuse("file", problem.message, problem.remedy, problem.value)
    if not rows:
        refuse("file", _("The table has headings and no rows."), _("Send one with rows."))
    return PeopleImport.objects.create(
        by=acting_user, at=now, name=(upload.name or "")[:200], language=language, rows=rows,
        left_out=[
            heading for heading, key in zip(table.columns, keys, strict=True)
            if not key and not heading.startswith("column ")
        ],
    )  # fmt: skip


def _check_headings(columns: list[str], keys: list[str]) -> None:
    twice = sorted({key for key in keys if key and keys.count(key) > 1})
    if twice:
        refuse(
            "file", _("Two columns of the file are the same."), _("Keep one of them."),
            ", ".join(h for h, key in zip(columns, keys, strict=True) if key in twice),
        )  # fmt: skip
    if "username" not in keys:
        refuse(
            "file", _("No column is the user name."),
            _("Call one “User name” (用户名); the sample shows all headings."),
            ", ".join(columns)[:200],
        )  # fmt: skip


def _rows(table: Table, keys: list[str]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for row in table.rows:
        cells = {
            key: text_of(cell).strip()[:CELL_MAX]
            for key, cell in zip(keys, row.cells, strict=False)
            if key
        }
        if not any(cells.values()):
            continue
        if len(rows) == ROWS_MAX:
            refuse("file", _("The table has more than %(n)s rows.") % {"n": ROWS_MAX},
                   _("Split it into several files."))  # fmt: skip
        rows.append([row.line, cells])
    return rows


def carry_out_people_import(
    run: PeopleImport, *, acting_user: User, now: dt.datetime
) -> PeopleImport:
    """Have the good rows imported. Raises BadInput unless the file waits for it."""
    with transaction.atomic():
        locked = PeopleImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state != PeopleImport.State.CHECKED:
            refuse("state", _("This file is not waiting to be imported."), _("Send it again."),
                   locked.get_state_display())  # fmt: skip
        locked.state, locked.by = PeopleImport.State.IMPORTING, acting_user
        locked.save(update_fields=["state", "by"])
        _go_on(locked, now)
    return locked


def _go_on(run: PeopleImport, now: dt.datetime) -> None:
    outbox.job(
        JOB, {"import_id": run.pk, "after": run.done},
        key=f"job:people-import:{run.pk}:{run.done}", now=now,
    )  # fmt: skip


def go_on_with_people(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """One batch, from the row the job names. Safe to run twice, and late."""
    with transaction.atomic():
        run = (
            PeopleImport.objects.select_for_update(of=("self",))
            .select_related("by")
            .get(pk=payload["import_id"])
        )
        if run.state != PeopleImport.State.IMPORTING or run.done != payload["after"]:
            return
        with translation.override(run.language):
            _batch(run, now)
        if run.done < len(run.rows):
            _go_on(run, now)
        else:
            run.state, run.finished_at = PeopleImport.State.DONE, now
        run.save(update_fields=["state", "finished_at", "done", "counts", "refused"])


def _batch(run: PeopleImport, now: dt.datetime) -> None:
    judge = PeopleJudge(run.rows[: run.done])
    maker = _Maker(run.by, now)
    for line, cells in run.rows[run.done : run.done + BATCH]:
        found = judge.judge(line, cells)
        problems = found.problems
        if not problems:
            try:
                with transaction.atomic():
                    _carry_out(judge, maker, found, run.by, now)
            except Refused as refusal:
                problems = list(refusal.problems)
        outcome = "refused" if problems else found.outcome
        run.counts[outcome] = run.counts.get(outcome, 0) + 1
        if problems:
            run.refused.append([line, [_told(one) for one in problems]])
    run.done = min(run.done + BATCH, len(run.rows))


def _told(problem: Problem) -> list[str]:
    return [
        problem.field, str(problem.value)[:200], str(problem.message), str(problem.remedy)
    ]  # fmt: skip


class _Maker:
    """Departments and positions that rows name, made where nobody has yet."""

    def __init__(self, acting_user: User, now: dt.datetime) -> None:
        self.by: dict[str, Any] = {"acting_user": acting_user, "now": now}

    def department(self, names: tuple[str, ...]) -> Department | None:
        above: Department | None = None
        for name in names:
            found = Department.objects.filter(parent=above, name=name).first()
            above = found or create_department(name, above, **self.by)
        return above

    def position(self, name: str) -> Position:
        return Position.objects.filter(name=name).first() or create_position(name, **self.by)


def _carry_out(
    judge: PeopleJudge, maker: _Maker, found: Judged, acting_user: User, now: dt.datetime
) -> None:
    fields: dict[str, Any] = dict(found.fields)
    if "department" in fields:
        fields["department"] = maker.department(fields["department"])
    if "position" in fields:
        fields["position"] = maker.position(fields["position"])
    if found.person is None:
        create_person(PersonDraft(**fields), acting_user=acting_user, now=now)
    elif found.outcome == "change":
        for name in ("department", "position"):
            if name in fields:
                fields[f"{name}_id"] = fields.pop(name).pk
        edit_person(found.person, fields, acting_user=acting_user, now=now)
    judge.remember(found)
