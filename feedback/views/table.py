"""The demand-tracking table (需求跟进表): its page, further rows, its cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from catalog.access import Like
from catalog.models import Module, Product
from core.changes import refuse
from core.errors import Refused
from core.prepared import Prepared
from feedback import access, actions
from feedback.actions.editing import EDITABLE, Cell, Outcome, require_editable
from feedback.choices import DemandStatus, ReleaseStatus
from feedback.forms.fields import staff_products
from feedback.models import Demand, DemandView, Release, TableEdit
from feedback.policies import MOVES, may
from feedback.querysets import products_read_by
from feedback.rendering.table import Look, foot_html, row_html, rows_html, sums_json
from feedback.search.columns import Column
from feedback.search.listing import SCOPES
from feedback.search.pages import DemandPage, demand_page, rows_of
from feedback.search.similar import similar_demands
from feedback.search.totals import totals_of
from feedback.views.answers import local_now, reader_of
from feedback.views.deciding import VERBS
from feedback.views.places import DemandPlace
from feedback.views.shapes import shape_context
from tickets.access import may_edit_saved_view
from tickets.forms.fields import shown_person
from tickets.search.filters import Chip

#: Offered at once while somebody types into a cell.
OFFERED = 20
#: Views beside the segments; the others are in their menu.
VIEWS_SHOWN = 30


@login_required
@require_safe
def demands(request: HttpRequest) -> HttpResponse:
    """The table, the board or the roadmap of a list of demands."""
    user = reader_of(request)
    access.require_reader(user)
    place = DemandPlace.of(request)
    context = {
        "place": place,
        "layout": place.read.layout,
        "problems": place.problems,
        "notes": place.read.filter.notes,
        "chips": [_chip(place, chip) for chip in place.read.filter.chips],
        "scopes": _scopes(place),
        "views": _views(place, user),
        "layouts": _layouts(place),
        "may_open": bool(_may_open(Like(user))),
        "may_release": products_read_by(user) != frozenset(),
        "may_edit_view": place.view is not None and may_edit_saved_view(place.view, user),
        **(table_context(place) if place.read.layout == "table" else shape_context(place)),
    }
    return render(request, "feedback/demands.html", context)


def table_context(place: DemandPlace) -> dict[str, Any]:
    """Context of `feedback/parts/grid.html`."""
    read = place.read
    page = demand_page(read, before=place.before, after=place.after)
    totals = totals_of(read, people=False)
    look = _look(place, totals)
    look.sums_later = True
    return {
        "rows": rows_html(page, look),
        "foot": foot_html(look),
        "columns": [_column(place, column) for column in read.columns],
        "shown": len(page.rows),
        "total": totals[()].count,
        "frozen": min(read.frozen, len(read.columns)),
        "is_grouped": read.is_grouped,
        "older": page.older,
        "previous_url": place.page(after=page.newer) if page.newer else "",
        "next_url": place.page(before=page.older) if page.older else "",
    }


def _look(place: DemandPlace, totals: Any = None, last: tuple[Any, ...] | None = None) -> Look:
    read = place.read
    return Look(
        read.columns, reverse("demands"), read.user, read.group, read.order.grouped,
        totals or {}, last=last,
    )  # fmt: skip


def _column(place: DemandPlace, column: Column) -> dict[str, Any]:
    """A column's head: its name, how its cells are edited, the address that sorts by it."""
    sort = place.listing.sort
    current = sort.removeprefix("-") == column.sort and bool(sort)
    turned = current and not sort.startswith("-")
    editable = EDITABLE.get(column.key)
    return {
        "column": column,
        "who": "staff" if editable and editable.is_for_staff else "steer" if column.attr else "",
        "choices": json.dumps(list(column.said().values()), ensure_ascii=False)
        if column.choices else "",
        "sort_url": place.url(sort=f"-{column.sort}" if turned else column.sort)
        if column.sort else "",
        "sorted": ("descending" if sort.startswith("-") else "ascending") if current else "",
    }  # fmt: skip


def _chip(place: DemandPlace, chip: Chip) -> dict[str, Any]:
    """A condition with the address of its form, and of the list without it."""
    rest = tuple(text for text in place.listing.filters if text != chip.text)
    return {
        "chip": chip,
        "edit_url": f"{reverse('demands_filter')}{place.query()}&was={chip.text}",
        "remove_url": place.url(filters=rest),
    }


