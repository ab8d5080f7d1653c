"""The report on paper: the data that templates/print/report.typ sets, and the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import printing
from core.markup import number
from reports.choices import FIGURES, THIN
from reports.rendering.page import page_context
from reports.rendering.periods import axis_of, short_of
from reports.rendering.sheet import Sheet
from reports.rendering.words import figure_text, hours, is_thin
from tickets.choices import Level


def report_as_pdf(sheet: Sheet, added: dict[str, Any] | None = None) -> bytes:
    """One A4 page, then its annex. `added`: what people wrote (`added_by_people`).

    Raises `core.printing.NoFontError` where no Chinese can be set.
    """
    return printing.pdf("report.typ", paper_data(sheet, added or {}))


def paper_data(sheet: Sheet, added: dict[str, Any]) -> dict[str, Any]:
    """The same figures as the page, as plain words."""
    page = page_context(sheet)
    return {
        "title": page["title"],
        "lead": " · ".join(_lead(sheet, page)),
        "conclusion": _conclusion(page, added),
        "headlines": [
            {"label": line.label, "value": line.value, "change": strip_tags(line.change),
             "note": line.note, "thin": line.thin}
            for line in page["headlines"]
        ],
        "identity": _identity(page["identity"]),
        "trend": {
            "title": _("Created and resolved"),
            "created": str(FIGURES["created"].label),
            "resolved": str(FIGURES["resolved"].label),
            "points": _points(sheet),
        },
        "steps": {
            "title": _("Slowest steps"),
            "lines": [
                {**step, "label": str(step["label"]), "bar": "", "url": ""}
                for step in (*page["steps"]["staff"], *page["steps"]["waiting"])
            ],
            "words": {"p50": _("median"), "queue": pgettext("steps", "waiting")},
        },
        "ladder": _ladder(sheet),
        "products": _products(page),
        "causes": {"title": _("Top causes"), "lines": _causes(page)},
        "loop": {
            "title": _("Demands and word to people"),
            "lines": [[str(line["label"]), number(line["value"])] for line in page["loop"]],
        },
        "actions": _actions(added),
        "annex": _annex(sheet),
        "foot": _("%(company)s · definitions v%(version)s") % {
            "company": settings.COMPANY_NAME, "version": sheet.definition_version,
        },
        "thin": _("Grey: fewer than %(thin)s, not to be compared.") % {"thin": THIN},
    }  # fmt: skip


def _lead(sheet: Sheet, page: dict[str, Any]) -> list[str]:
    found = [page["dates"]]
    if sheet.scope:
        found.append(_("only %(names)s") % {"names": ", ".join(sheet.scope)})
    if sheet.computed_at is not None:
        at = date_format(sheet.computed_at, "DATETIME_FORMAT")
        found.append(_("frozen %(at)s") % {"at": at})
    else:
        found.append(_("computed now, not stored"))
    if sheet.corrects is not None:
        at = date_format(sheet.corrects, "DATETIME_FORMAT")
        found.append(_("corrects the report of %(at)s") % {"at": at})
    return found


def _conclusion(page: dict[str, Any], added: dict[str, Any]) -> list[str]:
    if added.get("conclusion_text"):
        return [line for line in added["conclusion_text"].splitlines() if line.strip()]
    return [strip_tags(sentence) for sentence in page["at_a_glance"]]


def _identity(identity: dict[str, Any]) -> str:
    terms = "".join(
        f" {term['sign']} {term['label']} {number(term['value'])}" for term in identity["terms"]
    )
    start = pgettext("sum", "start")
    return f"{start} {number(identity['start'])}{terms} = {number(identity['end'])}"


def _points(sheet: Sheet) -> list[dict[str, Any]]:
    own = {name: found["value"] for name, found in sheet.figures.items()}
    return [
        {"label": axis_of(period), "created": values.get("created") or 0,
         "resolved": values.get("resolved") or 0}
        for period, values in [*sheet.trend_periods(), (sheet.period, own)]
    ]  # fmt: skip


def _ladder(sheet: Sheet) -> dict[str, Any]:
    own = {name: found["value"] for name, found in sheet.figures.items()}
    lines = []
    for period, values in [*sheet.trend_periods(), (sheet.period, own)]:
        counts = [values.get(f"level_{level}") or 0 for level in Level.values]
        if sum(counts):
            lines.append({"label": short_of(period), "counts": counts, "n": sum(counts)})
    return {
        "title": _("The ladder: resolved on which level"),
        "lines": lines[-6:],
        "legend": [f"{level} {Level(level).label}" for level in Level.values],
    }


def _products(page: dict[str, Any]) -> dict[str, Any]:
    heads = [
        _("Product"), pgettext("figure", "Created"), _("vs. before"),
        pgettext("figure", "Unresolved"), "P50", _("On time"), pgettext("figure", "Relay only"),
    ]  # fmt: skip
    rows = [
        [line["name"], number(line["created"]), line["change"], number(line["unresolved"]),
         line["p50"], line["on_time"], line["relay_only"]]
        for line in page["products"]
    ]  # fmt: skip
    return {"title": _("By product"), "heads": heads, "rows": rows,
            "thin": [line["thin"] for line in page["products"]]}  # fmt: skip


def _causes(page: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "title": cause["title"],
            "line": " · ".join(
                part
                for part in (
                    cause["ref"], number(cause["tickets"]), str(cause["state_label"]),
                    cause["owner"],
                    date_format(cause["promised"], "DATE_FORMAT") if cause["promised"] else "",
                    _("came back") if cause["came_back"] else "",
                )
                if part
            ),
        }
        for cause in page["causes"]
    ]  # fmt: skip


def _actions(added: dict[str, Any]) -> list[dict[str, Any]]:
    titles = (("last_actions", _("What was agreed before")), ("next_actions", _("Next week")))
    return [
        {
            "title": title,
            "rows": [
                [each.action.text, each.action.owner.name,
                 date_format(each.action.due_on, "SHORT_DATE_FORMAT"),
                 str(each.action.get_state_display())]
                for each in added[name]
            ],
        }
        for name, title in titles
        if added.get(name)
    ]  # fmt: skip


def _annex(sheet: Sheet) -> dict[str, Any]:
    """Every figure with what it is compared with."""
    heads: Sequence[str] = (
        _("Figure"), _("Value"), _("Before"), _("Mean of four"), "P90", "n",
    )  # fmt: skip
    rows = []
    for name, meta in FIGURES.items():
        found = sheet.figures.get(name)
        if found is None or (found["value"] is None and not found["n"]):
            continue
        before, mean = (
            figure_text(name, {**found, "value": found.get(key)}) if found.get(key) is not None
            else "—"
            for key in ("previous", "mean")
        )  # fmt: skip
        ninth = hours(found["p90"]) if found.get("p90") is not None else ""
        rows.append(
            {"cells": [str(meta.label), figure_text(name, found), before, mean, ninth,
                       number(found["n"])],
             "thin": is_thin(name, found)}
        )  # fmt: skip
    return {"title": _("All figures"), "heads": list(heads), "rows": rows}
