"""What readers say of pages, and the queue of manual debt, for readers and writers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import ONCE, Endpoint, now, parsed, person, responses
from accounts.models import User
from catalog.models import Product
from core.errors import BadInput, Problem
from docs_portal import access
from docs_portal.access import debt as doors
from docs_portal.actions import give_back_debt, hear_voice, say_of_page, settle_debt, take_debt
from docs_portal.api import debt_shapes as shapes
from docs_portal.models import Page
from docs_portal.policies import may_write
from docs_portal.rendering.owed import seed_of, title_of

#: Items of the queue in one answer.
SHOWN = 200
PRODUCT = OpenApiParameter(
    "product", OpenApiTypes.STR, OpenApiParameter.QUERY, required=False,
    description="Code of one product's manual.",
)  # fmt: skip


def _page(request: Request, pk: int, day: dt.date) -> Page:
    return doors.get_page_to_judge(person(request), pk, day)


class PageVoiceSay(Endpoint):
    @extend_schema(
        operation_id="manuals_voice",
        summary="Say whether a page helped",
        description="One word on each published text; a later one replaces it. A reason goes with "
        "a no alone. The page's writer is told of anything but a bare yes.",
        parameters=[ONCE],
        request=shapes.VoiceShape,
        responses=responses({200: shapes.VoiceSerializer}, 400, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = now()
        page = _page(request, pk, timezone.localdate(at))
        said = parsed(shapes.VoiceShape, request)

        def act() -> Response:
            voice = say_of_page(page, acting_user=person(request), now=at, **said)
            return Response(shapes.VoiceSerializer(voice).data)

        return self.act_once(act)


class PageVoices(Endpoint):
    @extend_schema(
        operation_id="manuals_voices",
        summary="List what readers said of a page",
        description="For its writers: the newest hundred.",
        responses=responses({200: shapes.VoiceListSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        page = access.get_page_for_edit(person(request), pk)
        return Response(shapes.VoiceListSerializer({"results": doors.voices_of(page)}).data)


class PageVoiceHear(Endpoint):
    @extend_schema(
        operation_id="manuals_voice_hear",
        summary="Take in what a reader said",
        description="For the page's writers: it counts as debt no longer.",
        parameters=[ONCE],
        request=None,
        responses=responses({200: shapes.VoiceSerializer}, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        voice = doors.get_voice_for_edit(person(request), pk)

        def act() -> Response:
            row = hear_voice(voice, acting_user=person(request), now=now())
            return Response(shapes.VoiceSerializer(row).data)

        return self.act_once(act)


class DebtList(Endpoint):
    @extend_schema(
        operation_id="manual_debt_list",
        summary="List what the manuals owe, worst first",
        description=f"For writers, of the products they write; at most {SHOWN}, `total` says of "
        "how many. Each with what speaks for it.",
        parameters=[PRODUCT],
        responses=responses({200: shapes.DebtListSerializer}, 400, 404),
    )
    def get(self, request: Request) -> Response:
        user, at = person(request), now()
        doors.written_products(user)
        asked = shapes.DebtFilterShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        code = asked.validated_data.get("product")
        product = access.get_product_for_view(code) if code else None
        queue = doors.debt_for(user, at, product.pk if product is not None else None)
        body = {"results": [_owed(one) for one in queue[:SHOWN]], "total": len(queue)}
        return Response(shapes.DebtListSerializer(body).data)


class DebtDetail(Endpoint):
    @extend_schema(
        operation_id="manual_debt_read",
        summary="Read an item of manual debt with every sign that speaks for it",
        description="404 once nothing speaks for it any more.",
        responses=responses({200: shapes.DebtItemSerializer}, 404),
    )
    def get(self, request: Request, token: str) -> Response:
        owed = doors.get_debt(person(request), token, now())
        signals = [signal for part in owed.debt.shares for signal in part.signals]
        signals.sort(key=lambda signal: signal.at, reverse=True)
        body = _owed(owed) | {"signals": signals}
        return Response(shapes.DebtItemSerializer(body).data)


class DebtTake(Endpoint):
    @extend_schema(
        operation_id="manual_debt_take",
        summary="Take an item of manual debt",
        description="The page to mend, or a new draft that begins with what is known: `draft`. "
        "Taken again by the same person it is the same draft; 409 where another has it.",
        parameters=[ONCE],
        request=shapes.TakeShape,
        responses=responses({200: shapes.TakenSerializer}, 400, 404, 409),
    )
    def post(self, request: Request, token: str) -> Response:
        user, at = person(request), now()
        owed = doors.get_debt(user, token, at)
        product = _product(user, owed, parsed(shapes.TakeShape, request))

        def act() -> Response:
            item = take_debt(
                owed.debt.place, seed_of(user, owed), product, acting_user=user, now=at
            )
            return Response(shapes.TakenSerializer(item).data)

        return self.act_once(act)


class DebtSettle(Endpoint):
    @extend_schema(
        operation_id="manual_debt_settle",
        summary="Decide that nothing is to be written",
        description="What comes up later counts anew. 409 where another writer has it.",
        parameters=[ONCE],
        request=shapes.SettleShape,
        responses=responses({200: shapes.TakenSerializer}, 400, 404, 409),
    )
    def post(self, request: Request, token: str) -> Response:
        user, at = person(request), now()
        owed = doors.get_debt(user, token, at)
        said = parsed(shapes.SettleShape, request)
        product = _product(user, owed, said)

        def act() -> Response:
            item = settle_debt(
                owed.debt.place, title_of(owed), product, said["outcome"], said["note"],
                acting_user=user, now=at,
            )  # fmt: skip
            return Response(shapes.TakenSerializer(item).data)

        return self.act_once(act)


class DebtGiveBack(Endpoint):
    @extend_schema(
        operation_id="manual_debt_give_back",
        summary="Let others take an item again",
        description="By its id, as taking it answered; the draft stays.",
        parameters=[ONCE],
        request=None,
        responses=responses({200: shapes.TakenSerializer}, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        item = doors.get_own_item(user, pk)
        if not may_write(user, item.product_id or 0):
            raise PermissionDenied

        def act() -> Response:
            row = give_back_debt(item, acting_user=user, now=now())
            return Response(shapes.TakenSerializer(row).data)

        return self.act_once(act)


def _owed(owed: doors.Owed) -> dict[str, Any]:
    return {
        "token": owed.debt.place.token, "title": title_of(owed), "score": owed.debt.score,
        "last_at": owed.debt.last_at, "product": owed.product, "module": owed.module,
        "page": owed.page, "words": owed.debt.place.words, "parts": owed.debt.shares,
        "taken_by": owed.item.taken_by if owed.item is not None and owed.is_taken else None,
    }  # fmt: skip


def _product(user: User, owed: doors.Owed, said: dict[str, Any]) -> Product:
    """The item's product; the one that was sent where it has none. Raises BadInput."""
    if owed.product is not None:
        return owed.product
    code = said.get("product", "")
    product = access.writable_products(user).filter(code=code).first()
    if product is None:
        raise BadInput(
            Problem("product", _("This item belongs to no product yet."),
                    _("Send the code of a product whose manual you write."), code)
        )  # fmt: skip
    return product
