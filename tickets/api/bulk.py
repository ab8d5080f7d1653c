"""Bulk runs: start one act on many tickets, read how far it is, stop it, take it back."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from tickets import actions
from tickets.actions.acts import Act
from tickets.actions.bulk import counts_of
from tickets.api.endpoint import ONCE, Endpoint, Shape, now, parsed, person, responses
from tickets.api.shapes import MAX_ID
from tickets.models import BulkItem, BulkRun

#: Refusals one answer lists; the page of the run lists all of them.
LISTED = 500


class ChosenTicketSerializer(Shape):
    """One ticket of a run."""

    id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1,
        help_text="The version that was read; a later change of the same field refuses the act.",
    )  # fmt: skip


class ActSerializer(Shape):
    """One act, as rules and macros know it."""

    verb = serializers.CharField(max_length=40)
    params = serializers.DictField(required=False)


class StartSerializer(Shape):
    act = ActSerializer()
    tickets = ChosenTicketSerializer(many=True, allow_empty=False)


class RefusedItemSerializer(serializers.Serializer[Any]):
    """A ticket that was not changed, and why."""

    id = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.DictField())


class BulkRunSerializer(serializers.Serializer[Any]):
    """A run and what became of its tickets."""

    id = serializers.IntegerField()
    act = serializers.DictField()
    undo_of = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()
    left = serializers.IntegerField()
    not_found = serializers.ListField(
        child=serializers.IntegerField(), help_text="No tickets, or none this person may see."
    )
    refused = RefusedItemSerializer(many=True)


def _answer(run: BulkRun, status: int = 200) -> Response:
    counts = counts_of(run)
    refused = run.items.filter(state=BulkItem.State.REFUSED).order_by("ticket_id")[:LISTED]
    body = {
        "id": run.pk, "act": run.act, "undo_of": run.undo_of_id, "created_at": run.created_at,
        "finished_at": run.finished_at, "stopped_at": run.stopped_at,
        "waiting": counts[BulkItem.State.WAITING], "done": counts[BulkItem.State.DONE],
        "left": counts[BulkItem.State.LEFT], "not_found": run.not_found,
        "refused": [{"id": item.ticket_id, "problems": item.problems} for item in refused],
    }  # fmt: skip
    return Response(BulkRunSerializer(body).data, status=status)


def _own_run(user: User, pk: int) -> BulkRun:
    """A run is its starter's alone. Raises Http404."""
    return get_object_or_404(BulkRun.objects.of(user).select_related("started_by"), pk=pk)


class BulkRunList(Endpoint):
    @extend_schema(
        operation_id="bulk_runs_start",
        summary="Act on many tickets",
        description="Which tickets is settled now; the work goes on in the background, each "
        "ticket by itself. Ask for the run to see how far it is.",
        parameters=[ONCE],
        request=StartSerializer,
        responses=responses({202: BulkRunSerializer}, 400, 422),
    )
    def post(self, request: Request) -> Response:
        user = person(request)
        values = parsed(StartSerializer, request)
        act = Act(values["act"]["verb"], values["act"].get("params", {}))
        chosen = [(one["id"], one.get("version")) for one in values["tickets"]]

        def start() -> Response:
            run = actions.start_bulk_run(act, chosen, acting_user=user, now=now())
            return _answer(run, 202)

        return self.act_once(start)


class BulkRunDetail(Endpoint):
    @extend_schema(
        operation_id="bulk_runs_read",
        summary="How far a run is",
        responses=responses({200: BulkRunSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        return _answer(_own_run(person(request), pk))


class BulkRunStop(Endpoint):
    @extend_schema(
        operation_id="bulk_runs_stop",
        summary="Leave out what still waits",
        parameters=[ONCE],
        request=None,
        responses=responses({200: BulkRunSerializer}, 404, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        run = _own_run(user, pk)
        return self.act_once(
            lambda: _answer(actions.stop_bulk_run(run, acting_user=user, now=now()))
        )


class BulkRunUndo(Endpoint):
    @extend_schema(
        operation_id="bulk_runs_undo",
        summary="Take a run back",
        description="As a run of its own, ticket by ticket.",
        parameters=[ONCE],
        request=None,
        responses=responses({202: BulkRunSerializer}, 404, 409, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        run = _own_run(user, pk)
        return self.act_once(
            lambda: _answer(actions.undo_bulk_run(run, acting_user=user, now=now()), 202)
        )
