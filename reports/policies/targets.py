"""What the company wants its shares to be: printed beside the figure, frozen with the report."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from reports.choices import FIGURES, Kind


class WrongTargetError(ValueError):
    """Names the entry, what is wrong with it, and what would do."""


def targets() -> dict[str, float]:
    """Figure → share of one, as `OPSDESK_REPORT_TARGETS` says. Raises WrongTargetError."""
    return parsed(settings.REPORT_TARGETS)


@cache
def parsed(text: str) -> dict[str, float]:
    """Reads "response_on_time=95, told_rate=98": percent by figure; empty is none."""
    found: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _sign, percent = (part.strip() for part in entry.partition("="))
        shares = [key for key, meta in FIGURES.items() if meta.kind == Kind.SHARE]
        if name not in shares:
            raise WrongTargetError(
                f"{entry!r} names no figure that is a share; use one of {', '.join(shares)}"
            )
        try:
            value = float(percent.removesuffix("%"))
        except ValueError:
            value = -1.0
        if not 0 < value <= 100:
            raise WrongTargetError(
                f"{entry!r} has no percentage above 0 and up to 100; write {name}=95"
            )
        found[name] = value / 100
    return found
