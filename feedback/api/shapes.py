"""What is sent and answered: fields, kinds and choices. Rules are the actions' business."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Department, User
from catalog.models import Module, Product
from core.changes import TEXT_MAX
from feedback.access import sees_everyone
from feedback.choices import (
    SPOKEN_SOURCES,
    DemandKind,
    DemandStatus,
    Initiator,
    ObligationReason,
    ReleaseStatus,
    RoundChannel,
    RoundKind,
    RoundState,
)
from feedback.models import Demand, FeedbackItem, Release
from tickets.api.endpoint import Shape
from tickets.api.serializers import RefSerializer
from tickets.api.shapes import MAX_ID


@extend_schema_field(OpenApiTypes.INT)
class VisibleDemandField(serializers.PrimaryKeyRelatedField[Demand]):
    """The id of a demand the asking person may see."""

    def get_queryset(self) -> QuerySet[Demand]:
        return Demand.objects.visible_to(self.context["user"])


@extend_schema_field(OpenApiTypes.INT)
class VisibleReleaseField(serializers.PrimaryKeyRelatedField[Release]):
    """The id of a release the asking person may see."""

    def get_queryset(self) -> QuerySet[Release]:
        return Release.objects.visible_to(self.context["user"])


@extend_schema_field(OpenApiTypes.INT)
class VisibleWordsField(serializers.PrimaryKeyRelatedField[FeedbackItem]):
    """The id of words that stand with a demand the asking person may see."""

    def get_queryset(self) -> QuerySet[FeedbackItem]:
        demands = Demand.objects.visible_to(self.context["user"])
        return FeedbackItem.objects.filter(demand__in=demands)


# ---- what is sent -------------------------------------------------------------------------------


class NothingShape(Shape):
    """A verb that takes no field."""


class PageShape(Shape):
    before = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Rows with ids below this one."
    )
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_ID, help_text="Rows with ids above this one."
    )


class DemandFilterShape(PageShape):
    status = serializers.ChoiceField(DemandStatus.choices, required=False)
    product = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.all(), required=False, help_text="Only this product's: its id."
    )
    raised = serializers.ChoiceField(
        [("overdue", "overdue"), ("silent", "silent")], required=False,
        help_text="Only demands past their day, or whose people have heard nothing for long.",
    )  # fmt: skip


class OpenDemandShape(Shape):
    title = serializers.CharField(max_length=160)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(is_active=True))
    kind = serializers.ChoiceField(DemandKind.choices, required=False)
    initiated_by = serializers.ChoiceField(Initiator.choices, required=False)
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.filter(is_active=True), required=False, allow_null=True
    )
    product_owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    problem = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    proposal = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)


class ReasonShape(Shape):
    reason = serializers.CharField(max_length=2000, help_text="Written for the requesters.")


class OptionalReasonShape(Shape):
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Written for the requesters."
    )


class DeferShape(ReasonShape):
    until = serializers.DateField(help_text="The day to look again, at most 90 days from now.")


class DateShape(Shape):
    planned_on = serializers.DateField()


class WordsShape(Shape):
    words = serializers.CharField(max_length=TEXT_MAX)


class ReviewShape(Shape):
    review = serializers.CharField(max_length=TEXT_MAX, help_text="What the release did.")


class CarryShape(Shape):
    release = VisibleReleaseField(allow_null=True, help_text="null takes it out of its release.")


class MergeShape(Shape):
    into = VisibleDemandField()


class SplitShape(Shape):
    title = serializers.CharField(max_length=160)
    words = serializers.ListField(
        child=VisibleWordsField(), max_length=500, help_text="Ids of the words that go along."
    )


class QuoteShape(WordsShape):
    person = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    source = serializers.ChoiceField(SPOKEN_SOURCES)  # type: ignore[assignment]
    importance = serializers.IntegerField(min_value=0, max_value=3, required=False)


class AnswerShape(Shape):
    answer = serializers.ChoiceField([RoundState.CONFIRMED.value, RoundState.NOT_SOLVED.value])
    words = serializers.CharField(
        max_length=TEXT_MAX, required=False, allow_blank=True,
        help_text="What does not work; needed with not_solved.",
    )  # fmt: skip


class PlanReleaseShape(Shape):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(is_active=True))
    name = serializers.CharField(max_length=80)
    planned_on = serializers.DateField(required=False, allow_null=True)


class GateShape(Shape):
    """Rows of the release gate; what is not named stays."""

    planned_on = serializers.DateField(required=False, allow_null=True)
    pages_note = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    pages_unchanged = serializers.BooleanField(required=False)
    announcement = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    measures = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    measures_nothing = serializers.BooleanField(required=False)


class PartShape(Shape):
    """Whom a release in part reaches: a department with all below it, or one person."""

    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.filter(is_active=True), required=False
    )
    person = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False
    )
    starts_on = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("department" in attrs) == ("person" in attrs):
            raise serializers.ValidationError({"department": "Name a department or a person."})
        return attrs


class DayShape(Shape):
    starts_on = serializers.DateField()


# ---- what is answered ---------------------------------------------------------------------------


#: What the page of who is merely owed word does not tell either: who works on it, in which
#: release it is planned, what its makers think of the result.
_FOR_STAFF = {
    "product_owner": None, "release": None, "verified_by": None, "split_from": None,
    "review": "", "reviewed_on": None,
}  # fmt: skip


class DemandSerializer(serializers.Serializer[Any]):
    """A demand. Staff read everything; who is owed word reads what concerns them.

    The context names the asking person as `user`.
    """

    def to_representation(self, instance: Demand) -> dict[str, Any]:
        told = super().to_representation(instance)
        return told if sees_everyone(instance, self.context["user"]) else {**told, **_FOR_STAFF}

    id = serializers.IntegerField()
    ref = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    problem = serializers.CharField()
    proposal = serializers.CharField()
    kind = serializers.ChoiceField(DemandKind.choices)
    initiated_by = serializers.ChoiceField(Initiator.choices)
    product = RefSerializer()
    module = RefSerializer(allow_null=True)
    product_owner = RefSerializer(allow_null=True)
    status = serializers.ChoiceField(DemandStatus.choices)
    decision_reason = serializers.CharField()
    deferred_until = serializers.DateField(allow_null=True)
    planned_on = serializers.DateField(allow_null=True)
    release = RefSerializer(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    verified_by = RefSerializer(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    reopened_times = serializers.IntegerField()
    recurred_times = serializers.IntegerField()
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)
    split_from = serializers.IntegerField(source="split_from_id", allow_null=True)
    review = serializers.CharField()
    reviewed_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()


class DemandPageSerializer(serializers.Serializer[Any]):
    """One page of demands, newest first; `next` leads to older ones."""

    results = DemandSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class RoundSerializer(serializers.Serializer[Any]):
    """One thing told, or to be told, to one person."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(RoundKind.choices)
    state = serializers.ChoiceField(RoundState.choices)
    reason = serializers.CharField(help_text="Why it was waived or could not be delivered.")
    told_to = RefSerializer(allow_null=True)
    channel = serializers.ChoiceField(RoundChannel.choices, allow_blank=True)
    opened_at = serializers.DateTimeField()
    queued_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    reminders = serializers.IntegerField()
    answer = serializers.CharField()


