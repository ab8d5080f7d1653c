"""The rows of one case as a history in the words of the domain, names not yet looked up."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.tables.problems import FileProblem
from core.tables.reader import Cell, Row, text_of
from tickets.actions.history_rules import FIRST_VERB
from tickets.choices import UNRESOLVED, Channel, Impact, Priority, Status, Urgency, priority_of
from tickets.importing.mapping import ChoiceRule, Mapping, NameRule
from tickets.importing.problems import Problems, RowProblem

_HOLE = re.compile(r"\{([^{}]+)\}")
_ATTNAMES = {
    "requester": "requester_id", "submitted_by": "submitted_by_id", "assignee": "assignee_id",
    "team": "team_id", "module": "module_id", "department": "department_id",
}  # fmt: skip
#: A ticket always has these; an empty cell later on says nothing about them.
_NEVER_EMPTY = frozenset({"requester", "submitted_by"})
_UNKNOWN = {"requester": "Unknown requester"}


@dataclass
class Step:
    """One happening to be; `names` (attribute name → name or None) are looked up later."""

    at: dt.datetime
    line: int
    fields: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str | None] = field(default_factory=dict)
    actor: str | None = None
    verb: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A case read; `steps` are in order of time, the first is its submission."""

    external_id: str
    line: int
    rows: int
    steps: list[Step]


class Translator:
    """Reads cases by a mapping; what it cannot read goes into `problems`."""

    def __init__(
        self, mapping: Mapping, columns: Sequence[str], problems: Problems, now: dt.datetime
    ) -> None:
        self.mapping = mapping
        self.now = now
        self.problems = problems
        self.index = {name: number for number, name in enumerate(columns)}
        self._require(columns)
        self.times: dict[str, tuple[dt.datetime | None, bool]] = {}
        #: Columns nobody named: kept with the ticket, under their own name.
        named = {*mapping.columns(), *mapping.ignored}
        self.unnamed = [name for name in columns if name not in named]
        self.custom = {**mapping.custom, **{_slug(name): name for name in self.unnamed}}

    def _require(self, columns: Sequence[str]) -> None:
        wanted = list(self.mapping.columns())
        for text in self.mapping.texts.values():
            wanted += _HOLE.findall(text)
        missing = [name for name in dict.fromkeys(wanted) if name not in self.index]
        if missing:
            raise FileProblem(
                _("The file lacks columns that the mapping names: %(names)s.")
                % {"names": ", ".join(missing)},
                _("Its columns are: %(names)s.") % {"names": ", ".join(columns)},
            )

    def case_of(self, row: Row) -> str:
        """The case a row belongs to, "" when the row cannot be used (reported)."""
        if len(row.cells) != len(self.index):
            self._report(
                row.line, "", str(len(row.cells)), _("The row has the wrong number of cells."),
                _("The header has %(count)s columns.") % {"count": len(self.index)},
            )  # fmt: skip
            return ""
        name = text_of(row.cells[self.index[self.mapping.case]]).strip()
        if name in self.mapping.missing:
            self._report(
                row.line, self.mapping.case, name, _("The row names no case."),
                _("Fill in the cell, or remove the row."),
            )  # fmt: skip
            return ""
        return name

    def draft(self, case: str, rows: Sequence[Row]) -> Draft | None:
        """The case's history, or None when a row makes it unusable (reported)."""
        timed = self._timed(rows)
        if timed is None:
            return None
        return _CaseReader(self, case, timed).read()

    def _timed(self, rows: Sequence[Row]) -> list[tuple[dt.datetime, Row]] | None:
        timed = []
        sound = True
        for row in rows:
            at = self.time(row, self.mapping.time)
            if at is None:
                sound = False
            else:
                timed.append((at, row))
        if not sound:
            return None
        for (before, _row), (after, late) in itertools.pairwise(timed):
            if after < before:
                self.note(
                    late, self.mapping.time, _("This row is older than the one above it."),
                    _("The rows were sorted by time."),
                )  # fmt: skip
        return sorted(timed, key=lambda pair: pair[0])

    def time(self, row: Row, column: str) -> dt.datetime | None:
        """The time in a cell, in the log's zone; None (reported) when it cannot be read."""
        cell = row.cells[self.index[column]]
        key = text_of(cell)
        if key not in self.times:
            self.times[key] = self._parsed(cell)
        at, exists = self.times[key]
        if at is None:
            self._report(
                row.line, column, key, _("This is no date and time of the log."),
                _("Accepted: %(formats)s.") % {"formats": ", ".join(self.mapping.time_formats)},
            )  # fmt: skip
        elif at > self.now:
            self._report(
                row.line, column, key, _("This time lies in the future."),
                _("Check the date format and the time zone of the mapping."),
            )  # fmt: skip
            return None
        elif not exists:
            self.note(
                row, column, _("The clocks of the log's zone skipped this time."),
                _("It was read as %(time)s.") % {"time": at.isoformat()},
            )  # fmt: skip
        return at

    def _parsed(self, cell: Cell) -> tuple[dt.datetime | None, bool]:
        found: dt.datetime | None = None
        if isinstance(cell, dt.datetime):
            found = cell
        else:
            for form in self.mapping.time_formats:
                try:
                    found = dt.datetime.strptime(cell.strip(), form)  # noqa: DTZ007  (zone follows)
                    break
                except ValueError:
                    continue
        if found is None:
            return None, True
        local = found if found.tzinfo else found.replace(tzinfo=self.mapping.zone)
        at = local.astimezone(dt.UTC)
        exists = at.astimezone(local.tzinfo).replace(tzinfo=None) == found.replace(tzinfo=None)
        return at, exists

    def note(self, row: Row, column: str, message: str, remedy: str) -> None:
        self._report(
            row.line, column, text_of(row.cells[self.index[column]]), message, remedy, refuses=False
        )

    def _report(
        self, line: int, column: str, value: str, message: str, remedy: str, *, refuses: bool = True
    ) -> None:
        self.problems.add(RowProblem(line, column, value[:200], message, remedy, refuses))


