"""Announcements as JSON: what was announced to the asking person, and their acknowledgement."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import ONCE, Endpoint, now, person, responses
from docs_portal import access, actions
from docs_portal.models import Announcement, AnnouncementReader

#: Newest announcements that are answered at once.
SHOWN = 100


class AnnouncementSerializer(serializers.Serializer[Any]):
    """An announcement as its reader gets it; the four texts are Markdown."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    what = serializers.CharField()
    solves = serializers.CharField()
    concerns = serializers.CharField()
    how = serializers.CharField()
    product = serializers.CharField(source="product.code", allow_null=True, default=None)
    published_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    asks_acknowledgement = serializers.BooleanField()
    acknowledge_by = serializers.DateField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class AnnouncementListSerializer(serializers.Serializer[Any]):
    results = AnnouncementSerializer(many=True)


def _read(row: Announcement, reading: AnnouncementReader | None) -> Announcement:
    row.read_at = reading.read_at if reading else None  # type: ignore[attr-defined]
    row.acknowledged_at = reading.acknowledged_at if reading else None  # type: ignore[attr-defined]
    return row


class AnnouncementList(Endpoint):
    @extend_schema(
        operation_id="announcements_list",
        summary="List what was announced to the asking person",
        description=f"Newest first, at most {SHOWN}. Listing does not count as reading.",
        responses=responses({200: AnnouncementListSerializer}),
    )
    def get(self, request: Request) -> Response:
        user, day = person(request), timezone.localdate(now())
        rows = list(access.announcements_for(user, day)[:SHOWN])
        reading = access.reading_of(user, [row.pk for row in rows])
        results = [_read(row, reading.get(row.pk)) for row in rows]
        return Response(AnnouncementListSerializer({"results": results}).data)


class AnnouncementAcknowledge(Endpoint):
    @extend_schema(
        operation_id="announcements_acknowledge",
        summary="Acknowledge an announcement",
        description="Counts once; the first time stays. 409 where it is not published.",
        parameters=[ONCE],
        request=None,
        responses=responses({200: AnnouncementSerializer}, 404, 409),
    )
    def post(self, request: Request, pk: int) -> Response:
        user, at = person(request), now()
        row = access.get_announcement_for_view(user, pk, timezone.localdate(at))

        def act() -> Response:
            actions.acknowledge_announcement(row, acting_user=user, now=at)
            reading = access.reading_of(user, [row.pk]).get(row.pk)
            return Response(AnnouncementSerializer(_read(row, reading)).data)

        return self.act_once(act)
