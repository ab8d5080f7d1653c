"""How tickets, causes and comments are answered. A requester's ticket has fewer fields."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.api.endpoint import now
from tickets.choices import (
    CauseCategory,
    CauseState,
    Channel,
    CommentKind,
    DriverState,
    Impact,
    Level,
    Priority,
    Resolution,
    Status,
    Type,
    Urgency,
)
from tickets.models import Attachment, Ticket
from tickets.notifications import visible_name
from tickets.policies import RowState
from tickets.sla.standing import ClockState, resolution_state, response_state


class RefSerializer(serializers.Serializer[Any]):
    """A row by its id and name."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")


class AttachmentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField(source="file.size", help_text="Bytes.")
    content_type = serializers.CharField()
    sha256 = serializers.CharField(source="file_id")
    field = serializers.CharField(
        source="field_key", help_text="The custom field it was added under, or empty."
    )
    url = serializers.SerializerMethodField()

    def get_url(self, attachment: Attachment) -> str:
        return reverse("api_attachment", args=[attachment.pk])


class CommentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(CommentKind.choices)
    author = RefSerializer(allow_null=True)
    body = serializers.CharField(help_text="Markdown.")
    is_auto = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    attachments = AttachmentSerializer(many=True)


class TicketRowSerializer(serializers.Serializer[Ticket]):
    """A ticket in a list: what its requester may know of it."""

    id = serializers.IntegerField()
    ref = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    status_name = serializers.SerializerMethodField(help_text="As the requester reads it.")
    resolution = serializers.ChoiceField(Resolution.choices, allow_blank=True)
    type = serializers.ChoiceField(Type.choices, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices)
    urgency = serializers.ChoiceField(Urgency.choices)
    product = RefSerializer()
    module = RefSerializer(allow_null=True)
    module_not_sure = serializers.BooleanField()
    requester = RefSerializer()
    promised_on = serializers.DateField(allow_null=True)
    confidential = serializers.BooleanField()
    submitted_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()

    def get_status_name(self, ticket: Ticket) -> str:
        return visible_name(ticket.status, ticket.resolution)


class StaffTicketRowSerializer(TicketRowSerializer):
    """A ticket in a list, for who works on it."""

    level = serializers.ChoiceField(Level.choices, allow_null=True)
    priority = serializers.ChoiceField(Priority.choices)
    team = RefSerializer(allow_null=True)
    assignee = RefSerializer(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    response_due_at = serializers.DateTimeField(allow_null=True)
    resolution_due_at = serializers.DateTimeField(allow_null=True)
    due_provisional = serializers.BooleanField()
    response_state = serializers.SerializerMethodField()
    resolution_state = serializers.SerializerMethodField()
    warn_at = serializers.DateTimeField(
        allow_null=True, help_text="When the clock that runs now warns; null while none runs."
    )
    due_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the clock that runs now is over: the first response's, then the "
        "resolution's; null while none runs.",
    )
    policy = serializers.IntegerField(
        source="service_policy_id", allow_null=True, help_text="The service policy that holds."
    )

    @extend_schema_field(serializers.ChoiceField(ClockState.choices))
    def get_response_state(self, ticket: Ticket) -> str:
        return str(response_state(ticket, now()))

    @extend_schema_field(serializers.ChoiceField(ClockState.choices))
    def get_resolution_state(self, ticket: Ticket) -> str:
        return str(resolution_state(ticket, now()))


class ContractRowSerializer(serializers.Serializer[Any]):
    """One row of the hand-over contract."""

    key = serializers.CharField(help_text="The field that fills it.")
    level = serializers.ChoiceField(Level.choices)
    name = serializers.CharField(source="label")
    state = serializers.ChoiceField([(state.value, state.value) for state in RowState])


class _Whole(serializers.Serializer[Ticket]):
    """What a whole ticket has more than a row of a list, whoever reads it."""

    description = serializers.CharField(help_text="Markdown.")
    submitted_by = RefSerializer()
    channel = serializers.ChoiceField(Channel.choices)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)
    custom = serializers.DictField()
    opened_from = serializers.CharField(help_text="The page of the product they came from.")
    browser = serializers.CharField()
    attachments = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField(help_text="What the asking person may do now.")

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, ticket: Ticket) -> Any:
        return AttachmentSerializer(self.context["attachments"], many=True).data

    def get_verbs(self, ticket: Ticket) -> list[str]:
        return list(self.context["verbs"])


class TicketSerializer(_Whole, TicketRowSerializer):
    """A ticket as its requester sees it."""


class StaffTicketSerializer(_Whole, StaffTicketRowSerializer):
    """A ticket as those see it who work on it."""

    feature = RefSerializer(allow_null=True)
    department = RefSerializer(allow_null=True)
    relayed_to = RefSerializer(allow_null=True)
    cause = serializers.SerializerMethodField()
    suspected_module = RefSerializer(allow_null=True)
    suspected_category = serializers.ChoiceField(CauseCategory.choices, allow_blank=True)
    suspected_cause = serializers.CharField()
    evidence = serializers.CharField()
    answer_page = RefSerializer(allow_null=True)
    answer_gap = serializers.BooleanField()
    quote = serializers.CharField()
    scenario = serializers.CharField()
    frequency = serializers.CharField()
    driver = serializers.CharField(help_text="The demand that drives it.")
    driver_state = serializers.ChoiceField(DriverState.choices, allow_blank=True)
    resolved_level = serializers.ChoiceField(Level.choices, allow_null=True)
    first_response_at = serializers.DateTimeField(allow_null=True)
    auto_confirmed = serializers.BooleanField()
    bounces = serializers.IntegerField()
    reopened_times = serializers.IntegerField()
    contract_owed_until = serializers.DateTimeField(allow_null=True)
    contract = serializers.SerializerMethodField()

    @extend_schema_field(RefSerializer(allow_null=True))
    def get_cause(self, ticket: Ticket) -> dict[str, Any] | None:
        cause = ticket.cause
        return None if cause is None else {"id": cause.pk, "name": cause.title}

    @extend_schema_field(ContractRowSerializer(many=True))
    def get_contract(self, ticket: Ticket) -> Any:
        return ContractRowSerializer(self.context["contract"], many=True).data


class CauseSerializer(serializers.Serializer[Any]):
    """A root cause that tickets share."""

    id = serializers.IntegerField()
    ref = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    category = serializers.ChoiceField(CauseCategory.choices, allow_blank=True)
    text = serializers.CharField()
    product = RefSerializer()
    module = RefSerializer(allow_null=True)
    owner = RefSerializer(allow_null=True)
    state = serializers.ChoiceField(CauseState.choices)
    promised_on = serializers.DateField(allow_null=True)
    first_promised_on = serializers.DateField(allow_null=True)
    slips = serializers.IntegerField()
    bounces = serializers.IntegerField()
    chases = serializers.IntegerField()
    is_known_issue = serializers.BooleanField()
    workaround = serializers.CharField()
    pushed_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class TicketPageSerializer(serializers.Serializer[Any]):
    """One page of tickets, newest first; `next` leads to older ones."""

    results = StaffTicketRowSerializer(many=True, help_text="Requesters get fewer fields.")
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class CommentPageSerializer(serializers.Serializer[Any]):
    """One page of a conversation, oldest first; `next` leads to newer entries."""

    results = CommentSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class CausePageSerializer(serializers.Serializer[Any]):
    """One page of causes, newest first; `next` leads to older ones."""

    results = CauseSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
