"""What the API of readers' words and of manual debt says and takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.endpoint import Shape
from docs_portal.actions.debt import COMMENT_MAX, NOTE_MAX
from docs_portal.api.shapes import listed
from docs_portal.api.training_shapes import PersonSerializer
from docs_portal.choices import DebtOutcome, VoiceReason


class VoiceShape(Shape):
    is_helpful = serializers.BooleanField()
    reason = serializers.ChoiceField(
        VoiceReason.choices, required=False, allow_blank=True, default="",
        help_text="Why it did not help.",
    )  # fmt: skip
    comment = serializers.CharField(
        max_length=COMMENT_MAX, required=False, allow_blank=True, default=""
    )


class DebtFilterShape(serializers.Serializer[Any]):
    product = serializers.SlugField(required=False)


class TakeShape(Shape):
    product = serializers.SlugField(
        required=False, help_text="Code of a product, for an item that belongs to none."
    )


class SettleShape(TakeShape):
    outcome = serializers.ChoiceField(DebtOutcome.choices)
    note = serializers.CharField(max_length=NOTE_MAX, required=False, allow_blank=True, default="")


class VoiceSerializer(serializers.Serializer[Any]):
    """One reader's word on one text of a page."""

    id = serializers.IntegerField()
    page = serializers.IntegerField(source="page_id")
    revision = serializers.IntegerField(source="revision.number")
    person = PersonSerializer()
    is_helpful = serializers.BooleanField()
    reason = serializers.ChoiceField(VoiceReason.choices, allow_blank=True)
    comment = serializers.CharField()
    said_at = serializers.DateTimeField()
    heard_at = serializers.DateTimeField(allow_null=True)


class DebtPartSerializer(serializers.Serializer[Any]):
    """What one source says of an item."""

    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    label = serializers.CharField(source="source.label")  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="Persons or things; ten searches of one are one.")
    score = serializers.IntegerField()


class DebtSerializer(serializers.Serializer[Any]):
    """Something to write or to mend. `page`: the one to mend; `words`: searched in vain."""

    token = serializers.CharField(help_text="Names it in addresses, as long as it stands.")
    title = serializers.CharField()
    score = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    product = serializers.CharField(source="product.code", allow_null=True, default=None)
    module = serializers.CharField(source="module.name", allow_null=True, default=None)
    page = serializers.IntegerField(source="page.pk", allow_null=True, default=None)
    words = serializers.CharField()
    parts = DebtPartSerializer(many=True)
    taken_by = PersonSerializer(allow_null=True)


class SignalSerializer(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()
    said = serializers.CharField()
    url = serializers.CharField()
    ref = serializers.CharField()


class DebtItemSerializer(DebtSerializer):
    """The same with every sign, the newest first."""

    signals = SignalSerializer(many=True)


class DebtListSerializer(serializers.Serializer[Any]):
    results = DebtSerializer(many=True)
    total = serializers.IntegerField()


class TakenSerializer(serializers.Serializer[Any]):
    """An item that was taken or decided about. `draft`: the page to write."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    draft = serializers.IntegerField(source="draft_id", allow_null=True)
    taken_by = PersonSerializer(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(DebtOutcome.choices, allow_blank=True)


VoiceListSerializer = listed("VoiceListSerializer", VoiceSerializer)
