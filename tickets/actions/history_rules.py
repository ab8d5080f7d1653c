"""What a history is, which ones are taken, and what follows from its statuses.

Bad-input rules only: legal values, known rows, times that can be, statuses that can follow each
other. Contracts and who may do what belong to work done here, not to work done elsewhere.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.errors import Problem
from tickets.choices import UNRESOLVED, Status
from tickets.models import Ticket

FIRST_VERB = "submit"
_REQUIRED = ("title", "description", "product_id", "requester_id", "submitted_by_id")
#: Set by this module from the statuses, so a history that names them would say things twice.
_FOLLOWING = frozenset(
    {
        "submitted_at", "first_response_at", "resolved_at", "closed_at", "cancelled_at",
        "reopened_times", "auto_confirmed",
    }
)  # fmt: skip
_ENDED = (Status.RESOLVED, Status.CLOSED)


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a ticket elsewhere.

    `fields` are attribute names of `Ticket.EVENT_FIELDS`; times of resolving, closing and the
    like follow from `status` and are not given. `verb` "" is found from what changed.
    """

    at: dt.datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    actor_id: int | None = None
    verb: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TicketHistory:
    """All that happened to one ticket of `source`, oldest first; the first is its submission."""

    source: str
    external_id: str
    happenings: Sequence[Happening]

    def in_order(self) -> TicketHistory:
        """The same with its happenings by time; equal times keep their order."""
        return replace(self, happenings=sorted(self.happenings, key=lambda happening: happening.at))

    @property
    def is_in_order(self) -> bool:
        if any(happening.at.tzinfo is None for happening in self.happenings):
            return True  # they cannot be compared; `check` refuses them
        times = [happening.at for happening in self.happenings]
        return all(before <= after for before, after in itertools.pairwise(times))


Found = tuple[TicketHistory, Problem]


def check(batch: Sequence[TicketHistory], now: dt.datetime) -> list[Found]:
    """What is wrong with the histories; each of them is refused as a whole."""
    found: list[Found] = []
    seen: set[tuple[str, str]] = set()
    for history in batch:
        key = (history.source, history.external_id)
        if key in seen:
            found.append((history, _twice(history)))
        seen.add(key)
        found += [(history, problem) for problem in _problems(history, now)]
    wrong = {id(history) for history, _problem in found}
    return found + _unknown_rows([history for history in batch if id(history) not in wrong])


def _twice(history: TicketHistory) -> Problem:
    return Problem(
        "external_id", _("This ticket comes twice."),
        _("Put all its rows into one history."), history.external_id,
    )  # fmt: skip


def _problems(history: TicketHistory, now: dt.datetime) -> Iterator[Problem]:
    yield from _name_problems(history)
    if not history.happenings:
        yield Problem("happenings", _("The history is empty."), _("Give at least a submission."))
        return
    first = history.happenings[0].fields
    for name in _REQUIRED:
        if first.get(name) in (None, ""):
            yield Problem(name, _("The submission lacks this."), _("Give it with the first row."))
    yield from _time_problems(history, now)
    yield from _value_problems(history)
    yield from _status_problems(history)


@cache
def _name_limits() -> dict[str, int]:
    return {f.attname: f.max_length or 0 for f in Ticket._meta.concrete_fields}


def _name_problems(history: TicketHistory) -> Iterator[Problem]:
    names = {"external_source": history.source, "external_id": history.external_id}
    for name, value in names.items():
        limit = _name_limits()[name]
        if not value or len(value) > limit:
            yield Problem(
                name, _("This name is missing or too long."),
                _("Use 1 to %(limit)s characters.") % {"limit": limit}, value[:200],
            )  # fmt: skip


def _time_problems(history: TicketHistory, now: dt.datetime) -> Iterator[Problem]:
    for happening in history.happenings:
        if happening.at.tzinfo is None:
            yield Problem(
                "at", _("The time has no time zone."), _("Name the zone of the log."),
                happening.at.isoformat(),
            )  # fmt: skip
            return
        if happening.at > now:
            yield Problem(
                "at", _("The time lies in the future."),
                _("Check the date format and the time zone."), happening.at.isoformat(),
            )  # fmt: skip
    if not history.is_in_order:
        yield Problem(
            "at", _("The events are not in order of time."), _("Sort them first."),
            history.external_id,
        )  # fmt: skip


@cache
def _legal() -> tuple[dict[str, frozenset[Any]], dict[str, int], frozenset[str]]:
    """Per attribute of a ticket: choices, greatest length, and which may be null."""
    fields = {
        f.attname: f for f in Ticket._meta.concrete_fields if f.attname in Ticket.EVENT_FIELDS
    }
    choices = {
        name: frozenset(key for key, _label in f.flatchoices) | ({""} if f.blank else set())
        for name, f in fields.items()
        if f.flatchoices
    }
    lengths = {name: f.max_length for name, f in fields.items() if f.max_length}
    nullable = frozenset(name for name, f in fields.items() if f.null)
    return choices, lengths, nullable


