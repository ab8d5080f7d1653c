"""Causes: list, open, and what is done with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import api
from tickets import actions
from tickets.access import get_cause_for_view
from tickets.api import shapes
from tickets.api.endpoint import IF_MATCH, ONCE, Endpoint, now, parsed, person, responses
from tickets.api.paging import key_page
from tickets.api.serializers import CausePageSerializer, CauseSerializer
from tickets.models import Cause

Act = Callable[[Cause, dict[str, Any], User, dt.datetime, int], object]


def cause_answer(user: User, pk: int, *, status: int = 200) -> Response:
    """The cause with its version as ETag; 204 when the act took it out of this person's sight."""
    causes = Cause.objects.visible_to(user).select_related("product", "module", "owner")
    cause = causes.filter(pk=pk).first()
    if cause is None:
        return Response(status=204)
    return Response(CauseSerializer(cause).data, status=status, headers=api.etag(cause.version))


class CauseList(Endpoint):
    @extend_schema(
        operation_id="causes_list",
        summary="List causes",
        description="Causes of the asking person's products and those pushed to them, newest "
        "first, 50 a page.",
        parameters=[shapes.CauseFilterSerializer],
        responses=responses({200: CausePageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        asked = shapes.CauseFilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        rows = Cause.objects.visible_to(user).select_related("product", "module", "owner")
        rows = rows.filter(
            **{name: wanted[name] for name in ("state", "product") if name in wanted}
        )
        if wanted.get("owner"):
            rows = rows.pushed_to(user)
        if wanted["known_issue"] is not None:
            rows = rows.filter(is_known_issue=wanted["known_issue"])
        page = key_page(rows, request, wanted, newest_first=True)
        results = CauseSerializer(page.rows, many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="causes_open",
        summary="Open a cause",
        description="Suspected until an owner delivers. By staff of its product.",
        parameters=[ONCE],
        request=shapes.OpenCauseSerializer,
        responses=responses({201: CauseSerializer}, 400, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(shapes.OpenCauseSerializer, request)

        def act() -> Response:
            cause = actions.open_cause(**values, acting_user=user, now=now())
            response = cause_answer(user, cause.pk, status=201)
            response["Location"] = f"{request.path}/{cause.pk}"
            return response

        return self.act_once(act)


class CauseDetail(Endpoint):
    @extend_schema(
        operation_id="causes_read",
        summary="Read a cause",
        description="The ETag is the version that a change must name.",
        responses=responses({200: CauseSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        get_cause_for_view(user, pk)
        return cause_answer(user, pk)


@dataclass(frozen=True)
class CauseVerb:
    """One verb of a cause: the fields it takes and the action it is."""

    name: str
    summary: str
    fields: type[serializers.Serializer[Any]]
    act: Act


def _simple(action: Callable[..., object]) -> Act:
    def act(cause: Cause, values: dict[str, Any], user: User, at: dt.datetime, seen: int) -> object:
        return action(cause, **values, acting_user=user, now=at, seen_version=seen)

    return act


CAUSE_VERBS: tuple[CauseVerb, ...] = (
    CauseVerb(
        "push", "Push it to an owner", shapes.OwnerSerializer, _simple(actions.push_cause)
    ),
    CauseVerb(
        "accept", "The owner takes it on with their date", shapes.PromisedDateSerializer,
        _simple(actions.accept_cause),
    ),
    CauseVerb(
        "decline", "The owner sends it back with a reason", shapes.DeclineSerializer,
        _simple(actions.decline_cause),
    ),
    CauseVerb(
        "promised-date", "The owner moves their date", shapes.PromisedDateSerializer,
        _simple(actions.change_promised_date),
    ),
    CauseVerb(
        "deliver", "The owner delivers, with the root cause", shapes.DeliverSerializer,
        _simple(actions.deliver_cause),
    ),
    CauseVerb(
        "name-owner", "The manager names the owner after three bounces", shapes.OwnerSerializer,
        _simple(actions.name_owner),
    ),
    CauseVerb(
        "chase", "Ask the owner for word", shapes.NothingSerializer, _simple(actions.chase_cause)
    ),
    CauseVerb(
        "known-issue", "Declare it a known issue, or take that back", shapes.KnownIssueSerializer,
        _simple(actions.declare_known_issue),
    ),
)  # fmt: skip


class CauseVerbView(Endpoint):
    """POST of one verb of a cause; `cause_verb_view` makes one class a verb."""

    verb: CauseVerb

    def act(self, request: Request, pk: int) -> Response:
        user = person(request)
        cause = get_cause_for_view(user, pk)
        seen = api.seen_version(request)
        values = parsed(self.verb.fields, request)

        def act() -> Response:
            self.verb.act(cause, values, user, now(), seen)
            return cause_answer(user, pk)

        return self.act_once(act)


def cause_verb_view(verb: CauseVerb) -> type[CauseVerbView]:
    """The view class of one verb of a cause."""

    @extend_schema(
        operation_id=f"causes_{verb.name.replace('-', '_')}",
        summary=verb.summary,
        description="Answers the cause as it is then; without a body when the act took it out of "
        "the asking person's sight. Its tickets on level 3 follow, each with an event of its own.",
        parameters=[IF_MATCH, ONCE],
        request=None if verb.fields is shapes.NothingSerializer else verb.fields,
        responses=responses({200: CauseSerializer, 204: None}, 400, 404, 409, 412, 422, 428),
    )
    def post(self: CauseVerbView, request: Request, pk: int) -> Response:
        return self.act(request, pk)

    name = "".join(word.title() for word in verb.name.split("-"))
    return type(f"Cause{name}", (CauseVerbView,), {"verb": verb, "post": post})
