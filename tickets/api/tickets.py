"""Tickets: list, submit, read, edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from catalog.access import rights_of
from core import api
from core.errors import BadInput, Problem
from core.searchkey import terms
from tickets.access import (
    get_saved_view_for_view,
    get_ticket_for_view,
    may_read_notes,
    readable_notes,
    require_staff,
)
from tickets.actions import TicketDraft, edit_ticket, submit_ticket
from tickets.api import shapes
from tickets.api.endpoint import (
    IF_MATCH,
    ONCE,
    Endpoint,
    UploadEndpoint,
    now,
    parsed,
    person,
    responses,
)
from tickets.api.paging import PAGE_SIZE, key_page
from tickets.api.serializers import (
    StaffTicketRowSerializer,
    StaffTicketSerializer,
    TicketPageSerializer,
    TicketRowSerializer,
    TicketSerializer,
)
from tickets.choices import Channel
from tickets.models import Ticket
from tickets.policies import allowed_verbs, contract_of
from tickets.querysets import TicketQuerySet
from tickets.search.filters import Asking, checked_filter
from tickets.search.limits import WAITED_FOR, at_most
from tickets.search.listing import Listing
from tickets.search.orders import DEFAULT_SORT, order_of, ranked

#: One CJK character has no trigram: only the newest tickets are searched for it.
SCAN_NEWEST = 20_000

WHOLE_TICKET = PolymorphicProxySerializer(
    component_name="AnyTicket",
    serializers=[StaffTicketSerializer, TicketSerializer],
    resource_type_field_name=None,
)


def ticket_answer(user: User, pk: int, *, status: int = 200) -> Response:
    """The whole ticket as this person may see it, with its version as ETag.

    204 when the act took the ticket out of this person's sight.
    """
    try:
        ticket = get_ticket_for_view(user, pk)
    except Http404:
        return Response(status=204)
    staff = may_read_notes(ticket, user)
    attachments = ticket.attachments.select_related("file").order_by("pk")
    if not staff:
        attachments = attachments.exclude(comment__kind="note")
    context: dict[str, Any] = {
        "attachments": attachments,
        "verbs": sorted(
            verb.replace("_", "-") for verb in allowed_verbs(ticket, user, rights_of(user))
        ),
        "contract": contract_of(ticket) if staff else (),
    }
    serializer = StaffTicketSerializer if staff else TicketSerializer
    body = serializer(ticket, context=context).data
    return Response(body, status=status, headers=api.etag(ticket.version))


def desk_filtered(user: User, asked: dict[str, Any]) -> TicketQuerySet:
    """Tickets the asking person may see; with conditions those of their desk that meet them.

    Conditions ask for what only the desk may know, so they never reach one's own tickets beside it.
    """
    if not asked.get("f") and "view" not in asked:
        return Ticket.objects.visible_to(user)
    require_staff(user)
    asking, tickets = Asking(user, now()), Ticket.objects.on_desk_of(user)
    if "view" in asked:
        listing = Listing.of_view(get_saved_view_for_view(user, asked["view"]))
        tickets = listing.read(asking).all_tickets()
    return checked_filter(asked.get("f", ()), asking).of(tickets)


def _sorted_page(
    rows: TicketQuerySet, request: Request, asked: dict[str, Any]
) -> tuple[list[Ticket], str | None]:
    """A page in an order of one's own, and the address of the next. Raises BadInput."""
    order, problems = order_of(asked["sort"])
    behind = order.read(asked["behind"]) if "behind" in asked else None
    if "behind" in asked and behind is None:
        problems = [
            *problems,
            Problem(
                "behind",
                _("This is no key of this order."),
                _("Use the address given as `next`."),
                asked["behind"][:80],
            ),
        ]
    if problems:
        raise BadInput(*problems)
    rows = ranked(rows, order, Asking(person(request), now()))
    if behind is not None:
        rows = rows.filter(order.beyond(behind))
    with at_most(WAITED_FOR):
        found = list(rows.order_by(*order.order_by())[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, None
    query = request.query_params.copy()
    query["behind"] = order.token([_value(found[PAGE_SIZE - 1], path) for path in order.paths])
    return found[:PAGE_SIZE], f"{request.path}?{query.urlencode()}"


def _value(ticket: Ticket, path: str) -> Any:
    value: Any = ticket
    for name in path.split("__"):
        value = getattr(value, name, None)
    return value


def filtered(rows: TicketQuerySet, asked: dict[str, Any]) -> TicketQuerySet:
    """The rows that were asked for."""
    for name in ("level", "product", "module"):
        if name in asked:
            rows = rows.filter(**{name: asked[name]})
    if asked.get("status"):
        rows = rows.filter(status__in=asked["status"])
    if "assignee" in asked:
        rows = rows.filter(assignee=asked["assignee"])
    if "q" in asked:
        rows = rows.matching(asked["q"])
        if any(term.scans for term in terms(asked["q"])):
            newest = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            rows = rows.filter(pk__gt=newest - SCAN_NEWEST)
    return rows


def _rows(tickets: Sequence[Ticket], user: User) -> list[Any]:
    """Each ticket as this person may see it in a list."""
    staff = readable_notes(tickets, user)
    return [
        (StaffTicketRowSerializer if row.pk in staff else TicketRowSerializer)(row).data
        for row in tickets
    ]


class TicketList(UploadEndpoint):
    @extend_schema(
        operation_id="tickets_list",
        summary="List tickets",
        description="Tickets the asking person may see, newest first, 50 a page. Nothing is "
        "counted. One Chinese character as `q` searches the newest 20,000 tickets only.",
        parameters=[shapes.TicketFilterSerializer],
        responses=responses({200: TicketPageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        asked = shapes.TicketFilterSerializer(data=request.query_params, context={"user": user})
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        rows = filtered(desk_filtered(user, values).with_row_data(), values)
        rows = rows.select_related("department", "cause")
        if values.get("sort", DEFAULT_SORT) != DEFAULT_SORT:
            found, following = _sorted_page(rows, request, values)
            return Response({"results": _rows(found, user), "next": following, "previous": None})
        page = key_page(rows, request, asked.validated_data, newest_first=True)
        return Response(
            {"results": _rows(page.rows, user), "next": page.next, "previous": page.previous}
        )

    @extend_schema(
        operation_id="tickets_submit",
        summary="Submit a ticket",
        description="For oneself, or by staff on behalf of a colleague. The title is derived from "
        "the description when it is left out. Files come as multipart.",
        parameters=[ONCE],
        request={
            "application/json": shapes.SubmitSerializer,
            "multipart/form-data": shapes.SubmitSerializer,
        },
        responses=responses({201: WHOLE_TICKET}, 400, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(shapes.SubmitSerializer, request)

        def act() -> Response:
            draft = TicketDraft(**{**values, "channel": Channel.API})
            ticket = submit_ticket(draft, acting_user=user, now=now())
            response = ticket_answer(user, ticket.pk, status=201)
            response["Location"] = f"{request.path}/{ticket.pk}"
            return response

        return self.act_once(act)


class TicketDetail(Endpoint):
    @extend_schema(
        operation_id="tickets_read",
        summary="Read a ticket",
        description="Those who work on it see everything with its contract; its requester and "
        "watchers see fewer fields. The ETag is the version that a change must name.",
        responses=responses({200: WHOLE_TICKET}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        get_ticket_for_view(user, pk)
        return ticket_answer(user, pk)

    @extend_schema(
        operation_id="tickets_edit",
        summary="Edit a ticket",
        description="Its place, type, weight and contract rows. Refused field by field when one "
        "of the fields sent changed after the version named by If-Match.",
        parameters=[IF_MATCH],
        request=shapes.EditSerializer,
        responses=responses({200: WHOLE_TICKET}, 400, 404, 409, 412, 428),
    )
    def patch(self, request: Request, pk: int) -> Response:
        user = person(request)
        ticket = get_ticket_for_view(user, pk)
        seen = api.seen_version(request)
        values = parsed(shapes.EditSerializer, request)
        files = values.pop("field_files", {})
        edit_ticket(
            ticket, values, acting_user=user, now=now(), seen_version=seen, field_files=files
        )
        return ticket_answer(user, pk)
