"""The frozen part of a report's page, drawn once: it can never say anything else.

Kept per process, because it is made by the templates and catalogues of the code that runs.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.access import company_name
from reports.access import EVERYTHING, HEAVY, ReportScope
from reports.choices import DEFINITION_VERSION, PeriodKind
from reports.models import Outlook, Snapshot
from reports.policies.periods import period_named
from reports.policies.report import Report
from reports.rendering.beside import beside_figures
from reports.rendering.outlook import Glance, glance_of
from reports.rendering.page import page_context, page_head
from reports.rendering.sheet import Sheet, sheet_of, sheet_of_report, sheet_of_snapshot

KEPT_SECONDS = 3600
_PROCESS = secrets.token_hex(8)


@dataclass(frozen=True)
class Frozen:
    """`body`: everything below the agreed actions. `draft`: what the figures say by themselves."""

    body: SafeString
    draft: list[SafeString]
    scope: list[str]
    working_days: int | None
    risks: list[str]
    is_anybody_dissatisfied: bool


def draw(sheet: Sheet, glance: Glance | None) -> Frozen:
    """The frozen part in the current language."""
    context = page_context(sheet, glance)
    satisfaction = sheet.figures.get("satisfaction") or {"n": 0, "met": 0}
    return Frozen(
        body=render_to_string("reports/frozen.html", context),
        draft=context["at_a_glance"],
        scope=sheet.scope,
        working_days=context["working_days"],
        risks=glance.risks if glance is not None else [],
        is_anybody_dissatisfied=satisfaction["n"] > satisfaction["met"],
    )


def frozen_of(snapshot: Snapshot, scope: ReportScope) -> Frozen:
    """The same, kept where the scope names no department: the tree below one may change.

    One query when it is kept. `snapshot` may come without its heavy columns.
    """
    period = period_named(snapshot.period)
    if any(part.department_path for part in scope.parts):
        return draw(sheet_of(_whole(snapshot), scope), glance_of(period, scope))
    outlook = None
    if period.kind == PeriodKind.WEEK:
        outlook = Outlook.objects.filter(period=period.name).values_list("pk", flat=True).first()
    about = (_PROCESS, snapshot.pk, snapshot.computed_at, outlook, scope, get_language())
    key = "report_page:" + hashlib.sha256(repr(about).encode()).hexdigest()
    found: Frozen | None = cache.get(key)
    if found is None:
        glance = glance_of(period, scope) if outlook is not None else None
        found = draw(sheet_of(_whole(snapshot), scope), glance)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _whole(snapshot: Snapshot) -> Snapshot:
    """With its heavy columns, in one query where they were left out."""
    if missing := snapshot.get_deferred_fields() & {*HEAVY}:
        snapshot.refresh_from_db(fields=sorted(missing))
    return snapshot


def page_as_html(source: Snapshot | Report) -> str:
    """The whole page for who reads everything, as the command line prints it."""
    now = timezone.now()
    context: dict[str, Any] = {"now": now, "company": company_name()}
    if isinstance(source, Snapshot):
        sheet = sheet_of_snapshot(source)
        context |= beside_figures(source, EVERYTHING, now)
    else:
        sheet = sheet_of_report(source, DEFINITION_VERSION)
    context |= {**page_head(sheet), "frozen": draw(sheet, context.get("glance"))}
    return render_to_string("reports/weekly_report.html", context)
