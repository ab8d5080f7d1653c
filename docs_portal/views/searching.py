"""The search through the manuals: its own address, so that what was found can be sent on."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from docs_portal import access
from docs_portal.actions import record_search_miss
from docs_portal.rendering import found_lines
from docs_portal.search import find_pages

SHOWN = 20
#: Far enough for any search; further pages are reached by better words.
FURTHEST = 2000


@login_required
@require_safe
def manual_search(request: HttpRequest) -> HttpResponse:
    """Pages with the words of `q`, of all manuals or of one `product`, twenty from `start` on."""
    user, now = request.user, timezone.now()
    assert isinstance(user, User)  # noqa: S101  (login_required)
    day = timezone.localdate(now)
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    products = list(access.products_with_manuals(user, day))
    code = request.GET.get("product", "")
    product = next((one for one in products if one.code == code), None)
    start = _start(request.GET.get("start", ""))
    results = find_pages(user, query, day, product=product, start=start, limit=SHOWN)
    if query and not results.found and not start:
        record_search_miss(query, product=product, acting_user=user, now=now)
    context = {
        "query": query,
        "results": results,
        "lines": found_lines(results.found, results.corrected or query),
        "first": start + 1,
        "last": start + len(results.found),
        "products": products,
        "product": product,
        "earlier": _url(query, code, max(0, start - SHOWN)) if start else "",
        "later": _url(query, code, start + SHOWN) if results.has_more else "",
        "as_typed": _url(query, "", 0),
    }
    return render(request, "docs_portal/search.html", context)


def _start(said: str) -> int:
    """How many results to pass over; 0 for whatever is no such number."""
    if not (said.isascii() and said.isdigit() and len(said) < 7):
        return 0
    return min(int(said), FURTHEST)


def _url(query: str, code: str, start: int) -> str:
    asked: dict[str, str | int] = {"q": query}
    if code:
        asked["product"] = code
    if start:
        asked["start"] = start
    return f"{reverse('manual_search')}?{urlencode(asked)}"