class _CaseReader:
    """Walks over one case, row by row, and notes what each row changes."""

    def __init__(
        self, translator: Translator, case: str, timed: Sequence[tuple[dt.datetime, Row]]
    ) -> None:
        self.translator = translator
        self.mapping = translator.mapping
        self.index = translator.index
        self.case = case
        self.timed = timed
        self.before: Sequence[Cell] = ()
        self.actor: str | None = None
        self.seen: dict[str, str] = {}
        self.custom: dict[str, str] = {}
        self.seen_custom: dict[str, str] = {}
        self.status: str = Status.NEW
        self.steps: list[Step] = []

    def read(self) -> Draft | None:
        first_at, first = self.timed[0]
        submitted = self._submitted(first, first_at)
        if submitted is None:
            return None
        moves = self._moves()
        for number, (at, row) in enumerate(self.timed):
            step = Step(at=at, line=row.line, data={"line": row.line})
            if activity := self._cell(row, self.mapping.status.column):
                step.data["activity"] = activity
            self._read_row(row, step, first=number == 0)
            if at < submitted:
                step.data["written_at"] = at.isoformat()
                step.at = submitted
                self.translator.note(
                    row, self.mapping.time, _("This row is older than the submission."),
                    _("It was dated %(time)s, the submission.") % {"time": submitted.isoformat()},
                )  # fmt: skip
            move = self._submit(step, submitted, row) if number == 0 else step
            self._move(move, moves.get(number, self.status), row, is_news=number > 0)
        return Draft(self.case, first.line, len(self.timed), self.steps)

    def _submitted(self, row: Row, first_at: dt.datetime) -> dt.datetime | None:
        if not self.mapping.submitted:
            return first_at
        return self.translator.time(row, self.mapping.submitted)

    def _moves(self) -> dict[int, str]:
        """Row number → the status it moves to, where it moves."""
        rule = self.mapping.status
        said: list[tuple[int, str]] = []
        for number, (_at, row) in enumerate(self.timed):
            value = self._cell(row, rule.column)
            if value in rule.values:
                said.append((number, rule.values[value]))
            elif value not in rule.keep:
                self.translator.note(
                    row, rule.column, _("The mapping knows no status for this."),
                    _("The row was kept without a change of status; name the value under "
                      "[status.values] or in status.keep."),
                )  # fmt: skip
        moves: dict[int, str] = {}
        for place, (number, status) in enumerate(said):
            again = place + 1 < len(said) and said[place + 1][1] == status
            if not (status in rule.latest and again):
                moves[number] = status
        return moves

    def _cell(self, row: Row, column: str) -> str:
        value = text_of(row.cells[self.index[column]]).strip()
        return "" if value in self.mapping.missing else value

    def _submit(self, step: Step, submitted: dt.datetime, row: Row) -> Step:
        """The submission, with all that the first row says; the step left is its move, if any."""
        at, step.at = step.at, submitted
        step.verb = FIRST_VERB
        fields, names = step.fields, step.names
        names.setdefault("requester_id", _UNKNOWN["requester"])
        if names.get("submitted_by_id") is None:
            names["submitted_by_id"] = names["requester_id"]
        fields.setdefault("channel", Channel.IMPORT)
        fields["level"] = None
        impact = fields.setdefault("impact", Impact.ONLY_ME)
        urgency = fields.setdefault("urgency", Urgency.NORMAL)
        fields.setdefault("priority", Priority(priority_of(impact, urgency)))
        for name, text in self.mapping.texts.items():
            limit = 200 if name == "title" else 20_000
            fields[name] = self._filled(text, row)[:limit]
        if at != submitted:
            step.data["written_at"] = at.isoformat()
        move = Step(at=max(at, submitted), line=step.line, actor=step.actor,
                    data={k: v for k, v in step.data.items() if k != "written_at"})  # fmt: skip
        if names["submitted_by_id"] is not None:
            step.actor = names["submitted_by_id"]
        self.steps.append(step)
        return move

    def _filled(self, text: str, row: Row) -> str:
        return _HOLE.sub(lambda hole: self._cell(row, hole[1]) or "–", text).strip() or self.case

    def _read_row(self, row: Row, step: Step, *, first: bool) -> None:
        """What the row says that the row before did not; most cells repeat themselves."""
        changed = self._changed(row)
        for key, rule in self.mapping.names.items():
            if rule.only or rule.column in changed:
                self._read_name(key, rule, row, step)
        step.actor = self.actor
        for key, choice in self.mapping.choices.items():
            if choice.column in changed:
                self._read_choice(key, choice, row, step)
        for key, column in self.translator.custom.items():
            if column in changed:
                self._set_custom(key, self._cell(row, column))
        if self.custom != self.seen_custom:
            self.seen_custom = dict(self.custom)
            step.fields["custom"] = dict(self.custom)
        if not first:
            self._keep_weight(step)

    def _changed(self, row: Row) -> set[str]:
        before, self.before = self.before, row.cells
        names = self.index
        if not before:
            return set(names)
        pairs = zip(names, before, row.cells, strict=True)
        return {name for name, then, now in pairs if then != now}

    def _read_choice(self, key: str, choice: ChoiceRule, row: Row, step: Step) -> None:
        value = self._cell(row, choice.column)
        known = value in choice.values
        self._set_custom(key, "" if known else value)
        if known:
            step.fields[key] = choice.values[value]
        elif value:
            self.translator.note(
                row, choice.column, _("The mapping has no word for this value."),
                _("It was kept with the ticket as “%(key)s”; name it under [%(key)s.values].")
                % {"key": key},
            )  # fmt: skip

    def _keep_weight(self, step: Step) -> None:
        """Priority follows impact and urgency where the log has none of its own."""
        if "priority" in self.mapping.choices or not {"impact", "urgency"} & step.fields.keys():
            return
        known = {**_first_weight(self.steps), **step.fields}
        step.fields["priority"] = priority_of(known["impact"], known["urgency"])

    def _set_custom(self, key: str, value: str) -> None:
        if value:
            self.custom[key] = value
        else:
            self.custom.pop(key, None)

    def _read_name(self, key: str, rule: NameRule, row: Row, step: Step) -> None:
        if rule.only and self._cell(row, self.mapping.status.column) not in rule.only:
            return
        value = self._cell(row, rule.column)
        name = rule.name.replace("{value}", value) if value else rule.missing
        if key == "actor":
            self.actor = name or None
            return
        before = self.seen.get(key, "")
        if name == before or (before and not value and key in _NEVER_EMPTY):
            return
        if key == "submitted_by" and before:
            return  # who wrote it down cannot change
        self.seen[key] = name
        step.names[_ATTNAMES[key]] = name or None

    def _move(self, step: Step, wanted: str, row: Row, *, is_news: bool) -> None:
        """Append the step, split where the domain asks for a status in between.

        A first row that moves nothing has said everything with its submission (`is_news` False);
        any other row is an event even when nothing in it changed.
        """
        path = _path(self.status, wanted)
        if not path and is_news:
            self.steps.append(step)
        verb = self.mapping.status.verbs.get(self._cell(row, self.mapping.status.column), "")
        for place, status in enumerate(path):
            last = place + 1 == len(path)
            self.steps.append(
                Step(
                    at=step.at, line=step.line, actor=step.actor, verb=verb if last else "",
                    fields={**(step.fields if place == 0 else {}), "status": status},
                    names=step.names if place == 0 else {}, data=step.data,
                )
            )  # fmt: skip
        self.status = wanted


def _first_weight(steps: Sequence[Step]) -> dict[str, Any]:
    """Impact and urgency as they stand after `steps`."""
    known: dict[str, Any] = {}
    for step in steps:
        known |= {key: step.fields[key] for key in ("impact", "urgency") if key in step.fields}
    return known


def _path(before: str, after: str) -> list[str]:
    """The statuses from one to another that the domain asks for, the last being `after`."""
    if before == after:
        return []
    if after == Status.CLOSED and before in (*UNRESOLVED, Status.CANCELLED):
        return [*([Status.OPEN] if before == Status.CANCELLED else []), Status.RESOLVED, after]
    if after in (Status.RESOLVED, Status.CANCELLED) and before in (Status.CLOSED, Status.CANCELLED):
        return [Status.OPEN, after]
    return [after]


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").lower()[:40] or "column"