def _scopes(place: DemandPlace) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": place.url(scope=key),
            "current": place.view is None and key == place.read.scope,
        }
        for key, label in SCOPES.items()
    ]


def _views(place: DemandPlace, user: User) -> list[dict[str, Any]]:
    views = _seen_by(Like(user), user=user.pk)
    current = place.view.pk if place.view is not None else None
    return [{"view": view, "current": view.pk == current} for view in views]


@Prepared
def _seen_by(like: Like, user: int) -> QuerySet[DemandView]:
    return DemandView.objects.visible_to(like.person(user)).select_related("owner")[:VIEWS_SHOWN]


@Prepared
def _may_open(like: Like) -> QuerySet[Product, int]:
    """A product this person may open demands of."""
    return staff_products(like.person(0)).order_by().values_list("pk", flat=True)[:1]


def _layouts(place: DemandPlace) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": place.url(layout=key), "current": key == place.read.layout,
         "icon": icon}
        for key, label, icon in (
            ("table", _("Table"), "columns"), ("board", _("Board"), "board"),
            ("roadmap", _("Roadmap"), "calendar"),
        )
    ]  # fmt: skip


@login_required
@require_safe
def demands_rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a key, for who scrolls; without scripts the page of them."""
    access.require_reader(reader_of(request))
    place = DemandPlace.of(request)
    page = demand_page(place.read, before=place.before)
    keys = place.read.order.read(place.before) if place.before else None
    grouped = place.read.order.grouped
    totals = totals_of(place.read, people=False) if grouped else None
    look = _look(place, totals, keys[:grouped] if keys and grouped else None)
    look.sums_later = True
    return JsonResponse({"rows": rows_html(page, look), "older": page.older})


@login_required
@require_safe
def demands_similar(request: HttpRequest) -> HttpResponse:
    """Demands like the one that is being typed, so that words are added there instead."""
    user = reader_of(request)
    access.require_reader(user)
    typed = request.GET.get("title") or request.GET.get("words", "")
    title = typed.replace("\x00", "")[:160]
    product = request.GET.get("product", "")
    found = similar_demands(
        Demand.objects.steered_by(user), title,
        int(product) if product.isdecimal() and len(product) < 18 else None,
    )  # fmt: skip
    return render(request, "feedback/parts/similar.html", {"similar": found})


@login_required
@require_safe
def demands_sums(request: HttpRequest) -> HttpResponse:
    """How many people each group is owed to and keeps waiting: behind the page, it takes longer."""
    access.require_reader(reader_of(request))
    place = DemandPlace.of(request)
    return JsonResponse(sums_json(_look(place, totals_of(place.read))))


@login_required
@require_POST
def demands_cells(request: HttpRequest) -> HttpResponse:
    """Set cells, or with `preview` say what would become of each.

    Nothing is refused as a whole for one bad cell: each is answered for. Sent twice it sets the
    same values again, which changes nothing.
    """
    user = reader_of(request)
    access.require_reader(user)
    place = DemandPlace.of(request)
    preview = request.POST.get("preview") == "yes"
    try:
        cells = _cells_of(request.POST.get("cells", ""))
        outcome = actions.edit_cells(cells, acting_user=user, now=local_now(), preview=preview)
    except Refused as refusal:
        return _refused(refusal)
    return _answer(place, outcome, preview=preview)


@login_required
@require_POST
def demands_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one act of the table set."""
    user = reader_of(request)
    access.require_reader(user)
    edit = get_object_or_404(TableEdit, pk=pk, by=user)
    try:
        outcome = actions.undo_edit(edit, acting_user=user, now=local_now())
    except Refused as refusal:
        return _refused(refusal)
    return _answer(DemandPlace.of(request), outcome)


def _refused(refusal: Refused) -> JsonResponse:
    problems = [
        {"field": one.field, "message": str(one.message), "remedy": str(one.remedy),
         "value": one.value}
        for one in refusal.problems
    ]  # fmt: skip
    return JsonResponse({"problems": problems}, status=refusal.status)


