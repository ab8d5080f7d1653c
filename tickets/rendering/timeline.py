"""How the clock of a ticket ran, in words, numbers and a bar: the page behind "clock"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import work_calendar
from catalog.models import CalendarDay, ServiceCalendar
from core.charts import Part, stacked
from core.markup import badge, exact
from core.worktime import DayKind, WorkCalendar, holiday_name, is_provisional
from tickets.choices import Status
from tickets.models import Ticket
from tickets.sla import Choice, Facts, Misfit, policies_in_force
from tickets.sla.reckoning import choice_for, follows_promise
from tickets.sla.standing import ClockState, resolution_state, response_state
from tickets.sla.stops import Stop, stops_of
from tickets.sla.timeline import Span, SpanKind, Timeline, elapsed, timeline

#: Spans shown; the beginning of a longer way is one row with its sum.
MOST_SPANS = 150
_SECOND = dt.timedelta(seconds=1)
_TONES = {
    ClockState.OK: "grey", ClockState.SOON: "amber", ClockState.OVER: "seal",
    ClockState.PAUSED: "amber", ClockState.MET: "jade", ClockState.MISSED: "seal",
    ClockState.NONE: "grey",
}  # fmt: skip
_CSS = {
    SpanKind.RUNNING: "ran", SpanKind.PAUSED: "waited", SpanKind.EARLIER: "still",
}  # fmt: skip


@dataclass(frozen=True)
class SpanRow:
    """One row of the table: times in the viewer's zone, and whole seconds that add up."""

    start: str
    end: str
    what: str
    css: str
    length: str
    counted: str
    total: str


@dataclass(frozen=True)
class ClockRow:
    """One of the two targets."""

    name: str
    target: str
    used: str
    left: str
    due_at: dt.datetime | None
    badge: SafeString
    note: str = ""


@dataclass(frozen=True)
class ClockPage:
    """Everything the page shows of the clock."""

    policy: str
    passed: Sequence[str]
    calendar: str
    rows: Sequence[SpanRow]
    clocks: Sequence[ClockRow]
    bar: SafeString
    legend: Sequence[tuple[str, str]]
    length: str
    counted: str
    is_provisional: bool
    ended: bool


def span_text(length: dt.timedelta) -> str:
    """Hours, minutes and seconds: `27:05:09`."""
    seconds = int(length / _SECOND)
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def clock_page(ticket: Ticket, now: dt.datetime) -> ClockPage | None:
    """None for a ticket without a clock: imported, or in no team."""
    if ticket.imported or ticket.team is None:
        return None
    choice = choice_for(ticket, policies_in_force())
    if choice.policy is None or choice.target is None:
        return None
    kept = choice.policy.calendar or ticket.team.calendar
    calendar = work_calendar(kept)
    stops = stops_of(ticket)
    end = _end(ticket, now)
    whole = timeline(calendar, ticket.submitted_at, end, stops)
    line = whole.folded(MOST_SPANS)
    words = _Words.read(kept, stops)
    return ClockPage(
        policy=choice.policy.name,
        passed=[passed_said(policy.name, misfit) for policy, misfit in choice.passed],
        calendar=f"{kept.name} · {kept.zone}",
        rows=list(_rows(line, words)),
        clocks=list(_clocks(ticket, choice, calendar, stops, now)),
        bar=bar(whole),
        legend=_legend(whole),
        length=span_text(whole.length),
        counted=span_text(whole.counted),
        is_provisional=is_provisional(calendar, ticket.submitted_at, end),
        ended=end < now,
    )


def _end(ticket: Ticket, now: dt.datetime) -> dt.datetime:
    """Where the clock stopped for good, or now."""
    ended = {
        Status.RESOLVED: ticket.resolved_at, Status.CLOSED: ticket.resolved_at,
        Status.CANCELLED: ticket.cancelled_at,
    }  # fmt: skip
    return max(ended.get(Status(ticket.status)) or now, ticket.submitted_at)


def passed_said(name: str, misfit: Misfit) -> str:
    """Why an earlier policy does not hold."""
    return {
        Misfit.OFF: _("“%(name)s” is switched off."),
        Misfit.PRODUCT: _("“%(name)s” is for other products."),
        Misfit.DEPARTMENT: _("“%(name)s” is for other departments."),
        Misfit.DAYS: _("“%(name)s” was not in force when the ticket was submitted."),
        Misfit.PRIORITY: _("“%(name)s” has no target for this priority."),
    }[misfit] % {"name": name}


