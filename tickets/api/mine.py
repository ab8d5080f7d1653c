"""A requester's side: their tickets in plain words, where one stands, and what they are asked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.events import history
from core.registry import OpenQuestion, open_questions
from tickets.access import get_ticket_for_view
from tickets.api.endpoint import Endpoint, Shape, now, person, responses
from tickets.api.serializers import RefSerializer, TicketRowSerializer
from tickets.api.shapes import MAX_ID
from tickets.choices import RatingReason, Score
from tickets.models import Rating, Ticket
from tickets.notifications import visible_name
from tickets.policies.rating import rated_until, reasons_for
from tickets.rendering.mine import MyRow, my_rows
from tickets.rendering.standing import standing
from tickets.search.mine import Asked, Shown, page_for
from tickets.sla.closing import closing_day


class StandingSerializer(serializers.Serializer[Any]):
    """Where a ticket stands, in its requester's words and the asking person's language."""

    title = serializers.CharField()
    text = serializers.CharField(help_text="What happens next.")
    holder = serializers.CharField(help_text="Who has it now: a person or a team.")
    holder_role = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    by = serializers.DateTimeField(
        allow_null=True, help_text="When the next word is due by the service policy."
    )
    is_late = serializers.BooleanField()
    is_provisional = serializers.BooleanField(
        help_text="The holidays of a year on the way are not published yet."
    )
    day = serializers.DateField(
        allow_null=True, help_text="The promised day; of a resolved ticket, when silence closes it."
    )
    is_day_late = serializers.BooleanField()
    is_dateless = serializers.BooleanField(help_text="Worked on, and nobody can name a date.")


class MyTicketSerializer(serializers.Serializer[Any]):
    """One of the asking person's tickets."""

    ticket = TicketRowSerializer()
    status_name = serializers.SerializerMethodField(help_text="The status as requesters read it.")
    is_mine = serializers.BooleanField(help_text="False: they observe a colleague's.")
    waits_for_me = serializers.BooleanField()
    standing = StandingSerializer(source="told")

    def get_status_name(self, row: MyRow) -> str:
        return visible_name(row.ticket.status, row.ticket.resolution)


class MyTicketPageSerializer(serializers.Serializer[Any]):
    results = MyTicketSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class MyTicketFilterSerializer(serializers.Serializer[Any]):
    """What of one's own tickets is asked for."""

    show = serializers.ChoiceField([(s.value, s.value) for s in Shown], default=Shown.ALL.value)
    q = serializers.CharField(
        required=False, max_length=200, default="", help_text="Words that all occur in it."
    )
    product = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, default=None,
        help_text="Only this product's: its id.",
    )  # fmt: skip
    before = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, default=None, help_text="See `next`."
    )


class RatingSerializer(serializers.Serializer[Rating]):
    """How content the requester was."""

    score = serializers.ChoiceField(Score.choices)
    reasons = serializers.ListField(child=serializers.ChoiceField(RatingReason.choices))
    words = serializers.CharField()
    rated_at = serializers.DateTimeField()


class RateSerializer(Shape):
    """1 dissatisfied, 2 so-so, 3 satisfied; reasons that go with it."""

    score = serializers.ChoiceField(Score.choices)
    reasons = serializers.ListField(
        child=serializers.ChoiceField(RatingReason.choices), required=False, max_length=20
    )
    words = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class WholeStandingSerializer(StandingSerializer):
    """The same with the rating, who reads along, and until when it may be rated."""

    ref = serializers.CharField()
    status_name = serializers.CharField()
    observers = RefSerializer(many=True)
    rating = RatingSerializer(allow_null=True)
    rated_until = serializers.DateTimeField(allow_null=True)
    reasons = serializers.SerializerMethodField(help_text="By score, the reasons that go with it.")

    @extend_schema_field(
        serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    def get_reasons(self, values: dict[str, Any]) -> dict[str, list[str]]:
        family = self.context["ticket"].family
        return {str(s.value): [r.value for r in reasons_for(s, family)] for s in Score}


class OpenQuestionSerializer(serializers.Serializer[OpenQuestion]):
    """Something the asking person is asked: answered on its page or by the verbs of the API."""

    ref = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField(help_text="Its page.")
    asked_at = serializers.DateTimeField()


class QuestionListSerializer(serializers.Serializer[Any]):
    results = OpenQuestionSerializer(many=True)


class MyTicketList(Endpoint):
    @extend_schema(
        operation_id="my_tickets_list",
        summary="List one's own tickets",
        description="Those the asking person submitted or observes, newest first, each with where "
        "it stands: who has it, since when, what happens next and by when.",
        parameters=[MyTicketFilterSerializer],
        responses=responses({200: MyTicketPageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        user, at = person(request), now()
        sent = MyTicketFilterSerializer(data=request.query_params)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        asked = Asked(
            Shown(values["show"]), values["q"].replace("\x00", ""), values["product"],
            values["before"],
        )  # fmt: skip
        tickets, following = page_for(user, asked)
        rows = MyTicketSerializer(my_rows(tickets, user, at), many=True).data
        address = None
        if following is not None:
            query = request.query_params.copy()
            query["before"] = str(following)
            address = f"{request.path}?{query.urlencode()}"
        return Response({"results": rows, "next": address})


class TicketStanding(Endpoint):
    @extend_schema(
        operation_id="tickets_standing",
        summary="Where a ticket stands, in plain words",
        responses=responses({200: WholeStandingSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user, at = person(request), now()
        ticket = get_ticket_for_view(user, pk)
        values = {**_standing_of(ticket, user, at), "observers": _observers(ticket)}
        if ticket.requester_id == user.pk:
            values |= {
                "rating": Rating.objects.filter(ticket=ticket).first(),
                "rated_until": rated_until(ticket),
            }
        return Response(WholeStandingSerializer(values, context={"ticket": ticket}).data)


def _standing_of(ticket: Ticket, user: Any, at: dt.datetime) -> dict[str, Any]:
    events = list(history(Ticket.SUBJECT, ticket.pk))
    told = standing(ticket, events, at, closes_on=closing_day(ticket, at), viewer=user)
    return {
        **dataclasses.asdict(told), "ref": ticket.ref,
        "status_name": visible_name(ticket.status, ticket.resolution),
        "rating": None, "rated_until": None,
    }  # fmt: skip


def _observers(ticket: Ticket) -> list[Any]:
    return [watcher.user for watcher in ticket.watchers.select_related("user").order_by("pk")]


class QuestionList(Endpoint):
    @extend_schema(
        operation_id="my_questions_list",
        summary="What one is asked at the moment",
        description="Everything that waits for a yes or a no of the asking person, newest first.",
        responses=responses({200: QuestionListSerializer}),
    )
    def get(self, request: Request) -> Response:
        found = open_questions(person(request), now())
        return Response(QuestionListSerializer({"results": found}).data)
