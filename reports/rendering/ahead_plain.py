"""An outlook as plain numbers, for programs: what one reader may see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from reports.models import Outlook
from reports.policies.weeks import Week
from reports.rendering.ahead import Seen


def outlook_as_json(outlook: Outlook, series: Sequence[Seen]) -> dict[str, Any]:
    """Weeks by name; numbers as they are stored, null where there was too little history."""
    week = Week.named(outlook.period)
    return {
        "period": outlook.period,
        "computed_at": outlook.computed_at,
        "series": [_series(week, one) for one in series],
    }


def _series(week: Week, one: Seen) -> dict[str, Any]:
    counts, found, risk = one.row.counts, one.forecast, one.row.risk
    first = {
        "ahead": 1, "model": found.model, "value": found.value, "low": found.low,
        "high": found.high, "origins": found.origins, "mae": found.mae,
        "mean_mae": found.mean_mae, "coverage": found.coverage,
    }  # fmt: skip
    ahead = [first, *map(asdict, found.further)] if found.is_enough else []
    return {
        "key": one.key,
        "product_id": one.row.product_id,
        "module_id": one.row.module_id,
        "name": one.full_label,
        "counts": [
            {"week": week.shift(place - len(counts) + 1).name, "created": count}
            for place, count in enumerate(counts)
        ],
        "weeks_known": found.weeks,
        "mase": found.mase,
        "forecasts": [{"week": week.shift(each["ahead"]).name, **each} for each in ahead],
        "spike": {
            "is_spike": one.spike.is_spike, "count": one.spike.count,
            "expected": one.spike.expected, "chance": one.spike.chance,
        },
        "risk": {
            "signs": risk["signs"], "returned": risk["returned"],
            "returned_before": risk["returned_before"], "unfixed": risk["unfixed"],
            "age": risk["age"], "age_before": risk["age_before"],
        } if risk else None,
    }  # fmt: skip
