"""What every explore page is made of: blocks of a chart and a table, on screen and in files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from core.charts import Bar, Dot, bars, dots
from core.markup import figure, number
from core.sheets import Column, Table
from reports.access import ReportScope
from reports.choices import THIN
from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import Grain
from reports.policies.explore.naming import Names
from reports.rendering.explore.tables import drawn_table
from reports.rendering.words import HOUR, hours, share

NOTHING: Mapping[str, str] = {}
_quoted = lru_cache(4096)(quote_plus)
#: Rows of a table on screen.
SHOWN = 60


@dataclass(frozen=True)
class Cell:
    """A cell: its value as a number or a text, how it is said, and the rows behind it."""

    value: Any
    text: str | SafeString = ""
    href: str = ""
    thin: bool = False
    tone: str = ""

    @property
    def numeric(self) -> bool:
        return self.value is None or isinstance(self.value, (int, float))

    @property
    def shown(self) -> str | SafeString:
        said = self.text or ("—" if self.value is None else str(self.value))
        return figure(said, self.href) if self.href else said


@dataclass(frozen=True)
class Block:
    """One section: a heading, a drawing, and the table of the same figures."""

    title: str
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Cell]] = ()
    chart: SafeString | str = ""
    legend: Sequence[Mapping[str, Any]] = ()
    note: str = ""
    #: Words where there is nothing to show.
    empty: str = ""
    #: Wide drawings scroll on a phone, unless there is one for it.
    wide: bool = False
    narrow: SafeString | str = ""

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        """The rows on screen; the file has them all."""
        return self.rows[:SHOWN]

    @property
    def table(self) -> SafeString:
        return drawn_table(self)


@dataclass(frozen=True)
class Explored:
    """One page: what it shows and a sentence on how to read it."""

    title: str
    lead: str
    blocks: Sequence[Block]
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Ask:
    """A question with who asks it: everything a page is built from."""

    asked: Asked
    scope: ReportScope
    user: User
    names: Names

    @cached_property
    def _own(self) -> dict[str, str]:
        return dict(self.asked.filters)

    @cached_property
    def _bases(self) -> dict[str, str]:
        """The list of each figure: hundreds of numbers of a page open a handful of lists."""
        return {}

    def rows_url(
        self,
        name: str,
        start: dt.date | None = None,
        *,
        standing: bool = False,
        narrow: Mapping[str, str] = NOTHING,
    ) -> str:
        """The rows of a figure: of the period, of the point that begins on `start`, or `standing`
        now; narrowed further."""
        wanted = {**self._own}
        if not standing:
            point = self.asked.point_end(start) if start else self.asked.end
            wanted |= {
                "from": (start or self.asked.points[0]).isoformat(),
                "to": (point - dt.timedelta(days=1)).isoformat(),
            }
        wanted |= narrow
        if name not in self._bases:
            self._bases[name] = reverse("explore_rows", args=[name])
        # Hundreds of addresses a page share a few dozen values.
        words = "&".join(f"{key}={_quoted(value)}" for key, value in wanted.items())
        return f"{self._bases[name]}?{words}"

    def last_day(self, start: dt.date) -> dt.date:
        """The last day of the point that begins on `start`."""
        return self.asked.point_end(start) - dt.timedelta(days=1)

    def point_label(self, start: dt.date) -> str:
        """What a point is called under a chart."""
        if self.asked.grain == Grain.WEEK:
            return _("W%(week)s") % {"week": start.isocalendar().week}
        if self.asked.grain == Grain.MONTH:
            return date_format(start, "y-m")
        return _("Q%(quarter)s %(year)s") % {
            "quarter": (start.month + 2) // 3, "year": f"{start:%y}",
        }  # fmt: skip

    def point_name(self, start: dt.date) -> str:
        """What a point is called in a table and in a file."""
        if self.asked.grain == Grain.WEEK:
            year, week, _day = start.isocalendar()
            return f"{year}-W{week:02d}"
        if self.asked.grain == Grain.MONTH:
            return f"{start:%Y-%m}"
        return f"{start:%Y}-Q{(start.month + 2) // 3}"


def count(value: int | None, href: str = "", **more: Any) -> Cell:
    return Cell(value, number(value), href if value else "", **more)


def share_cell(rows: int, met: int, href: str = "") -> Cell:
    """A share with the rows it is of; grey where they are few."""
    value = met / rows if rows else None
    return Cell(value, share(value), href if rows else "", thin=rows < THIN)


def hours_cell(seconds: float | None, href: str = "", *, rows: int | None = None) -> Cell:
    value = None if seconds is None else seconds / HOUR
    return Cell(value, hours(seconds), href, thin=rows is not None and rows < THIN)


def tables_of(page: Explored) -> list[Table]:
    """The page's figures as sheets with real numbers; columns that only draw are left out."""
    return [_table(block) for block in page.blocks if block.columns]


def _table(block: Block) -> Table:
    kept = [
        number_
        for number_ in range(len(block.columns))
        if not block.rows or any(row[number_].value != "" for row in block.rows)
    ]
    return Table(
        block.title,
        [block.columns[number_] for number_ in kept],
        ([row[number_].value for number_ in kept] for row in block.rows),
    )


def percent(part: int, whole: int) -> str:
    return f"{number(100 * part / whole, 1)}%" if whole else "—"


def signed(change: int) -> str:
    return f"+{number(change)}" if change > 0 else number(change)


def dimension_label(dimension: str) -> str:
    return {
        "product": _("Product"), "module": _("Module"), "type": _("Type"), "level": _("Level"),
        "department": _("Department"), "team": _("Team"), "person": _("Person"),
        "channel": _("Channel"), "reason": _("Reason"), "step": _("Step"),
    }[dimension]  # fmt: skip


def cell_bar(bar: SafeString) -> SafeString:
    """A drawing inside a table's cell."""
    return format_html('<span class="cell-bar">{}</span>', bar)


def counted_chart(
    ask: Ask, name: str, label: str, values: Mapping[dt.date, int],
    line: Mapping[dt.date, int] | None = None,
) -> SafeString:  # fmt: skip
    """Columns per point; the point that is not over in the third colour."""
    points = []
    for start in ask.asked.points:
        over, value = ask.asked.is_over(start), values.get(start, 0)
        said = _("%(point)s: %(count)s") if over else _("%(point)s, so far: %(count)s")
        points.append(
            Bar(
                label=ask.point_label(start), value=value,
                title=said % {"point": ask.point_name(start), "count": number(value)},
                href=ask.rows_url(name, start), still=not over,
                line=line.get(start, 0) if line is not None and over else None,
            )
        )  # fmt: skip
    return bars(points, label=label)


def share_chart(
    ask: Ask, name: str, label: str, values: Iterable[tuple[dt.date, int, int, bool]]
) -> SafeString:
    """Shares per point: (start, rows, met, whether its window is over)."""
    return dots(
        [
            Dot(
                label=ask.point_label(start),
                value=met / rows if rows else None,
                title=_("%(point)s: %(share)s of %(n)s") % {
                    "point": ask.point_name(start), "share": share(met / rows if rows else None),
                    "n": number(rows),
                },
                href=ask.rows_url(name, start), thin=rows < THIN, still=not over,
            )
            for start, rows, met, over in values
        ],
        label=label,
        said=lambda value: f"{value * 100:.0f}%",
        top=1.0,
    )  # fmt: skip
