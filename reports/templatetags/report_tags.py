"""`{% load report_tags %}`: what the statistics add to a ticket's pages."""

from __future__ import annotations

from django import template
from django.template.context import Context

from reports.policies.waterfall import waterfall
from reports.rendering.waterfall import Fall, fall_of
from tickets.models import Ticket

register = template.Library()


@register.simple_tag(takes_context=True)
def ticket_waterfall(context: Context, ticket: Ticket) -> Fall:
    """`{% ticket_waterfall ticket as fall %}`: level clocks, stay by stay."""
    return fall_of(waterfall(ticket, context["now"]))
