"""The table of a block, drawn in Python: sixty rows of a dozen cells cost more as a template."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from core.sheets import Column
    from reports.rendering.explore.blocks import Block, Cell


def drawn_table(block: Block) -> SafeString:
    """The rows on screen, the first cell of each its heading; it scrolls where it is too wide."""
    title = escape(block.title)
    headings = "".join(_column(column) for column in block.columns)
    lines = "".join(
        f"<tr>{_heading(row[0])}{''.join(map(_cell, row[1:]))}</tr>" for row in block.shown
    )
    return mark_safe(  # noqa: S308  (every word is escaped)
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="table"><caption class="vh">{title}</caption>'
        f"<thead><tr>{headings}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _column(column: Column) -> str:
    css = ' class="num"' if column.format else ""
    return f'<th scope="col"{css}>{escape(str(column.label))}</th>'


def _heading(cell: Cell) -> str:
    return f'<th scope="row">{_said(cell)}</th>'


def _cell(cell: Cell) -> str:
    names = " ".join(
        name
        for name in ("num" if cell.numeric else "", "thin" if cell.thin else "", cell.tone)
        if name
    )
    css = f' class="{names}"' if names else ""
    return f"<td{css}>{_said(cell)}</td>"


def _said(cell: Cell) -> str:
    """Hundreds of cells a page: without the detour for lazy texts."""
    said = cell.shown
    return said if isinstance(said, SafeString) else escape(str(said))
