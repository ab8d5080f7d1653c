"""What announcements did."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import signed_in
from docs_portal.policies import may_announce
from reports.access import scope_of
from reports.choices import THIN
from reports.policies.announcing import FEWEST, PERIOD_DAYS, WINDOW, announcement_effects

SHOWN = 50


@login_required
@require_GET
def announcement_effects_page(request: HttpRequest) -> HttpResponse:
    """Reached, read, used, tickets before and after; of the people in the reader's scope."""
    user = signed_in(request)
    effects = announcement_effects(scope_of(user), timezone.now(), SHOWN)
    context = {
        "rows": effects, "days": PERIOD_DAYS, "window": WINDOW.days, "thin": THIN,
        "fewest": FEWEST,
        "readable": {one.row.pk for one in effects if may_announce(user, one.row.product_id)},
    }  # fmt: skip
    return render(request, "reports/announcement_effects.html", context)
