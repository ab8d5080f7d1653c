"""How far a person is today with the tickets that are served to them, kept in their session."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from tickets.search.following import company_day
from tickets.views.requests import SignedInRequest

_KEY = "served"


class Served:
    """Counts of one day: done and skipped. A new day begins at nothing."""

    def __init__(self, request: SignedInRequest, now: dt.datetime) -> None:
        self._session = request.session
        self._day = company_day(now).isoformat()

    @staticmethod
    def is_on(request: SignedInRequest) -> bool:
        """Whether the address says that tickets are being served."""
        return request.GET.get("guided") == "on"

    @property
    def counts(self) -> dict[str, int]:
        kept: dict[str, Any] = self._session.get(_KEY, {})
        if kept.get("day") != self._day:
            return {"done": 0, "skipped": 0}
        return {"done": int(kept["done"]), "skipped": int(kept["skipped"])}

    def count(self, what: Literal["done", "skipped"]) -> None:
        """One more of them."""
        counts = self.counts
        counts[what] += 1
        self._session[_KEY] = {"day": self._day, **counts}
