"""Automation rules, to read: administrators see the rules, who works on a ticket its trace."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import require
from catalog.choices import PermissionRole
from core import api
from tickets.access import get_ticket_for_staff
from tickets.api.endpoint import Endpoint, person, responses
from tickets.choices import RuleState, RunOutcome, WhyPaused
from tickets.models import Rule, RuleRun

#: Newest runs of a ticket in one answer.
RUNS = 100


class RuleSerializer(serializers.Serializer[Rule]):
    """An automation rule; rules are considered in the order of `position`."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField(help_text="Each run names the version that ran.")
    name = serializers.CharField()
    state = serializers.ChoiceField(RuleState.choices)
    why_paused = serializers.ChoiceField(WhyPaused.choices)
    owner = serializers.IntegerField(source="owner_id", help_text="Is told when it pauses itself.")
    position = serializers.IntegerField()
    trigger = serializers.JSONField(help_text="`kind`, and what that kind is told besides.")
    conditions = serializers.ListField(
        child=serializers.CharField(), help_text="`field:operator:value`, as in saved views."
    )
    acts = serializers.JSONField(help_text="A list of `verb` and `params`, done in order.")
    hourly_cap = serializers.IntegerField(help_text="Times an hour on one ticket.")
    activated_at = serializers.DateTimeField(allow_null=True)


class RuleListSerializer(serializers.Serializer[Any]):
    results = RuleSerializer(many=True)


class RuleRunSerializer(serializers.Serializer[RuleRun]):
    """What became of a rule on one occasion of a ticket."""

    rule = serializers.IntegerField(source="rule_id")
    rule_name = serializers.CharField(source="rule.name")
    rule_version = serializers.IntegerField()
    occasion = serializers.CharField(
        help_text="`event:<version of the ticket>`, or what it waited for."
    )
    at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(RunOutcome.choices)
    judged = serializers.JSONField(help_text="Each condition, whether it held, the value it read.")
    done = serializers.JSONField(help_text="Each act with the versions it made, or its refusal.")


class RuleRunListSerializer(serializers.Serializer[Any]):
    results = RuleRunSerializer(many=True)


class RuleList(Endpoint):
    @extend_schema(
        operation_id="rules_list",
        summary="List automation rules",
        description="Every rule in the order in which they are considered. For administrators.",
        responses=responses({200: RuleListSerializer}, 403),
    )
    def get(self, request: Request) -> Response:
        require(person(request), PermissionRole.ADMINISTRATOR)
        return Response(RuleListSerializer({"results": Rule.objects.all()}).data)


class RuleDetail(Endpoint):
    @extend_schema(
        operation_id="rules_read",
        summary="Read an automation rule",
        responses=responses({200: RuleSerializer}, 403, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        require(person(request), PermissionRole.ADMINISTRATOR)
        rule = get_object_or_404(Rule, pk=pk)
        return Response(RuleSerializer(rule).data, headers=api.etag(rule.version))


class RuleRunList(Endpoint):
    @extend_schema(
        operation_id="tickets_rule_runs",
        summary="List what rules did to a ticket",
        description="The newest 100 rules considered for the ticket: why each ran or not, and "
        "what it did. For who works on the ticket.",
        responses=responses({200: RuleRunListSerializer}, 403, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        ticket = get_ticket_for_staff(person(request), pk)
        runs = RuleRun.objects.filter(ticket=ticket).select_related("rule").order_by("-pk")[:RUNS]
        return Response(RuleRunListSerializer({"results": runs}).data)
