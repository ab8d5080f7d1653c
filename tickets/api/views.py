"""Saved views: lists somebody named, personal and shared."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import api
from tickets.access import get_saved_view_for_edit, get_saved_view_for_view, require_staff
from tickets.actions import create_view, delete_view, edit_view, restore_view
from tickets.api.endpoint import IF_MATCH, ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.serializers import RefSerializer
from tickets.api.shapes import MAX_ID
from tickets.models import SavedView
from tickets.search.filters.condition import LONGEST, MOST_CONDITIONS
from tickets.search.listing import BOARDS, Listing

_LISTING = ("queue", "query", "filters", "sort", "group", "columns", "layout", "board")
_SETTINGS = ("name", "team_ids", "is_for_everyone", "is_pinned", "position")


class SavedViewSerializer(serializers.Serializer[SavedView]):
    """A saved view."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField()
    name = serializers.CharField()
    owner = RefSerializer()
    queue = serializers.CharField()
    query = serializers.CharField(help_text="Words that all occur.")
    filters = serializers.ListField(
        child=serializers.CharField(), help_text="Conditions as field:operator:values."
    )
    sort = serializers.CharField()
    group = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    layout = serializers.ChoiceField(SavedView.Layout.choices)
    board = serializers.CharField()
    team_ids = serializers.ListField(child=serializers.IntegerField())
    is_for_everyone = serializers.BooleanField()
    is_pinned = serializers.BooleanField()
    position = serializers.IntegerField()
    is_slow = serializers.BooleanField(help_text="Counted only when somebody asks.")


class SavedViewListSerializer(serializers.Serializer[Any]):
    results = SavedViewSerializer(many=True)


class SavedViewShape(Shape):
    """A saved view to keep. What is left out keeps its value, or has its default."""

    name = serializers.CharField(max_length=60, required=False)
    queue = serializers.CharField(max_length=20, required=False, allow_blank=True)
    query = serializers.CharField(max_length=200, required=False, allow_blank=True)
    filters = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST), required=False,
        max_length=MOST_CONDITIONS, help_text="Conditions as field:operator:values.",
    )  # fmt: skip
    sort = serializers.CharField(max_length=80, required=False, allow_blank=True)
    group = serializers.CharField(max_length=40, required=False, allow_blank=True)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=12
    )
    layout = serializers.ChoiceField(SavedView.Layout.choices, required=False)
    board = serializers.ChoiceField([*BOARDS, ""], required=False)
    team_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), required=False, max_length=50
    )
    is_for_everyone = serializers.BooleanField(required=False)
    is_pinned = serializers.BooleanField(required=False)
    position = serializers.IntegerField(required=False, min_value=0, max_value=999)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.partial and "name" not in attrs:
            raise serializers.ValidationError({"name": "This field is required."}, code="required")
        return attrs


def _listing(values: dict[str, Any], base: Listing | None = None) -> Listing:
    start = (base or Listing()).as_json()
    return Listing.from_json({**start, **{k: values[k] for k in _LISTING if k in values}})


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _SETTINGS if name in values}


def _answer(view: SavedView, status: int = 200) -> Response:
    return Response(SavedViewSerializer(view).data, status=status, headers=api.etag(view.version))


class SavedViewList(Endpoint):
    @extend_schema(
        operation_id="views_list",
        summary="List saved views",
        description="One's own and those shared with one; `tickets?view=` lists their tickets.",
        responses=responses({200: SavedViewListSerializer}, 403),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        require_staff(user)
        views = SavedView.objects.visible_to(user).select_related("owner")
        return Response(SavedViewListSerializer({"results": views}).data)

    @extend_schema(
        operation_id="views_create",
        summary="Keep a list under a name",
        parameters=[ONCE],
        request=SavedViewShape,
        responses=responses({201: SavedViewSerializer}, 400, 403, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        require_staff(user)
        values = parsed(SavedViewShape, request)

        def act() -> Response:
            view = create_view(
                listing=_listing(values), acting_user=user, now=now(), **_settings(values)
            )
            return _answer(view, 201)

        return self.act_once(act)


class SavedViewDetail(Endpoint):
    @extend_schema(
        operation_id="views_read",
        summary="Read a saved view",
        responses=responses({200: SavedViewSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        return _answer(get_saved_view_for_view(person(request), pk))

    @extend_schema(
        operation_id="views_edit",
        summary="Change a saved view",
        description="By its owner; shared ones by administrators too.",
        parameters=[IF_MATCH],
        request=SavedViewShape,
        responses=responses({200: SavedViewSerializer}, 400, 404, 412, 428),
    )
    def patch(self, request: Request, pk: int) -> Response:
        user = person(request)
        view = get_saved_view_for_edit(user, pk)
        seen = api.seen_version(request)
        values = parsed(SavedViewShape, request, partial=True)
        listing = _listing(values, Listing.of_view(view)) if set(_LISTING) & set(values) else None
        view = edit_view(
            view, listing=listing, settings=_settings(values), acting_user=user, now=now(),
            seen_version=seen,
        )  # fmt: skip
        return _answer(view)

    @extend_schema(
        operation_id="views_delete",
        summary="Delete a saved view",
        description="For everybody who saw it; it can be restored.",
        parameters=[IF_MATCH],
        responses=responses({204: None}, 404, 412, 428),
    )
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        view = get_saved_view_for_edit(user, pk)
        delete_view(view, acting_user=user, now=now(), seen_version=api.seen_version(request))
        return Response(status=204)


class SavedViewRestore(Endpoint):
    @extend_schema(
        operation_id="views_restore",
        summary="Bring a deleted view back",
        parameters=[ONCE],
        request=None,
        responses=responses({200: SavedViewSerializer}, 400, 404, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        view = get_saved_view_for_edit(user, pk)
        return self.act_once(lambda: _answer(restore_view(view, acting_user=user, now=now())))