def _clocks(
    ticket: Ticket, choice: Choice, calendar: WorkCalendar, stops: Sequence[Stop], now: dt.datetime
) -> Iterator[ClockRow]:
    if choice.target is None:
        return
    end = _end(ticket, now)
    responded = min(ticket.first_response_at or end, end)
    both = (
        (pgettext("clock", "First response"), choice.target.response, responded,
         ticket.response_due_at, response_state(ticket, now)),
        (pgettext("clock", "Resolution"), choice.target.resolution, end,
         ticket.resolution_due_at, resolution_state(ticket, now)),
    )  # fmt: skip
    for name, target, until, due_at, state in both:
        used = elapsed(calendar, ticket.submitted_at, until, stops)
        left = dt.timedelta(seconds=target) - used
        promised = due_at == ticket.resolution_due_at and follows_promise(Facts.of(ticket, stops))
        yield ClockRow(
            name=name,
            target=_("the promised date") if promised else span_text(dt.timedelta(seconds=target)),
            used=span_text(used),
            left="—" if promised else _left(left),
            due_at=due_at,
            badge=badge(str(state.label), tone=_TONES[state], icon="clock"),
            note=_("Provisional: the holidays of a year on the way are not published yet.")
            if ticket.due_provisional
            else "",
        )


def _left(left: dt.timedelta) -> str:
    """What is left of a target, or how far it is over."""
    if left >= dt.timedelta():
        return span_text(left)
    return _("%(time)s over") % {"time": span_text(-left)}


@dataclass(frozen=True)
class _Words:
    """Names that spans mention."""

    people: Mapping[int, str]
    notes: Mapping[dt.date, str]
    zone: WorkCalendar

    @classmethod
    def read(cls, calendar: ServiceCalendar, stops: Sequence[Stop]) -> _Words:
        actors = {stop.actor_id for stop in stops if stop.actor_id}
        people = dict(User.objects.filter(pk__in=actors).values_list("pk", "name"))
        days = CalendarDay.objects.filter(calendar=calendar)
        return cls(people, dict(days.values_list("day", "note")), work_calendar(calendar))

    def said(self, span: Span) -> str:
        if span.stop is not None:
            return self._stopped(span.stop)
        day = self.zone.day_of(span.start)
        if span.kind == SpanKind.RUNNING:
            return {
                DayKind.MAKE_UP: _("Running, on a make-up working day"),
                DayKind.LOCAL_WORKING: _("Running, on a day this calendar works"),
            }.get(span.day, _("Running"))
        if span.kind == SpanKind.HOLIDAY:
            return _("Public holiday: %(name)s") % {"name": holiday_said(day)}
        if span.kind == SpanKind.LOCAL_OFF:
            note = self.notes.get(day)
            return _("Day off: %(note)s") % {"note": note} if note else _("Day off")
        return {
            SpanKind.WEEKEND: _("Weekend"),
            SpanKind.EARLIER: _("Earlier, summed up"),
        }.get(span.kind, _("Outside working hours"))

    def _stopped(self, stop: Stop) -> str:
        who = {"who": self.people.get(stop.actor_id or 0, _("The system"))}
        if stop.status == Status.PENDING:
            return _("Paused: %(who)s asked the requester") % who
        if stop.status == Status.CANCELLED:
            return _("Paused: %(who)s ended it, until it was restored") % who
        return _("Paused: %(who)s resolved it, until it was reopened") % who


def holiday_said(day: dt.date) -> str:
    """A public holiday in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return holiday_name(day, "zh_CN" if chinese else "en_US")


def _rows(line: Timeline, words: _Words) -> Iterator[SpanRow]:
    """Whole seconds cut from running sums, so that the rows shown add up to the totals shown."""
    passed, total = dt.timedelta(), dt.timedelta()
    for span in line.spans:
        before_passed, before_total = passed, total
        passed, total = passed + span.length, total + span.counted
        yield SpanRow(
            start=_moment(span.start),
            end=_moment(span.end),
            what=words.said(span),
            css=_CSS.get(span.kind, "free"),
            length=span_text(_whole(passed) - _whole(before_passed)),
            counted=span_text(_whole(total) - _whole(before_total)) if span.counted else "—",
            total=span_text(total),
        )


def _whole(length: dt.timedelta) -> dt.timedelta:
    return length // _SECOND * _SECOND


def _moment(moment: dt.datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local.date(), 'MONTH_DAY_FORMAT')} {local:%H:%M:%S}"


def _legend(line: Timeline) -> list[tuple[str, str]]:
    """The kinds of the bar that occur, with their wall-clock sums."""
    sums = line.sums()
    ran = sums.pop(SpanKind.RUNNING, None)
    waited = sums.pop(SpanKind.PAUSED, None)
    free = sum(sums.values(), dt.timedelta())
    said = (("ran", _("Running"), ran), ("waited", _("Paused"), waited),
            ("free", _("Outside working time"), free))  # fmt: skip
    return [(css, f"{name} {span_text(length)}") for css, name, length in said if length]


def bar(line: Timeline) -> SafeString:
    """The whole way on one line of wall-clock time."""
    label = _("From %(start)s to %(end)s: the clock ran %(counted)s of %(length)s.") % {
        "start": exact(line.spans[0].start) if line.spans else "",
        "end": exact(line.spans[-1].end) if line.spans else "",
        "counted": span_text(line.counted), "length": span_text(line.length),
    }  # fmt: skip
    parts = [Part(span.length / _SECOND, _CSS.get(span.kind, "free")) for span in line.spans]
    return stacked(parts, label=label)
