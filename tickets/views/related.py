"""What stands beside a ticket: asked for by the ticket page after itself, or a page of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.models import User
from docs_portal.access import pages_for_requester
from docs_portal.choices import PageStatus
from docs_portal.models import Page
from tickets.access import get_ticket_for_staff
from tickets.choices import Family, Level
from tickets.models import Cause, Ticket, TicketLink, Watcher
from tickets.policies import allowed_verbs
from tickets.rendering.links import link_said
from tickets.search.similar import similar_to
from tickets.views.answers import kept_query
from tickets.views.manual_pages import page_context
from tickets.views.requests import SignedInRequest

CAUSES_SHOWN = 5
TICKETS_SHOWN = 5
PAGES_SHOWN = 4


@login_required
@require_GET
def ticket_related(request: SignedInRequest, pk: int) -> HttpResponse:
    """Known causes, pages, the requester's others, links and watchers of a ticket."""
    ticket = get_ticket_for_staff(request.user, pk)
    context = related_context(request, ticket, timezone.now())
    response = render(request, "tickets/related.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def related_context(request: SignedInRequest, ticket: Ticket, now: dt.datetime) -> dict[str, Any]:
    """Context of `tickets/parts/related.html`."""
    user = request.user
    allowed = allowed_verbs(ticket, user)
    watchers = list(Watcher.objects.filter(ticket=ticket).select_related("user"))
    return {
        "now": now,
        "ticket": ticket,
        "allowed": allowed,
        "kept": kept_query(request),
        "similar": _similar(ticket, user, allowed, now),
        "others": _others(ticket, user),
        "links": _links(ticket, user),
        "watchers": watchers,
        "is_watching": any(watcher.user_id == user.pk for watcher in watchers),
        "causes": _causes(ticket, user),
        "pages": _pages(ticket, now) if "edit" in allowed else [],
        **page_context(ticket, request),
    }


def _pages(ticket: Ticket, now: dt.datetime) -> list[Page]:
    """Pages that may answer a usage question, out of those its requester can read."""
    if ticket.family != Family.USAGE or ticket.answer_page_id or ticket.answer_gap:
        return []
    day = timezone.localdate(now)
    return pages_for_requester(ticket.requester, ticket.title, ticket.product, day, PAGES_SHOWN)


@dataclass(frozen=True)
class ShownSimilar:
    """A ticket like this one, with what one click takes over from it."""

    ticket: Ticket
    #: Its cause, where this ticket may still get one.
    cause: Cause | None
    #: The page that answered it, where this ticket still needs one.
    page: Page | None
    #: Days since its cause was closed as fixed: it may have come back.
    came_back_after: int | None


def _similar(
    ticket: Ticket, user: User, allowed: frozenset[str], now: dt.datetime
) -> list[ShownSimilar]:
    """The nearest tickets, open and ended."""
    may_link = "link_cause" in allowed and ticket.cause_id is None and ticket.level != Level.PUSH
    needs_page = (
        "edit" in allowed and ticket.family == Family.USAGE
        and not ticket.answer_page_id and not ticket.answer_gap
    )  # fmt: skip
    found = []
    for near in similar_to(ticket, user):
        other = near.ticket
        is_same_product = other.product_id == ticket.product_id
        cause, page = other.cause, other.answer_page
        fixed_at = cause.delivered_at if cause is not None and is_same_product else None
        found.append(
            ShownSimilar(
                other, cause if may_link and is_same_product else None,
                page if needs_page and is_same_product and _is_published(page) else None,
                (now - fixed_at).days if fixed_at is not None else None,
            )
        )  # fmt: skip
    return found


def _is_published(page: Page | None) -> bool:
    return page is not None and page.status == PageStatus.PUBLISHED


def _others(ticket: Ticket, user: User) -> list[Ticket]:
    """The requester's newest other tickets, out of those this person may see."""
    others = Ticket.objects.visible_to(user).filter(requester=ticket.requester)
    newest = others.exclude(pk=ticket.pk).only("pk", "title", "status").order_by("-id")
    return list(newest[:TICKETS_SHOWN])


@dataclass(frozen=True)
class LinkedTicket:
    """A link as this ticket reads it. The link of a merge goes with the merge."""

    pk: int
    said: str
    other: Ticket
    is_merge: bool
    #: The other one is merged into this ticket and can be taken out again.
    is_merged_here: bool


def _links(ticket: Ticket, user: User) -> list[LinkedTicket]:
    """Each link with the ticket at its other end, where this person may see that."""
    links = TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).order_by("kind", "id")
    visible = Ticket.objects.visible_to(user).values("pk")
    seen = links.filter(source__in=visible, target__in=visible)
    found = []
    for link in seen.select_related("source", "target"):
        from_source = link.source_id == ticket.pk
        is_merge = link.kind == TicketLink.Kind.DUPLICATE and (
            link.source.merged_into_id == link.target_id
        )
        found.append(
            LinkedTicket(
                link.pk, link_said(link.kind, from_source=from_source),
                link.target if from_source else link.source, is_merge, is_merge and not from_source,
            )
        )  # fmt: skip
    return found


def _causes(ticket: Ticket, user: User) -> list[Cause]:
    """Open causes of the product, known issues first."""
    causes = Cause.objects.visible_to(user).filter(product=ticket.product, delivered_at=None)
    others = causes.exclude(pk=ticket.cause_id or 0)
    return list(others.order_by("-is_known_issue", "-id")[:CAUSES_SHOWN])