def _value_problems(history: TicketHistory) -> Iterator[Problem]:
    choices, lengths, nullable = _legal()
    for happening in history.happenings:
        for name, value in happening.fields.items():
            if name not in Ticket.EVENT_FIELDS or name in _FOLLOWING:
                yield Problem(name, _("A history cannot set this."), _("Leave it out."), str(value))
            elif value is None:
                if name not in nullable:
                    yield Problem(name, _("This may not be empty."), _("Give a value."))
            elif name in choices and value not in choices[name]:
                accepted = ", ".join(str(choice) for choice in sorted(choices[name], key=str))
                yield Problem(
                    name, _("This value is not one of the choices."), accepted, str(value)
                )
            elif isinstance(value, str) and len(value) > lengths.get(name, len(value)):
                yield Problem(
                    name, _("This text is too long."),
                    _("Shorten it; the limit is %(limit)s characters.") % {"limit": lengths[name]},
                    value[:40] + "…",
                )  # fmt: skip


def _status_problems(history: TicketHistory) -> Iterator[Problem]:
    status: str = Status.NEW
    for happening in history.happenings:
        wanted = happening.fields.get("status", status)
        if wanted == Status.CLOSED and status not in _ENDED:
            yield Problem(
                "status", _("A ticket is closed only after it was resolved."),
                _("Give the resolving first; it may have the same time."), status,
            )  # fmt: skip
        if wanted == Status.CANCELLED and status == Status.CLOSED:
            yield Problem(
                "status", _("A closed ticket cannot be cancelled."),
                _("Give its reopening first; it may have the same time."), status,
            )  # fmt: skip
        if wanted == Status.RESOLVED and status == Status.CLOSED:
            yield Problem(
                "status", _("A closed ticket cannot be resolved."),
                _("Give its reopening first; it may have the same time."), status,
            )  # fmt: skip
        status = wanted


def _unknown_rows(batch: Sequence[TicketHistory]) -> list[Found]:
    """Histories that point at products, people … that do not exist; one query per kind."""
    found: list[Found] = []
    for relation in Ticket._meta.concrete_fields:
        if not isinstance(relation, models.ForeignKey):
            continue
        name = relation.attname
        used: dict[int, TicketHistory] = {}
        for history in batch:
            for happening in history.happenings:
                pk = happening.fields.get(name)
                if pk is not None:
                    used.setdefault(pk, history)
        if used:
            found += _missing(relation, used, batch)
    return found


def _missing(
    relation: models.ForeignKey[Any, Any],
    used: Mapping[int, TicketHistory],
    batch: Sequence[TicketHistory],
) -> list[Found]:
    target = relation.remote_field.model
    known = target._default_manager.filter(pk__in=used).values_list("pk", flat=True)
    lacking = used.keys() - set(known)
    if not lacking:
        return []
    name = relation.attname
    return [
        (history, Problem(name, _("This does not exist."), _("Create it first."), str(pk)))
        for history in batch
        for pk in {happening.fields.get(name) for happening in history.happenings} & lacking
    ]


def unfold(history: TicketHistory) -> Iterator[tuple[Happening, str, dict[str, Any]]]:
    """Each happening with its verb and everything it sets, consequences of the status included."""
    state: dict[str, Any] = {"status": Status.NEW, "team_id": None, "assignee_id": None}
    reopened = 0
    responded = False
    for number, happening in enumerate(history.happenings):
        fields = {
            name: str(value) if name == "status" else value
            for name, value in happening.fields.items()
        }
        before = state["status"]
        verb = happening.verb or (_verb(before, state, fields) if number else FIRST_VERB)
        if number == 0:
            fields["submitted_at"] = happening.at
        after = fields.get("status", before)
        if after != before:
            if before in _ENDED and after in UNRESOLVED:
                reopened += 1
            fields |= _consequences(before, after, verb, happening.at, reopened)
            if after == Status.RESOLVED and not responded:
                fields["first_response_at"] = happening.at
                responded = True
        state |= fields
        yield happening, verb, fields


def _verb(before: str, state: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """The domain's verb for a change, "edit" where the log does not say enough."""
    after = fields.get("status", before)
    if after == before:
        if fields.get("team_id", state["team_id"]) != state["team_id"]:
            return "transfer"
        if fields.get("assignee_id", state["assignee_id"]) != state["assignee_id"]:
            return "assign"
        return "edit"
    if before == Status.CANCELLED:
        return "restore"
    if before in _ENDED and after in UNRESOLVED:
        return "reopen"
    named = {
        Status.RESOLVED: "resolve",
        Status.CLOSED: "confirm",
        Status.CANCELLED: "reject",
        Status.PENDING: "ask",
    }
    if after in named:
        return named[Status(after)]
    return "reply" if before == Status.PENDING else "edit"


def _consequences(
    before: str, after: str, verb: str, at: dt.datetime, reopened: int
) -> dict[str, Any]:
    """What the actions set together with a status, set here in the same way."""
    if after == Status.RESOLVED:
        return {"resolved_at": at, "cancelled_at": None}
    if after == Status.CLOSED:
        return {"closed_at": at, "auto_confirmed": verb == "auto_confirm"}
    if after == Status.CANCELLED:
        return {"cancelled_at": at}
    if before in _ENDED:
        return {
            "resolved_at": None,
            "closed_at": None,
            "auto_confirmed": False,
            "reopened_times": reopened,
        }
    if before == Status.CANCELLED:
        return {"cancelled_at": None}
    return {}
