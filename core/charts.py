"""Charts as SVG, drawn on the server.

Widths and x are percent of the place, heights and y are pixels, and no viewBox scales the text:
a chart fits its column at any width without a script. Every function takes finished words, escapes
them, and returns a SafeString; a table with the same numbers stands behind each chart
(components/chart.html). Colours are classes of components/chart.css and read in grey too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.markup import number


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of `bars`. `line`: the second series' value here. `note`: a word inside the
    column (a holiday). `href`: the rows behind it. `title`: what the column says when asked."""

    label: str
    value: float
    title: str = ""
    href: str = ""
    line: float | None = None
    current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The column to come, with its interval."""

    label: str
    value: float
    low: float
    high: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a stacked bar; `css`: ink1 … ink5, sure, not, read, told or still."""

    value: float
    css: str
    title: str = ""
    href: str = ""


def nice_steps(top: float, count: int = 3) -> list[float]:
    """Round values for grid lines from 0 to `top`: steps of 1, 2 or 5 times a power of ten."""
    if top <= 0:
        return [1]
    rough = top / count
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [step * n for n in range(1, int(top / step) + 1)] or [step]


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"


def _link(inner: str, href: str, title: str) -> str:
    said = f"<title>{escape(title)}</title>" if title else ""
    if href:
        return f'<a href="{escape(href)}">{said}{inner}</a>'
    return f"<g>{said}{inner}</g>"


class _Canvas:
    """Scales of `bars`: slots along x, values along y, room above for numbers."""

    top_room, foot = 30.0, 28.0

    def __init__(self, slots: int, highest: float, height: int) -> None:
        self.slot = 97 / max(slots, 1)
        self.width = min(self.slot * 0.65, 9.0)
        self.base = height - self.foot
        self.scale = (self.base - self.top_room) / (highest or 1)

    def middle(self, index: int) -> float:
        return 3 + self.slot * index + self.width / 2

    def y(self, value: float) -> float:
        return self.base - value * self.scale

    def column(self, index: int, value: float, css: str) -> str:
        x, top = self.middle(index) - self.width / 2, self.y(value)
        return (
            f'<rect class="{css}" x="{_percent(x)}" width="{_percent(self.width)}"'
            f' y="{_pixels(top)}" height="{_pixels(self.base - top)}" rx="2"/>'
        )

    def text(self, index: int, y: float, words: str, css: str) -> str:
        return (
            f'<text class="{css}" x="{_percent(self.middle(index))}" y="{_pixels(y)}"'
            f' text-anchor="middle">{escape(words)}</text>'
        )


def _grid(canvas: _Canvas, highest: float) -> str:
    lines = []
    for value in nice_steps(highest):
        y = canvas.y(value)
        lines.append(
            f'<line class="gridl" x1="0" x2="100%" y1="{_pixels(y)}" y2="{_pixels(y)}"/>'
            f'<text class="wk" x="0" y="{_pixels(y - 4)}">{number(value)}</text>'
        )
    return "".join(lines)


def _columns(canvas: _Canvas, points: Sequence[Bar]) -> str:
    drawn = []
    # With many columns every second label goes when the page is narrow.
    for index, point in enumerate(points):
        column = canvas.column(index, point.value, "now" if point.current else "bars")
        label = "val" if point.current else ("wk" if (len(points) - index) % 2 == 0 else "")
        drawn.append(_link(column, point.href, point.title))
        drawn.append(canvas.text(index, canvas.base + 16, point.label, label))
        if point.note:
            drawn.append(canvas.text(index, canvas.base - 7, point.note, "wk on2"))
    return "".join(drawn)


def _trend(canvas: _Canvas, points: Sequence[Bar]) -> str:
    known = [(i, p.line) for i, p in enumerate(points) if p.line is not None]
    segments = [
        f'x1="{_percent(canvas.middle(i))}" x2="{_percent(canvas.middle(j))}"'
        f' y1="{_pixels(canvas.y(a))}" y2="{_pixels(canvas.y(b))}"'
        for (i, a), (j, b) in pairwise(known)
    ]
    halo = "".join(f'<line class="halo" {segment}/>' for segment in segments)
    return halo + "".join(f'<line class="trend" {segment}/>' for segment in segments)


def _forecast(canvas: _Canvas, index: int, forecast: Forecast, hatch: str) -> str:
    middle, half = canvas.middle(index), canvas.width / 4
    low, high = canvas.y(forecast.low), canvas.y(forecast.high)
    whisker = "".join(
        f'<line class="whisk" x1="{_percent(a)}" x2="{_percent(b)}"'
        f' y1="{_pixels(c)}" y2="{_pixels(d)}"/>'
        for a, b, c, d in (
            (middle, middle, high, low),
            (middle - half, middle + half, high, high),
            (middle - half, middle + half, low, low),
        )
    )
    column = canvas.column(index, forecast.value, "fc").replace(
        'class="fc"', f'class="fc" fill="url(#{hatch})"'
    )
    return (
        f'<defs><pattern id="{hatch}" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="hatch" d="M0 0v5"/></pattern></defs>'
        + _link(column + whisker, "", forecast.title)
        + canvas.text(index, high - 7, number(forecast.value), "val")
        + canvas.text(index, canvas.base + 16, forecast.label, "val")
    )


