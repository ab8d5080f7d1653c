"""What the API of reports takes and gives."""

from __future__ import annotations

from rest_framework import serializers

from reports.choices import PeriodKind
from tickets.api.endpoint import Shape


class ReportFilterShape(Shape):
    kind = serializers.ChoiceField(choices=PeriodKind.choices, required=False)
    before = serializers.CharField(
        required=False, max_length=10, help_text="Periods older than this one, like `2026-W47`."
    )


class ReportItemSerializer(serializers.Serializer[object]):
    period = serializers.CharField()
    period_kind = serializers.CharField()
    definition_version = serializers.CharField()
    computed_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField()


class ReportListSerializer(serializers.Serializer[object]):
    results = ReportItemSerializer(many=True)


class ActionSerializer(serializers.Serializer[object]):
    """An action agreed on in this report, or carried over from an earlier one."""

    agreed_in = serializers.CharField()
    text = serializers.CharField()
    owner = serializers.CharField()
    due_on = serializers.DateField()
    state = serializers.CharField()
    is_late = serializers.BooleanField()
    outcome = serializers.CharField()


class ReportSerializer(serializers.Serializer[object]):
    period = serializers.CharField()
    definition_version = serializers.CharField()
    as_of = serializers.DateTimeField()
    computed_at = serializers.DateTimeField()
    corrects = serializers.DateTimeField(allow_null=True)
    scope = serializers.ListField(child=serializers.CharField())
    figures = serializers.DictField()
    definitions = serializers.DictField(child=serializers.CharField())
    breakdowns = serializers.DictField()
    #: What a person wrote, else what the figures say by themselves.
    conclusion = serializers.ListField(child=serializers.CharField())
    is_draft = serializers.BooleanField()
    actions = ActionSerializer(many=True)
    #: Words of dissatisfied people, without names.
    comments = serializers.ListField(child=serializers.CharField())


def _narrowed(length: int, said: str) -> serializers.CharField:
    return serializers.CharField(
        required=False, max_length=length, allow_blank=True, help_text=said
    )


class RowFilterShape(Shape):
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="Rows behind this key: `next`."
    )
    product = _narrowed(18, "Only rows of this product (its id); empty for those without one.")
    module = _narrowed(18, "Only rows of this module (its id); empty for those without one.")
    department = _narrowed(18, "Only rows of this department (its id); empty for none.")
    type = _narrowed(16, "Only tickets of this type; empty for those without one.")
    reason = _narrowed(16, "Only rows with this reason; empty for those without one.")
    level = serializers.CharField(
        required=False, max_length=1, help_text="Only tickets that ended at this level, 1–4."
    )
    part = serializers.ChoiceField(choices=["met", "missed"], required=False)


class RowSerializer(serializers.Serializer[object]):
    ref = serializers.CharField()
    #: Empty where the asking person may not see what it is about.
    title = serializers.CharField()
    url = serializers.CharField()
    at = serializers.DateTimeField(source="row.at")
    amount = serializers.IntegerField(source="row.amount")
    seconds = serializers.IntegerField(source="row.seconds", allow_null=True)
    product = serializers.CharField()
    module = serializers.CharField()
    department = serializers.CharField()
    type = serializers.CharField(source="row.type")
    level = serializers.IntegerField(source="row.level", allow_null=True)
    reason = serializers.CharField(source="row.reason")


class RowListSerializer(serializers.Serializer[object]):
    count = serializers.IntegerField()
    results = RowSerializer(many=True)
    next = serializers.IntegerField(allow_null=True)
