"""Bottlenecks: a map of the flow and the steps by the working time waited in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.charts import Arrow, Box, flow, wait_bar
from core.markup import number
from core.sheets import COUNT, HOURS, Column
from reports.choices import THIN
from reports.policies.explore.flow import Wait, read_moves, read_waits
from reports.policies.explore.reading import Sums
from reports.rendering.explore.blocks import Ask, Block, Cell, Explored, cell_bar, count, hours_cell
from reports.rendering.words import hours, step_label
from tickets.choices import Level, Status

#: Pairs of levels drawn as arrows.
MOST_ARROWS = 6


def bottlenecks_page(ask: Ask) -> Explored:
    waits = read_waits(ask.asked, ask.scope)
    moves = read_moves(ask.asked, ask.scope)
    staff = [wait for wait in waits if not wait.by_requester]
    requester = [wait for wait in waits if wait.by_requester]
    return Explored(
        _("Bottlenecks"),
        _(
            "Where tickets wait: steps by the total working time of visits that ended in the"
            " period and of those that go on now."
        ),
        [
            _map(ask, waits, moves),
            _ranked(ask, _("Held by staff and owners"), staff, top=True),
            _ranked(ask, _("Below the line: waiting for the requester"), requester, top=False),
        ],
    )


def _map(ask: Ask, waits: Sequence[Wait], moves: Mapping[tuple[int, int], Sums]) -> Block:
    """Boxes by level, status and holder; teams stand apart in the table."""
    places: dict[tuple[int, str, str], Wait] = {}
    for wait in waits:
        status, level, holder, _team = wait.parts
        key = (max(level, 1), status, holder)
        place = places.setdefault(key, Wait(wait.step))
        place.ended += wait.ended
        place.going_on += wait.going_on
        place.queue += wait.queue
        place.n += wait.n
    heaviest = {
        flag: max((p.total for p in places.values() if p.by_requester == flag), default=1) or 1
        for flag in (True, False)
    }
    worst = max((p for p in places.values() if not p.by_requester),
                key=lambda p: p.total, default=None)  # fmt: skip
    columns = []
    for level in Level.values:
        here = [(key, p) for key, p in places.items() if key[0] == level]
        here.sort(key=lambda item: -item[1].total)
        boxes = {
            flag: [
                _box(key, p, heaviest[flag], top=p is worst)
                for key, p in here
                if p.by_requester == flag
            ]
            for flag in (False, True)
        }
        columns.append((f"{level} {Level(level).label}", boxes[False], boxes[True]))
    arrows, below = _arrows(ask, moves), _("Waiting for the requester (own scale)")
    drawing = flow(columns, arrows, label=_("Map of the flow through the levels"), below=below)
    note = _(
        "Bars: total working time waited; amber: the longest held by staff or owners."
        " Arrows: moves between levels, with how many came back."
    )
    empty = "" if places else _("No ticket was in any step.")
    return Block(
        _("Map of the flow"), chart=drawing if places else "", note=note, wide=True, empty=empty,
        narrow=_stacked(columns, arrows, below) if places else "",
    )  # fmt: skip


def _stacked(
    columns: Sequence[tuple[str, Sequence[Box], Sequence[Box]]], arrows: Sequence[Arrow], below: str
) -> SafeString:
    """The same for a phone: a level under the other, and what left it in words."""
    parts: list[SafeString] = []
    for index, (title, boxes, waits) in enumerate(columns):
        if boxes or waits:
            parts.append(flow([(title, boxes, waits)], [], label=title, below=below))
        parts += [
            format_html('<p class="small"><a href="{}">{}: {}</a></p>', *words)
            for words in ((a.href, a.title, a.label) for a in arrows if a.source == index)
        ]
    return SafeString("".join(parts))


def _box(key: tuple[int, str, str], place: Wait, heaviest: float, *, top: bool) -> Box:
    weight = _("%(time)s · %(queue)s waiting") % {
        "time": hours(place.total), "queue": number(place.queue),
    }  # fmt: skip
    css = "top" if top else ("still" if place.by_requester else "wait")
    return Box(_place(key), weight, place.total / heaviest, css)


def _place(key: tuple[int, str, str]) -> str:
    _level, status, holder = key
    if status == Status.ON_HOLD:
        return {
            "owner": _("With the owner"), "demand": _("With the demand"),
            "team": _("With another team"),
        }.get(holder, _("With others"))  # fmt: skip
    return str(Status(status).label)


def _arrows(ask: Ask, moves: Mapping[tuple[int, int], Sums]) -> list[Arrow]:
    pairs = [(pair, each) for pair, each in moves.items() if 0 not in pair and pair[0] != pair[1]]
    pairs.sort(key=lambda item: -item[1].rows)
    most = max((each.rows for _pair, each in pairs), default=1)
    arrows = []
    for (source, target), each in sorted(pairs[:MOST_ARROWS]):
        back = each.rows - each.met
        label = _("%(n)s, %(back)s came back") if back else "%(n)s"
        arrows.append(
            Arrow(
                source - 1, target - 1, label % {"n": number(each.rows), "back": number(back)},
                1 + 4 * each.rows / most,
                ask.rows_url("routed_first_time", narrow={"step": f"{source}>{target}"}),
                _("Moved from level %(source)s to %(target)s") % {
                    "source": source, "target": target},
            )
        )  # fmt: skip
    return arrows


def _ranked(ask: Ask, title: str, waits: Sequence[Wait], *, top: bool) -> Block:
    names = defaultdict(dict, {"team": ask.names.team})
    shown = [wait for wait in waits if wait.total or wait.queue]
    scale = max((wait.total for wait in shown), default=1) or 1
    rows = []
    for number_, wait in enumerate(shown):
        bar = wait_bar(wait.ended, wait.going_on, scale=scale, top=top and number_ == 0)
        rows.append([
            Cell(step_label(wait.step, names)),
            Cell("", cell_bar(bar)),
            hours_cell(wait.total),
            hours_cell(wait.going_on),
            hours_cell(wait.median, rows=wait.n),
            hours_cell(wait.ninth, rows=wait.n),
            count(wait.n, ask.rows_url("waited", narrow={"step": wait.step}), thin=wait.n < THIN),
            count(wait.queue, ask.rows_url("waiting", standing=True, narrow={"step": wait.step})),
        ])  # fmt: skip
    columns = [
        Column(_("Step"), width=40), Column(_("Waited")), Column(_("Total"), HOURS),
        Column(_("of which still waiting"), HOURS), Column("P50", HOURS), Column("P90", HOURS),
        Column(_("Visits ended"), COUNT), Column(_("Queue now"), COUNT),
    ]  # fmt: skip
    legend = [{"label": _("over"), "css": "wait"}, {"label": _("still waiting"), "css": "still"}]
    return Block(title, columns, rows, "", legend, empty=_("Nothing waited here."))
