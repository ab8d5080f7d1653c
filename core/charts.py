"""Charts as SVG, drawn on the server.

Widths and x are percent of the place, heights and y are pixels, and no viewBox scales the text:
a chart fits its column at any width without a script. Every function takes finished words, escapes
them, and returns a SafeString; a table with the same numbers stands behind each chart
(components/chart.html). Colours are classes of components/chart.css and read in grey too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import floor, log10

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
    #: Not over: drawn in the third colour, never read as few.
    still: bool = False


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


def _voice(label: str) -> str:
    """How a drawing without links is read out; one without words is silent."""
    return f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'


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
        css = "still" if point.still else ("now" if point.current else "bars")
        column = canvas.column(index, point.value, css)
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
    later: Sequence[Forecast] = (),
    height: int = 200,
    key: str = "chart",
) -> SafeString:
    """Columns over weeks with a line for a second series and the forecast hatched at the end,
    `later` ones after it.

    `label` says the whole chart in one sentence. `key`: unique among the page's forecasts.
    """
    highest = max(
        [point.value for point in points]
        + [point.line or 0 for point in points]
        + [each.high for each in (forecast, *later) if each],
        default=1,
    )
    canvas = _Canvas(len(points) + bool(forecast) + len(later), highest, height)
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
        + "".join(
            _forecast(canvas, len(points) + place, each, f"{key}-hatch{place or ''}")
            for place, each in enumerate((forecast, *later))
            if each
        )
    )
    foot = _pixels(canvas.base)
    axis = f'<line class="axis" x1="0" x2="100%" y1="{foot}" y2="{foot}"/>'
    return mark_safe(  # noqa: S308  (every text is escaped above)
        f'<svg class="chart" height="{height}" role="{role}" aria-label="{escape(label)}">'
        f"{drawn}{axis}</svg>"
    )


def ladder(parts: Sequence[Part], *, label: str, room: float = 7.5) -> SafeString:
    """One row of the level ladder: shares of 100 %, the number inside where it has room: from a
    share of `room` %."""
    total = sum(part.value for part in parts)
    x, drawn = 0.0, []
    for part in parts:
        share = 100 * part.value / total if total else 0
        if share:
            inner = (
                f'<rect class="{part.css}" x="{_percent(x)}" width="{_percent(share)}"'
                ' height="22"/>'
            )
            if share >= room:
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
        f'<svg class="bar" {_voice(label)}>{"".join(drawn)}</svg>'
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


def sparkline(values: Sequence[float], *, label: str = "", height: int = 24) -> SafeString:
    """A line without axes for a table cell; the last point is marked. Without a label it is
    silent: the numbers stand beside it."""
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
        f'<svg class="chart spark" height="{height}" {_voice(label)}>{lines}{end}</svg>'
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of `dots`; None leaves a gap. `thin`: too few to compare, drawn hollow. `still`:
    its window is not over, drawn in the third colour and not joined to the line."""

    label: str
    value: float | None
    title: str = ""
    href: str = ""
    thin: bool = False
    still: bool = False


def dots(
    points: Sequence[Dot],
    *,
    label: str,
    said: Callable[[float], str] = number,
    top: float | None = None,
    height: int = 200,
) -> SafeString:
    """A line of points over time with a grid; `said` words the values along the side.

    `top` fixes the scale's end (1 for shares), else it is the highest value.
    """
    highest = top or max((point.value or 0 for point in points), default=1) or 1
    canvas = _Canvas(len(points), highest, height)
    lines = "".join(
        f'<line class="gridl" x1="0" x2="100%" y1="{_pixels(canvas.y(value))}"'
        f' y2="{_pixels(canvas.y(value))}"/>'
        f'<text class="wk" x="0" y="{_pixels(canvas.y(value) - 4)}">{escape(said(value))}</text>'
        for value in nice_steps(highest)
    )
    known = [(i, p.value) for i, p in enumerate(points) if p.value is not None and not p.still]
    segments = "".join(
        f'<line class="trend" x1="{_percent(canvas.middle(i))}" x2="{_percent(canvas.middle(j))}"'
        f' y1="{_pixels(canvas.y(a))}" y2="{_pixels(canvas.y(b))}"/>'
        for (i, a), (j, b) in pairwise(known)
    )
    drawn = []
    for index, point in enumerate(points):
        shown = index == len(points) - 1 or (len(points) - index) % _every(len(points)) == 1
        drawn.append(canvas.text(index, canvas.base + 16, point.label if shown else "", "wk"))
        if point.value is None:
            continue
        css = "dot still" if point.still else ("dot thin" if point.thin else "dot")
        mark = (
            f'<circle class="{css}" cx="{_percent(canvas.middle(index))}"'
            f' cy="{_pixels(canvas.y(point.value))}" r="4"/>'
        )
        drawn.append(_link(mark, point.href, point.title))
    foot = _pixels(canvas.base)
    role = "group" if any(point.href for point in points) else "img"
    return mark_safe(  # noqa: S308
        f'<svg class="chart" height="{height}" role="{role}" aria-label="{escape(label)}">{lines}'
        f'<line class="axis" x1="0" x2="100%" y1="{foot}" y2="{foot}"/>{segments}'
        f"{''.join(drawn)}</svg>"
    )


