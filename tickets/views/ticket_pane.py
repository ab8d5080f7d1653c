"""What the ticket pane of the desk shows: facts, level rail, contract, conversation, relations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.prepared import Prepared
from tickets.actions.undoing import may_undo
from tickets.choices import Level, Type
from tickets.errors import ContractUnmet, LevelDoesNotApply, WrongState
from tickets.forms.contract import FIELDS_OF_ROW, RowForm
from tickets.forms.verbs import ReplyForm
from tickets.models import Cause, HandOver, Ticket
from tickets.policies import ContractRow, RowState, allowed_verbs, require_move_up
from tickets.rendering.clocks import clock_html, clock_of
from tickets.rendering.conversation import conversation, newest_public
from tickets.rendering.drafts import drafts_json, public_draft
from tickets.rendering.standing import (
    contract_shown,
    contract_summary,
    rail_steps,
    waiting_detail,
)
from tickets.rendering.steps import procedure_shown
from tickets.rendering.words import value_said
from tickets.views.answers import kept_query
from tickets.views.requests import SignedInRequest


@dataclass(frozen=True)
class ShownRow:
    """A contract row with its value, and the form that fills it where it is open."""

    row: ContractRow
    value: str = ""
    form: RowForm | None = None
    is_editable: bool = False


@dataclass(frozen=True)
class Move:
    """A way up: where to, what it still lacks, and whether one click does it.

    `missing` says it, one sentence a line; `lacks` names the rows of the contract.
    """

    level: int
    label: str
    missing: str
    lacks: str
    url: str
    is_post: bool


def pane_context(request: SignedInRequest, ticket: Ticket, now: dt.datetime) -> dict[str, Any]:
    """Context of `tickets/parts/pane.html`."""
    user = request.user
    allowed = allowed_verbs(ticket, user)
    rows = contract_shown(ticket)
    entries = conversation(
        ticket, for_staff=True, may_undo=lambda event: may_undo(event, user, now)
    )
    reply = ReplyForm(
        ticket=ticket,
        user=user,
        initial={"seen_comment": newest_public(entries), "body": public_draft(ticket)},
    )
    return {
        "ticket": ticket,
        "allowed": allowed,
        "kept": kept_query(request),
        "clock": clock_html(clock_of(ticket, now)),
        "waiting_detail": waiting_detail(ticket),
        "rail": rail_steps(ticket, _hand_overs(ticket), cited=0),
        "contract_rows": [_shown(ticket, row, "edit" in allowed) for row in rows],
        "summary": contract_summary(rows),
        "is_incomplete": any(row.state == RowState.OPEN for row in rows),
        "types": Type.choices,
        "moves": _moves(ticket) if "move_up" in allowed else [],
        "entries": entries,
        "reply": reply,
        "drafts": drafts_json(ticket),
        "procedure": procedure_shown(ticket) if getattr(ticket, "has_procedure", True) else None,
    }


def _hand_overs(ticket: Ticket) -> Sequence[HandOver]:
    """Who handed it up; nobody did where there is no level below."""
    if (ticket.level or 0) <= Level.RELAY:
        return ()
    return _handed_over(ticket=ticket.pk)


@Prepared
def _handed_over(ticket: int) -> QuerySet[HandOver]:
    return HandOver.objects.filter(ticket=ticket).select_related("sender").order_by("id")


def _shown(ticket: Ticket, row: ContractRow, may_edit: bool) -> ShownRow:
    editable = may_edit and row.key in FIELDS_OF_ROW and row.state != RowState.NOT_APPLICABLE
    form = RowForm(ticket=ticket, row=row.key) if editable and row.state == RowState.OPEN else None
    return ShownRow(row, _value(ticket, row.key), form, editable)


def _value(ticket: Ticket, key: str) -> str:
    """What is on record for a row, in words."""
    if key == "module":
        return _("Not sure") if ticket.module_not_sure else str(ticket.module or "")
    if key == "impact":
        return str(ticket.get_impact_display())
    if key == "team":
        return str(ticket.relayed_to or ticket.team or "")
    if key == "answer_page":
        return _("No page answers this") if ticket.answer_gap else str(ticket.answer_page or "")
    if key in ("product", "suspected_module"):
        return str(getattr(ticket, key) or "")
    if key in ("owner", "promised_on", "cause_text", "cause"):
        return _cause_value(ticket.cause, key)
    if key == "answer":
        return _("Answered in the conversation")
    return value_said(key, getattr(ticket, key, ""))


def _cause_value(cause: Cause | None, key: str) -> str:
    if cause is None:
        return ""
    return {
        "cause": f"{cause.ref} {cause.title}",
        "owner": str(cause.owner or ""),
        "promised_on": value_said("promised_on", cause.promised_on),
        "cause_text": cause.text,
    }[key]


def _moves(ticket: Ticket) -> list[Move]:
    """The levels this ticket may move up to, each with what is missing by name."""
    found = []
    for level in Level:
        if ticket.level is not None and level <= ticket.level:
            continue
        try:
            require_move_up(ticket, level)
            missing = lacks = ""
        except ContractUnmet as unmet:
            missing = _missing(unmet)
            lacks = " ".join(problem.field for problem in unmet.problems)
        except (LevelDoesNotApply, WrongState):
            continue
        name = "ticket_push" if level == Level.PUSH else "ticket_move_up"
        found.append(
            Move(level, str(level.label), missing, lacks, reverse(name, args=[ticket.pk]),
                 is_post=level == Level.RESOLVE)
        )  # fmt: skip
    return found


def _missing(unmet: ContractUnmet) -> str:
    """What is missing, one sentence a line."""
    return "\n".join(str(problem.message) for problem in unmet.problems)
