"""What every address of this API shares: parsing, the acting person, the time, one answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api import BoundedJSONParser
from core.formkeys import HEADER, answer_once

S = TypeVar("S", bound="serializers.BaseSerializer[Any]")

IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description='The version that was read, as its ETag says: `"7"`.',
)  # fmt: skip
ONCE = OpenApiParameter(
    HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, required=False,
    description="A key made for this request. Sent again with the same key, it acts once and is "
    "answered as the first time.",
)  # fmt: skip


class Shape(serializers.Serializer[Any]):
    """What is sent. A field that is not named here is refused as a misspelling."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().to_internal_value(data)
        # Multipart writes a member of an object as `custom.key` or `custom[key]`.
        unknown = [name for name in data if re.split(r"[.\[]", name)[0] not in self.fields]
        if unknown:
            problem = serializers.ErrorDetail(_("There is no such field."), code="unknown")
            raise serializers.ValidationError({name: [problem] for name in unknown})
        return values


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong."""

    field = serializers.CharField(help_text="The field's name; empty for the whole.")
    value = serializers.CharField(help_text="What was found.")
    message = serializers.CharField(help_text="What is wrong.")
    remedy = serializers.CharField(help_text="What would be accepted.")


class RefusalSerializer(serializers.Serializer[Any]):
    """Why nothing was written."""

    code = serializers.CharField()
    title = serializers.CharField()
    problems = ProblemSerializer(many=True)


class ConflictSerializer(serializers.Serializer[Any]):
    """One field that somebody changed after the version that was sent."""

    field = serializers.CharField()
    before = serializers.JSONField()
    now = serializers.JSONField()
    verb = serializers.CharField()
    at = serializers.DateTimeField()


class StaleSerializer(RefusalSerializer):
    """The version that was sent is no longer the present one, field by field."""

    current_version = serializers.IntegerField()
    conflicts = ConflictSerializer(many=True)


_REFUSALS: dict[int, tuple[str, type[RefusalSerializer]]] = {
    400: ("A value could never be accepted.", RefusalSerializer),
    401: ("The token is unknown, revoked or expired.", RefusalSerializer),
    403: ("Not signed in, or not allowed.", RefusalSerializer),
    404: ("There is no such object, or you may not see it.", RefusalSerializer),
    409: ("The present state or the contract does not allow this.", RefusalSerializer),
    412: ("Somebody changed one of these fields since.", StaleSerializer),
    422: ("This Idempotency-Key was used for another request.", RefusalSerializer),
    428: ("If-Match is missing.", RefusalSerializer),
}


def responses(success: dict[Any, Any], *refusals: int) -> dict[Any, Any]:
    """The answers of an operation for the schema: its own, and refusals by status."""
    refused = {
        code: OpenApiResponse(_REFUSALS[code][1], description=_REFUSALS[code][0])
        for code in (401, 403, *refusals)
    }
    return {**success, **refused}


class Endpoint(APIView):
    """A signed-in person's request; reads answer once, writes act once per key."""

    parser_classes = [BoundedJSONParser]

    def act_once(self, act: Callable[[], Response]) -> Response:
        return answer_once(self.request, act)


class UploadEndpoint(Endpoint):
    """An address that takes files too, as multipart."""

    parser_classes = [BoundedJSONParser, MultiPartParser, FormParser]


def person(request: Request) -> User:
    """Who asks; the default permission lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101  (narrows the type; permission checked)
    return request.user


def parsed(serializer: type[S], request: Request, **more: Any) -> dict[str, Any]:
    """The request's fields in the shape of `serializer`. Raises ValidationError naming each."""
    given = serializer(data=request.data, context={"user": person(request)}, **more)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def now() -> dt.datetime:
    """The one clock read of a request."""
    return timezone.now()
