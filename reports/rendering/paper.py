"""The report on paper: the data that templates/print/report.typ sets, and the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.timezone import localtime as local
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.access import company_name
from core import printing
from core.markup import number
from reports.choices import FIGURES, THIN, ActionState, PeriodKind
from reports.rendering.agreed import ShownAction
from reports.rendering.annex_tables import AnnexTable
from reports.rendering.outlook import Glance
from reports.rendering.page import dates_of, page_context, page_head
from reports.rendering.periods import axis_of, short_of
from reports.rendering.sheet import Sheet
from reports.rendering.words import figure_text, hours, is_thin, target_text
from tickets.choices import Level


def report_as_pdf(
    sheet: Sheet, beside: dict[str, Any] | None = None, tables: Sequence[AnnexTable] = ()
) -> bytes:
    """One A4 page, then its annex. `beside`: what stands beside the figures (`beside_figures`).

    Raises `core.printing.NoFontError` where no Chinese can be set.
    """
    return printing.pdf("report.typ", paper_data(sheet, beside or {}, tables))


def paper_data(
    sheet: Sheet, beside: dict[str, Any], tables: Sequence[AnnexTable]
) -> dict[str, Any]:
    """The same figures as the page, as plain words."""
    glance: Glance | None = beside.get("glance")
    page, head = page_context(sheet, glance), page_head(sheet)
    return {
        "title": head["title"],
        "lead": " · ".join(_lead(sheet, page, beside)),
        "conclusion": _conclusion(page, beside),
        "headlines": [
            {"label": line.label, "value": line.value, "change": strip_tags(line.change),
             "note": line.note, "against": line.against, "short": line.is_short,
             "thin": line.thin}
            for line in page["headlines"]
        ],
        "identity": _identity(page["identity"]),
        "trend": {
            "title": _("Created and resolved"),
            "created": str(FIGURES["created"].label),
            "resolved": str(FIGURES["resolved"].label),
            "points": _points(sheet),
            "forecast": glance.said if glance is not None else "",
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
        "screening": [
            {"label": line.label, "value": line.value, "note": line.note, "thin": line.thin}
            for line in page["screening"]
        ],
        "products": _products(page),
        **_lists(page, glance),
        **_people(sheet, beside),
        "annex": _annex(sheet),
        "tables": [_annexed(table) for table in tables],
        "foot": _("%(company)s · definitions v%(version)s") % {
            "company": company_name(), "version": sheet.definition_version,
        },
        "thin": _("Grey: fewer than %(thin)s, not to be compared.") % {"thin": THIN},
    }  # fmt: skip


def _lists(page: dict[str, Any], glance: Glance | None) -> dict[str, Any]:
    """Top problems, pushes, the loop, manual debt, risks."""
    return {
        "causes": {
            "title": _("Top problems"), "lines": _causes(page),
            "spikes": _worded(_("Stands out:"), glance.spikes if glance is not None else []),
        },
        "push": _push(page),
        "loop": {
            "title": _("Demands and word to people"),
            "lines": [[str(line["label"]), number(line["value"])] for line in page["loop"]],
        },
        "debts": {
            "title": _("Manual debt, the worst three"),
            "lines": [
                [debt["title"], f"{debt['product']} · {debt['parts']}"] for debt in page["debts"]
            ],
        },
        "risks": _worded(_("At risk:"), glance.risks if glance is not None else []),
    }  # fmt: skip


def _people(sheet: Sheet, beside: dict[str, Any]) -> dict[str, Any]:
    """What was agreed on, and what dissatisfied people said."""
    weekly = sheet.period.kind == PeriodKind.WEEK
    coming = _("Next week") if weekly else _("What comes next")
    return {
        "last_actions": _actions(_("What was agreed before"), beside.get("last_actions", [])),
        "next_actions": _actions(coming, beside.get("next_actions", [])),
        "comments": {
            "title": _("What dissatisfied people said"), "lines": beside.get("comments", []),
        },
    }  # fmt: skip


def _lead(sheet: Sheet, page: dict[str, Any], beside: dict[str, Any]) -> list[str]:
    found = [dates_of(sheet.period)]
    if days := page["working_days"]:
        found.append(ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days})
    if sheet.scope:
        found.append(_("only %(names)s") % {"names": ", ".join(sheet.scope)})
    else:
        found.append(_("all products and departments"))
    found.append(_("cut-off %(at)s") % {"at": date_format(local(sheet.as_of), "DATETIME_FORMAT")})
    if sheet.computed_at is not None:
        at = date_format(local(sheet.computed_at), "DATETIME_FORMAT")
        found.append(_("frozen %(at)s") % {"at": at})
    else:
        found.append(_("computed now, not stored"))
    if sheet.corrects is not None:
        at = date_format(local(sheet.corrects), "DATETIME_FORMAT")
        found.append(_("corrects the report of %(at)s") % {"at": at})
    conclusion = beside.get("conclusion")
    if conclusion is not None:
        found.append(_("editor %(name)s") % {"name": conclusion.editor.name})
    return found


def _conclusion(page: dict[str, Any], beside: dict[str, Any]) -> list[str]:
    if beside.get("conclusion_text"):
        return [line for line in beside["conclusion_text"].splitlines() if line.strip()]
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


def _joined(cause: dict[str, Any]) -> str:
    """How many tickets joined, against the period before, and from how many departments."""
    said = number(cause["tickets"])
    if cause["change"]:
        said += f" ({cause['change']})"
    words = ngettext("%(tickets)s from %(n)s department", "%(tickets)s from %(n)s departments",
                     cause["departments"])  # fmt: skip
    return words % {"tickets": said, "n": number(cause["departments"])}


def _causes(page: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "title": cause["title"],
            "line": " · ".join(
                part
                for part in (
                    cause["ref"], _joined(cause), str(cause["state_label"]),
                    cause["owner"],
                    date_format(cause["promised"], "DATE_FORMAT") if cause["promised"] else "",
                    _("came back") if cause["came_back"] else "",
                )
                if part
            ),
        }
        for cause in page["causes"]
    ]  # fmt: skip


def _actions(title: str, actions: Sequence[ShownAction]) -> dict[str, Any]:
    """As they stood after the report, not as they stand today."""
    rows = [
        [each.action.text, each.action.owner.name,
         date_format(each.action.due_on, "SHORT_DATE_FORMAT"),
         _("overdue") if each.is_late else str(ActionState(each.state).label)]
        for each in actions
    ]  # fmt: skip
    return {"title": title, "rows": rows}


def _push(page: dict[str, Any]) -> dict[str, Any]:
    heads = [
        _("Module"), pgettext("push", "Pushed"), pgettext("push", "Overdue"),
        pgettext("push", "Declined"), _("On time"),
    ]  # fmt: skip
    return {
        "title": _("Pushed to owners"),
        "heads": heads,
        "rows": [
            [f"{line['module']} · {line['product']}", number(line["pushed"]),
             number(line["overdue"]), number(line["declined"]), line["on_time"]]
            for line in page["push"]
        ],
        "longest": _("Longest past their agreed date"),
        "overdue": [
            [line["late"], " · ".join(filter(None, (line["title"], line["ref"], line["owner"])))]
            for line in page["overdue"]
        ],
    }  # fmt: skip


def _worded(head: str, parts: Sequence[str]) -> str:
    return f"{head} {'; '.join(parts)}" if parts else ""


def _annexed(table: AnnexTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "heads": ["", *table.columns],
        "rows": [[label, *(cell.text for cell in cells)] for label, cells, _thin in table.lines],
        "thin": [thin for _label, _cells, thin in table.lines],
        "note": table.note,
    }


def _annex(sheet: Sheet) -> dict[str, Any]:
    """Every figure with what it is compared with."""
    heads: Sequence[str] = (
        _("Figure"), _("Value"), _("Before"), _("Mean of four"), pgettext("figure", "Target"),
        "P90", "n",
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
        target = target_text(name, found["target"]) if found.get("target") is not None else ""
        ninth = hours(found["p90"]) if found.get("p90") is not None else ""
        rows.append(
            {"cells": [str(meta.label), figure_text(name, found), before, mean, target, ninth,
                       number(found["n"])],
             "thin": is_thin(name, found)}
        )  # fmt: skip
    return {"title": _("All figures"), "heads": list(heads), "rows": rows}
