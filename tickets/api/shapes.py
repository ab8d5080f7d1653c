"""The shape of what is sent: fields, kinds and choices. Rules are the actions' business."""

from __future__ import annotations

import math
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from catalog.models import Feature, Module, Product, Team
from core.changes import TEXT_MAX
from docs_portal.models import Page
from tickets.actions.relating import LINK_KINDS
from tickets.actions.tagging import TAG_MAX, TAGS_PER_TICKET
from tickets.api.endpoint import Shape
from tickets.choices import (
    CauseCategory,
    CauseState,
    CommentKind,
    Impact,
    Level,
    Resolution,
    ReturnReason,
    Status,
    Type,
    Urgency,
)
from tickets.forms.submit import page_address
from tickets.models import Cause, Ticket
from tickets.search.filters.condition import LONGEST
from tickets.search.orders import SORTS

#: The largest id the database holds.
MAX_ID = 2**63 - 1


class VisibleTicketField(serializers.PrimaryKeyRelatedField[Ticket]):
    """The id of a ticket the asking person may see."""

    def get_queryset(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.context["user"])


class VisibleCauseField(serializers.PrimaryKeyRelatedField[Cause]):
    """The id of a cause the asking person may see."""

    def get_queryset(self) -> QuerySet[Cause]:
        return Cause.objects.visible_to(self.context["user"])


class CustomField(serializers.DictField):
    """Custom fields by key: texts, numbers and yes or no, as JSON can hold them."""

    default_error_messages = {
        "not_plain": _("“%(key)s” holds no plain value."),
        "too_many": _("These are too many fields."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = data if isinstance(data, MultiValueDict) else None
        files = {key: _files_in(given, key) for key in given or ()}
        plain = data if given is None else {k: given[k] for k in given if not files[k]}
        values: dict[str, Any] = super().to_internal_value(plain)
        if len(values) > 100:
            raise serializers.ValidationError(self.error_messages["too_many"])
        for key, value in values.items():
            if not (_is_plain_text(key) and _is_plain(value)):
                message = self.error_messages["not_plain"] % {"key": ascii(key)[1:41]}
                raise serializers.ValidationError(message)
        return values | {key: found for key, found in files.items() if found}


def _files_in(data: MultiValueDict[str, Any] | None, key: str) -> list[UploadedFile]:
    """The files sent as multipart under a custom field."""
    sent = data.getlist(key) if data is not None else []
    return [one for one in sent if isinstance(one, UploadedFile)]


def with_field_files(values: dict[str, Any]) -> dict[str, Any]:
    """Files under custom fields apart from the plain values, as the actions take them."""
    custom = values.get("custom")
    if custom is None:
        return values
    files = {key: value for key, value in custom.items() if isinstance(value, list)}
    plain = {key: value for key, value in custom.items() if key not in files}
    return {**values, "custom": plain} | ({"field_files": files} if files else {})


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return _is_plain_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 10**18
    return value is None


def _is_plain_text(text: str) -> bool:
    """PostgreSQL keeps no NUL and no lone surrogate; custom values are short."""
    return len(text) <= 4000 and not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text)


class SubmitSerializer(Shape):
    """A new ticket: product and description are all that is required."""

    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())
    description = serializers.CharField(max_length=TEXT_MAX)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.filter(is_active=True), required=False, allow_null=True
    )
    module_not_sure = serializers.BooleanField(required=False)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    type = serializers.ChoiceField(Type.choices, required=False, allow_blank=True)
    requester = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True,
        help_text="For whom; only staff submit on behalf of a colleague.",
    )  # fmt: skip
    follows = VisibleTicketField(
        queryset=Ticket.objects.none(), required=False, allow_null=True,
        help_text="The earlier ticket this one follows.",
    )  # fmt: skip
    confidential = serializers.BooleanField(required=False)
    custom = CustomField(required=False)
    files = serializers.ListField(
        child=serializers.FileField(max_length=200, allow_empty_file=True),
        required=False, help_text="As multipart only.",
    )  # fmt: skip

    watchers = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), many=True, required=False,
        help_text="Colleagues who see it and are told as well.",
    )  # fmt: skip
    opened_from = serializers.CharField(
        max_length=1000, required=False, allow_blank=True,
        help_text="Address of the page of the product the person came from.",
    )  # fmt: skip
    browser = serializers.CharField(max_length=400, required=False, allow_blank=True)

    def validate_opened_from(self, value: str) -> str:
        try:
            return page_address(value)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return with_field_files(attrs)


