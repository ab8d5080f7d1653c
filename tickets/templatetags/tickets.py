"""`{% load tickets %}`: marks of tickets, and places that upper apps may fill."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core import markup
from tickets.choices import Level, Status
from tickets.models import Cause, Ticket
from tickets.notifications import visible_name
from tickets.rendering.standing import Standing, Step, standing

register = template.Library()

_CAUSE_TONES = {
    "suspected": ("grey", "search"), "pushed": ("amber", "wait"), "accepted": ("iris", "calendar"),
    "declined": ("seal", "down"), "delivered": ("jade", "check"),
}  # fmt: skip


@register.simple_tag
def status_badge(ticket: Ticket, plain: bool = False) -> SafeString:
    """The status in the words of staff."""
    return markup.badge(str(Status(ticket.status).label), status=ticket.status, plain=plain)


@register.simple_tag
def seen_badge(ticket: Ticket, plain: bool = False) -> SafeString:
    """The status under the name its requester sees."""
    label = visible_name(ticket.status, ticket.resolution)
    return markup.badge(label, status=ticket.status, plain=plain)


@register.simple_tag
def cause_badge(cause: Cause) -> SafeString:
    """The state of a cause."""
    tone, icon = _CAUSE_TONES[cause.state]
    return markup.badge(str(cause.get_state_display()), tone=tone, icon=icon)


@register.simple_tag
def level_glyph(level: int | None, boxed: bool = False) -> SafeString:
    """The stair of a level; nothing for a ticket without one."""
    return (
        markup.level_glyph(level, str(Level(level).label), boxed=boxed) if level else SafeString("")
    )


@register.simple_tag(takes_context=True)
def standing_of(context: Context, ticket: Ticket) -> Standing:
    """What its requester is told in a list, without its history."""
    return standing(ticket, [], context["now"])


@register.simple_tag
def with_cited(steps: Sequence[Step], said: str) -> list[Step]:
    """The rail with what is said about citations on its fifth stair."""
    said = said.strip()
    if not said:
        return list(steps)
    return [*steps[:-1], dataclasses.replace(steps[-1], detail=said, state="done")]


@register.simple_tag(takes_context=True)
def hook(context: Context, name: str, **inputs: Any) -> SafeString:
    """A part that an app above draws, if it is there: `{% hook "feedback/ticket_demand.html" %}`.

    Tickets know no app above them; templates belong to the whole house.
    """
    try:
        part = get_template(name)
    except TemplateDoesNotExist:
        return SafeString("")
    values: dict[str, Any] = {**context.flatten(), **inputs}  # type: ignore[dict-item]
    return SafeString(part.render(values, context.get("request")))
