"""Demands: list, open, read, their people, and what is done with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import api
from core.errors import Problem
from feedback import access, actions
from feedback.api import shapes
from feedback.errors import WrongState
from feedback.models import Demand, Obligation, Round
from tickets.api.endpoint import IF_MATCH, ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.paging import key_page

#: (demand, fields sent, who, when, version seen)
Act = Callable[[Demand, dict[str, Any], User, dt.datetime, int | None], object]
WITH = ("product", "module", "product_owner", "release", "verified_by")


def demand_answer(user: User, pk: int, *, status: int = 200) -> Response:
    """The demand with its version as ETag; 204 when the act took it out of this person's sight."""
    demand = Demand.objects.visible_to(user).select_related(*WITH).filter(pk=pk).first()
    if demand is None:
        return Response(status=204)
    body = shapes.DemandSerializer(demand, context={"user": user}).data
    return Response(body, status=status, headers=api.etag(demand.version))


class DemandList(Endpoint):
    @extend_schema(
        operation_id="demands_list",
        summary="List demands",
        description="Demands the asking person may see, newest first, 50 a page.",
        parameters=[shapes.DemandFilterShape],
        responses=responses({200: shapes.DemandPageSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        asked = shapes.DemandFilterShape(data=request.query_params, context={"user": user})
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        rows = Demand.objects.visible_to(user).select_related(*WITH)
        if wanted.get("raised") == "overdue":
            rows = rows.overdue(timezone.localdate(now()))
        elif wanted.get("raised") == "silent":
            rows = rows.silent(now())
        rows = rows.filter(
            **{name: wanted[name] for name in ("status", "product") if name in wanted}
        )
        page = key_page(rows, request, wanted, newest_first=True)
        results = shapes.DemandSerializer(page.rows, many=True, context={"user": user}).data
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="demands_open",
        summary="Open a demand",
        description="Collected until somebody decides. By staff of its product.",
        parameters=[ONCE],
        request=shapes.OpenDemandShape,
        responses=responses({201: shapes.DemandSerializer}, 400, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(shapes.OpenDemandShape, request)

        def act() -> Response:
            draft = actions.DemandDraft(**values)
            demand = actions.create_demand(draft, acting_user=user, now=now())
            response = demand_answer(user, demand.pk, status=201)
            response["Location"] = f"{request.path}/{demand.pk}"
            return response

        return self.act_once(act)


class DemandDetail(Endpoint):
    @extend_schema(
        operation_id="demands_read",
        summary="Read a demand",
        description="The ETag is the version that a change must name.",
        responses=responses({200: shapes.DemandSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        access.get_demand_for_view(user, pk)
        return demand_answer(user, pk)


class DemandPeople(Endpoint):
    @extend_schema(
        operation_id="demands_people",
        summary="Who is owed word on a demand",
        description="One row a person, with every round: what was told, by which channel, when, "
        "and what they said. For staff of the product.",
        parameters=[shapes.PageShape],
        responses=responses({200: shapes.ObligationPageSerializer}, 400, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        demand = access.get_demand_for_view(user, pk)
        if not access.sees_everyone(demand, user):
            raise PermissionDenied
        asked = shapes.PageShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rounds = Round.objects.order_by("pk").select_related("told_to")
        rows = (
            Obligation.objects.standing()
            .filter(demand=demand)
            .select_related("person")
            .prefetch_related(Prefetch("rounds", rounds))
        )
        page = key_page(rows, request, asked.validated_data, newest_first=False)
        results = shapes.ObligationSerializer(page.rows, many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})


@dataclass(frozen=True)
class DemandVerb:
    """One verb of a demand: the fields it takes and the action it is.

    `reads` is False for what cannot conflict (an addition, an answer) and names no version.
    """

    name: str
    summary: str
    fields: type[Shape]
    act: Act
    reads: bool = True


def _simple(action: Callable[..., object]) -> Act:
    def act(
        demand: Demand, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
    ) -> object:
        return action(demand, **values, acting_user=user, now=at, seen_version=seen)

    return act


def _quote(
    demand: Demand, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.add_feedback(
        product=demand.product, module=demand.module, demand=demand, **values, acting_user=user,
        now=at,
    )  # fmt: skip


def _carry(
    demand: Demand, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    return actions.put_in_release(demand, values["release"], acting_user=user, now=at)


def _answer(
    demand: Demand, values: dict[str, Any], user: User, at: dt.datetime, seen: int | None
) -> object:
    question = access.open_question(user, demand)
    if question is None:
        raise WrongState(
            Problem("answer", _("Nothing is asked of you here now."), _("Reload the page."))
        )
    words = values.get("words", "")
    return actions.answer_round(question, values["answer"], words, acting_user=user, now=at)


DEMAND_VERBS: tuple[DemandVerb, ...] = (
    DemandVerb(
        "evaluate", "Take it into evaluation", shapes.NothingShape,
        _simple(actions.evaluate_demand),
    ),
    DemandVerb(
        "accept", "It will be done", shapes.OptionalReasonShape, _simple(actions.accept_demand)
    ),
    DemandVerb(
        "decline", "It will not be done", shapes.ReasonShape, _simple(actions.decline_demand)
    ),
    DemandVerb("defer", "Not now", shapes.DeferShape, _simple(actions.defer_demand)),
    DemandVerb(
        "appeal", "Ask for it to be evaluated again", shapes.WordsShape,
        _simple(actions.appeal_demand),
    ),
    DemandVerb(
        "schedule", "Give it its date, or another one", shapes.DateShape,
        _simple(actions.schedule_demand),
    ),
    DemandVerb(
        "develop", "Start development", shapes.NothingShape, _simple(actions.start_development)
    ),
    DemandVerb("test", "Start testing", shapes.NothingShape, _simple(actions.start_testing)),
    DemandVerb(
        "carry", "Put it into a planned release, or take it out", shapes.CarryShape, _carry,
        reads=False,
    ),
    DemandVerb(
        "verify", "Accept it in production", shapes.NothingShape, _simple(actions.verify_demand)
    ),
    DemandVerb(
        "fail", "It does not work in production", shapes.WordsShape, _simple(actions.fail_demand)
    ),
    DemandVerb(
        "progress", "Write to everybody who is owed word", shapes.WordsShape,
        _simple(actions.tell_progress),
    ),
    DemandVerb(
        "close", "Review the result and close the loop", shapes.ReviewShape,
        _simple(actions.close_demand),
    ),
    DemandVerb(
        "merge", "Let it go on in another demand", shapes.MergeShape, _simple(actions.merge_demand)
    ),
    DemandVerb(
        "unmerge", "Take the merge back", shapes.NothingShape, _simple(actions.unmerge_demand)
    ),
    DemandVerb(
        "split", "Make some of the words a demand of their own", shapes.SplitShape,
        _simple(actions.split_demand),
    ),
    DemandVerb(
        "undo-split", "Take the split back", shapes.NothingShape, _simple(actions.undo_split)
    ),
    DemandVerb(
        "quote", "Add somebody's words", shapes.QuoteShape, _quote, reads=False
    ),
    DemandVerb(
        "answer", "Say whether it works", shapes.AnswerShape, _answer, reads=False
    ),
)  # fmt: skip


class DemandVerbView(Endpoint):
    """POST of one verb of a demand; `demand_verb_view` makes one class a verb."""

    verb: DemandVerb

    def act(self, request: Request, pk: int) -> Response:
        user = person(request)
        demand = access.get_demand_for_view(user, pk)
        seen = api.seen_version(request) if self.verb.reads else None
        values = parsed(self.verb.fields, request)

        def act() -> Response:
            self.verb.act(demand, values, user, now(), seen)
            return demand_answer(user, pk)

        return self.act_once(act)


def demand_verb_view(verb: DemandVerb) -> type[DemandVerbView]:
    """The view class of one verb of a demand."""

    @extend_schema(
        operation_id=f"demands_{verb.name.replace('-', '_')}",
        summary=verb.summary,
        description="Answers the demand as it is then; without a body when the act took it out of "
        "the asking person's sight. Everybody who is owed word is told what concerns them.",
        parameters=[IF_MATCH, ONCE] if verb.reads else [ONCE],
        request=None if verb.fields is shapes.NothingShape else verb.fields,
        responses=responses(
            {200: shapes.DemandSerializer, 204: None},
            400, 404, 409, 422, *((412, 428) if verb.reads else ()),
        ),
    )  # fmt: skip
    def post(self: DemandVerbView, request: Request, pk: int) -> Response:
        return self.act(request, pk)

    name = "".join(word.title() for word in verb.name.split("-"))
    return type(f"Demand{name}", (DemandVerbView,), {"verb": verb, "post": post})
