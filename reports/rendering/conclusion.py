"""The conclusion a week's figures suggest: what a person starts from, and readers see until then.

Every sentence follows from the figures alone: the change of the backlog, what came in and which
product it came from, what fell short of its target, where the time went.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core.markup import figure, number
from reports.choices import FIGURES, STEP_PREFIX, Kind, PeriodKind, kind_of
from reports.policies.targets import missed_by
from reports.rendering.sheet import Sheet
from reports.rendering.words import (
    figure_label,
    figure_text,
    hours,
    is_thin,
    name_in,
    share,
    signed,
    step_label,
    target_text,
    waits_for_requester,
    whole_days,
)
from tickets.choices import Type

#: Shares whose fall is worth a sentence, and by how much (percentage points).
WATCHED = (
    "response_on_time", "resolution_on_time", "owner_on_time", "solved_first_time",
    "routed_first_time",
)  # fmt: skip
WORTH_SAYING = 0.05


def rows_url(week: str, name: str, **where: str) -> str:
    """The address of a figure's rows."""
    url = reverse("report_rows", args=[week, name])
    return url + "".join(
        f"{'&' if place else '?'}{key}={value}" for place, (key, value) in enumerate(where.items())
    )


def steps_by_time(sheet: Sheet) -> list[str]:
    """Steps with the most time waited first."""
    steps = [name for name in sheet.figures if name.startswith(STEP_PREFIX)]
    return sorted(steps, key=lambda step: (-(sheet.figures[step]["value"] or 0), step))


def drafted(sheet: Sheet) -> list[SafeString]:
    """One sentence each, in the reader's language; figures link to their rows."""
    short = _short_of_target(sheet) or _worst_fall(sheet)
    found = (_backlog(sheet), _arrivals(sheet), short, _slowest(sheet), _longest_overdue(sheet))
    return [sentence for sentence in found if sentence]


def drafted_texts(sheet: Sheet) -> dict[str, str]:
    """The draft as plain text by language, for the editor."""
    texts = {}
    for field, language in (("text_zh", "zh-hans"), ("text_en", "en")):
        with override(language):
            texts[field] = "\n".join(strip_tags(sentence) for sentence in drafted(sheet))
    return texts


def _backlog(sheet: Sheet) -> SafeString:
    figures, week = sheet.figures, sheet.period.name
    start, end = figures["unresolved_at_start"]["value"], figures["unresolved_at_end"]["value"]
    link = figure(number(end), rows_url(week, "unresolved_at_end"))
    weekly = sheet.period.kind == PeriodKind.WEEK
    if end > start and weekly:
        said = _("{change} more tickets are unresolved than a week ago, {end} in all.")
    elif end > start:
        said = _("{change} more tickets are unresolved than at the start, {end} in all.")
    elif end < start and weekly:
        said = _("{change} fewer tickets are unresolved than a week ago, {end} in all.")
    elif end < start:
        said = _("{change} fewer tickets are unresolved than at the start, {end} in all.")
    elif weekly:
        said = _("As many tickets are unresolved as a week ago: {end}.")
    else:
        said = _("As many tickets are unresolved as at the start: {end}.")
    return format_html(said, change=number(abs(end - start)), end=link)


def _arrivals(sheet: Sheet) -> SafeString | None:
    """What came in against last week, and the product that changed most in the same direction."""
    created = sheet.figures["created"]
    change = created["value"] - created["previous"] if created.get("previous") is not None else 0
    if not change or not sheet.products_before:
        return None
    changes = {
        key: part.get("created", {}).get("value", 0) - sheet.products_before.get(key, 0)
        for key, part in sheet.products.items()
    }
    driver = max(changes, key=lambda key: (changes[key] if change > 0 else -changes[key], key))
    weekly = sheet.period.kind == PeriodKind.WEEK
    if change > 0 and weekly:
        said = _("{change} more tickets came in than last week ({created}), most of it {product}.")
    elif change > 0:
        said = _("{change} more tickets came in than before ({created}), most of it {product}.")
    elif weekly:
        said = _("{change} fewer tickets came in than last week ({created}), most of it {product}.")
    else:
        said = _("{change} fewer tickets came in than before ({created}), most of it {product}.")
    sentence = format_html(
        said,
        change=number(abs(change)),
        created=figure(number(created["value"]), rows_url(sheet.period.name, "created")),
        product=name_in(sheet.names, "product", driver),
    )
    driven = _drivers(sheet, 1 if change > 0 else -1)
    return format_html("{} {}", sentence, driven) if driven else sentence


