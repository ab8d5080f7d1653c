"""`{% load feedback_tags %}`: states of demands, and how a ticket's pages show its demand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django import template
from django.db.models import QuerySet
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.prepared import Prepared
from feedback.forms.driving import near_ticket
from feedback.forms.fields import IMPORTANCE
from feedback.models import Demand, Insight, Release
from feedback.rendering import badges
from feedback.search import Told
from tickets.models import Ticket

register = template.Library()

#: The codes that `open_round` and a rollback write.
ROUND_REASONS = {
    "left": _("has left"), "no account": _("has no account here"),
    "rolled back": _("the release was rolled back"),
    "account off": _("the account is switched off"), "mail bounced": _("the mail came back"),
    "reopened": _("it is built again before it reaches them"),
}  # fmt: skip
#: Beside a ticket there is room for the nearest few.
NEAR_SHOWN = 3


@register.simple_tag
def demand_badge(demand: Demand, plain: bool = False) -> SafeString:
    return badges.demand_badge(demand.status, plain=plain)


@register.simple_tag
def round_badge(state: str) -> SafeString:
    return badges.round_badge(state)


@register.simple_tag
def release_badge(release: Release) -> SafeString:
    return badges.release_badge(release.status)


@register.simple_tag
def told_bar(told: Told) -> SafeString:
    return badges.told_bar(told)


@dataclass(frozen=True)
class TicketDemand:
    """What stands beside a ticket: the demand that drives it, or what may come to drive it."""

    demand: Demand | None = None
    near: list[Demand] = field(default_factory=list)
    may_drive: bool = False


@register.simple_tag(takes_context=True)
def ticket_demand(context: Context, ticket: Ticket, allowed: Collection[str] = ()) -> TicketDemand:
    """For staff: `{% ticket_demand ticket allowed as place %}`."""
    user = context["request"].user
    if ticket.driver:
        return TicketDemand(_driver(ticket, user))
    if "drive" not in allowed or ticket.family == "usage":
        return TicketDemand()
    return TicketDemand(near=near_ticket(ticket, user, NEAR_SHOWN), may_drive=True)


@register.simple_tag(takes_context=True)
def requester_demand(context: Context, ticket: Ticket) -> Demand | None:
    """For its requester: the demand that drives the ticket, when they may see it."""
    return _driver(ticket, context["request"].user) if ticket.driver else None


@register.simple_tag
def insights_citing(ticket: Ticket) -> int:
    """How many published insights cite the ticket."""
    return len(_citing(ticket=ticket.pk))


@Prepared
def _citing(ticket: int) -> QuerySet[Insight, int]:
    published = Insight.objects.filter(tickets=ticket, published_at__isnull=False)
    return published.order_by().values_list("pk", flat=True)


def _driver(ticket: Ticket, user: User) -> Demand | None:
    digits = ticket.driver.removeprefix("D-")
    if not digits.isdecimal():
        return None
    found: Demand | None = (
        Demand.objects.visible_to(user).select_related("release").filter(pk=int(digits)).first()
    )
    return found


@register.filter
def importance_label(importance: int) -> str:
    """How much it matters to who said it, in words."""
    return str(dict(IMPORTANCE).get(importance, importance))


@register.filter
def round_reason(reason: str) -> str:
    """Why somebody was not told: the codes of rounds in words, anything else as it was written."""
    said = ROUND_REASONS.get(reason)
    return str(said) if said else reason
