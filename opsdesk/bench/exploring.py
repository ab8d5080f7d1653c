"""The statistics pages that show now: every explore page, its widest questions, the outlook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from catalog.models import Module
from opsdesk.bench.acts import Act
from reports.actions import make_outlook
from reports.models import Outlook
from reports.policies.weeks import last_complete_week
from reports.rendering.explore.pages import PAGES

#: Of any trend page (quality.md).
GOAL = 2.0
#: Of what a list is asked: the half year that pages show.
_HALF_YEAR = dt.timedelta(weeks=26)


def ensure_outlook(say: Callable[[str], None]) -> str:
    """The name of the week whose outlook is shown; reckoned if there is none."""
    week = last_complete_week(timezone.now())
    if not Outlook.objects.filter(period=week.name).exists():
        say(f"Outlook of {week.name} …")
        make_outlook(week, timezone.now())
    return week.name


def explorations(week: str) -> list[Act]:
    """Each page as it opens, then what costs most: percentiles by point and by value, two
    dimensions at once, quarters over years, the list behind the largest figure."""
    trends = reverse("explore_page", args=["trends"])
    module = str(Module.objects.order_by("pk").values_list("pk", flat=True)[0])
    years = {"from": f"{timezone.localdate().year - 2}-01-01", "grain": "quarter"}
    asked = {
        "resolution times": {"figure": "resolution"},
        "resolution times by module": {"figure": "resolution", "split": "module"},
        "created by type in a module": {"figure": "created", "split": "type", "module": module},
        "three years by quarter": years,
        "resolution times of three years": {"figure": "resolution", **years},
        "backlog by module": {"figure": "unresolved_at_end", "split": "module"},
    }
    return [
        *(
            Act(f"explore: {kind}", GOAL, _fixed(reverse("explore_page", args=[kind])))
            for kind in PAGES
        ),
        *(
            Act(f"explore: {name}", GOAL, _fixed(f"{trends}?{urlencode(query)}"))
            for name, query in asked.items()
        ),
        Act("explore: rows of created", GOAL, _fixed(_rows("created"))),
        Act("looking ahead", GOAL, _fixed(reverse("ahead_of", args=[week]))),
    ]


def _rows(figure: str) -> str:
    first = timezone.localdate() - _HALF_YEAR
    return f"{reverse('explore_rows', args=[figure])}?{urlencode({'from': first.isoformat()})}"


def _fixed(address: str) -> Callable[[], str]:
    return lambda: address
