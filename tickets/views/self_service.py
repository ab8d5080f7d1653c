"""Self-service (自助解决率): the figures, each a link to the sessions it counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Product
from core.worktime import day_start
from docs_portal.models import Page
from tickets.models import Cause, HelpSession, Ticket
from tickets.policies.self_service import (
    ENOUGH_SESSIONS,
    ENOUGH_TO_COMPARE,
    HELD_OUT_OF_HUNDRED,
)
from tickets.querysets import HelpSessionQuerySet
from tickets.search.self_service import LISTS, report_of, sessions_between
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

WEEKS = (4, 12, 26, 52)
USUAL = 12
LISTED = 50


@dataclass(frozen=True)
class _Span:
    """The weeks and the product that an address asks for; `since` is a Monday's midnight."""

    weeks: int
    product: Product | None
    since: dt.datetime
    until: dt.datetime

    def query(self, **more: str) -> str:
        said = {"weeks": str(self.weeks), **more}
        if self.product is not None:
            said.setdefault("product", str(self.product.pk))
        return urlencode({name: value for name, value in said.items() if value})


def _span(request: HttpRequest, now: dt.datetime) -> _Span:
    wanted = request.GET.get("weeks", "")
    weeks = int(wanted) if wanted in {str(n) for n in WEEKS} else USUAL
    today = timezone.localdate(now)
    monday = today - dt.timedelta(days=today.weekday() + 7 * (weeks - 1))
    named = request.GET.get("product", "")
    product = None
    if named.isdecimal() and len(named) < 19:
        product = Product.objects.filter(pk=int(named)).first()
    zone = timezone.get_default_timezone_name()
    return _Span(weeks, product, day_start(monday, zone), now)


def _sessions(user: User, span: _Span, now: dt.datetime) -> HelpSessionQuerySet:
    if not rights_of(user).is_staff:
        raise PermissionDenied
    sessions = sessions_between(user, span.since, span.until, now)
    return sessions if span.product is None else sessions.filter(product=span.product)


@login_required
@require_GET
def self_service(request: SignedInRequest) -> HttpResponse:
    """How many solved their trouble before submitting, and what the manual pages are worth."""
    now = timezone.now()
    span = _span(request, now)
    report = report_of(_sessions(request.user, span, now))
    here = reverse("self_service")
    context = {
        "span": span,
        "report": report,
        "rows_of": f"{reverse('help_sessions')}?{span.query()}&figure=",
        "spans": [
            {"label": ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks},
             "url": f"{here}?{urlencode(_other(span, weeks))}", "current": weeks == span.weeks}
            for weeks in WEEKS
        ],
        "enough": ENOUGH_SESSIONS,
        "enough_to_compare": ENOUGH_TO_COMPARE,
        "held_out_of_hundred": HELD_OUT_OF_HUNDRED,
        "products_url": f"{here}?{urlencode({'weeks': span.weeks})}",
        "may_write": rights_of(request.user).is_agent,
        "now": now,
    }  # fmt: skip
    return render(request, "tickets/self_service.html", context)


def _other(span: _Span, weeks: int) -> dict[str, Any]:
    return {"weeks": weeks} | ({"product": span.product.pk} if span.product is not None else {})


@login_required
@require_GET
def help_sessions(request: SignedInRequest) -> HttpResponse:
    """The sessions of one figure, the newest first; who it was is nobody's business here."""
    now = timezone.now()
    span = _span(request, now)
    figure = request.GET.get("figure", "sessions")
    if figure not in LISTS:
        raise Http404
    condition, label = LISTS[figure]
    rows = _sessions(request.user, span, now).filter(condition)
    total = rows.count()
    before = typed(request, "before", 18)
    shown = rows.filter(pk__lt=int(before)) if before.isdecimal() else rows
    page = list(
        shown.select_related("product", "department", "solved").order_by("-pk")[: LISTED + 1]
    )
    more = page[LISTED - 1].pk if len(page) > LISTED else None
    context = {
        "span": span,
        "label": label,
        "total": total,
        "lines": _lines(page[:LISTED], request.user),
        "back": f"{reverse('self_service')}?{span.query()}",
        "more": f"?{span.query(figure=figure, before=str(more))}" if more else "",
        "now": now,
    }
    return render(request, "tickets/help_sessions.html", context)


def _lines(sessions: list[HelpSession], user: User) -> list[dict[str, Any]]:
    """What was offered, what helped, and what followed where the reader may see it."""
    solved = {s.pk: s.solved for s in sessions if hasattr(s, "solved")}
    titles = _titles([(row.kind, row.ref) for row in solved.values()])
    followed = [pk for s in sessions if (pk := getattr(s, "followed_ticket", None))]
    seen = set(Ticket.objects.visible_to(user).filter(pk__in=followed).values_list("pk", flat=True))
    return [
        {
            "session": session,
            "helped": titles.get((solved[session.pk].kind, solved[session.pk].ref), "")
            if session.pk in solved and solved[session.pk].taken_back_at is None
            else "",
            "ticket": getattr(session, "followed_ticket", None),
            "ticket_seen": getattr(session, "followed_ticket", None) in seen,
            "voice": getattr(session, "followed_voice", None),
            "is_over": getattr(session, "is_over", False),
        }
        for session in sessions
    ]


def _titles(named: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What helped, by its title; a demand by its reference, as its title belongs to another app."""
    pages = Page.objects.filter(pk__in=[ref for kind, ref in named if kind == "page"])
    causes = Cause.objects.filter(pk__in=[ref for kind, ref in named if kind == "known_issue"])
    found = {("page", pk): title for pk, title in pages.values_list("pk", "title")}
    found |= {("known_issue", pk): title for pk, title in causes.values_list("pk", "title")}
    return found | {
        (kind, ref): _("Demand D-%(n)s") % {"n": ref} for kind, ref in named if kind == "demand"
    }
