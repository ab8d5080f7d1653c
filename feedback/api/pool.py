"""Feedback: what people said; list, add, put into a demand, set aside."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from catalog.models import Module, Product
from core.changes import TEXT_MAX
from feedback import actions
from feedback.api.shapes import PageShape, ReasonShape, VisibleDemandField
from feedback.choices import SPOKEN_SOURCES, FeedbackSource
from feedback.models import FeedbackItem
from tickets.api.endpoint import ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.paging import key_page
from tickets.api.serializers import RefSerializer

WITH = ("product", "module", "person", "department")
_STATES = ("waiting", "gathered", "set_aside")


class FeedbackFilterShape(PageShape):
    state = serializers.ChoiceField([(state, state) for state in _STATES], required=False)
    product = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.all(), required=False, help_text="Only this product's: its id."
    )


class FeedbackShape(Shape):
    words = serializers.CharField(max_length=TEXT_MAX, help_text="As they were said.")
    person = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(is_active=True))
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.filter(is_active=True), required=False, allow_null=True
    )
    source = serializers.ChoiceField(SPOKEN_SOURCES)  # type: ignore[assignment]
    importance = serializers.IntegerField(min_value=0, max_value=3, required=False)
    hours_per_week = serializers.DecimalField(
        max_digits=5, decimal_places=1, min_value=0, max_value=168, required=False, allow_null=True
    )


class GatherShape(Shape):
    demand = VisibleDemandField()


class FeedbackSerializer(serializers.Serializer[Any]):
    """Somebody's words. `demand` null: they wait, or were set aside with a reason."""

    id = serializers.IntegerField()
    words = serializers.CharField()
    person = RefSerializer()
    department = RefSerializer(allow_null=True)
    product = RefSerializer()
    module = RefSerializer(allow_null=True)
    source = serializers.ChoiceField(FeedbackSource.choices)  # type: ignore[assignment]
    importance = serializers.IntegerField()
    hours_per_week = serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    ticket = serializers.IntegerField(source="ticket_id", allow_null=True)
    demand = serializers.IntegerField(source="demand_id", allow_null=True)
    set_aside_reason = serializers.CharField()
    set_aside_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class FeedbackPageSerializer(serializers.Serializer[Any]):
    """One page of feedback, newest first; `next` leads to older ones."""

    results = FeedbackSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def _answer(pk: int, status: int = 200) -> Response:
    row = FeedbackItem.objects.select_related(*WITH).get(pk=pk)
    return Response(FeedbackSerializer(row).data, status=status)


class FeedbackList(Endpoint):
    @extend_schema(
        operation_id="feedback_list",
        summary="List feedback",
        description="What people said about the products of the asking person, newest first.",
        parameters=[FeedbackFilterShape],
        responses=responses({200: FeedbackPageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        asked = FeedbackFilterShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        rows = FeedbackItem.objects.visible_to(person(request)).select_related(*WITH)
        if state := wanted.get("state"):
            rows = getattr(rows, state)()
        if product := wanted.get("product"):
            rows = rows.filter(product=product)
        page = key_page(rows, request, wanted, newest_first=True)
        results = FeedbackSerializer(page.rows, many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="feedback_add",
        summary="Add what somebody said",
        description="Word for word. One's own words, or, by staff of the product, another's.",
        parameters=[ONCE],
        request=FeedbackShape,
        responses=responses({201: FeedbackSerializer}, 400, 403, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(FeedbackShape, request)

        def act() -> Response:
            item = actions.add_feedback(**values, acting_user=user, now=now())
            return _answer(item.pk, status=201)

        return self.act_once(act)


class FeedbackGather(Endpoint):
    @extend_schema(
        operation_id="feedback_gather",
        summary="Put words into a demand",
        description="Their person is owed word by the demand from then on.",
        parameters=[ONCE],
        request=GatherShape,
        responses=responses({200: FeedbackSerializer}, 400, 403, 404, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        item = get_object_or_404(FeedbackItem.objects.visible_to(user), pk=pk)
        demand = parsed(GatherShape, request)["demand"]

        def act() -> Response:
            actions.gather_feedback([item], demand, acting_user=user, now=now())
            return _answer(item.pk)

        return self.act_once(act)


class FeedbackSetAside(Endpoint):
    @extend_schema(
        operation_id="feedback_set_aside",
        summary="No demand comes of it",
        description="The person is told the reason.",
        parameters=[ONCE],
        request=ReasonShape,
        responses=responses({200: FeedbackSerializer}, 400, 403, 404, 409, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        item = get_object_or_404(FeedbackItem.objects.visible_to(user), pk=pk)
        reason = parsed(ReasonShape, request)["reason"]

        def act() -> Response:
            actions.set_aside_feedback(item, reason, acting_user=user, now=now())
            return _answer(item.pk)

        return self.act_once(act)
