"""What every page's frame shows: navigation by role, unread notices, theme."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.access import company_name
from accounts.choices import THEME_COOKIE
from accounts.models import User
from core.models import Notice
from core.prepared import Prepared
from opsdesk.search import places_of

#: Addresses that stand apart from the place they belong to: how they begin → its name.
BELONGS = {
    "/search/manuals/": "manuals", "/must-reads/": "manuals", "/training/": "manuals",
    "/announcements/": "manuals", "/writing/": "manuals", "/submit/": "my_tickets",
    "/releases/": "demands", "/insights/": "demands", "/causes/": "desk", "/bursts/": "desk",
}  # fmt: skip


@Prepared
def _unread(user: int) -> QuerySet[Notice, int]:
    """Unread notices, up to a hundred: the bell says "99+" then."""
    unread = Notice.objects.filter(recipient_id=user, read_at__isnull=True)
    return unread.values_list("pk", flat=True)[:100]


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The places a person may go, in the order of their day; the current one is marked."""
    if not isinstance(request.user, User):
        return []
    places = places_of(request.user)
    longest = max((url for *_, url in places if request.path.startswith(url)), key=len, default="")
    apart = next((name for start, name in BELONGS.items() if request.path.startswith(start)), "")
    return [
        {"label": label, "url": url, "current": url == longest or name == apart}
        for name, label, url in places
    ]


def _company(user: Any) -> str:
    """The company's name: read with the person who is signed in, else on its own."""
    if user is not None and hasattr(user, "company_name"):
        return user.company_name or str(settings.COMPANY_NAME)
    return company_name()


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `unread_notices` (asked when the frame is drawn), `theme`, `company`, `now`."""
    user = request.user if hasattr(request, "user") else None
    signed_in = user is not None and user.is_authenticated
    theme = user.theme if signed_in else request.COOKIES.get(THEME_COOKIE, "")  # type: ignore[union-attr]
    return {
        "nav": SimpleLazyObject(lambda: _navigation(request)),
        "unread_notices": SimpleLazyObject(
            lambda: len(_unread(user=user.pk)) if isinstance(user, User) else 0
        ),
        "theme": theme if theme in ("light", "dark") else "",
        "company": SimpleLazyObject(lambda: _company(user)),
        "now": timezone.now(),
    }
