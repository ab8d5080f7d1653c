"""The demand table as a board by status and as a roadmap by quarter; a card's way elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.models import User
from core.errors import Problem
from core.formkeys import once_only
from core.toasts import add_toast
from feedback import access
from feedback.choices import DemandStatus
from feedback.errors import BadInput, WrongState
from feedback.models import Demand
from feedback.policies import MOVES, may
from feedback.policies.moves import following
from feedback.rendering.badges import demand_badge
from feedback.rendering.cards import cards_html, planned_html
from feedback.rendering.table import quarter_said
from feedback.search.shapes import Column, Slot, board_of, column_of, roadmap_of
from feedback.views.answers import local_now, reader_of
from feedback.views.deciding import VERBS, Act
from feedback.views.places import DemandPlace

#: A move that has no verb of its own page goes by another's.
_PAGES = {"release": "carry"}


def shape_context(place: DemandPlace) -> dict[str, Any]:
    """Context of `feedback/parts/board.html` or `…/roadmap.html`."""
    return _board(place) if place.read.layout == "board" else _roadmap(place)


def _board(place: DemandPlace) -> dict[str, Any]:
    columns = board_of(place.read)
    return {
        "board_columns": [_column(place, column) for column in columns],
        "total": sum(column.count for column in columns),
        "shown": sum(len(column.cards) for column in columns),
    }


def _column(place: DemandPlace, column: Column) -> dict[str, Any]:
    more = urlencode({"column": column.status, "before": column.older}, safe=":,.")
    mark = "&" if len(place.query()) > 1 else ""
    return {
        "column": column,
        "label": DemandStatus(column.status).label,
        "badge": demand_badge(column.status, plain=True),
        "cards": cards_html(column.cards),
        "more_url": f"{reverse('demands_column')}{place.query()}{mark}{more}"
        if column.older else "",
    }  # fmt: skip


@login_required
@require_safe
def demands_column(request: HttpRequest) -> HttpResponse:
    """More cards of one column; without scripts the table of that status."""
    access.require_reader(reader_of(request))
    place = DemandPlace.of(request)
    status = request.GET.get("column", "")
    if status not in DemandStatus.values:
        raise Http404
    if not request.htmx:  # type: ignore[attr-defined]  # django-htmx adds it
        texts = (*place.listing.filters, f"status:is:{status}")
        return redirect(place.url(layout="table", filters=texts))
    column = column_of(place.read, status, place.before)
    return render(request, "tickets/parts/cards.html", _column(place, column))


@login_required
@require_POST
@once_only
def demand_place(request: HttpRequest, pk: int) -> HttpResponse:
    """A card was moved to another column: the verb that is, done or asked for.

    The table of moves decides. Refused, the card is where it was and the page says why.
    """
    user = reader_of(request)
    demand = access.get_demand_for_edit(user, pk)
    place = DemandPlace.of(request)
    verb = _verb_to(demand, request.POST.get("column", ""), user)
    entry = VERBS[verb]
    form = entry.form(request.POST, demand=demand, user=user)
    if entry.asks or not form.is_valid():
        return _ask(request, demand, verb, place)
    entry.run(Act(demand, form, user, local_now()))
    add_toast(request, str(entry.done))
    return redirect(place.here)


def _verb_to(demand: Demand, status: str, user: User) -> str:
    """The verb that brings a demand to a status. Raises WrongState where none does."""
    if status not in DemandStatus.values:
        raise BadInput(
            Problem("column", _("There is no such column."), ", ".join(DemandStatus.values),
                    status[:40])
        )  # fmt: skip
    if demand.status == status:
        raise WrongState(
            Problem("column", _("The demand is in this column already."),
                    _("Choose another column."))
        )  # fmt: skip
    for name, move in MOVES.items():
        page = _PAGES.get(name, name)
        if move.to == status and page in VERBS and may(name, demand, user):
            return page
    raise WrongState(
        Problem(
            "column",
            _("No act leads there from “%(status)s”.")
            % {"status": DemandStatus(demand.status).label},
            _("It can become: %(statuses)s.") % {"statuses": following(demand.status)},
            str(DemandStatus(status).label),
        )
    )


def _ask(request: HttpRequest, demand: Demand, verb: str, place: DemandPlace) -> HttpResponse:
    """The form of the verb: in the dialog of the page, or as a page of its own."""
    url = f"{reverse(f'demand_{verb}', args=[demand.pk])}?{urlencode({'next': place.here})}"
    if not request.htmx:  # type: ignore[attr-defined]  # django-htmx adds it
        return redirect(url)
    answer = HttpResponse(status=204)
    answer.only_asks = True  # type: ignore[attr-defined]
    return trigger_client_event(answer, "board:ask", {"url": url})


def _roadmap(place: DemandPlace) -> dict[str, Any]:
    roadmap = roadmap_of(place.read)
    return {
        "slots": [
            {"label": slot_said(slot), "sum": total, "is_now": place_ == 1}
            for place_, (slot, total) in enumerate(zip(roadmap.slots, roadmap.sums, strict=True))
        ],
        "lanes": [
            {
                "name": name,
                "fields": [
                    {
                        "planned": field,
                        "cards": planned_html(field.cards),
                        "rest": field.count - len(field.cards),
                        "url": place.url(layout="table", filters=_narrowed(place, slot)),
                    }
                    for slot, field in zip(roadmap.slots, fields, strict=True)
                ],
            }
            for (_pk, name), fields in roadmap.lanes.items()
        ],
        "total": sum(total.count for total in roadmap.sums),
        "shown": sum(total.count for total in roadmap.sums),
    }


def slot_said(slot: Slot) -> str:
    """What a column of the roadmap is called."""
    if slot.key == "earlier":
        return _("Before this quarter")
    if slot.key == "later":
        return _("Later")
    return quarter_said(slot.first)


def _narrowed(place: DemandPlace, slot: Slot) -> tuple[str, ...]:
    """The filter of the list and of one slot of its roadmap."""
    texts = (*place.listing.filters, "status:none:merged,declined")
    if slot.first is not None and slot.end is not None:
        last = slot.end - dt.timedelta(days=1)
        return (*texts, f"planned:within:{slot.first}..{last}")
    if slot.end is not None:
        return (*texts, f"planned:before:{slot.end}")
    if slot.first is not None:
        return (*texts, f"planned:within:{slot.first}..2199-12-31")
    return (*texts, "planned:empty")
