"""Every figure of a report with what it is compared with and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.choices import FIGURES, Kind
from reports.rendering.conclusion import rows_url
from reports.rendering.sheet import Sheet
from reports.rendering.words import days, figure_text, hours, is_thin, target_text

#: What is counted, in a sentence; those that say it by their name are left out (domain.md).
DEFINITIONS = {
    "volume": _("Tickets submitted, and other people's “same here”."),
    "confirmed": _("Closed because the requester said it works."),
    "auto_confirmed": _("Closed on the fifth working day without an answer; never confirmed."),
    "open_at_end": _("Neither closed nor cancelled."),
    "waiting_for_demand": _("On level 4, until a demand is released and verified."),
    "relay_only": _("Resolved by a team outside after a relay, of all resolved with a level."),
    "non_technical_relay": _("Usage tickets sent outside, of all usage tickets resolved."),
    "self_service": _(
        "“This solved it” and no ticket or “same here” by that person on that product within seven "
        "days, of all sessions with suggestions."
    ),
    "resolved": _(
        "Resolutions: a ticket reopened and resolved again in this time counts twice, so that the"
        " sum comes out; how many tickets that are is said beside it."
    ),
    "pushed": _("Causes handed to an owner; handed over again after a decline counts again."),
    "push_overdue": _("Due by the end, by the date agreed on last, and not delivered."),
    "demands_overdue": _(
        "At the end past the planned day, past the day to look again, or released for three days"
        " and not verified."
    ),
    "demands_silent": _("Somebody waits for it, and no word went out for thirty days."),
    "announced": _(
        "People told of announcements who had them before their eyes, of all who were told."
    ),
    "bounces": _("Returns, declines, and changes of owner after acceptance."),
    "first_response": _("From submitting to the first public reply by a person; working time."),
    "resolution": _("From submitting to the last time it was resolved; working time."),
    "response_on_time": _("First replies due in this time that were there by then."),
    "resolution_on_time": _("Resolutions due in this time that were there by then."),
    "solved_first_time": _("Resolved and not reopened within fourteen days."),
    "routed_first_time": _("Handed over and not sent back within fourteen days."),
    "first_judgement": _(
        "Suspected module and category equal to the final ones, of all pushes decided."
    ),
    "decline_rate": _("Declined, of all answers of owners to what was pushed to them."),
    "recurrence": _("Causes fixed that came back within ninety days, of all fixed."),
    "symptom_only": _(
        "Workarounds whose cause was not fixed thirty days later, of all workarounds with a cause."
    ),
    "satisfaction": _("Satisfied, of all ratings given in this time."),
    "rating_response": _("Rated by the end, of all tickets closed in this time."),
    "owner_on_time": _("Delivered by the first agreed date, of all due in this time."),
    "told_rate": _("People told, of all owed word and not waived."),
    "confirmed_rate": _("“It works”, of all answers after a release and of all who stayed silent."),
}


@dataclass(frozen=True)
class DefinedFigure:
    label: str
    value: str
    url: str
    previous: str
    mean: str
    target: str
    p50: str
    p90: str
    n: int
    thin: bool
    meaning: str


def defined_figures(sheet: Sheet) -> list[DefinedFigure]:
    """In the order of the catalogue of figures; those without a row are said to be none."""
    return [
        DefinedFigure(
            label=str(meta.label), value=figure_text(name, found),
            url=rows_url(sheet.period.name, name), previous=_worded(name, found, "previous"),
            mean=_worded(name, found, "mean"),
            target=target_text(name, found["target"]) if found.get("target") is not None else "",
            p50=_median(meta.kind, found),
            p90=hours(found["p90"]) if found.get("p90") is not None else "",
            n=found["n"], thin=is_thin(name, found), meaning=str(DEFINITIONS.get(name, "")),
        )
        for name, meta in FIGURES.items()
        if (found := sheet.figures.get(name)) is not None
    ]  # fmt: skip


def _median(kind: Kind, found: dict[str, float | None]) -> str:
    """Of times, which are medians, and of the ages of what is unresolved."""
    if kind == Kind.TIME:
        return hours(found["value"])
    return days(found["p50"]) if found.get("p50") is not None else ""


def _worded(name: str, found: dict[str, float | None], key: str) -> str:
    value = found.get(key)
    return "—" if value is None else figure_text(name, {**found, "value": value})
