"""Loop closure: what became of demands, who was told, what they answered, how long it took."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import gettext as _

from core.charts import Part, ladder
from core.markup import number
from core.sheets import COUNT, HOURS, SHARE, Column
from feedback.choices import RoundState
from reports.choices import FIGURES, THIN
from reports.policies.explore.reading import (
    Sums,
    by_point,
    by_value,
    read_sums,
    standing_rows,
)
from reports.policies.explore.times import read_times
from reports.policies.ticket_rows import PROOF
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    count,
    hours_cell,
    share_cell,
    share_chart,
)
from reports.rendering.words import days

_DEMANDS = ("demands_new", "demands_accepted", "demands_declined", "demands_released")
_CSS = {RoundState.CONFIRMED: "sure", RoundState.NOT_SOLVED: "not", RoundState.EXPIRED: "still"}


def loop_page(ask: Ask) -> Explored:
    blocks = [_told(ask), _answers(ask), _loop_time(ask)]
    if set(ask.asked.filters) <= {"product", "module"}:
        # A demand is of no department: the people who asked are.
        blocks.append(_demands(ask))
    return Explored(
        _("Loop closure"),
        _(
            "Whether people who asked were told, and whether it works for them. Silence is never"
            " counted as confirmed."
        ),
        blocks,
    )


def _told(ask: Ask) -> Block:
    """Rounds by when they were opened: told, of those not waived."""
    points = by_point(read_sums(ask.asked, ask.scope, ["told_rate"]), "told_rate")
    values = [
        (start, points[start].rows, points[start].met, ask.asked.is_over(start, PROOF))
        for start in ask.asked.points
    ]
    label = str(FIGURES["told_rate"].label)
    rows = [
        [
            Cell(ask.point_name(start)),
            share_cell(due, met, ask.rows_url("told_rate", start))
            if over
            else Cell(None, _("not over"), tone="mute"),
            count(due - met, ask.rows_url("told_rate", start, narrow={"part": "missed"})),
            count(due, ask.rows_url("told_rate", start)),
        ]
        for start, due, met, over in reversed(values)
    ]
    columns = [
        Column(_("Period")), Column(label, SHARE), Column(_("Not told"), COUNT),
        Column(_("Rounds due"), COUNT),
    ]  # fmt: skip
    note = _("Hollow: fewer than %(n)s. Grey: fourteen days are not over.") % {"n": THIN}
    return Block(label, columns, rows, share_chart(ask, "told_rate", label, values), note=note)


def _answers(ask: Ask) -> Block:
    """What people said after a release, and how many have not answered yet."""
    sums = by_value(read_sums(ask.asked, ask.scope, ["confirmed_rate"], split="step"),
                    "confirmed_rate")  # fmt: skip
    awaited = standing_rows(ask.asked, ask.scope, "awaited").aggregate(n=Count("id"))["n"]
    answered = sum(each.rows for each in sums.values())
    confirmed = sums.get(RoundState.CONFIRMED, Sums()).rows
    parts = [
        Part(sums.get(state, Sums()).rows, css, f"{state.label}: {sums.get(state, Sums()).rows}",
             ask.rows_url("confirmed_rate", narrow={"step": state}))
        for state, css in _CSS.items()
    ]  # fmt: skip
    rows = [
        [
            Cell(str(state.label)),
            count(sums.get(state, Sums()).rows,
                  ask.rows_url("confirmed_rate", narrow={"step": state})),
            share_cell(answered, sums.get(state, Sums()).rows),
        ]
        for state in _CSS
    ]  # fmt: skip
    rows.append([
        Cell(_("No answer yet")),
        count(awaited, ask.rows_url("awaited", standing=True), tone="mute"),
        Cell(None, " "),
    ])  # fmt: skip
    columns = [
        Column(_("Answer"), width=24), Column(_("People"), COUNT), Column(_("Share"), SHARE),
    ]  # fmt: skip
    legend = [{"label": str(state.label), "css": css} for state, css in _CSS.items()]
    words = _("Confirmed: %(met)s of %(n)s") % {
        "met": number(confirmed), "n": number(answered),
    }  # fmt: skip
    chart = ladder(parts, label=words, room=101) if answered else ""
    note = _("%(words)s answered or expired. Who has not answered yet is neither.") % {
        "words": words,
    }  # fmt: skip
    return Block(_("Answers after a release"), columns, rows, chart, legend, note)


def _loop_time(ask: Ask) -> Block:
    """From a person's first words to their "it works", wall clock."""
    times = read_times(ask.asked, ask.scope, "loop_time")
    rows = [
        [
            Cell(ask.point_name(start)),
            _days_cell(found.median, found.rows),
            _days_cell(found.ninth, found.rows),
            count(found.rows, ask.rows_url("loop_time", start)),
        ]
        for start, found in ((s, times.get((s, ""))) for s in reversed(ask.asked.points))
        if found
    ]
    columns = [
        Column(_("Period")), Column("P50", HOURS), Column("P90", HOURS),
        Column(_("Confirmed"), COUNT),
    ]  # fmt: skip
    return Block(_("Loop time: first words to \u201cit works\u201d"), columns, rows,
                 empty=_("Nobody confirmed in this period."))  # fmt: skip


def _days_cell(seconds: float | None, rows: int) -> Cell:
    found = hours_cell(seconds, rows=rows)
    return Cell(found.value, days(seconds), thin=rows < THIN)


def _demands(ask: Ask) -> Block:
    sums = read_sums(ask.asked, ask.scope, _DEMANDS)
    points = {name: by_point(sums, name) for name in _DEMANDS}
    rows = [
        [
            Cell(ask.point_name(start)),
            *(count(points[name][start].rows, ask.rows_url(name, start)) for name in _DEMANDS),
        ]
        for start in reversed(ask.asked.points)
    ]
    columns = [Column(_("Period")), *(Column(str(FIGURES[n].label), COUNT) for n in _DEMANDS)]
    return Block(_("Demands"), columns, rows)
