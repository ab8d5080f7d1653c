"""Cards of the board, drawn without templates like the rows of a list."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core.markup import avatar, badge, icon, level_glyph
from tickets.choices import Level, Status
from tickets.rendering.clocks import clock_html, clock_of
from tickets.rendering.rows import Look, place
from tickets.search.pages import Row

_STATUS = {status.value: status.label for status in Status}
_LEVEL = {level.value: level.label for level in Level}


def cards_html(rows: Iterable[Row], look: Look, *, by: str) -> SafeString:
    """List items for a column's `<ol>`. A card says what its column does not."""
    return mark_safe("".join(_card(row, look, by) for row in rows))  # noqa: S308


def _card(row: Row, look: Look, by: str) -> str:
    title = escape(row.title)
    clock = clock_html(clock_of(row, look.now))
    glyph = level_glyph(row.level, str(_LEVEL[row.level])) if row.level and by != "level" else ""
    status = (
        badge(str(_STATUS[row.status]), status=row.status, plain=True) if by != "status" else ""
    )
    holder = avatar(row.assignee) if row.assignee and look.show_holder else ""
    facts = "".join(
        f'<span class="clip" title="{escape(str(column.label))}">{escape(text)}</span>'
        for column, text in look.shown.facts(row.facts)
        if text
    )
    move = escape(gettext("Move %(ticket)s to another column") % {"ticket": f"OPS-{row.pk}"})
    return (
        f'<li class="row card-t" id="row-{row.pk}" draggable="true" data-card="{row.pk}"'
        f' data-version="{row.version}">'
        f'<span class="line tight keep"><span class="mute num">{row.pk}</span>'
        f'<span class="pri">P{row.priority}</span>{glyph}<span class="push">{clock}</span></span>'
        f'<a class="title" href="{look.address(row)}" draggable="false">{title}</a>'
        f'<span class="meta">{status}<span class="clip">{escape(place(row))}</span></span>'
        f'<span class="line tight keep facts">{facts}<span class="push">{holder}</span>'
        f'<button class="btn" type="button" data-kind="quiet" data-icon data-move'
        f' aria-label="{move}" title="{move}">{icon("swap")}</button></span></li>'
    )
