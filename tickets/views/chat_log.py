"""Paste a chat log: it is split by person and time, the agent ticks, tickets are submitted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from catalog.access import require
from catalog.choices import PermissionRole
from core.channels.shapes import absolute
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.text import derived_title
from tickets.access import tickets_for_view
from tickets.actions import ChatLog, ChatTicket, ChatWords, take_in_chat_log
from tickets.forms.chat_log import CardAsked, ChatLogForm, ChatTicketsForm
from tickets.incoming.chatlog import read_log
from tickets.incoming.chatlog.proposing import (
    LOG,
    Card,
    Line,
    Proposal,
    description_of,
    own_words,
    propose,
)
from tickets.models import Ticket
from tickets.views.requests import SignedInRequest

#: Tickets whose links are shown to copy; as many as one log may make.
SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def chat_log(request: SignedInRequest) -> HttpResponse:
    """The log, then what it proposes, then the tickets: each step a plain form."""
    require(request.user, PermissionRole.AGENT)
    form = ChatLogForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _page(request, form, None, None, 422 if form.is_bound else 200)
    now = timezone.localtime()
    proposal = propose(read_log(form.cleaned_data["log"], now), now)
    asked = ChatTicketsForm(
        request.POST if request.POST.get("seen") == _digest(form) else None,
        cards=[_asked(card) for card in _open_cards(proposal)],
        lines={line.index: (line.ticket, line.is_ticked) for line in _takeable(proposal)},
    )
    if not asked.is_bound:
        return _page(request, form, proposal, asked, 200)
    if asked.is_valid():
        log = ChatLog(form.cleaned_data["log"], _tickets(proposal, asked), _chosen(proposal, asked))
        try:
            made = take_in_chat_log(log, source=LOG, acting_user=request.user, now=now)
        except Refused as refusal:
            add_refusal(asked, refusal)
        else:
            ids = ",".join(str(ticket.pk) for ticket in made)
            return redirect(f"{reverse('chat_log_done')}?tickets={ids}")
    return _page(request, form, proposal, asked, 422)


@login_required
@require_safe
def chat_log_done(request: SignedInRequest) -> HttpResponse:
    """What was made of the log, with lines to copy back to the group."""
    require(request.user, PermissionRole.AGENT)
    wanted = [int(text) for text in request.GET.get("tickets", "").split(",") if _is_id(text)]
    found = {ticket.pk: ticket for ticket in tickets_for_view(request.user, wanted[:SHOWN])}
    tickets = [found[pk] for pk in wanted[:SHOWN] if pk in found]
    text = "\n".join(_link_line(ticket) for ticket in tickets)
    return render(request, "tickets/chat_log_done.html", {"tickets": tickets, "text": text})


def _digest(form: ChatLogForm) -> str:
    """Names the text whose messages were ticked: ticks on another text would mean others."""
    log: str = form.cleaned_data["log"]
    return hashlib.sha256(log.replace("\r\n", "\n").encode()).hexdigest()[:16]


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _link_line(ticket: Ticket) -> str:
    """What the group reads: whom it is for, the reference and the address; no words of theirs."""
    return (
        f"@{ticket.requester.name} {ticket.ref} {absolute(reverse('my_ticket', args=[ticket.pk]))}"
    )


def _takeable(proposal: Proposal) -> list[Line]:
    return [line for line in proposal.lines if line.may_be_taken]


def _open_cards(proposal: Proposal) -> list[Card]:
    """The cards of people who have something left to take."""
    wanted = {line.ticket for line in _takeable(proposal)}
    return [card for card in proposal.cards if card.number in wanted]


def _asked(card: Card) -> CardAsked:
    return CardAsked(card.number, card.name, card.person, card.candidates, card.product)


def _tickets(proposal: Proposal, form: ChatTicketsForm) -> list[ChatTicket]:
    made = []
    for key, indexes in form.ticked().items():
        lines = [proposal.lines[index] for index in indexes]
        number = key if not key.startswith("own-") else str(lines[0].ticket)
        made.append(_ticket(proposal, form, number, lines))
    return made


def _ticket(
    proposal: Proposal, form: ChatTicketsForm, number: str, lines: Sequence[Line]
) -> ChatTicket:
    requester = form.person(number)
    assert requester is not None  # noqa: S101  (the form refuses a card without a person)
    card = next(card for card in proposal.cards if str(card.number) == number)
    product = form.product(number)
    said = [line.said for line in lines]
    others = [form.person(str(line.ticket)) for line in lines if line.ticket != card.number]
    return ChatTicket(
        requester=requester,
        product=product,
        module=card.module if card.module and card.module.product_id == product.pk else None,
        title=derived_title(own_words(said)),
        description=description_of(said, {one.name for one in said}),
        words=[ChatWords(line.message_id, line.said.name, line.said.at, line.said.text)
               for line in lines],
        others=_each_once(others),
        field=f"who-{number}",
    )  # fmt: skip


def _each_once(people: Sequence[User | None]) -> list[User]:
    return list({person.pk: person for person in people if person is not None}.values())


def _chosen(proposal: Proposal, form: ChatTicketsForm) -> list[tuple[str, User]]:
    """Names that the agent gave a person: remembered for the next log."""
    used = {proposal.lines[i].ticket for lines in form.ticked().values() for i in lines}
    return [
        (card.name, person)
        for card in proposal.cards
        if card.number in used
        and card.name
        and (person := form.person(str(card.number))) is not None
        and (card.person is None or card.is_guess or person.pk != card.person.pk)
    ]


@dataclass(frozen=True)
class _LineShown:
    """A line with its two fields; without them where it makes no ticket."""

    line: Line
    take: forms.BoundField | None = None
    to: forms.BoundField | None = None


@dataclass(frozen=True)
class _CardShown:
    card: Card
    who: forms.BoundField
    pick: forms.BoundField | None
    product: forms.BoundField
    into: forms.BoundField | None
    #: Asks for something: nobody, or several, of this name.
    is_open: bool


def _page(
    request: SignedInRequest,
    form: ChatLogForm,
    proposal: Proposal | None,
    asked: ChatTicketsForm | None,
    status: int,
) -> HttpResponse:
    there: dict[str, Any] = {"form": form, "proposal": proposal, "asked": asked}
    if proposal is not None and asked is not None:
        there["seen"] = _digest(form)
        there |= {"lines": _lines(proposal, asked), "cards": _cards(proposal, asked)}
        there["made"] = sum(line.made is not None for line in proposal.lines)
    answer = render(request, "tickets/chat_log.html", there, status=status)
    # Reading the log is no act: the form may be sent again with its key.
    answer.only_asks = status == 200  # type: ignore[attr-defined]
    return answer


def _lines(proposal: Proposal, asked: ChatTicketsForm) -> list[_LineShown]:
    return [
        _LineShown(line, asked[f"take-{line.index}"], asked[f"to-{line.index}"])
        if line.may_be_taken
        else _LineShown(line)
        for line in proposal.lines
    ]


def _cards(proposal: Proposal, asked: ChatTicketsForm) -> list[_CardShown]:
    return [
        _CardShown(
            card,
            asked[f"who-{card.number}"],
            asked[f"pick-{card.number}"] if card.candidates else None,
            asked[f"product-{card.number}"],
            asked[f"into-{card.number}"] if len(asked.cards) > 1 else None,
            card.person is None,
        )
        for card in _open_cards(proposal)
    ]
