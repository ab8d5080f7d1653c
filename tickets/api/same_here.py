"""Known issues that everybody may read, and one's own "same here" on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.changes import TEXT_MAX
from tickets import actions
from tickets.access import (
    get_cause_for_edit,
    get_known_issue,
    get_own_same_here,
    get_ticket_for_view,
)
from tickets.api.endpoint import ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.serializers import RefSerializer
from tickets.api.shapes import NothingSerializer
from tickets.choices import Channel, SameHereState
from tickets.models import Cause, SameHere

KNOWN_SHOWN = 100
OWN_SHOWN = 100


class PublicKnownIssueSerializer(serializers.Serializer[Any]):
    """What everybody may know of a known issue."""

    id = serializers.IntegerField()
    ref = serializers.CharField()
    title = serializers.CharField()
    product = RefSerializer()
    module = RefSerializer(allow_null=True)
    workaround = serializers.CharField()
    promised_on = serializers.DateField(allow_null=True)


class SameHereSerializer(serializers.Serializer[Any]):
    """One person's voice, in their own words."""

    id = serializers.IntegerField()
    cause = serializers.IntegerField(source="cause_id", allow_null=True)
    ticket = serializers.IntegerField(source="ticket_id", allow_null=True)
    person = RefSerializer()
    words = serializers.CharField()
    state = serializers.ChoiceField(SameHereState.choices)
    said_at = serializers.DateTimeField()
    asked_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    led_to = serializers.IntegerField(
        source="led_to_id", allow_null=True, help_text="The ticket its “it doesn't” became."
    )


class SayShape(Shape):
    words = serializers.CharField(max_length=TEXT_MAX, help_text="In the person's own words.")
    person = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True,
        help_text="For whom; only staff speak for a colleague.",
    )  # fmt: skip


class BecauseShape(Shape):
    because = serializers.CharField(max_length=TEXT_MAX, help_text="What happens instead.")


class KnownIssueList(Endpoint):
    @extend_schema(
        operation_id="known_issues_list",
        summary="List known issues",
        description="Those that are not fixed yet, newest first, 100 at most. Everybody may.",
        responses=responses({200: PublicKnownIssueSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        rows = Cause.objects.known_issues().select_related("product", "module").order_by("-id")
        return Response(PublicKnownIssueSerializer(list(rows[:KNOWN_SHOWN]), many=True).data)


class _Say(Endpoint):
    """Adds a voice to what the door of the address lets the person see."""

    @staticmethod
    def about(user: User, pk: int) -> Any:
        raise NotImplementedError

    @extend_schema(
        summary="Say “same here”",
        description="Who said so before and still waits gets that voice again.",
        parameters=[ONCE],
        request=SayShape,
        responses=responses({201: SameHereSerializer}, 400, 404, 409, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        about = self.about(user, pk)
        values = parsed(SayShape, request)

        def act() -> Response:
            row = actions.same_here(
                about, values["words"], person=values.get("person"), channel=Channel.API,
                acting_user=user, now=now(),
            )  # fmt: skip
            return Response(SameHereSerializer(row).data, status=201)

        return self.act_once(act)


class KnownIssueSameHere(_Say):
    @staticmethod
    def about(user: User, pk: int) -> Any:
        return get_known_issue(user, pk)


class TicketSameHere(_Say):
    @staticmethod
    def about(user: User, pk: int) -> Any:
        return get_ticket_for_view(user, pk)


class CauseSameHereList(Endpoint):
    @extend_schema(
        operation_id="causes_same_heres",
        summary="Who said “same here” of a cause",
        description="With their words, newest first. For staff of its product.",
        responses=responses({200: SameHereSerializer(many=True)}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        cause = get_cause_for_edit(person(request), pk)
        rows = cause.same_heres.select_related("person").order_by("-id")
        return Response(SameHereSerializer(list(rows[:KNOWN_SHOWN]), many=True).data)


class MySameHereList(Endpoint):
    @extend_schema(
        operation_id="my_same_heres",
        summary="List one's own voices",
        description="Newest first, 100 at most.",
        responses=responses({200: SameHereSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        rows = SameHere.objects.filter(person=person(request)).select_related("person")
        return Response(SameHereSerializer(list(rows.order_by("-id")[:OWN_SHOWN]), many=True).data)


Act = Callable[[SameHere, dict[str, Any], User, dt.datetime], SameHere]


def own_verb_view(
    name: str, summary: str, shape: type[serializers.Serializer[Any]], act: Act
) -> type[Endpoint]:
    """One verb of one's own voice."""

    class Verb(Endpoint):
        @extend_schema(
            operation_id=f"my_same_here_{name.replace('-', '_')}",
            summary=summary,
            parameters=[ONCE],
            request=shape,
            responses=responses({200: SameHereSerializer}, 400, 404, 409, 422),
        )
        def post(self, request: Request, pk: int) -> Response:
            user = person(request)
            row = get_own_same_here(user, pk)
            values = parsed(shape, request)

            def done() -> Response:
                return Response(SameHereSerializer(act(row, values, user, now())).data)

            return self.act_once(done)

    return Verb


OWN_VERBS: dict[str, type[Endpoint]] = {
    "confirm": own_verb_view(
        "confirm", "It works for me", NothingSerializer,
        lambda row, values, user, at: actions.confirm_same_here(row, acting_user=user, now=at),
    ),
    "refuse": own_verb_view(
        "refuse", "It doesn't, because …: a ticket of the cause", BecauseShape,
        lambda row, values, user, at: actions.refuse_same_here(
            row, values["because"], acting_user=user, now=at
        ),
    ),
    "take-back": own_verb_view(
        "take-back", "I do not have it after all", NothingSerializer,
        lambda row, values, user, at: actions.take_back_same_here(row, acting_user=user, now=at),
    ),
}  # fmt: skip
