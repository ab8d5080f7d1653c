"""News of tickets that concern demands; each is safe to hear twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from feedback.access import demand_called
from feedback.actions import answer_from_ticket, bounce_round
from feedback.actions.answering import standing_demand
from feedback.actions.gathering import take_voice
from feedback.choices import RoundState
from feedback.models import Round
from feedback.policies import MERGES_INTO
from tickets.models import SameHere, Ticket


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


def on_same_here(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Another person met what a demand drives already: they are owed word on it too."""
    voice = SameHere.objects.select_related("person__department").get(pk=payload["same_here_id"])
    driven = Ticket.objects.exclude(driver="").unresolved()
    about = driven.filter(pk=voice.ticket_id or 0)
    if voice.cause_id is not None:
        about = about | driven.filter(cause=voice.cause_id)
    ticket = about.order_by("pk").first()
    if ticket is None:
        return
    demand = standing_demand(demand_called(ticket.driver))
    if demand.status in MERGES_INTO and demand.released_at is None:
        take_voice(voice, demand, now=now)