class EditSerializer(Shape):
    """What is known about a ticket, each field on its own."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return with_field_files(attrs)

    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=TEXT_MAX, required=False)
    product = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.filter(is_active=True), required=False
    )
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.all(), required=False, allow_null=True
    )
    module_not_sure = serializers.BooleanField(required=False)
    feature = serializers.PrimaryKeyRelatedField(
        queryset=Feature.objects.all(), required=False, allow_null=True
    )
    type = serializers.ChoiceField(Type.choices, required=False, allow_blank=True)
    impact = serializers.ChoiceField(Impact.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    confidential = serializers.BooleanField(required=False)
    suspected_module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.all(), required=False, allow_null=True
    )
    suspected_category = serializers.ChoiceField(
        CauseCategory.choices, required=False, allow_blank=True
    )
    suspected_cause = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    evidence = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    answer_page = serializers.PrimaryKeyRelatedField(
        queryset=Page.objects.published(), required=False, allow_null=True
    )
    answer_gap = serializers.BooleanField(required=False)
    quote = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    scenario = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    frequency = serializers.CharField(max_length=80, required=False, allow_blank=True)
    custom = CustomField(required=False)


class CommentInputSerializer(Shape):
    """A public reply, or an internal note that the requester never sees."""

    body = serializers.CharField(max_length=TEXT_MAX)
    kind = serializers.ChoiceField(CommentKind.choices, default=CommentKind.PUBLIC)
    seen_comment = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1,
        help_text="The newest public comment that was read (0: none). A newer one by somebody else "
        "holds this reply: 409 with it as `unseen`; sent again with its id, the reply goes out.",
    )  # fmt: skip
    invited = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False,
        max_length=20,
        help_text="Ids of people named in the text (`@name` or `@[name](id)`) who may not see the "
        "ticket and become watchers with it.",
    )  # fmt: skip
    files = serializers.ListField(
        child=serializers.FileField(max_length=200, allow_empty_file=True),
        required=False, help_text="As multipart only.",
    )  # fmt: skip


class NothingSerializer(Shape):
    """A verb that says all by itself."""


class AssignSerializer(Shape):
    assignee = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), allow_null=True, help_text="An agent, or null for nobody."
    )


class TransferSerializer(Shape):
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())
    assignee = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, allow_null=True
    )


class RelaySerializer(Shape):
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class NoteSerializer(Shape):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ReturnRelaySerializer(NoteSerializer):
    reason = serializers.ChoiceField(ReturnReason.choices)


class MoveUpSerializer(Shape):
    level = serializers.ChoiceField(Level.choices)


class ReturnSerializer(Shape):
    level = serializers.ChoiceField(Level.choices)
    reason = serializers.ChoiceField(ReturnReason.choices)
    note = serializers.CharField(max_length=2000)


class QuestionSerializer(Shape):
    question = serializers.CharField(max_length=TEXT_MAX)


class CauseChoiceSerializer(Shape):
    cause = VisibleCauseField(queryset=Cause.objects.none())


class LinkCauseSerializer(Shape):
    cause = VisibleCauseField(queryset=Cause.objects.none(), allow_null=True)


class ResolveSerializer(Shape):
    resolution = serializers.ChoiceField(Resolution.choices)


class ReasonSerializer(Shape):
    reason = serializers.CharField(max_length=2000)


class OptionalReasonSerializer(Shape):
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class IntoSerializer(Shape):
    into = VisibleTicketField(queryset=Ticket.objects.none())


class WatcherSerializer(Shape):
    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True,
        help_text="Who; the asking person when left out.",
    )  # fmt: skip


class LinkSerializer(Shape):
    other = VisibleTicketField(queryset=Ticket.objects.none())
    kind = serializers.ChoiceField(
        [(kind, kind) for kind in LINK_KINDS], help_text="Read from this ticket to the other."
    )


class SplitSerializer(Shape):
    words = serializers.CharField(max_length=TEXT_MAX, help_text="The words of the new ticket.")
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)


class TagSerializer(Shape):
    add = serializers.ListField(
        child=serializers.CharField(max_length=TAG_MAX), required=False, max_length=TAGS_PER_TICKET
    )
    remove = serializers.ListField(
        child=serializers.CharField(max_length=TAG_MAX), required=False, max_length=TAGS_PER_TICKET
    )


class UndoSerializer(Shape):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that the act made."
    )


class OpenCauseSerializer(Shape):
    title = serializers.CharField(max_length=160)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(is_active=True))
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.all(), required=False, allow_null=True
    )
    category = serializers.ChoiceField(CauseCategory.choices, required=False, allow_blank=True)
    text = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)


class OwnerSerializer(Shape):
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())


class PromisedDateSerializer(Shape):
    promised_on = serializers.DateField()


class DeclineSerializer(NoteSerializer):
    reason = serializers.ChoiceField(ReturnReason.choices)


class DeliverSerializer(Shape):
    text = serializers.CharField(max_length=TEXT_MAX)
    category = serializers.ChoiceField(CauseCategory.choices, required=False, allow_blank=True)
    module = serializers.PrimaryKeyRelatedField(
        queryset=Module.objects.all(), required=False, allow_null=True
    )


class KnownIssueSerializer(Shape):
    workaround = serializers.CharField(max_length=TEXT_MAX, allow_blank=True)
    is_known_issue = serializers.BooleanField(default=True)


class PageSerializer(Shape):
    """Which page of a list."""

    before = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Rows with ids below this one."
    )
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_ID, help_text="Rows with ids above this one."
    )


class TicketFilterSerializer(PageSerializer):
    """What a list of tickets is asked for."""

    status = serializers.CharField(
        required=False, help_text=f"One or several of {', '.join(Status.values)}, by comma."
    )
    level = serializers.ChoiceField(Level.choices, required=False)
    product = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only this product's: its id."
    )
    module = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only this module's: its id."
    )
    assignee = serializers.CharField(
        required=False, help_text="`me`, `nobody`, or the id of a person."
    )
    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that all occur in title or description."
    )
    f = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST),
        required=False,
        help_text="Conditions as field:operator:values, for example `status:any:new,open`; each in "
        "a parameter of its own. Lists the tickets of the asking person's desk.",
    )
    view = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="A saved view: its conditions."
    )
    sort = serializers.CharField(
        required=False,
        max_length=80,
        help_text=f"One of {', '.join(SORTS)}; `-` before it turns it round. Go on by `next`.",
    )
    behind = serializers.CharField(
        required=False, max_length=1000, help_text="The key of the row before the page: see `next`."
    )

    def validate_status(self, value: str) -> list[str]:
        wanted = [word for word in value.split(",") if word]
        for word in wanted:
            if word not in Status.values:
                raise serializers.ValidationError(
                    _("“%(value)s” is not a status.") % {"value": word}, code="invalid_choice"
                )
        return wanted

    def validate_assignee(self, value: str) -> int | None:
        if value == "me":
            return int(self.context["user"].pk)
        if value == "nobody":
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise serializers.ValidationError(
                _("“%(value)s” is not a person.") % {"value": value}, code="incorrect_type"
            )
        return int(value)


class CauseFilterSerializer(PageSerializer):
    """What a list of causes is asked for."""

    state = serializers.ChoiceField(CauseState.choices, required=False)
    product = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only this product's: its id."
    )
    owner = serializers.ChoiceField([("me", "me")], required=False)
    known_issue = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Only known issues, or only others.",
    )
