"""A report as plain numbers, for programs."""

from __future__ import annotations

from typing import Any

from django.utils.html import strip_tags

from reports.choices import FIGURES, STEP_PREFIX, Kind
from reports.models import Snapshot
from reports.policies.report import Report
from reports.policies.summary import BREAKDOWNS, Figures
from reports.rendering.annex import DEFINITIONS
from reports.rendering.conclusion import drafted, steps_by_time
from reports.rendering.sheet import Sheet
from reports.rendering.words import name_in


def report_as_json(source: Snapshot | Report, definition_version: str) -> dict[str, Any]:
    """The shape that architecture.md fixes: figures are plain numbers, times are seconds.

    A time figure gives `…_p50` and `…_p90`, a share a number from 0 to 1, each with `…_n`.
    """
    week = source.period if isinstance(source, Snapshot) else source.period.name
    breakdowns = {
        name: [{"key": key, "name": _name(source, name, key), **_numbers(name, part)}
               for key, part in sorted(parts.items())]
        for name, parts in sorted(source.breakdowns.items())
        if name in BREAKDOWNS
    }  # fmt: skip
    return {
        "week": week,
        "definition_version": definition_version,
        "as_of": source.as_of.isoformat(),
        "figures": plain_figures(source.figures),
        "breakdowns": {
            **breakdowns,
            "cause": source.breakdowns.get("causes", []),
            "push": source.breakdowns.get("push", []),
            "overdue": source.breakdowns.get("overdue", []),
            "manual_debt": source.breakdowns.get("debt", []),
            "step": [
                {"key": name.removeprefix(STEP_PREFIX), **_step(figure)}
                for name, figure in sorted(
                    source.figures.items(), key=lambda item: (-(item[1]["value"] or 0), item[0])
                )
                if name.startswith(STEP_PREFIX)
            ],
        },
    }


def sheet_as_json(sheet: Sheet, snapshot: Snapshot, beside: dict[str, Any]) -> dict[str, Any]:
    """What one reader sees of a frozen report: their scope, its figures and what they mean.

    `beside`: `reports.rendering.beside.words_beside`.
    """
    written = [line for line in beside.get("conclusion_text", "").splitlines() if line.strip()]
    products = [
        {"key": key, "name": name_in(sheet.names, "product", key), **plain_figures(part)}
        for key, part in sorted(sheet.products.items())
    ]
    return {
        "period": sheet.period.name,
        "definition_version": sheet.definition_version,
        "as_of": sheet.as_of,
        "computed_at": snapshot.computed_at,
        "corrects": sheet.corrects,
        "scope": sheet.scope,
        "figures": plain_figures(sheet.figures),
        "definitions": {
            name: str(DEFINITIONS.get(name) or meta.label) for name, meta in FIGURES.items()
        },
        "breakdowns": {
            "product": products,
            "cause": sheet.causes,
            "push": sheet.push,
            "overdue": sheet.overdue,
            "manual_debt": sheet.debt,
            "step": [
                {"key": name.removeprefix(STEP_PREFIX), **_step(sheet.figures[name])}
                for name in steps_by_time(sheet)
            ],
        },
        "conclusion": written or [strip_tags(sentence) for sentence in drafted(sheet)],
        "is_draft": not written,
        "actions": [
            {
                "agreed_in": each.action.period,
                "text": each.action.text,
                "owner": each.action.owner.name,
                "due_on": each.action.due_on,
                "state": each.state,
                "is_late": each.is_late,
                "outcome": each.action.outcome if not each.is_open else "",
            }
            for each in (*beside.get("last_actions", ()), *beside.get("next_actions", ()))
        ],
        "comments": beside.get("comments", []),
    }


def plain_figures(figures: Figures) -> dict[str, Any]:
    """Numbers under the names of architecture.md."""
    found: dict[str, Any] = {}
    for name, meta in FIGURES.items():
        figure = figures.get(name)
        if figure is None:
            continue
        if meta.kind == Kind.TIME:
            found[f"{name}_p50"], found[f"{name}_p90"] = figure["value"], figure["p90"]
            found[f"{name}_n"] = figure["n"]
        else:
            found[name] = figure["value"]
            if meta.kind == Kind.SHARE:
                found[f"{name}_n"] = figure["n"]
            if figure.get("target") is not None:
                found[f"{name}_target"] = figure["target"]
        if "causes" in figure:
            found[f"{name}_causes"] = figure["causes"]
    return found


def _numbers(dimension: str, part: dict[str, Any]) -> dict[str, Any]:
    return plain_figures(part) if dimension == "product" else part


def _step(figure: dict[str, Any]) -> dict[str, Any]:
    return {
        "waited_in_week": figure["value"],
        "visits_ended": figure["n"],
        "p50": figure["p50"],
        "p90": figure["p90"],
        "queue": figure["queue"],
    }


def _name(source: Snapshot | Report, dimension: str, key: str) -> str:
    return source.names.get(dimension, {}).get(key, "")
