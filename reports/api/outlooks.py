"""What was reckoned ahead: the list of weeks, and what followed from one of them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, Shape, person, responses
from reports.access import get_outlook_for_view, period_or_404, scope_of
from reports.models import Outlook
from reports.rendering.ahead import series_in_scope
from reports.rendering.ahead_plain import outlook_as_json

PAGE = 50


class OutlookFilterShape(Shape):
    before = serializers.CharField(
        required=False, max_length=10, help_text="Weeks older than this one, like `2026-W47`."
    )


class OutlookItemSerializer(serializers.Serializer[object]):
    period = serializers.CharField()
    computed_at = serializers.DateTimeField()


class OutlookListSerializer(serializers.Serializer[object]):
    results = OutlookItemSerializer(many=True)


class WeekCountSerializer(serializers.Serializer[object]):
    week = serializers.CharField()
    created = serializers.IntegerField()


class ExpectedSerializer(serializers.Serializer[object]):
    """One week to come; `mae`, `mean_mae` (of the mean of eight weeks) and `coverage` are measured
    over `origins` weeks gone by, told of at the same distance."""

    week = serializers.CharField()
    ahead = serializers.IntegerField(help_text="Weeks after the last known one.")
    model = serializers.CharField()
    value = serializers.FloatField()
    low = serializers.IntegerField(help_text="Of the 80 % interval.")
    high = serializers.IntegerField()
    origins = serializers.IntegerField()
    mae = serializers.FloatField(allow_null=True)
    mean_mae = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)


class SpikeSerializer(serializers.Serializer[object]):
    is_spike = serializers.BooleanField()
    count = serializers.IntegerField()
    expected = serializers.FloatField(allow_null=True)
    chance = serializers.FloatField(allow_null=True, help_text="Null: not enough history.")


class RiskSerializer(serializers.Serializer[object]):
    signs = serializers.ListField(child=serializers.CharField(), help_text="trend, returns, age")
    returned = serializers.IntegerField()
    returned_before = serializers.IntegerField()
    unfixed = serializers.IntegerField()
    age = serializers.FloatField(allow_null=True, help_text="Median days.")
    age_before = serializers.FloatField(allow_null=True)


class SeriesSerializer(serializers.Serializer[object]):
    """The tickets created in one product or module, or without ids in the whole company."""

    key = serializers.CharField(allow_blank=True)
    product_id = serializers.IntegerField(allow_null=True)
    module_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    counts = WeekCountSerializer(many=True)
    weeks_known = serializers.IntegerField()
    mase = serializers.FloatField(allow_null=True)
    forecasts = ExpectedSerializer(many=True, help_text="Empty: not enough history.")
    spike = SpikeSerializer()
    risk = RiskSerializer(allow_null=True)


class OutlookSerializer(serializers.Serializer[object]):
    period = serializers.CharField()
    computed_at = serializers.DateTimeField()
    series = SeriesSerializer(many=True)


class OutlookList(Endpoint):
    @extend_schema(
        operation_id="outlooks_list",
        summary="List outlooks",
        description="Weeks with an outlook, newest first, at most 50; `before` a week for the "
        "next.",
        parameters=[OutlookFilterShape],
        responses=responses({200: OutlookListSerializer}, 400, 404),
    )
    def get(self, request: Request) -> Response:
        scope_of(person(request))
        asked = OutlookFilterShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = Outlook.objects.order_by("-period")
        if before := asked.validated_data.get("before"):
            found = found.filter(period__lt=period_or_404(before).name)
        rows = found.values("period", "computed_at")[:PAGE]
        return Response(OutlookListSerializer({"results": list(rows)}).data)


class OutlookDetail(Endpoint):
    @extend_schema(
        operation_id="outlooks_read",
        summary="Read an outlook",
        description="What followed from the weeks up to `period`, of what the asking person may "
        "see: forecasts with their back-test, what stood out, modules at risk.",
        responses=responses({200: OutlookSerializer}, 404),
    )
    def get(self, request: Request, period: str) -> Response:
        scope = scope_of(person(request))
        outlook = get_outlook_for_view(period_or_404(period))
        found = outlook_as_json(outlook, series_in_scope(outlook, scope))
        return Response(OutlookSerializer(found).data)