class ObligationSerializer(serializers.Serializer[Any]):
    """One person who is owed word, with what they were told."""

    id = serializers.IntegerField()
    person = RefSerializer()
    reason = serializers.ChoiceField(ObligationReason.choices)
    created_at = serializers.DateTimeField()
    rounds = RoundSerializer(many=True)


class ObligationPageSerializer(serializers.Serializer[Any]):
    """One page of people, by the time they were owed; `next` leads to later ones."""

    results = ObligationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class GateRowSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    done = serializers.BooleanField()
    missing = serializers.CharField()
    remedy = serializers.CharField()


class PartSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    department = RefSerializer(allow_null=True)
    person = RefSerializer(allow_null=True)
    starts_on = serializers.DateField()


class ToldSerializer(serializers.Serializer[Any]):
    """How far the people asked about a release are; each state counted apart."""

    people = serializers.IntegerField()
    to_tell = serializers.IntegerField(help_text="Due and not waived.")
    delivered = serializers.IntegerField()
    read = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    not_solved = serializers.IntegerField()
    expired = serializers.IntegerField()
    unreachable = serializers.IntegerField()
    waived = serializers.IntegerField()


class ReleaseSerializer(serializers.Serializer[Any]):
    """A version of a product that carries demands."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    product = RefSerializer()
    name = serializers.CharField()
    status = serializers.ChoiceField(ReleaseStatus.choices)
    planned_on = serializers.DateField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    rolled_back_at = serializers.DateTimeField(allow_null=True)
    is_partial = serializers.BooleanField()
    everybody_from = serializers.DateField(allow_null=True)
    announcement = serializers.CharField()
    pages_note = serializers.CharField()
    pages_unchanged = serializers.BooleanField()
    measures = serializers.CharField()
    measures_nothing = serializers.BooleanField()
    people_seen_at = serializers.DateTimeField(allow_null=True)
    demands = serializers.SerializerMethodField(help_text="Ids of the demands it carries.")

    def get_demands(self, release: Release) -> list[int]:
        return [demand.pk for demand in release.demands.all()]


class WholeReleaseSerializer(ReleaseSerializer):
    """One release with its gate, whom it reaches, and how far its people are."""

    gate = GateRowSerializer(many=True)
    parts = PartSerializer(many=True)
    told = ToldSerializer()


class ReleasePageSerializer(serializers.Serializer[Any]):
    """One page of releases, newest first; `next` leads to older ones."""

    results = ReleaseSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
