"""Figures of self-service and the sessions behind each: a figure equals the length of its list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from tickets.models import HelpSession
from tickets.policies.self_service import Comparison, SelfServiceFigures, Share
from tickets.querysets import HelpSessionQuerySet

_OVER = Q(is_over=True)
_SHOWN = Q(is_shown=True)
_SAID = Q(solved_at__isnull=False)
_FOLLOWED = Q(followed_ticket__isnull=False) | Q(followed_voice__isnull=False)
_FITTED = _OVER & ~Q(pages=[])

#: Lists by name: what is in each, and how it is called.
LISTS: Mapping[str, tuple[Q, Any]] = {
    "sessions": (_OVER & _SHOWN, _("Sessions with something offered")),
    "said": (_OVER & _SHOWN & _SAID, _("Said “this solved it”")),
    "undone": (_OVER & _SHOWN & _SAID & _FOLLOWED, _("Not counted: they asked after all")),
    "counted": (_OVER & _SHOWN & _SAID & ~_FOLLOWED, _("Solved by themselves")),
    "running": (Q(is_over=False) & _SHOWN, _("Seven days not over yet")),
    "running_said": (Q(is_over=False) & _SHOWN & _SAID, _("Said, not over yet")),
    "fitted": (_FITTED & Q(is_held_out=False), _("A page fitted and was shown")),
    "fitted_followed": (
        _FITTED & Q(is_held_out=False) & _FOLLOWED, _("Shown a page, and asked all the same"),
    ),
    "held_out": (_FITTED & Q(is_held_out=True), _("A page fitted and was held out")),
    "held_out_followed": (
        _FITTED & Q(is_held_out=True) & _FOLLOWED, _("Page held out, and asked"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """The figures of one product, or one week."""

    label: Any
    key: str
    figures: SelfServiceFigures


@dataclass(frozen=True)
class SelfServiceReport:
    """What the page shows of a time."""

    figures: SelfServiceFigures
    comparison: Comparison
    products: list[Line]
    weeks: list[Line]


def sessions_between(
    user: User, since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> HelpSessionQuerySet:
    """The sessions begun in a time that the person may count, with what followed."""
    begun = HelpSession.objects.on_desk_of(user).filter(started_at__gte=since, started_at__lt=until)
    return begun.with_follow_up(now)


def figures_of(sessions: HelpSessionQuerySet) -> SelfServiceFigures:
    """One query."""
    return _figures(sessions.aggregate(**_counts()))


def report_of(sessions: HelpSessionQuerySet) -> SelfServiceReport:
    """All of it by product and by week; three queries, and one for the products' names."""
    whole = sessions.aggregate(**_counts(*LISTS))
    by_product = sessions.order_by().values("product_id").annotate(**_counts())
    found = {row["product_id"]: _figures(row) for row in by_product}
    names = Product.objects.in_bulk([pk for pk in found if pk])
    week = TruncWeek("started_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    by_week = sessions.order_by().values(week=week).annotate(**_counts()).order_by("week")
    return SelfServiceReport(
        figures=_figures(whole),
        comparison=Comparison(
            shown=Share(whole["fitted_followed"], whole["fitted"]),
            held_out=Share(whole["held_out_followed"], whole["held_out"]),
        ),
        products=sorted(
            (
                Line(names[pk] if pk in names else _("Product not known"), str(pk or ""), figures)
                for pk, figures in found.items()
            ),
            key=lambda line: (-line.figures.sessions - line.figures.running, line.key),
        ),
        weeks=[Line(row["week"].date(), "", _figures(row)) for row in by_week],
    )


_BASIC = ("sessions", "said", "undone", "counted", "running", "running_said")


def _counts(*names: str) -> dict[str, Count]:
    return {name: Count("pk", filter=LISTS[name][0]) for name in (names or _BASIC)}


def _figures(row: Mapping[str, Any]) -> SelfServiceFigures:
    return SelfServiceFigures(**{name: row[name] for name in _BASIC})
