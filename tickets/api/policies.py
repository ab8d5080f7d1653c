"""Service policies, to read: those who work on tickets see what their clocks follow from."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import require
from catalog.choices import PermissionRole
from core import api
from tickets.api.endpoint import Endpoint, person, responses
from tickets.choices import Priority
from tickets.models import ServicePolicy

READERS = (
    PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST,
    PermissionRole.ADMINISTRATOR,
)  # fmt: skip


class TargetSerializer(serializers.Serializer[Any]):
    """Working time of one priority, in seconds."""

    priority = serializers.ChoiceField(Priority.choices)
    response_seconds = serializers.IntegerField()
    resolution_seconds = serializers.IntegerField()


class PolicySerializer(serializers.Serializer[ServicePolicy]):
    """A service policy; the first that fits a ticket holds, the default one stands last."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField()
    name = serializers.CharField()
    is_default = serializers.BooleanField()
    position = serializers.IntegerField(help_text="Place in the order, from 1.")
    is_active = serializers.BooleanField()
    products = serializers.ListField(
        child=serializers.IntegerField(), source="product_ids", help_text="Empty: every product."
    )
    departments = serializers.ListField(
        child=serializers.IntegerField(), source="department_ids",
        help_text="Each with those below it. Empty: every department.",
    )  # fmt: skip
    targets = serializers.SerializerMethodField()
    calendar = serializers.IntegerField(
        source="calendar_id", allow_null=True, help_text="Null: that of the ticket's team."
    )
    warn_percent = serializers.IntegerField(help_text="Of the target, from which a clock warns.")
    tells_duty = serializers.BooleanField(help_text="A breach is told to who is on duty too.")
    escalate_seconds = serializers.IntegerField(
        allow_null=True,
        help_text="Working time after a breach at which managers are told; null: never.",
    )
    confirm_days = serializers.IntegerField(
        help_text="Working days of silence after which a resolved ticket is closed."
    )
    first_day = serializers.DateField(allow_null=True, help_text="Of submission.")
    last_day = serializers.DateField(allow_null=True, help_text="Of submission.")

    @extend_schema_field(TargetSerializer(many=True))
    def get_targets(self, policy: ServicePolicy) -> list[dict[str, int]]:
        return [
            {
                "priority": int(key), "response_seconds": response,
                "resolution_seconds": resolution,
            }
            for key, (response, resolution) in sorted(policy.targets.items())
        ]  # fmt: skip


class PolicyListSerializer(serializers.Serializer[Any]):
    results = PolicySerializer(many=True)


class PolicyList(Endpoint):
    @extend_schema(
        operation_id="policies_list",
        summary="List service policies",
        description="Every policy in the order in which they are asked; there are few of them.",
        responses=responses({200: PolicyListSerializer}, 403),
    )
    def get(self, request: Request) -> Response:
        require(person(request), *READERS)
        return Response(PolicyListSerializer({"results": ServicePolicy.objects.all()}).data)


class PolicyDetail(Endpoint):
    @extend_schema(
        operation_id="policies_read",
        summary="Read a service policy",
        responses=responses({200: PolicySerializer}, 403, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        require(person(request), *READERS)
        policy = get_object_or_404(ServicePolicy, pk=pk)
        return Response(PolicySerializer(policy).data, headers=api.etag(policy.version))