def _every(count: int) -> int:
    """Every how manyeth label has room under `count` points; at least every second may go."""
    return max(2, -(-count // 26) * 2)


@dataclass(frozen=True, slots=True)
class Box:
    """A place of `flow`: what it is, what it weighs in words, and its share of the heaviest."""

    label: str
    weight: str
    share: float
    css: str = "wait"
    href: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """What went from one column to another; `back` is drawn below the others."""

    source: int
    target: int
    label: str
    width: float = 1.5
    href: str = ""
    title: str = ""

    @property
    def back(self) -> bool:
        return self.target < self.source


_BOX, _GAP, _LANE = 52, 8, 24


def flow(
    columns: Sequence[tuple[str, Sequence[Box], Sequence[Box]]],
    arrows: Sequence[Arrow],
    *,
    label: str,
    below: str,
) -> SafeString:
    """A map of places in columns with what moved between them.

    Each column: its heading, its boxes, and its boxes below the line, which `below` words. Arrows
    forward run over the columns, those back under the headings.
    """
    width = 100 / max(len(columns), 1)
    lanes = len(arrows)
    drawn = [_arrow(arrow, number, width) for number, arrow in enumerate(arrows)]
    head = lanes * _LANE + 18
    deepest = max((len(boxes) for _title, boxes, _under in columns), default=0)
    line = head + 14 + deepest * (_BOX + _GAP)
    under = max((len(boxes) for _title, _boxes, boxes in columns), default=0)
    for index, (title, boxes, waits) in enumerate(columns):
        x = index * width
        drawn.append(
            f'<text class="val" x="{_percent(x + 0.5)}" y="{_pixels(head)}">{escape(title)}</text>'
        )
        drawn += [
            _box(box, x, width, head + 10 + row * (_BOX + _GAP)) for row, box in enumerate(boxes)
        ]
        drawn += [
            _box(box, x, width, line + 26 + row * (_BOX + _GAP)) for row, box in enumerate(waits)
        ]
    if under:
        drawn.append(
            f'<line class="axis" x1="0" x2="100%" y1="{_pixels(line)}" y2="{_pixels(line)}"/>'
            f'<text x="0.5%" y="{_pixels(line + 17)}">{escape(below)}</text>'
        )
    height = line + (26 + under * (_BOX + _GAP) if under else 0)
    return mark_safe(  # noqa: S308
        f'<svg class="chart flow" height="{height}" role="group" aria-label="{escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )


def _box(box: Box, x: float, width: float, y: float) -> str:
    inner = width - 1.6
    return _link(
        f'<rect class="place" x="{_percent(x + 0.4)}" y="{_pixels(y)}" width="{_percent(inner)}"'
        f' height="{_BOX}" rx="4"/>'
        f'<rect class="{box.css}" x="{_percent(x + 0.4)}" y="{_pixels(y + _BOX - 6)}"'
        f' width="{_percent(inner * box.share)}" height="6" rx="2"/>'
        f'<text class="said" x="{_percent(x + 1)}" y="{_pixels(y + 18)}">{escape(box.label)}</text>'
        f'<text x="{_percent(x + 1)}" y="{_pixels(y + 35)}">{escape(box.weight)}</text>',
        box.href,
        box.title,
    )


def _arrow(arrow: Arrow, lane: int, width: float) -> str:
    start, end = (arrow.source + 0.5) * width, (arrow.target + 0.5) * width
    y = 14 + lane * _LANE
    css = "back" if arrow.back else "forth"
    tip = "M0 0l7 -4v8z" if arrow.back else "M0 0l-7 -4v8z"
    return _link(
        f'<line class="{css}" x1="{_percent(start)}" x2="{_percent(end)}" y1="{y}" y2="{y}"'
        f' stroke-width="{_pixels(arrow.width)}"/>'
        f'<svg class="{css}" x="{_percent(end)}" y="{y}" overflow="visible"><path d="{tip}"/></svg>'
        f'<text x="{_percent((start + end) / 2)}" y="{y - 4}" text-anchor="middle">'
        f"{escape(arrow.label)}</text>",
        arrow.href,
        arrow.title,
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with its interval, all positive; `sure`: the interval leaves 1 on one side."""

    value: float
    low: float
    high: float
    css: str = ""


def ratio_bar(interval: Interval, *, span: float = 16.0) -> SafeString:
    """A ratio on a scale of powers from 1/`span` to `span`, with a line at 1.

    The words stand beside it, so the drawing itself is silent.
    """

    def at(value: float) -> float:
        inside = min(max(value, 1 / span), span)
        return 50 + 48 * log10(inside) / log10(span)

    low, middle, high = at(interval.low), at(interval.value), at(interval.high)
    return mark_safe(  # noqa: S308
        '<svg class="chart ratio" height="22" aria-hidden="true">'
        '<line class="axis" x1="50%" x2="50%" y1="0" y2="22"/>'
        f'<line class="whisk" x1="{_percent(low)}" x2="{_percent(high)}" y1="11" y2="11"/>'
        f'<circle class="dot {interval.css}" cx="{_percent(middle)}" cy="11" r="4"/></svg>'
    )
