"""Announcements inside the widget: a small card by itself, the text, put away, acknowledged."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.formkeys import once_only
from docs_portal.access import get_announcement_for_view, reading_of
from docs_portal.actions import (
    acknowledge_announcement,
    dismiss_announcement,
    note_reached,
    read_announcement,
)
from docs_portal.models import Announcement
from docs_portal.rendering import sections_of
from tickets.views.widget import WidgetRequest, home_of, in_widget

ACTS = {"acknowledge": acknowledge_announcement, "dismiss": dismiss_announcement}


def _announcement(request: WidgetRequest, pk: int) -> Announcement:
    """One of this product for the session's person, as a reader. Raises Http404."""
    now = timezone.now()
    product = request.widget.site.product_id
    row = get_announcement_for_view(request.widget.user, pk, timezone.localdate(now))
    if not row.is_live(now) or (row.product_id != product and product not in row.product_ids):
        raise Http404
    return row


@in_widget
@require_GET
def widget_announced(request: WidgetRequest, pk: int) -> HttpResponse:
    """The card that shows by itself on the page around."""
    row = _announcement(request, pk)
    note_reached([row], acting_user=request.widget.user, now=timezone.now())
    context = {"row": row, "product": request.widget.site.product}
    return render(request, "tickets/widget/announced.html", context)


@in_widget
@require_GET
def widget_announcement(request: WidgetRequest, pk: int) -> HttpResponse:
    """The four answers; opening them counts as read."""
    row, person = _announcement(request, pk), request.widget.user
    read_announcement(row, acting_user=person, now=timezone.now())
    context = {
        "row": row, "sections": sections_of(row), "product": request.widget.site.product,
        "reading": reading_of(person, [pk]).get(pk), "files": row.files.count(),
    }  # fmt: skip
    return render(request, "tickets/widget/announcement.html", context)


@in_widget
@require_POST
@once_only
def widget_announcement_act(request: WidgetRequest, pk: int, act: str) -> HttpResponse:
    """Acknowledge it, or put it away; then what is left."""
    if act not in ACTS:
        raise Http404
    ACTS[act](_announcement(request, pk), acting_user=request.widget.user, now=timezone.now())
    return home_of(request)
