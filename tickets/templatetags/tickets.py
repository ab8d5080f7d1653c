"""`{% load tickets %}`: marks of tickets, and places that upper apps may fill."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core import markup
from core.formkeys import FIELD as FORM_KEY
from core.formkeys import new_form_key
from core.keys import key_of_code
from tickets.choices import Level, Status
from tickets.models import Cause, Ticket
from tickets.notifications import visible_name
from tickets.rendering.browsers import browser_said
from tickets.rendering.conversation import Entry
from tickets.rendering.fields import values_of
from tickets.rendering.messages import entries_html
from tickets.rendering.standing import Standing, Step, standing

register = template.Library()


@register.inclusion_tag("tickets/parts/held.html", takes_context=True)
def held(context: Context, ticket: Ticket, edit_url: str = "") -> dict[str, Any]:
    """What the ticket holds besides its own columns; no query where it holds nothing."""
    return {
        "ticket": ticket, "held": values_of(ticket), "browser": browser_said(ticket.browser),
        "edit_url": edit_url, "request": context.get("request"),
    }  # fmt: skip


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


@register.simple_tag(takes_context=True)
def conversation(context: Context, entries: Sequence[Entry]) -> SafeString:
    """`{% conversation entries %}`: messages with the lines of history between them."""
    return entries_html(entries, context["now"])


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


def _face(label: str, icon: str, key: str, code: str) -> str:
    # The table of keys knows the cap of a code; `key` is for what is pressed otherwise.
    found = key_of_code(code) if code else None
    caps = found.caps if found else (key,) if key else ()
    shown = f' <span class="caps">{markup.kbd(*caps)}</span>' if caps else ""
    return f"{markup.icon(icon) if icon else ''}{escape(label)}{shown}"


def _look(kind: str, code: str, plain: bool, **marks: str) -> str:
    """Attributes: how it looks, the key that presses it, and marks that scripts read."""
    css = "" if plain else ' class="btn"'
    marks = {"kind": kind, "code": code, **marks}
    return css + "".join(
        f' data-{name}="{escape(value)}"' for name, value in marks.items() if value
    )


def _move(move: object, lacks: str, missing: str) -> dict[str, str]:
    """Marks of a way to another level, and of what it still lacks (rows of the contract)."""
    return {"climb": str(move or ""), "lacks": lacks, "missing": missing}


@register.simple_tag
def act_link(
    url: str, label: str, icon: str = "", kind: str = "", key: str = "", code: str = "",
    plain: bool = False, move: object = "", lacks: str = "", missing: str = "",
) -> SafeString:  # fmt: skip
    """A verb that needs a form: a page of its own, a dialog with scripts.

    `code` is the KeyboardEvent.code that presses it (core.keys has its cap), `key` a cap of
    something else; `plain` is for menus. `move` is the level a move leads to, `lacks` the rows it
    still lacks, `missing` what they say. Drawn here and not in a template: a ticket has two dozen.
    """
    address = escape(url)
    look = _look(kind, code, plain, **_move(move, lacks, missing))
    return mark_safe(  # noqa: S308  (every part is escaped)
        f'<a{look} href="{address}" hx-get="{address}" hx-target="#act"'
        f' hx-select="#act-form" hx-swap="innerHTML">{_face(label, icon, key, code)}</a>'
    )


@register.simple_tag(takes_context=True)
def act_post(
    context: Context, url: str, label: str, icon: str = "", kind: str = "", key: str = "",
    code: str = "", plain: bool = False, name: str = "", value: Any = "", move: object = "",
    lacks: str = "", missing: str = "", **fields: Any,
) -> SafeString:  # fmt: skip
    """A verb that needs nothing but a click; `fields` go along with it, empty ones left out."""
    sent = {
        "csrfmiddlewaretoken": context.get("csrf_token", ""), FORM_KEY: new_form_key(),
        **fields, **({name: value} if name else {}),
    }  # fmt: skip
    hidden = "".join(
        f'<input type="hidden" name="{escape(field)}" value="{escape(str(held))}">'
        for field, held in sent.items()
        if held not in (None, "")
    )
    look = _look(kind, code, plain, **_move(move, lacks, missing))
    return mark_safe(  # noqa: S308  (every part is escaped)
        f'<form method="post" action="{escape(url)}" hx-boost="true">{hidden}'
        f"<button{look}>{_face(label, icon, key, code)}</button></form>"
    )