def bars(
    points: Sequence[Bar],
    *,
    label: str,
    forecast: Forecast | None = None,
    height: int = 200,
    key: str = "chart",
) -> SafeString:
    """Columns over weeks with a line for a second series and the forecast hatched at the end.

    `label` says the whole chart in one sentence. `key` is unique on the page when there is more
    than one forecast.
    """
    highest = max(
        [point.value for point in points]
        + [point.line or 0 for point in points]
        + ([forecast.high] if forecast else []),
        default=1,
    )
    canvas = _Canvas(len(points) + bool(forecast), highest, height)
    values = "".join(
        canvas.text(i, min(canvas.y(p.value), canvas.y(p.line or 0)) - 8, number(p.value), "val")
        for i, p in enumerate(points)
        if p.current
    )
    role = "group" if any(point.href for point in points) else "img"
    drawn = (
        _grid(canvas, highest)
        + _columns(canvas, points)
        + _trend(canvas, points)
        + values
        + (_forecast(canvas, len(points), forecast, f"{key}-hatch") if forecast else "")
    )
    foot = _pixels(canvas.base)
    axis = f'<line class="axis" x1="0" x2="100%" y1="{foot}" y2="{foot}"/>'
    return mark_safe(  # noqa: S308  (every text is escaped above)
        f'<svg class="chart" height="{height}" role="{role}" aria-label="{escape(label)}">'
        f"{drawn}{axis}</svg>"
    )


def ladder(parts: Sequence[Part], *, label: str) -> SafeString:
    """One row of the level ladder: shares of 100 %, the number inside where it has room."""
    total = sum(part.value for part in parts)
    x, drawn = 0.0, []
    for part in parts:
        share = 100 * part.value / total if total else 0
        if share:
            inner = (
                f'<rect class="{part.css}" x="{_percent(x)}" width="{_percent(share)}"'
                ' height="22"/>'
            )
            if share >= 7.5:
                css = part.css.replace("ink", "on")
                inner += (
                    f'<text class="{css}" x="{_percent(x + share / 2)}" y="15"'
                    f' text-anchor="middle">{share:.0f}%</text>'
                )
            drawn.append(_link(inner, part.href, part.title))
        x += share
    role = "group" if any(part.href for part in parts) else "img"
    return mark_safe(  # noqa: S308
        f'<svg class="chart ladder" height="22" role="{role}" aria-label="{escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )


def stacked(parts: Sequence[Part], *, label: str, total: float | None = None) -> SafeString:
    """A thin bar of pieces; what is left of `total` stays empty ground."""
    whole = total if total else sum(part.value for part in parts)
    x, drawn = 0.0, []
    for part in parts:
        width = 100 * part.value / whole if whole else 0
        said = f"<title>{escape(part.title)}</title>" if part.title else ""
        drawn.append(
            f'<rect class="{part.css}" x="{_percent(x)}" width="{_percent(width)}" height="100%">'
            f"{said}</rect>"
        )
        x += width
    return mark_safe(  # noqa: S308
        f'<svg class="bar" role="img" aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )


def wait_bar(ended: float, still: float, *, scale: float, top: bool = False) -> SafeString:
    """One step of the bottleneck map: time of visits that ended, then of those still going on.

    `scale` is the longest row's total; `top` marks the one step to act on. The words stand beside
    it, so the drawing itself is silent.
    """
    width = 100 * ended / scale if scale else 0
    rest = 100 * still / scale if scale else 0
    return mark_safe(  # noqa: S308
        f'<svg class="wait-bar" aria-hidden="true"><rect class="{"top" if top else "wait"}"'
        f' width="{_percent(width)}" height="14" rx="2"/><rect class="still"'
        f' x="{_percent(width)}" width="{_percent(rest)}" height="14" rx="2"/></svg>'
    )


def sparkline(values: Sequence[float], *, label: str, height: int = 24) -> SafeString:
    """A line without axes for a table cell; the last point is marked."""
    low, high = min(values, default=0), max(values, default=0)
    span = (high - low) or 1
    step = 96 / max(len(values) - 1, 1)
    points = [
        (2 + step * i, 3 + (height - 6) * (1 - (value - low) / span))
        for i, value in enumerate(values)
    ]
    lines = "".join(
        f'<line class="trend" x1="{_percent(a)}" x2="{_percent(c)}" y1="{_pixels(b)}"'
        f' y2="{_pixels(d)}"/>'
        for (a, b), (c, d) in pairwise(points)
    )
    x, y = points[-1] if points else (0.0, 0.0)
    end = f'<circle class="end" cx="{_percent(x)}" cy="{_pixels(y)}" r="2.5"/>' if points else ""
    return mark_safe(  # noqa: S308
        f'<svg class="chart spark" height="{height}" role="img" aria-label="{escape(label)}">'
        f"{lines}{end}</svg>"
    )
