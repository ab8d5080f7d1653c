"""A whole import: read, translate, look names up, record, batch by batch."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.tables.reader import Row, read_table
from tickets.actions.history import BATCH, HistoryProblem, HistoryResult, record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.actions.newcomers import (
    add_departments,
    add_modules,
    add_people,
    add_product,
    add_teams,
)
from tickets.importing.fields import FieldChecker
from tickets.importing.grouping import grouped, spooled
from tickets.importing.mapping import Mapping
from tickets.importing.problems import Problems, RowProblem
from tickets.importing.translating import Draft, Step, Translator

_USERNAME_LENGTH = 60
_PEOPLE = ("requester_id", "submitted_by_id", "assignee_id")


@dataclass
class Summary:
    """What an import did; `rows` counts the rows of the file, `cases` its tickets."""

    rows: int = 0
    cases: int = 0
    left_out: int = 0
    result: HistoryResult = field(default_factory=HistoryResult)
    newcomers: dict[str, int] = field(default_factory=dict)


@dataclass
class Importer:
    """One run of one file by one mapping. With `dry_run` each batch is rolled back."""

    mapping: Mapping
    problems: Problems
    acting_user: User | None
    now: dt.datetime
    dry_run: bool = False
    progress: Callable[[Summary, int], None] = lambda summary, rows: None
    summary: Summary = field(default_factory=Summary)
    #: (kind, name) → id, for what earlier batches looked up or made.
    known: dict[tuple[str, str], int] = field(default_factory=dict)
    met: set[tuple[str, str]] = field(default_factory=set)
    checker: FieldChecker | None = None

    def run(self, path: Path) -> Summary:
        """Import the file; raises FileProblem when it cannot be read."""
        table = read_table(
            path, encodings=self.mapping.encodings, delimiter=self.mapping.delimiter,
            sheet=self.mapping.sheet,
        )  # fmt: skip
        translator = Translator(self.mapping, table.columns, self.problems, self.now)
        for name in translator.unnamed:
            self._note(1, name, "", _("The mapping does not name this column."),
                       _("Its values were kept with the tickets; name it under [custom] or "
                         "[ignored]."))  # fmt: skip
        together = grouped if self.mapping.grouped else spooled
        drafts = self._drafts(translator, together(self._cases(translator, table.rows)))
        while batch := list(islice(drafts, BATCH)):
            self._record(batch)
            self.progress(self.summary, table.lines)
        for line in table.cleaned:
            self._note(line, "", "U+0000", _("This line held a character that cannot be stored."),
                       _("The character was left out."))  # fmt: skip
        return self.summary

    def _cases(self, translator: Translator, rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
        for row in rows:
            self.summary.rows += 1
            if case := translator.case_of(row):
                yield case, row

    def _drafts(
        self, translator: Translator, cases: Iterable[tuple[str, list[Row]]]
    ) -> Iterator[Draft]:
        for case, rows in cases:
            self.summary.cases += 1
            draft = translator.draft(case, rows)
            if draft is not None and not self._checker(translator).accepts(draft):
                draft = None
            if draft is None:
                self.summary.left_out += 1
            else:
                yield draft

    def _checker(self, translator: Translator) -> FieldChecker:
        """The rules of custom fields for this file, read once."""
        if self.checker is None:
            self.checker = FieldChecker(self.mapping, translator.custom, self.problems)
        return self.checker

    def _record(self, batch: Sequence[Draft]) -> None:
        """One batch with the people it brings, in one transaction: whole or not at all."""
        with transaction.atomic():
            product_id = self._look_up(batch)
            histories = {draft.external_id: self._history(draft, product_id) for draft in batch}
            result = record_history(histories.values(), acting_user=self.acting_user, now=self.now)
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:
            self.known.clear()
        lines = {draft.external_id: draft.line for draft in batch}
        for found, refuses in ((result.refused, True), (result.notes, False)):
            self._report(found, lines, refuses=refuses)
        self.summary.left_out += len({found.history.external_id for found in result.refused})
        self.summary.result.add(result)

    def _report(
        self, found: Sequence[HistoryProblem], lines: dict[str, int], *, refuses: bool
    ) -> None:
        for item in found:
            problem = item.problem
            self.problems.add(
                RowProblem(
                    lines[item.history.external_id], problem.field,
                    problem.value or item.history.external_id, str(problem.message),
                    str(problem.remedy), refuses,
                )
            )  # fmt: skip

    def _note(self, line: int, column: str, value: str, message: str, remedy: str) -> None:
        self.problems.add(RowProblem(line, column, value, message, remedy, refuses=False))

    # --- names → rows ---

    def _look_up(self, batch: Sequence[Draft]) -> int:
        """Find or make everything the batch names; returns the product's id."""
        who: dict[str, Any] = {"acting_user": self.acting_user, "now": self.now}
        rule = self.mapping.product
        product_id = self.known.get(("product", rule.code))
        if product_id is None:
            product_id = add_product(rule.code, rule.name, rule.kind, **who)
            self.known["product", rule.code] = product_id
        wanted = self._wanted(batch)
        self._learn("module", add_modules(product_id, wanted["module"], **who))
        self._learn("team", add_teams(wanted["team"], [product_id], **who))
        self._learn("department", add_departments(wanted["department"], **who))
        people = {self.username(name): name for name in wanted["person"]}
        ids = add_people(people, **who)
        self._learn("person", {name: ids[username] for username, name in people.items()})
        return product_id

    def _wanted(self, batch: Sequence[Draft]) -> dict[str, set[str]]:
        wanted: dict[str, set[str]] = {
            kind: set() for kind in ("person", "team", "module", "department")
        }
        for draft in batch:
            for step in draft.steps:
                if step.actor is not None:
                    wanted["person"].add(step.actor)
                for attname, name in step.names.items():
                    if name is not None:
                        wanted[_kind(attname)].add(name)
        return {
            kind: {name for name in names if (kind, name) not in self.known}
            for kind, names in wanted.items()
        }

    def _learn(self, kind: str, ids: dict[str, int]) -> None:
        for name, pk in ids.items():
            self.known[kind, name] = pk
            if (kind, name) not in self.met:
                self.met.add((kind, name))
                self.summary.newcomers[kind] = self.summary.newcomers.get(kind, 0) + 1

    def username(self, name: str) -> str:
        """A user name of the source's own, so that two logs' "Agent 1" are two people."""
        slug = re.sub(r"[^\w.@+-]+", "-", name.strip())
        return f"{self.mapping.source}.{slug}"[:_USERNAME_LENGTH]

    def _history(self, draft: Draft, product_id: int) -> TicketHistory:
        return TicketHistory(
            self.mapping.source,
            draft.external_id,
            [self._happening(step, product_id if not number else None)
             for number, step in enumerate(draft.steps)],
        )  # fmt: skip

    def _happening(self, step: Step, product_id: int | None) -> Happening:
        fields = dict(step.fields)
        if product_id is not None:
            fields["product_id"] = product_id
        for attname, name in step.names.items():
            fields[attname] = None if name is None else self.known[_kind(attname), name]
        return Happening(
            at=step.at,
            fields=fields,
            actor_id=None if step.actor is None else self.known["person", step.actor],
            verb=step.verb,
            data=step.data,
        )


def _kind(attname: str) -> str:
    return "person" if attname in _PEOPLE else attname.removesuffix("_id")
