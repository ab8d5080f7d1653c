"""News of tickets that concern demands; each is safe to hear twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from feedback.actions import answer_from_ticket, bounce_round
from feedback.choices import RoundState
from feedback.models import Round
from tickets.models import Ticket


def _answer(payload: Mapping[str, Any], state: str, words: str, now: dt.datetime) -> None:
    ticket = Ticket.objects.select_related("requester__department").get(pk=payload["ticket_id"])
    if ticket.driver:
        answer_from_ticket(ticket, state, words, now=now)


def on_ticket_confirmed(payload: Mapping[str, Any], now: dt.datetime) -> None:
    _answer(payload, RoundState.CONFIRMED, "", now)


def on_ticket_reopened(payload: Mapping[str, Any], now: dt.datetime) -> None:
    _answer(payload, RoundState.NOT_SOLVED, payload.get("reason", ""), now)


def on_ticket_auto_confirmed(payload: Mapping[str, Any], now: dt.datetime) -> None:
    _answer(payload, RoundState.EXPIRED, "", now)


def on_mail_unreachable(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """What was on its way to this address did not arrive, unless they met it in the app."""
    address = payload["address"]
    waiting = Round.objects.filter(
        state=RoundState.QUEUED, told_to__email__iexact=address
    ).select_related("obligation")
    for row in waiting.order_by("pk"):
        bounce_round(row, now=now)
