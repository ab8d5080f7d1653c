"""What the hand-over contract of a ticket still lacks, and which moves that stops.

Pure functions over a loaded ticket: no query of their own but for foreign keys that the caller
should have selected (product, department, cause).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from tickets.choices import (
    CauseState,
    DriverState,
    Family,
    Impact,
    Level,
    Resolution,
)
from tickets.errors import ContractUnmet, LevelDoesNotApply, WrongState
from tickets.models import Cause, Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class RowState(StrEnum):
    DONE = "done"
    OPEN = "open"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class ContractRow:
    """One row of the hand-over contract. `key` is the field that fills it.

    `from_cause`: the ticket says nothing itself, its cause does; `value` is what the cause says.
    """

    key: str
    level: int
    label: str | StrPromise
    state: RowState
    missing: str | StrPromise = ""
    remedy: str | StrPromise = ""
    value: str = ""
    from_cause: bool = False


@dataclass(frozen=True)
class ContractRule:
    """How one row is filled: for which families, and whether the ticket has it."""

    key: str
    level: Level
    families: frozenset[Family] | None
    label: StrPromise
    missing: StrPromise
    remedy: StrPromise
    done: Callable[[Ticket], bool]
    #: What the ticket's cause says for this row: an outage is judged once, on its cause.
    of_cause: Callable[[Cause], str] | None = None


_USAGE = frozenset({Family.USAGE})
_TECHNICAL = frozenset({Family.TECHNICAL})
_REQUEST = frozenset({Family.REQUEST})


def _has_cause(ticket: Ticket) -> bool:
    return ticket.cause_id is not None


def _has_owner(ticket: Ticket) -> bool:
    return ticket.cause is not None and ticket.cause.owner_id is not None


def _has_date(ticket: Ticket) -> bool:
    return ticket.cause is not None and ticket.cause.promised_on is not None


def _is_delivered(ticket: Ticket) -> bool:
    cause = ticket.cause
    return cause is not None and cause.state == CauseState.DELIVERED and bool(cause.text)


_RULES: tuple[ContractRule, ...] = (
    ContractRule(
        "type", Level.RELAY, None, _("Type"), _("The type is missing."),
        _("Choose usage, technical or request, and its kind."), lambda t: bool(t.type),
    ),
    ContractRule(
        "product", Level.RELAY, None, _("Product"), _("The product is missing."),
        _("Choose a product; “Other / not sure” will do."), lambda t: t.product_id is not None,
    ),
    ContractRule(
        "module", Level.RELAY, None, _("Module"), _("The module is missing."),
        _("Choose a module, or say that you are not sure."),
        lambda t: t.module_id is not None or t.module_not_sure,
    ),
    ContractRule(
        "impact", Level.RELAY, None, _("Impact"), _("The impact is missing."),
        _("Say how many people are affected."), lambda t: t.impact in Impact.values,
    ),
    ContractRule(
        "team", Level.RELAY, None, _("Route"), _("No team handles this yet."),
        _("Transfer the ticket to a team, or relay it outside."),
        lambda t: t.team_id is not None or t.relayed_to_id is not None,
    ),
    ContractRule(
        "answer", Level.RESOLVE, _USAGE, _("Answer"), _("The requester has no answer yet."),
        _("Write a public reply."), lambda t: t.first_response_at is not None,
    ),
    ContractRule(
        "answer_page", Level.RESOLVE, _USAGE, _("Page or gap"),
        _("Neither a page nor a gap is named."),
        _("Link the page you used, or mark that there is none."),
        lambda t: t.answer_page_id is not None or t.answer_gap,
    ),
    ContractRule(
        "suspected_module", Level.RESOLVE, _TECHNICAL, _("Suspected module"),
        _("The module where it breaks is missing."), _("Choose the module you suspect."),
        lambda t: t.suspected_module_id is not None,
        lambda c: str(c.module) if c.module is not None else "",
    ),
    ContractRule(
        "suspected_cause", Level.RESOLVE, _TECHNICAL, _("Suspected cause"),
        _("The suspected cause is missing."), _("Choose a category and say what you suspect."),
        lambda t: bool(t.suspected_category and t.suspected_cause),
        lambda c: f"{c.get_category_display()} · {c.title}" if c.category else "",
    ),
    ContractRule(
        "evidence", Level.RESOLVE, _TECHNICAL, _("Evidence"), _("The evidence is missing."),
        _("Say how it was seen: steps, time, account, log."), lambda t: bool(t.evidence),
        lambda c: c.evidence,
    ),
    ContractRule(
        "cause", Level.PUSH, _TECHNICAL, _("Root cause"), _("No root cause is linked."),
        _("Link a cause or open one."), _has_cause,
    ),
    ContractRule(
        "owner", Level.PUSH, _TECHNICAL, _("Owner"), _("The cause has no owner."),
        _("Push the cause to an owner."), _has_owner,
    ),
    ContractRule(
        "promised_on", Level.PUSH, _TECHNICAL, _("Promised date"),
        _("The owner has given no date."), _("The owner accepts with a date."), _has_date,
    ),
    ContractRule(
        "cause_text", Level.PUSH, _TECHNICAL, _("Delivered, with its root cause"),
        _("The owner has not delivered yet."),
        _("The owner delivers and writes what the root cause was."), _is_delivered,
    ),
    ContractRule(
        "quote", Level.PRODUCT_DRIVE, _REQUEST, _("Their words"),
        _("The requester's own words are missing."), _("Quote them word for word."),
        lambda t: bool(t.quote),
    ),
    ContractRule(
        "scenario", Level.PRODUCT_DRIVE, _REQUEST, _("Scenario"), _("The scenario is missing."),
        _("Say who does what when this comes up."), lambda t: bool(t.scenario),
    ),
    ContractRule(
        "frequency", Level.PRODUCT_DRIVE, _REQUEST, _("Frequency"),
        _("The frequency is missing."), _("Say how often it comes up."),
        lambda t: bool(t.frequency),
    ),
    ContractRule(
        "driver", Level.PRODUCT_DRIVE, _TECHNICAL | _REQUEST, _("Demand"),
        _("No demand drives this ticket."), _("Link a demand or open one."),
        lambda t: bool(t.driver),
    ),
    ContractRule(
        "driver_state", Level.PRODUCT_DRIVE, _TECHNICAL | _REQUEST, _("Released and verified"),
        _("The demand is not released and verified yet."),
        _("A named person of product operations accepts it in production."),
        lambda t: t.driver_state == DriverState.VERIFIED,
    ),
)  # fmt: skip

#: The rows by the field that fills them.
CONTRACT_ROWS: dict[str, ContractRule] = {rule.key: rule for rule in _RULES}
#: Rows that are due when the work of the level is over, not when the ticket leaves upwards.
DUE_AT_THE_END = frozenset({"cause_text", "driver_state"})


def contract_of(ticket: Ticket, level: int | None = None) -> list[ContractRow]:
    """The rows of one level, or of all, each done, open or not applicable."""
    return [_row(rule, ticket) for rule in _RULES if level is None or rule.level == level]


def _row(rule: ContractRule, ticket: Ticket) -> ContractRow:
    value = ""
    if rule.families is not None and ticket.family not in rule.families:
        state = RowState.NOT_APPLICABLE
    elif rule.done(ticket):
        state = RowState.DONE
    else:
        if rule.of_cause is not None and ticket.cause is not None:
            value = rule.of_cause(ticket.cause)
        state = RowState.DONE if value else RowState.OPEN
    return ContractRow(
        rule.key, rule.level, rule.label, state, rule.missing, rule.remedy, value, bool(value)
    )


def suspicion_of(ticket: Ticket) -> dict[str, Any]:
    """Module and category suspected when the ticket is pushed: its own, else those of its cause.

    Kept with the push, so that the first judgement (初判准确率) can be compared with the final one.
    """
    cause = ticket.cause
    return {
        "suspected_module_id": ticket.suspected_module_id or (cause.module_id if cause else None),
        "suspected_category": ticket.suspected_category or (cause.category if cause else ""),
    }


def missing_rows(ticket: Ticket, levels: Iterable[int]) -> list[ContractRow]:
    """Open rows of these levels."""
    wanted = set(levels)
    return [
        row for row in contract_of(ticket) if row.level in wanted and row.state == RowState.OPEN
    ]


def applies(family: Family | None, level: int) -> bool:
    """Whether a level has work for tickets of this family (domain.md, the table's dashes)."""
    if family is None:
        return level == Level.RELAY
    return any(
        rule.level == level and (rule.families is None or family in rule.families)
        for rule in _RULES
    )


def require_move_up(ticket: Ticket, to_level: int) -> bool:
    """Refuse a move to a level that does not apply, or with the present contract unmet.

    Business stopped: act first; returns True when rows are owed for it.
    """
    if ticket.level is not None and to_level <= ticket.level:
        raise WrongState(
            Problem(
                "level", _("The ticket is on this level or above it already."),
                _("Choose a higher level, or return it with a reason."), str(to_level),
            )
        )  # fmt: skip
    levels = {Level.RELAY, ticket.level or Level.RELAY}
    missing = [row for row in missing_rows(ticket, levels) if row.key not in DUE_AT_THE_END]
    if missing and not (ticket.impact == Impact.BUSINESS_STOPPED and ticket.type):
        raise ContractUnmet(missing)
    if not applies(ticket.family, to_level):
        raise LevelDoesNotApply(
            Problem(
                "level", _("This level has no work for this type of ticket."),
                _("Change the type first, or choose another level."), str(to_level),
            )
        )  # fmt: skip
    return bool(missing)


def rows_due_at_resolve(ticket: Ticket, resolution: str) -> list[ContractRow]:
    """What is still missing for resolving with this code: L1, and the level of the work done."""
    levels: set[int] = {Level.RELAY}
    own = ticket.level or Level.RELAY
    screened = ticket.family in (Family.USAGE, Family.TECHNICAL)
    if resolution in (Resolution.OUTSIDE, Resolution.NO_REPLY):
        return missing_rows(ticket, levels)
    if resolution == Resolution.WORKAROUND:
        return missing_rows(ticket, levels | {Level.RESOLVE})
    # An answer or a fix by product operations is work of level 2, even straight from new.
    levels.add(max(own, Level.RESOLVE) if screened else own)
    missing = missing_rows(ticket, levels)
    if resolution == Resolution.MOVED_TO_DEMAND:
        return [row for row in missing if row.key != "driver_state"] + _not_told(ticket)
    return missing


def _not_told(ticket: Ticket) -> list[ContractRow]:
    if ticket.first_response_at is not None:
        return []
    return [
        ContractRow(
            "answer", Level.PRODUCT_DRIVE, _("Told"), RowState.OPEN,
            _("The requester was not told yet."),
            _("Write a public reply that says what becomes of the request."),
        )
    ]  # fmt: skip


def level_reached(ticket: Ticket, resolution: str) -> Level:
    """Level of a resolved ticket: the highest whose rows were completed and nobody returned."""
    own = ticket.level or Level.RELAY
    if resolution in (Resolution.OUTSIDE, Resolution.NO_REPLY):
        return Level.RELAY
    if own >= Level.PRODUCT_DRIVE and ticket.driver_state == DriverState.VERIFIED:
        return Level.PRODUCT_DRIVE
    if own >= Level.PUSH and _is_delivered(ticket) and resolution != Resolution.WORKAROUND:
        return Level.PUSH
    if applies(ticket.family, Level.RESOLVE) and not missing_rows(ticket, {Level.RESOLVE}):
        return Level.RESOLVE
    return Level.RELAY
