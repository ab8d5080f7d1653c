"""Manual debt on a report: what is to be written, and what speaks for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.markup import number
from docs_portal.policies.debt import debt_sources
from reports.rendering.conclusion import rows_url
from reports.rendering.sheet import Sheet
from reports.rendering.words import name_in

#: At most so many on the one page; the workbook has them all.
DEBTS = 3


def debts(sheet: Sheet, most: int = DEBTS) -> list[dict[str, Any]]:
    """The worst of manual debt as it stood then: what is to be written, and what speaks for it."""
    return [
        {
            "title": debt_title(debt, sheet.names),
            "product": name_in(sheet.names, "product", str(debt["product_id"]))
            if debt["product_id"]
            else _("All manuals"),
            "parts": " · ".join(
                f"{source_label(name)} {number(count)}" for name, count in debt["parts"]
            ),
            "signs": [
                (source_label(name), count, _signs_url(sheet, debt, name))
                for name, count in debt["parts"]
            ],
        }
        for debt in sheet.debt[:most]
    ]


def _signs_url(sheet: Sheet, debt: dict[str, Any], source: str) -> str:
    """What one source said of an item; reports of earlier definitions kept no rows of it."""
    figure = debt.get("figure")
    return rows_url(sheet.period.name, figure, reason=source) if figure else ""


def debt_title(debt: dict[str, Any], names: dict[str, dict[str, str]]) -> str:
    """What is to be written, in the words of then."""
    if debt["words"]:
        return _("“%(words)s”") % {"words": debt["words"]}
    if debt["for_role"]:
        return _("“%(title)s” for another role") % {"title": debt["page"]}
    if debt["page"]:
        return str(debt["page"])
    if debt["module_id"]:
        module = name_in(names, "module", str(debt["module_id"]))
        return _("Answers without a page: %(module)s") % {"module": module}
    return _("Answers without a page, no module named")


def source_label(name: str) -> str:
    """What a source of debt is called; one that is no more, by its name."""
    return next((str(source.label) for source in debt_sources() if source.name == name), name)
