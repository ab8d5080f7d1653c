"""The verbs of a ticket, each an address of its own: POST /tickets/{id}/{verb}."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import api
from tickets import actions
from tickets.access import get_ticket_for_view
from tickets.actions.relating import link_between
from tickets.api import shapes
from tickets.api.endpoint import IF_MATCH, ONCE, Endpoint, now, parsed, person, responses
from tickets.api.mine import RateSerializer
from tickets.api.tickets import WHOLE_TICKET, ticket_answer
from tickets.models import Ticket

#: (ticket, fields sent, who, when, version seen)
Act = Callable[[Ticket, dict[str, Any], User, dt.datetime, int | None], object]


@dataclass(frozen=True)
class Verb:
    """One verb: the fields it takes and the action it is.

    `reads` is False for a verb that cannot conflict (an addition, or a compare-and-set of its
    own) and so names no version.
    """

    name: str
    summary: str
    fields: type[serializers.Serializer[Any]]
    act: Act
    reads: bool = True


def _simple(action: Callable[..., object], **names: str) -> Act:
    """`action(ticket, field=…)`; `names` maps the action's arguments to the fields sent."""

    def act(
        ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
    ) -> object:
        given = {argument: values[name] for argument, name in names.items() if name in values}
        return action(ticket, **given, acting_user=user, now=at, seen_version=seen)

    return act


def _watch(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.add_watcher(ticket, values.get("user") or user, acting_user=user, now=at)


def _unwatch(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> None:
    actions.remove_watcher(ticket, values.get("user") or user, acting_user=user, now=at)


def _link(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.link_tickets(ticket, values["other"], values["kind"], acting_user=user, now=at)


def _unlink(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    link = link_between(ticket, values["other"], values["kind"])
    return actions.unlink_tickets(ticket, link, acting_user=user, now=at)


def _split(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.split_ticket(
        ticket, values["words"], values.get("title", ""), acting_user=user, now=at
    )


def _rate(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.rate_ticket(
        ticket, values["score"], values.get("reasons", ()), values.get("words", ""),
        acting_user=user, now=at,
    )  # fmt: skip


def _undo(
    ticket: Ticket, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.undo_act(ticket, values["version"], acting_user=user, now=at)


VERBS: tuple[Verb, ...] = (
    Verb(
        "claim", "Take a ticket that nobody holds", shapes.NothingSerializer,
        _simple(actions.claim_ticket), reads=False,
    ),
    Verb(
        "assign", "Give it to an agent, or to nobody", shapes.AssignSerializer,
        _simple(actions.assign_ticket, assignee="assignee"),
    ),
    Verb(
        "transfer", "Hand it to another team of product operations", shapes.TransferSerializer,
        _simple(actions.transfer_ticket, team="team", assignee="assignee"),
    ),
    Verb(
        "relay", "Relay it to a team outside product operations (L1)", shapes.RelaySerializer,
        _simple(actions.relay_ticket, team="team", note="note"),
    ),
    Verb(
        "return-relay", "The outside team sends it back", shapes.ReturnRelaySerializer,
        _simple(actions.return_relay, reason="reason", note="note"),
    ),
    Verb(
        "deliver-relay", "The outside team solved it", shapes.NoteSerializer,
        _simple(actions.deliver_relay, note="note"),
    ),
    Verb(
        "move-up", "Move it to a higher level", shapes.MoveUpSerializer,
        _simple(actions.move_up, to_level="level"),
    ),
    Verb(
        "return", "Send it down a level with a reason", shapes.ReturnSerializer,
        _simple(actions.return_ticket, to_level="level", reason="reason", note="note"),
    ),
    Verb(
        "tag", "Put tags on and take tags off", shapes.TagSerializer,
        _simple(actions.tag_ticket, add="add", remove="remove"), reads=False,
    ),
    Verb(
        "ask", "Ask the requester; the clock pauses", shapes.QuestionSerializer,
        _simple(actions.ask_requester, question="question"),
    ),
    Verb(
        "link-cause", "Say which cause it has", shapes.LinkCauseSerializer,
        _simple(actions.link_cause, cause="cause"),
    ),
    Verb(
        "push", "Push it to the owner of its cause (L3)", shapes.CauseChoiceSerializer,
        _simple(actions.push_ticket, cause="cause"),
    ),
    Verb(
        "resolve", "Resolve it with a code", shapes.ResolveSerializer,
        _simple(actions.resolve_ticket, resolution="resolution"),
    ),
    Verb(
        "confirm", "The requester says that it works", shapes.NothingSerializer,
        _simple(actions.confirm_ticket),
    ),
    Verb(
        "reopen", "It does not work after all", shapes.ReasonSerializer,
        _simple(actions.reopen_ticket, reason="reason"),
    ),
    Verb(
        "rate", "Rate its course, or change the rating", RateSerializer, _rate, reads=False
    ),
    Verb(
        "withdraw", "The requester needs it no longer", shapes.OptionalReasonSerializer,
        _simple(actions.withdraw_ticket, reason="reason"),
    ),
    Verb(
        "reject", "Product operations will not handle it", shapes.ReasonSerializer,
        _simple(actions.reject_ticket, reason="reason"),
    ),
    Verb(
        "merge", "Merge it into another ticket of its requester", shapes.IntoSerializer,
        _simple(actions.merge_ticket, into="into"),
    ),
    Verb(
        "restore", "Undo its cancellation", shapes.NothingSerializer,
        _simple(actions.restore_ticket),
    ),
    Verb(
        "link", "Say how it stands to another ticket", shapes.LinkSerializer, _link, reads=False
    ),
    Verb(
        "unlink", "Take such a link off", shapes.LinkSerializer, _unlink, reads=False
    ),
    Verb(
        "split", "Make a ticket of its own out of some of the words", shapes.SplitSerializer,
        _split, reads=False,
    ),
    Verb("undo", "Undo one's own act", shapes.UndoSerializer, _undo, reads=False),
    Verb("watch", "Let somebody follow it", shapes.WatcherSerializer, _watch, reads=False),
    Verb("unwatch", "Stop somebody following it", shapes.WatcherSerializer, _unwatch, reads=False),
)  # fmt: skip


class TicketVerb(Endpoint):
    """POST of one verb; `verb_view` makes one class a verb, so each is documented by itself."""

    verb: Verb

    def act(self, request: Request, pk: int) -> Response:
        user = person(request)
        ticket = get_ticket_for_view(user, pk)
        seen = api.seen_version(request) if self.verb.reads else None
        values = parsed(self.verb.fields, request)

        def act() -> Response:
            self.verb.act(ticket, values, user, now(), seen)
            return ticket_answer(user, pk)

        return self.act_once(act)


def verb_view(verb: Verb) -> type[TicketVerb]:
    """The view class of one verb."""

    @extend_schema(
        operation_id=f"tickets_{verb.name.replace('-', '_')}",
        summary=verb.summary,
        description="Answers the ticket as it is then; without a body when the act took it out "
        "of the asking person's sight. A refusal names each field or contract row that is missing.",
        parameters=[IF_MATCH, ONCE] if verb.reads else [ONCE],
        request=None if verb.fields is shapes.NothingSerializer else verb.fields,
        responses=responses(
            {200: WHOLE_TICKET, 204: None}, 400, 404, 409, 422, *((412, 428) if verb.reads else ())
        ),
    )
    def post(self: TicketVerb, request: Request, pk: int) -> Response:
        return self.act(request, pk)

    name = "".join(word.title() for word in verb.name.split("-"))
    return type(f"Ticket{name}", (TicketVerb,), {"verb": verb, "post": post})