def _cells_of(sent: str) -> list[Cell]:
    """The cells as sent: a list of [demand, field, text, version]. Raises BadInput."""
    try:
        rows = json.loads(sent) if len(sent) < 4_000_000 else None
        return [_cell(*row) for row in rows or ()]
    except (ValueError, TypeError, RecursionError):
        refuse("cells", _("These are no cells."),
               _("Send a list of [demand, field, text, version]."), sent[:80])  # fmt: skip
    raise AssertionError  # refuse never comes back


def _cell(pk: Any, name: Any, text: Any, version: Any = None) -> Cell:
    if not (isinstance(pk, int) and 0 < pk < 2**62 and isinstance(name, str)):
        raise ValueError
    if not isinstance(text, str) or not (version is None or isinstance(version, int)):
        raise ValueError
    return Cell(pk, name[:120], text, version)


def _answer(place: DemandPlace, outcome: Outcome, *, preview: bool = False) -> JsonResponse:
    """What became of each cell, the rows as they are now, and the way back."""
    pks = sorted({one.cell.demand_id for one in outcome.results})
    page = rows_of(place.read, pks) if not preview else DemandPage([])
    look = _look(place)
    names = _names(outcome)
    return JsonResponse(
        {
            "cells": [_cell_said(one, names) for one in outcome.results],
            "rows": {row.pk: row_html(row, page, look) for row in page.rows},
            "undo": reverse("demands_undo", args=[outcome.edit.pk]) if outcome.edit else "",
        }
    )


def _names(outcome: Outcome) -> dict[int, str]:
    """Who made the conflicting changes."""
    wanted = {one.conflict.actor_id for one in outcome.results if one.conflict is not None}
    return dict(User.objects.filter(pk__in=wanted - {None}).values_list("pk", "name"))


def _cell_said(result: Any, names: dict[int, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": result.cell.demand_id, "field": result.cell.field, "changed": result.is_changed,
        "said": result.said,
    }  # fmt: skip
    if result.problem is not None:
        problem = result.problem
        said["problem"] = {
            "message": str(problem.message), "remedy": str(problem.remedy),
            "value": problem.value or result.cell.text,
        }  # fmt: skip
    if result.conflict is not None:
        said["conflict"] = {
            "who": names.get(result.conflict.actor_id or 0, _("The system")),
            "at": date_format(timezone.localtime(result.conflict.at), "SHORT_DATETIME_FORMAT"),
        }
    return said


@login_required
@require_safe
def demands_offer(request: HttpRequest) -> HttpResponse:
    """What a cell's editor offers: modules, releases, moves, people; or a whole long text."""
    user = reader_of(request)
    access.require_reader(user)
    name, sent = request.GET.get("field", ""), request.GET.get("id", "")
    if not (sent.isdecimal() and len(sent) < 18):
        raise Http404
    demand = get_object_or_404(Demand.objects.steered_by(user), pk=int(sent))
    if name == "status":
        return JsonResponse({"moves": _moves(demand, user)})
    try:
        require_editable(demand, name, user)
    except Refused as refusal:
        return _refused(refusal)
    typed = request.GET.get("q", "").replace("\x00", "")[:60]
    return JsonResponse({"offers": _offers(demand, name, typed), "text": _whole(demand, name)})


def _moves(demand: Demand, user: User) -> list[dict[str, str]]:
    """The verbs that change its status now, each with the address of its act."""
    return [
        {
            "label": str(VERBS[verb].title),
            "status": str(DemandStatus(move.to).label),
            "url": reverse(f"demand_{verb}", args=[demand.pk]),
        }
        for verb, move in MOVES.items()
        if move.to is not None and verb in VERBS and may(verb, demand, user)
    ]


def _whole(demand: Demand, name: str) -> str:
    return str(getattr(demand, name)) if name in ("problem", "proposal", "review") else ""


def _offers(demand: Demand, name: str, typed: str) -> Sequence[str]:
    if name == "module":
        modules = Module.objects.filter(product=demand.product_id, is_active=True)
        return list(modules.order_by("name").values_list("name", flat=True))
    if name == "release":
        planned = Release.objects.filter(product=demand.product_id, status=ReleaseStatus.PLANNED)
        return list(planned.order_by("-pk").values_list("name", flat=True))
    if name == "product":
        return [str(product) for product in Product.objects.filter(is_active=True)]
    if name in ("owner", "proposer") and typed:
        found = User.objects.working_here().filter(name__icontains=typed).order_by("name")
        return [shown_person(person) for person in found[:OFFERED]]
    return []
