"""Releases: list, plan, read with gate and progress, and what is done with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import api
from feedback import access, actions
from feedback.api import shapes
from feedback.models import Release, RolloutPart
from feedback.policies import gate_of
from feedback.search import told_of_release
from tickets.api.endpoint import IF_MATCH, ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.paging import key_page

Act = Callable[[Release, dict[str, Any], User, dt.datetime, int | None], object]


def release_answer(release: Release, *, status: int = 200) -> Response:
    """The whole release as it is now, with its version as ETag."""
    shown = Release.objects.select_related("product").get(pk=release.pk)
    parts = shown.parts.select_related("department", "person").order_by("pk")
    body = {
        **shapes.ReleaseSerializer(shown).data,
        "gate": shapes.GateRowSerializer(gate_of(shown), many=True).data,
        "parts": shapes.PartSerializer(parts, many=True).data,
        "told": shapes.ToldSerializer(told_of_release(shown)).data,
    }
    return Response(body, status=status, headers=api.etag(shown.version))


class ReleaseList(Endpoint):
    @extend_schema(
        operation_id="releases_list",
        summary="List releases",
        description="Releases of the asking person's products, newest first, 50 a page.",
        parameters=[shapes.PageShape],
        responses=responses({200: shapes.ReleasePageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        asked = shapes.PageShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = (
            Release.objects.visible_to(user).select_related("product").prefetch_related("demands")
        )
        page = key_page(rows, request, asked.validated_data, newest_first=True)
        results = shapes.ReleaseSerializer(page.rows, many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="releases_plan",
        summary="Plan a release",
        description="A version of a product that will carry demands. By staff of the product.",
        parameters=[ONCE],
        request=shapes.PlanReleaseShape,
        responses=responses({201: shapes.WholeReleaseSerializer}, 400, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(shapes.PlanReleaseShape, request)

        def act() -> Response:
            release = actions.create_release(
                values["product"], values["name"], planned_on=values.get("planned_on"),
                acting_user=user, now=now(),
            )  # fmt: skip
            response = release_answer(release, status=201)
            response["Location"] = f"{request.path}/{release.pk}"
            return response

        return self.act_once(act)


class ReleaseDetail(Endpoint):
    @extend_schema(
        operation_id="releases_read",
        summary="Read a release",
        description="With its gate, whom it reaches, and how far its people are.",
        responses=responses({200: shapes.WholeReleaseSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        return release_answer(access.get_release_for_view(person(request), pk))


@dataclass(frozen=True)
class ReleaseVerb:
    """One verb of a release: the fields it takes and the action it is."""

    name: str
    summary: str
    fields: type[Shape]
    act: Act
    reads: bool = True


def _simple(action: Callable[..., object]) -> Act:
    def act(
        release: Release, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
    ) -> object:
        return action(release, **values, acting_user=user, now=at, seen_version=seen)

    return act


def _gate(
    release: Release, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.fill_gate(release, values, acting_user=user, now=at, seen_version=seen)


def _see(
    release: Release, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.see_people(release, acting_user=user, now=at)


def _roll_out(
    release: Release, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    whom = values.get("department") or values["person"]
    return actions.roll_out_to(
        release, whom, values["starts_on"], acting_user=user, now=at, seen_version=seen
    )


RELEASE_VERBS: tuple[ReleaseVerb, ...] = (
    ReleaseVerb("gate", "Fill rows of the gate", shapes.GateShape, _gate),
    ReleaseVerb(
        "see-people", "Note that the list of people was seen", shapes.NothingShape, _see,
        reads=False,
    ),
    ReleaseVerb(
        "publish", "Through the gate", shapes.NothingShape, _simple(actions.publish_release)
    ),
    ReleaseVerb("roll-out", "Reach a department or a person", shapes.PartShape, _roll_out),
    ReleaseVerb(
        "everybody", "Reach everybody from a day on", shapes.DayShape,
        _simple(actions.roll_out_to_everybody),
    ),
    ReleaseVerb(
        "roll-back", "Take it back; exactly those who were told hear it", shapes.ReasonShape,
        _simple(actions.roll_back_release),
    ),
)  # fmt: skip


class ReleaseVerbView(Endpoint):
    """POST of one verb of a release; `release_verb_view` makes one class a verb."""

    verb: ReleaseVerb

    def act(self, request: Request, pk: int) -> Response:
        user = person(request)
        release = access.get_release_for_edit(user, pk)
        seen = api.seen_version(request) if self.verb.reads else None
        values = parsed(self.verb.fields, request)

        def act() -> Response:
            self.verb.act(release, values, user, now(), seen)
            return release_answer(release)

        return self.act_once(act)


def release_verb_view(verb: ReleaseVerb) -> type[ReleaseVerbView]:
    """The view class of one verb of a release."""

    @extend_schema(
        operation_id=f"releases_{verb.name.replace('-', '_')}",
        summary=verb.summary,
        description="Answers the whole release as it is then. By staff of its product.",
        parameters=[IF_MATCH, ONCE] if verb.reads else [ONCE],
        request=None if verb.fields is shapes.NothingShape else verb.fields,
        responses=responses(
            {200: shapes.WholeReleaseSerializer},
            400, 404, 409, 422, *((412, 428) if verb.reads else ()),
        ),
    )  # fmt: skip
    def post(self: ReleaseVerbView, request: Request, pk: int) -> Response:
        return self.act(request, pk)

    name = "".join(word.title() for word in verb.name.split("-"))
    return type(f"Release{name}", (ReleaseVerbView,), {"verb": verb, "post": post})


class ReleasePart(Endpoint):
    @extend_schema(
        operation_id="releases_leave_out",
        summary="Take a part of the roll-out out again",
        description="Only before it has reached anybody. By staff of the product.",
        parameters=[ONCE],
        request=None,
        responses=responses({200: shapes.WholeReleaseSerializer}, 404, 409, 422),
    )
    def post(self, request: Request, pk: int, part_id: int) -> Response:
        user = person(request)
        release = access.get_release_for_edit(user, pk)
        parts = RolloutPart.objects.select_related("release", "department", "person")
        part = get_object_or_404(parts, pk=part_id, release=pk)

        def act() -> Response:
            actions.leave_out(part, acting_user=user, now=now())
            return release_answer(release)

        return self.act_once(act)
