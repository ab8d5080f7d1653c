"""Sections of the page that are lists: products, causes, what was pushed, the loop."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from core.markup import number
from reports.choices import CAUSE_PREFIX, FIGURES, THIN
from reports.rendering.conclusion import rows_url
from reports.rendering.sheet import Sheet
from reports.rendering.words import hours, name_in, share, signed, whole_days
from tickets.choices import CauseState

#: At most so many of each on the one page; the lists and the workbook have them all.
CAUSES = 5
MODULES = 5
OVERDUE = 5
PRODUCTS = 8
LOOP = (
    "demands_new", "demands_accepted", "demands_declined", "demands_released", "told",
    "round_confirmed", "round_not_solved", "demands_overdue", "demands_silent",
)  # fmt: skip
#: More of these than none is what a reader has to act on.
_WORRIES = frozenset({"round_not_solved", "demands_overdue", "demands_silent"})


def products(sheet: Sheet) -> list[dict[str, Any]]:
    """One line per product with work this week, most created first; the annex has every one."""
    lines = []
    for key, part in sheet.products.items():
        created = part.get("created", {}).get("value", 0)
        resolution, on_time = part.get("resolution"), part.get("resolution_on_time")
        relayed = part.get("relay_only")
        open_at_end = part.get("unresolved_at_end", {}).get("value", 0)
        before = sheet.products_before.get(key, 0) if sheet.products_before else None
        address = {"product": key}
        lines.append(
            {
                "name": name_in(sheet.names, "product", key),
                "created": created,
                "created_url": rows_url(sheet.period.name, "created", **address),
                "change": signed(created - before) if before is not None else "",
                "unresolved": open_at_end,
                "unresolved_url": rows_url(sheet.period.name, "unresolved_at_end", **address),
                "p50": hours(resolution["value"]) if resolution else "—",
                "p50_url": rows_url(sheet.period.name, "resolution", **address)
                if resolution
                else "",
                "on_time": share(on_time["value"]) if on_time else "—",
                "on_time_url": rows_url(sheet.period.name, "resolution_on_time", **address)
                if on_time
                else "",
                "relay_only": share(relayed["value"]) if relayed else "—",
                "relay_only_url": rows_url(sheet.period.name, "relay_only", **address)
                if relayed
                else "",
                "thin": max(created, (resolution or {}).get("n", 0)) < THIN,
            }
        )
    return sorted(lines, key=lambda line: (-line["created"], line["name"]))[:PRODUCTS]


def causes(sheet: Sheet) -> list[dict[str, Any]]:
    """The causes most tickets joined, with what changed and who owes what by when."""
    return [
        {
            **cause,
            "ref": f"C-{cause['cause_id']}",
            "url": rows_url(sheet.period.name, f"{CAUSE_PREFIX}{cause['cause_id']}"),
            "change": signed(cause["tickets"] - cause["previous"])
            if cause["previous"] is not None
            else "",
            "state_label": CauseState(cause["state"]).label,
            "promised": _date(cause["promised_on"]),
        }
        for cause in sheet.causes[:CAUSES]
    ]


def push(sheet: Sheet) -> list[dict[str, Any]]:
    """One line per module: pushed, past their date, declined, delivered on time."""
    return [_module(sheet, line) for line in sheet.push[:MODULES]]


def _module(sheet: Sheet, line: dict[str, Any]) -> dict[str, Any]:
    product, module = str(line["product_id"] or ""), str(line["module_id"] or "")
    where = {"product": product, "module": module}
    period = sheet.period.name
    return {
        **line,
        "product": name_in(sheet.names, "product", product),
        "module": name_in(sheet.names, "module", module) if module else _("no module named"),
        "pushed_url": rows_url(period, "pushed", **where),
        "overdue_url": rows_url(period, "push_overdue", **where),
        "declined_url": rows_url(period, "decline_rate", **where, part="met"),
        "on_time": _("%(met)s of %(n)s") % {"met": number(line["met"]), "n": number(line["due"])}
        if line["due"]
        else "—",
        "on_time_url": rows_url(period, "owner_on_time", **where) if line["due"] else "",
    }


def overdue(sheet: Sheet) -> list[dict[str, Any]]:
    """The causes longest past their agreed date."""
    return [
        {
            **line,
            "ref": f"C-{line['cause_id']}",
            "late": whole_days(line["days"]),
            "promised": _date(line["promised_on"]),
            "module": name_in(sheet.names, "module", str(line["module_id"]))
            if line["module_id"]
            else "",
        }
        for line in sheet.overdue[:OVERDUE]
    ]


def loop(sheet: Sheet) -> list[dict[str, Any]]:
    """What became of demands and of the people owed word; empty when nothing happened."""
    found = [
        {
            "label": FIGURES[name].label,
            "value": sheet.figures[name]["value"],
            "url": rows_url(sheet.period.name, name),
            "is_worry": name in _WORRIES and bool(sheet.figures[name]["value"]),
        }
        for name in LOOP
        if name in sheet.figures
    ]
    return found if any(line["value"] for line in found) else []


def _date(day: str | None) -> dt.date | None:
    return dt.date.fromisoformat(day) if day else None