def _drivers(sheet: Sheet, sign: int) -> SafeString | None:
    """The module and the type that changed most in the direction of the whole."""
    found: dict[str, tuple[str, int]] = {}
    for dimension, (now, before) in sheet.drivers.items():
        changes = {key: now.get(key, 0) - before.get(key, 0) for key in {*now, *before} if key}
        most = max(changes, key=lambda key: (sign * changes[key], key), default=None)
        if most is not None and sign * changes[most] > 0:
            found[dimension] = (most, changes[most])
    if set(found) != {"module", "type"}:
        return None
    (module, by_module), (type_, by_type) = found["module"], found["type"]
    return format_html(
        _("By module, {module} changed most ({by_module}); by type, {type} ({by_type})."),
        module=figure(
            name_in(sheet.names, "module", module),
            rows_url(sheet.period.name, "created", module=module),
        ),
        type=figure(Type(type_).label, rows_url(sheet.period.name, "created", type=type_)),
        by_module=signed(by_module),
        by_type=signed(by_type),
    )


def _short_of_target(sheet: Sheet) -> SafeString | None:
    """What missed its target by most, in parts of the target, if its n allows to say so."""
    missed = {
        name: missed_by(name, found)
        for name, found in sheet.figures.items()
        if found.get("target") is not None and not is_thin(name, found)
    }
    worst = max(missed, key=lambda name: missed[name], default=None)
    if worst is None or not missed[worst]:
        return None
    found = sheet.figures[worst]
    target = target_text(worst, found["target"])
    if kind_of(worst) != Kind.SHARE or FIGURES[worst].good != "up":
        return format_html(
            _("“{label}” missed its target of {target}: {value}."),
            label=figure_label(worst, sheet.names),
            target=target,
            value=figure(figure_text(worst, found), rows_url(sheet.period.name, worst)),
        )
    return format_html(
        _("“{label}” missed its target of {target}: {value}, {missed} rows were not met."),
        label=figure_label(worst, sheet.names),
        target=target,
        value=figure(share(found["value"]), rows_url(sheet.period.name, worst)),
        missed=figure(
            number(found["n"] - found["met"]), rows_url(sheet.period.name, worst, part="missed")
        ),
    )


def _longest_overdue(sheet: Sheet) -> SafeString | None:
    """What is asked of owners: how many causes are past their date, and the longest."""
    overdue = sheet.figures.get("push_overdue")
    if overdue is None or not overdue["value"] or not sheet.overdue:
        return None
    longest = sheet.overdue[0]
    return format_html(
        _("To look at: {count} past their agreed date, the longest {ref}, {title}, for {days}."),
        count=figure(
            ngettext("%(n)s cause is", "%(n)s causes are", overdue["value"])
            % {"n": number(overdue["value"])},
            rows_url(sheet.period.name, "push_overdue"),
        ),
        ref=f"C-{longest['cause_id']}",
        title=longest["title"],
        days=whole_days(longest["days"]),
    )


def _worst_fall(sheet: Sheet) -> SafeString | None:
    """The watched share that fell most, if it fell by enough and its n allows the comparison."""
    falls = {
        name: value["previous"] - value["value"]
        for name in WATCHED
        if (value := sheet.figures[name])["value"] is not None
        and value.get("previous") is not None
        and not is_thin(name, value)
    }
    worst = max(falls, key=lambda name: falls[name], default=None)
    if worst is None or falls[worst] < WORTH_SAYING:
        return None
    value = sheet.figures[worst]
    return format_html(
        _("“{label}” fell from {before} to {value}."),
        label=figure_label(worst, sheet.names),
        before=share(value["previous"]),
        value=figure(share(value["value"]), rows_url(sheet.period.name, worst)),
    )


def _slowest(sheet: Sheet) -> SafeString | None:
    staff = [step for step in steps_by_time(sheet) if not waits_for_requester(step)]
    if not staff or not sheet.figures[staff[0]]["value"]:
        return None
    total = sum(sheet.figures[step]["value"] for step in staff)
    slowest = sheet.figures[staff[0]]
    return format_html(
        _("Most time went into “{step}”: {hours}, {share} of all waiting for staff."),
        step=step_label(staff[0], sheet.names),
        hours=figure(hours(slowest["value"]), rows_url(sheet.period.name, staff[0])),
        share=share(slowest["value"] / total),
    )
