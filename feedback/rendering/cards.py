"""Cards of the board and of the roadmap, drawn without templates like the rows of the table."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.markup import avatar, icon, number
from feedback.rendering.badges import demand_badge
from feedback.search.shapes import Card


def cards_html(cards: Iterable[Card]) -> SafeString:
    """List items for a column's `<ol>`."""
    base = reverse("demands")
    return mark_safe("".join(_card(card, base) for card in cards))  # noqa: S308  (escaped)


def _card(card: Card, base: str) -> str:
    title = escape(card.title)
    place = escape(f"{card.product} · {card.module}" if card.module else card.product)
    move = escape(_("Move %(demand)s to another column") % {"demand": f"D-{card.pk}"})
    day = f" · {date_format(card.planned_on, 'SHORT_DATE_FORMAT')}" if card.planned_on else ""
    score = "" if card.score is None else f'<b class="num push">{number(card.score, 1)}</b>'
    asked = ngettext("%(n)s person", "%(n)s people", card.people) % {"n": card.people}
    return (
        f'<li class="row card-t" id="row-{card.pk}" draggable="true" data-card="{card.pk}"'
        f' data-version="{card.version}"><span class="line tight keep"><span class="mute num">'
        f"D-{card.pk}</span>{_priority(card)}{score}</span>"
        f'<a class="title" href="{base}{card.pk}/" draggable="false">{title}</a>'
        f'<span class="meta"><span class="clip">{place}</span></span>'
        f'<span class="line tight keep facts"><span class="clip">{escape(asked)}{day}</span>'
        f'<span class="push">{avatar(card.owner) if card.owner else ""}</span>'
        f'<button class="btn" type="button" data-kind="quiet" data-icon data-move'
        f' aria-label="{move}" title="{move}">{icon("swap")}</button></span></li>'
    )


def _priority(card: Card) -> str:
    return "" if card.priority is None else f'<span class="pri">P{card.priority}</span>'


def planned_html(cards: Iterable[Card]) -> SafeString:
    """List items for a field of the roadmap."""
    base = reverse("demands")
    return mark_safe(  # noqa: S308  (escaped)
        "".join(
            f'<li><a href="{base}{card.pk}/" title="D-{card.pk}">{escape(card.title)}</a>'
            f"{demand_badge(card.status, plain=True)}</li>"
            for card in cards
        )
    )
